"""Other ways to cluster, as plain functions and as procedures that the same harness judges.

Belongs here: k-means, BERTopic, EVoC and PLSCAN, each declared once in `PEERS`, and
their place behind the signature of `ri_assets.pipeline.fit.fit` (`procedure`). Does not
belong here: how they are judged (`quality`), or compared with labels (`peers`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import FuseSettings, Profile
from ri_assets.pipeline.cluster import NOISE, Clustering, assign_noise, nearest_centroid
from ri_assets.pipeline.evidence import Procedure
from ri_assets.pipeline.fit import reduce_fused

if TYPE_CHECKING:
    from umap import UMAP

Float32 = NDArray[np.float32]
Labels = NDArray[np.int32]
Peer = Callable[[Float32, int, int], Labels]
"""Takes vectors of shape (n, d), a number of clusters and a seed; gives labels from 0 on,
int32 of shape (n,), without noise. Only those in `GIVEN_K` use the number."""

# The embeddings as they are, followed by zeros in place of the behaviour.
TEXT_ALONE = FuseSettings(text_weight=1.0, content_weight=0.0, center=False)


def _kmeans(vectors: Float32, k: int, seed: int) -> Labels:
    from sklearn.cluster import KMeans

    labels = KMeans(n_clusters=k, n_init=10, random_state=seed).fit_predict(vectors)
    return _without_noise(vectors, labels)


def _bertopic(vectors: Float32, _k: int, seed: int) -> Labels:
    """Run BERTopic with its defaults, then its outlier reduction by embeddings."""
    return _topics(vectors, None, seed)


def _bertopic_matched(vectors: Float32, k: int, seed: int) -> Labels:
    """Do the same, with its topics reduced to `k` before its outliers are."""
    return _topics(vectors, k, seed)


def _topics(vectors: Float32, k: int | None, seed: int) -> Labels:
    """Run BERTopic.

    Topic words are of no use here, so documents are numbered instead of worded: data
    without structure has no words, and the two must be treated alike.
    """
    from bertopic import BERTopic

    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    documents = [f"document{row}" for row in range(len(vectors))]
    model = BERTopic(umap_model=_five_dimensions(seed))
    topics, _ = model.fit_transform(documents, embeddings=vectors)
    if k is not None:
        # BERTopic counts its outliers as one topic of those that it is asked for.
        model.reduce_topics(documents, nr_topics=k + (NOISE in topics))
        topics = model.topics_
    if set(topics) > {NOISE}:
        topics = model.reduce_outliers(documents, topics, strategy="embeddings", embeddings=vectors)
    return _without_noise(vectors, topics)


def _evoc(vectors: Float32, _k: int, seed: int) -> Labels:
    """Run EVoC with its defaults: the most persistent of its layers."""
    from evoc import EVoC

    return _without_noise(vectors, EVoC(random_state=seed).fit_predict(vectors))


def _evoc_matched(vectors: Float32, k: int, seed: int) -> Labels:
    """Ask EVoC for `k` clusters, which it meets or comes near to."""
    from evoc import EVoC

    labels = EVoC(approx_n_clusters=k, random_state=seed).fit_predict(vectors)
    return _without_noise(vectors, labels)


def _plscan(vectors: Float32, _k: int, seed: int) -> Labels:
    """Run PLSCAN with its defaults in the space in which BERTopic clusters.

    Density in hundreds of dimensions tells little: on the vectors themselves PLSCAN calls
    half of the tweets noise.
    """
    from fast_hdbscan import PLSCAN

    space = np.ascontiguousarray(_five_dimensions(seed).fit_transform(vectors), dtype=np.float32)
    return _without_noise(space, PLSCAN(reproducible=True).fit_predict(space))


def _five_dimensions(seed: int) -> UMAP:
    """Build BERTopic's own UMAP with a seed, without which no two runs compare."""
    from umap import UMAP

    return UMAP(
        n_neighbors=15,
        n_components=5,
        min_dist=0.0,
        metric="cosine",
        low_memory=False,
        random_state=seed,
        n_jobs=1,
    )


def _without_noise(vectors: Float32, labels: object) -> Labels:
    return nearest_centroid(vectors, np.asarray(labels, dtype=np.int32))


PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        "kmeans": _kmeans,
        "bertopic": _bertopic,
        "bertopic_matched": _bertopic_matched,
        "evoc": _evoc,
        "evoc_matched": _evoc_matched,
        "plscan": _plscan,
    }
)
GIVEN_K = frozenset({"kmeans", "bertopic_matched", "evoc_matched"})
GIVEN_TEXT_ALONE = frozenset({"bertopic", "bertopic_matched"})
"""Topic models, whose users give them embeddings of texts and nothing else."""


def procedure(name: str, k: int) -> Procedure:
    """Put a peer in the place of `ri_assets.pipeline.fit.fit`.

    It clusters the fused vectors themselves; the profile's reduced space only judges it.

    Parameters
    ----------
    name
        One of `PEERS`.
    k
        Number of clusters, for those in `GIVEN_K`.
    """
    # No nested function: processes that rerun a procedure can only be sent what has a name.
    return partial(_fitted, peer=PEERS[name], k=k)


def _fitted(fused: Float32, profile: Profile, seed: int, *, peer: Peer, k: int) -> Clustering:
    space = cache(partial(reduce_fused, fused, profile, seed))
    certain = np.ones(len(fused), dtype=np.float32)
    return assign_noise(space, peer(fused, k, seed), certain)
