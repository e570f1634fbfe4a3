"""How well other ways to cluster find groups that a person labelled.

Each peer clusters the text's vectors alone, once a seed, in two readings: content words as
the default profile fuses them, and whole texts. The default profile's own fit, which sees
behaviour too, stands beside them, cut at the same number. The last line of the output is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

from benchmarks.quality import Bench, read_labels
from benchmarks.reading import add_source_arguments, read_source, run_or_explain
from benchmarks.rivals import PEERS, Float32, Labels
from ri_assets.config import DEFAULT_PROFILE, load_profile
from ri_assets.errors import NoPersonasError, SourceError
from ri_assets.freeze.corpus import Prepared
from ri_assets.pipeline.fit import fit

OURS = "default"


def against_labels(labels: Labels, truth: NDArray[np.object_]) -> dict[str, float]:
    """Compare one clustering with a person's labels.

    Parameters
    ----------
    labels
        Shape (n,).
    truth
        Shape (n,); tweets with None there have no label and are left out.
    """
    known = pd.notna(truth)
    return {
        "label_ari": float(adjusted_rand_score(truth[known], labels[known])),
        "k": len(np.unique(labels)),
    }


def peers(
    vectors: Float32, truth: NDArray[np.object_], k: int, seeds: int
) -> dict[str, list[dict[str, float]]]:
    """Run every peer on the same vectors.

    Parameters
    ----------
    vectors
        Shape (n, d).
    truth
        Shape (n,), as in `against_labels`.
    k
        Number of clusters, for those that are given one.
    seeds
        How many runs of each, seeds 0 and on.
    """
    return {
        name: [against_labels(peer(vectors, k, seed), truth) for seed in range(seeds)]
        for name, peer in PEERS.items()
    }


def default_profile(
    ready: Prepared, truth: NDArray[np.object_], k: int, seeds: int
) -> list[dict[str, float]]:
    """Fit the default profile on text and behaviour, cut at `k`; a run without clusters has ARI 0.

    Parameters
    ----------
    ready
        The corpus.
    truth, k, seeds
        As for `peers`.
    """
    profile = load_profile(DEFAULT_PROFILE)
    fused = ready.fused(profile.fuse)
    found = []
    for seed in range(seeds):
        try:
            labels = fit(fused, profile, seed).at(k).labels
        except NoPersonasError:
            labels = np.zeros(len(fused), dtype=np.int32)
        found.append(against_labels(labels, truth))
    return found


def _show(console: Console, found: dict[str, dict[str, list[dict[str, float]]]]) -> None:
    grid = Table("reading", "peer", "label ARI, mean", "lowest", "highest", "clusters")
    for reading, by_peer in found.items():
        for name, runs in by_peer.items():
            aris = [run["label_ari"] for run in runs]
            counts = sorted({int(run["k"]) for run in runs})
            shown = [f"{value:.3f}" for value in (np.mean(aris), min(aris), max(aris))]
            grid.add_row(reading, name, *shown, ", ".join(map(str, counts)))
    console.print(grid)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_source_arguments(parser)
    parser.add_argument(
        "--labels", type=Path, required=True, help="Parquet or CSV with tweet_id and label"
    )
    parser.add_argument(
        "--k", type=int, help="number of clusters; the number of labels if left out"
    )
    parser.add_argument("--seeds", type=int, default=5, help="runs of each")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    given = parser.parse_args()
    if given.seeds < 1:
        parser.error("--seeds must be 1 or more")
    if given.k is not None and given.k < 2:  # noqa: PLR2004 -- one cluster tells nothing
        parser.error("--k must be 2 or more")
    return given


def main() -> None:
    """Cluster, compare and print."""
    given = _arguments()
    labels = read_labels(given.labels)
    name, corpus = read_source(given)
    known = labels.drop_duplicates("tweet_id").set_index("tweet_id")["label"]
    named = known.reindex(corpus.tweets["tweet_id"]).nunique()
    if named < 2:  # noqa: PLR2004 -- nothing to tell apart
        raise SourceError(
            f"the labels name {named} group{'' if named == 1 else 's'} among "
            f"{len(corpus.tweets)} tweets",
            "two groups or more",
            "give --labels a file whose tweet_id are the ids of this source",
        )
    console = Console(stderr=True)
    profile = load_profile(DEFAULT_PROFILE)
    ready = Bench(name, corpus, given.store, console).prepared(profile)
    truth = known.reindex(ready.tweet_ids).to_numpy(dtype=object)
    k = named if given.k is None else given.k
    found = {}
    readings = {"content words": ready.text_to_fuse(profile.fuse), "whole text": ready.text}
    for reading, vectors in readings.items():
        with console.status(f"clustering {reading}"):
            found[reading] = peers(vectors, truth, k, given.seeds)
    with console.status("fitting the default profile"):
        ours = default_profile(ready, truth, k, given.seeds)
    found["content words and behaviour"] = {OURS: ours}
    if not given.json:
        _show(Console(), found)
    print(json.dumps({"tweets": len(truth), "k": k, "readings": found}))


if __name__ == "__main__":
    run_or_explain(main)
