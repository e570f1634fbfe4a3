"""Other ways to cluster, as procedures that the same harness judges.

Belongs here: BERTopic and k-means behind the signature of `ri_assets.pipeline.fit.fit`.
Does not belong here: how they are judged (`quality`).
"""

from __future__ import annotations

import logging
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import FuseSettings, Profile
from ri_assets.pipeline.cluster import assign
from ri_assets.pipeline.fit import Fit, reduced

Float32 = NDArray[np.float32]

# The embeddings as they are, followed by zeros in place of the behaviour.
TEXT_ALONE = FuseSettings(text_weight=1.0, content_weight=0.0, center=False)


def kmeans(fused: Float32, profile: Profile, seed: int, *, k: int) -> Fit:
    """Cut the fused vectors themselves by k-means; the reduced space only judges it.

    Parameters
    ----------
    fused
        Shape (n, d).
    profile
        Its reduced space is the one in which coherence is measured.
    seed
        Of k-means and of the space.
    k
        Number of clusters.
    """
    from sklearn.cluster import KMeans

    labels = KMeans(n_clusters=k, n_init=10, random_state=seed).fit_predict(fused)
    return _judged_in_reduced_space(fused, profile, seed, labels)


def bertopic(fused: Float32, profile: Profile, seed: int) -> Fit:
    """Run BERTopic with its defaults, then its outlier reduction by embeddings.

    Its UMAP gets a seed, without which no two runs compare. Topic words are of no
    use here, so documents are numbered instead of worded: data without structure has
    no words, and the two must be treated alike.

    Parameters
    ----------
    fused
        Shape (n, d); with `TEXT_ALONE` these are the embeddings.
    profile
        Its reduced space is the one in which coherence is measured.
    seed
        Of BERTopic's UMAP and of the space.
    """
    from bertopic import BERTopic
    from umap import UMAP

    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    documents = [f"document{row}" for row in range(len(fused))]
    model = BERTopic(
        umap_model=UMAP(
            n_neighbors=15,
            n_components=5,
            min_dist=0.0,
            metric="cosine",
            low_memory=False,
            random_state=seed,
            n_jobs=1,
        )
    )
    topics, _ = model.fit_transform(documents, embeddings=fused)
    if set(topics) > {-1}:
        topics = model.reduce_outliers(documents, topics, strategy="embeddings", embeddings=fused)
    return _judged_in_reduced_space(fused, profile, seed, np.asarray(topics))


def _judged_in_reduced_space(
    fused: Float32, profile: Profile, seed: int, labels: NDArray[np.integer]
) -> Fit:
    space = cache(partial(reduced, fused, profile, seed))
    certain = np.ones(len(fused), dtype=np.float32)
    clusters = assign(space, labels.astype(np.int32), certain)
    return Fit(space, clusters)
