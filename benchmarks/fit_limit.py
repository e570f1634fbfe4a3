"""What is lost where a sample is fitted and the other tweets follow it.

Compares a fit on `cluster.fit_limit` tweets with fits on all of them, cut at the same numbers of
personas: one with the same seed and one with another, because fits on all tweets do not agree
with each other entirely either. Without `--source`, tweets are generated and need no model. The
last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

from benchmarks.generated import embed_without_model, write_corpus
from benchmarks.reading import add_source_arguments, read_source, run_or_explain
from ri_assets.config import ConsensusSettings, Profile, load_profile
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.freeze.corpus import prepare
from ri_assets.pipeline.cluster import Clustering
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.fit import fit
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

Float32 = NDArray[np.float32]

_SEED = 1


def compare(fused: Float32, profile: Profile, limit: int) -> dict[int, tuple[float, float]]:
    """Compare at every number of personas that the gates allow.

    Parameters
    ----------
    fused
        Shape (n, d).
    profile
        One that clusters by consensus.
    limit
        Tweets that are fitted of n.

    Returns
    -------
    By the number: ARI of the fit on a sample with the fit on all tweets, and ARI of two fits on
    all tweets with different seeds.
    """
    counts = range(profile.gates.personas_min, profile.gates.personas_max + 1)
    whole, other = (_fit(fused, profile, len(fused), seed) for seed in (0, _SEED))
    sampled = _fit(fused, profile, limit, 0)
    return {
        count: (
            float(adjusted_rand_score(whole.at(count).labels, sampled.at(count).labels)),
            float(adjusted_rand_score(whole.at(count).labels, other.at(count).labels)),
        )
        for count in counts
    }


def _fit(fused: Float32, profile: Profile, limit: int, seed: int) -> Clustering:
    if not isinstance(profile.cluster, ConsensusSettings):
        raise TypeError("only a consensus is fitted on a sample")
    settings = profile.cluster.model_copy(update={"fit_limit": limit})
    return fit(fused, profile.model_copy(update={"cluster": settings}), seed)


def main() -> None:
    """Compare on one corpus."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add_source_arguments(parser)
    parser.set_defaults(source=None)
    parser.add_argument("--generated", type=int, default=50_000, help="tweets, without --source")
    parser.add_argument("--limit", type=int, help="tweets to fit, in place of the profile's")
    given = parser.parse_args()
    profile = load_profile(DEFAULT_PROFILE)
    limit = given.limit or getattr(profile.cluster, "fit_limit", 0)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as place, console.status("preparing") as status:
        if given.source is None:
            embed_without_model()
            given.source = write_corpus(Path(place) / "source", given.generated, _SEED)
            given.store = f"{place}/store"
        name, corpus = read_source(given)
        encoder = Encoder(profile.embed, EmbeddingCache(Files(given.store)), status.update)
        prepared = prepare(name, corpus, profile, encoder.encode)
        status.update(f"fitting {len(prepared.tweet_ids):,} tweets")
        found = compare(prepared.fused(profile.fuse), profile, limit)
    grid = Table("personas", f"sample of {limit:,} with all", "all, two seeds")
    for count, (sampled, whole) in found.items():
        grid.add_row(str(count), f"{sampled:.3f}", f"{whole:.3f}")
    Console().print(grid)
    print(
        json.dumps(
            {
                "tweets": len(prepared.tweet_ids),
                "limit": limit,
                "ari": {count: sampled for count, (sampled, _) in found.items()},
                "ari_of_seeds": {count: whole for count, (_, whole) in found.items()},
            }
        )
    )


if __name__ == "__main__":
    run_or_explain(main)
