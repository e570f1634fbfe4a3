"""Which new cluster is which earlier persona.

One-to-one, in three steps; each leaves alone what an earlier one settled:

1. A persona and a cluster that hold more than half of each other's tweets are the
   same. No persona and no cluster has two such partners.
2. Of what is left, pairs with a Jaccard of at least `LEAST_JACCARD` may be the same;
   those are chosen that keep the most tweets where they were. So the largest part
   of a persona that split, and the largest contributor of a merger, keep their id.
3. Of what is left, pairs with a centred cosine of at least `LEAST_COSINE` between the
   mean texts may be the same, unless most tweets of both are in both runs: then the
   members have already spoken against it.

Steps 1 and 2 count only tweets that both runs have. Numbers of clusters and the
order of rows change nothing.

Belongs here: the comparison of two partitions, and the choice. Does not belong
here: ids, names and history (`ri_assets.personas.lineage.persona_ids`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.pipeline.stability import jaccards, shared_counts

LEAST_JACCARD = 0.25
"""Pairs that share less are not the same: eight personas of one size share 0.07 by chance."""
LEAST_SHARED = 5
"""Fewer shared tweets decide only where they are at least half of the persona or cluster."""
LEAST_COSINE = 0.85
"""Of centroids, corpus mean taken off; a wrong id is worse than a new one. What it rests on is
measured in docs/research/measurements.md."""

Basis = Literal["members", "centroid"]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Overlap:
    """Tweets of an earlier and a new partition, counted.

    Parameters
    ----------
    personas
        Ids of the p earlier personas, ascending.
    clusters
        Numbers of the c new clusters, largest first; of equals the one with the earliest tweet.
    shared
        Shape (p, c): tweets that a persona and a cluster share.
    before, now
        Shapes (p,) and (c,): tweets of each in its own run, shared or not.
    """

    personas: tuple[str, ...]
    clusters: tuple[int, ...]
    shared: Int64
    before: Int64
    now: Int64

    @property
    def stayed(self) -> Int64:
        """Shape (p,): tweets of each persona that the new run has too."""
        return np.asarray(self.shared.sum(axis=1))

    @property
    def known(self) -> Int64:
        """Shape (c,): tweets of each cluster that the earlier run had too."""
        return np.asarray(self.shared.sum(axis=0))

    @property
    def jaccard(self) -> Float64:
        """Shape (p, c): shared over united, of the tweets that both runs have."""
        return jaccards(self.shared)

    @property
    def is_telling(self) -> NDArray[np.bool_]:
        """Shape (p, c): whether enough tweets are shared to say anything."""
        half = np.minimum(self.before[:, None], self.now[None, :]) / 2
        return np.asarray((self.shared > 0) & (self.shared >= np.minimum(LEAST_SHARED, half)))


@dataclass(frozen=True)
class ClusterMatch:
    """A new cluster that is an earlier persona, and what decided it."""

    persona_id: str
    cluster: int
    basis: Basis


def count_overlap(before: pd.DataFrame, now: pd.DataFrame) -> Overlap:
    """Count what two partitions share.

    Parameters
    ----------
    before
        Columns tweet_id and persona_id; may be empty.
    now
        Columns tweet_id and cluster.
    """
    before = before[["tweet_id", "persona_id"]].astype({"tweet_id": "int64"})
    now = now[["tweet_id", "cluster"]].astype("int64")
    personas = tuple(sorted(map(str, before["persona_id"].unique())))
    groups = now.groupby("cluster", sort=False)["tweet_id"].agg(["size", "min"])
    ordered = groups.assign(size=-groups["size"]).sort_values(["size", "min"])
    clusters = tuple(int(cluster) for cluster in ordered.index)
    both = before.merge(now, on="tweet_id")
    row = pd.Index(personas).get_indexer(pd.Index(both["persona_id"]))
    column = pd.Index(clusters).get_indexer(pd.Index(both["cluster"]))
    shared = shared_counts(row, column, (len(personas), len(clusters)))
    sizes = before["persona_id"].value_counts()
    return Overlap(
        personas,
        clusters,
        shared,
        before=np.array([sizes[persona] for persona in personas], dtype=np.int64),
        now=-ordered["size"].to_numpy(dtype=np.int64),
    )


def centred_cosines(
    before: Float64, before_sizes: Int64, now: Float64, now_sizes: Int64
) -> Float64:
    """Compare mean texts after taking off what all of them have in common.

    Without that, any two personas of one brand look alike. The centre is the mean of
    the two runs' corpus means, so that two corpora on different subjects stay apart.

    Parameters
    ----------
    before, now
        Shapes (p, d) and (c, d): mean text vector of each persona and cluster.
    before_sizes, now_sizes
        Tweets of each.

    Returns
    -------
    float64, shape (p, c).
    """
    centre = (
        np.average(before, axis=0, weights=before_sizes)
        + np.average(now, axis=0, weights=now_sizes)
    ) / 2
    return np.asarray(_unit(before - centre) @ _unit(now - centre).T)


def _unit(rows: Float64) -> Float64:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1))


def match(overlap: Overlap, cosine: Float64 | None = None) -> tuple[ClusterMatch, ...]:
    """Choose which new cluster is which earlier persona.

    Parameters
    ----------
    overlap
        Of the two runs.
    cosine
        Shape (p, c), in the order of the overlap; without it only members decide.

    Returns
    -------
    tuple of ClusterMatch
        In order of the persona's id; each persona and each cluster at most once.
    """
    shared, stayed, known = overlap.shared, overlap.stayed, overlap.known
    chosen: dict[int, tuple[int, Basis]] = {}
    is_same = (2 * shared > stayed[:, None]) & (2 * shared > known[None, :]) & overlap.is_telling
    for row, column in np.argwhere(is_same).tolist():
        chosen[row] = (column, "members")
    may_be = (overlap.jaccard >= LEAST_JACCARD) & overlap.is_telling
    _add_best(chosen, np.where(may_be, shared, 0).astype(np.float64), "members")
    if cosine is not None:
        have_spoken = (2 * stayed >= overlap.before)[:, None] & (2 * known >= overlap.now)[None, :]
        may_be = (cosine >= LEAST_COSINE) & ~have_spoken
        _add_best(chosen, np.where(may_be, cosine, 0), "centroid")
    return tuple(
        ClusterMatch(overlap.personas[row], overlap.clusters[column], basis)
        for row, (column, basis) in sorted(chosen.items())
    )


def _add_best(chosen: dict[int, tuple[int, Basis]], weight: Float64, basis: Basis) -> None:
    """Add the pairs of greatest total weight among rows and columns that are still free."""
    from scipy.optimize import linear_sum_assignment  # loads slowly

    free = weight.copy()
    free[list(chosen)] = 0
    free[:, [column for column, _ in chosen.values()]] = 0
    for row, column in zip(*linear_sum_assignment(free, maximize=True), strict=True):
        if free[row, column] > 0:
            chosen[int(row)] = (int(column), basis)
