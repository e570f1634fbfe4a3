"""Do names fit? Held-out members are asked which name is nearest.

Belongs here: which members are held out from naming, the share that finds its own
persona's name. Does not belong here: making names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HELD_OUT_SHARE = 0.2
_N_SHUFFLES = 200
_SEED = 42
# Odd multiplier of Fibonacci hashing: ids that follow each other land far apart.
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Agreement:
    """How far names agree with the members that they did not see.

    Parameters
    ----------
    share
        Held-out members whose nearest name is their own persona's, 0 to 1.
    shuffled_mean, shuffled_p95
        The same after shuffling which persona has which name.
    n_members
        Held-out members.
    """

    share: float
    shuffled_mean: float
    shuffled_p95: float
    n_members: int


def held_out(tweet_ids: NDArray[np.int64], clusters: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Members that take no part in naming: a fifth of each cluster, by a hash of the id."""
    ranks = np.empty(len(tweet_ids), dtype=np.int64)
    scattered = tweet_ids.astype(np.uint64) * _SCATTER
    sizes = np.empty(len(tweet_ids), dtype=np.int64)
    for cluster in np.unique(clusters):
        rows = np.flatnonzero(clusters == cluster)
        ranks[rows[np.lexsort((tweet_ids[rows], scattered[rows]))]] = np.arange(len(rows))
        sizes[rows] = len(rows)
    is_held: NDArray[np.bool_] = ranks < np.floor(HELD_OUT_SHARE * sizes)
    return is_held


def least_authors(min_authors: int) -> int:
    """Give how many authors a word needs among the members that take part in naming.

    Of all members so many distinct authors as `min_authors` must write it; of those that take
    part, accordingly fewer do.
    """
    return math.ceil((1 - HELD_OUT_SHARE) * min_authors)


def name_agreement(
    vectors: NDArray[np.float32], clusters: NDArray[np.int64], names: NDArray[np.float32]
) -> Agreement | None:
    """Share of members whose nearest name is their persona's.

    Parameters
    ----------
    vectors
        float32, shape (n, d): unit vectors of the members that took no part in naming.
    clusters
        int64, shape (n,): row in `names` of each member's persona.
    names
        float32, shape (k, d): unit embedding of each persona's name and focus.

    Returns
    -------
    Agreement or None
        None without members: there is nothing to measure.
    """
    if not len(vectors):
        return None
    nearest = np.argmax(vectors @ names.T, axis=1)
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (clusters, nearest), 1)
    rng = np.random.default_rng(_SEED)
    rows = np.arange(len(names))
    orders = [_moved(len(names), rng) for _ in range(_N_SHUFFLES)]
    shuffled = [counts[rows, order].sum() / len(vectors) for order in orders]
    return Agreement(
        share=float(np.trace(counts) / len(vectors)),
        shuffled_mean=float(np.mean(shuffled)),
        shuffled_p95=float(np.quantile(shuffled, 0.95)),
        n_members=len(vectors),
    )


def _moved(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Random order of `n` names that is not the given one.

    Of three names every sixth order is the given one: it is what is judged, and must not be among
    what it is judged against. One name can only stay, and so is never above its shuffles.
    """
    order: NDArray[np.int64] = rng.permutation(n)
    while n > 1 and (order == np.arange(n)).all():
        order = rng.permutation(n)
    return order
