"""Which entry of the catalogue fits which cluster.

Belongs here: the figures of a fit, its minima, and the one-to-one assignment.
Does not belong here: how a fit becomes a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ri_assets.personas.catalogue import Audience, keyword_uses

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit embeddings, float32 (n, d), of short texts."""

MIN_KEYWORD_SHARE = 0.20
"""An entry fits if this share of members use its keywords, …"""
MIN_KEYWORD_LIFT = 1.5
"""… this many times the corpus's share, …"""
MIN_COSINE = 0.10
"""… and the meaning is this close, after each side's mean is taken off."""


@dataclass(frozen=True)
class Fit:
    """Why an entry of the catalogue fits a cluster.

    Parameters
    ----------
    audience
        The entry.
    keywords
        Its keywords that members use, most frequent first.
    share
        Members that use any of them, 0 to 1.
    lift
        That share over the corpus's.
    cosine
        Of the members' mean text vector to the entry, both centred; none without encoder.
    """

    audience: Audience
    keywords: tuple[str, ...]
    share: float
    lift: float
    cosine: float | None


def by_size(clusters: NDArray[np.int64]) -> list[int]:
    """Clusters, largest first; of equals the one that has the earliest tweet."""
    ids, firsts, sizes = np.unique(clusters, return_index=True, return_counts=True)
    return [int(ids[n]) for n in np.lexsort((firsts, -sizes))]


def match_catalogue(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    clusters: NDArray[np.int64],
    catalogue: Sequence[Audience],
    encode: Encode | None,
) -> dict[int, Fit]:
    """Assign entries to clusters one to one, with the greatest sum of scores.

    The score of a pair is the contrast of keyword use (share of members less
    share of all others) plus, with an encoder, the centred cosine. Pairs below
    the minima of this module are not assigned, so clusters may go without.

    Parameters
    ----------
    texts
        Cleaned texts of the tweets.
    vectors
        float32, shape (n_tweets, d): unit text vectors.
    clusters
        int64, shape (n_tweets,).
    catalogue
        Entries to choose from; may be empty.
    encode
        Embeds the entries; without it only keywords count.
    """
    uses, found = keyword_uses(texts, catalogue)
    order = by_size(clusters)
    masks = [clusters == cluster for cluster in order]
    share = np.array([uses[mask].mean(axis=0) for mask in masks])
    rest = np.array([uses[~mask].sum(axis=0) / max((~mask).sum(), 1) for mask in masks])
    lift = share / np.maximum(uses.mean(axis=0), 1 / len(texts))
    score = share - rest
    fits = (share >= MIN_KEYWORD_SHARE) & (lift >= MIN_KEYWORD_LIFT)
    cosine = None
    if encode is not None and catalogue:
        means = np.array([vectors[mask].mean(axis=0) for mask in masks])
        entries = encode([f"{a.name}: {a.focus}. {', '.join(a.keywords)}" for a in catalogue])
        cosine = _cosine(means - vectors.mean(axis=0), entries - entries.mean(axis=0))
        score = score + cosine
        fits &= cosine >= MIN_COSINE
    rows, columns = linear_sum_assignment(np.where(fits, score, 0.0), maximize=True)
    matched = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if not fits[row, column]:
            continue
        spoken = Counter(key for n in np.flatnonzero(masks[row]) for key in found[n][column])
        matched[order[row]] = Fit(
            audience=catalogue[column],
            keywords=tuple(key for key, _ in _frequent_first(spoken)),
            share=float(share[row, column]),
            lift=float(lift[row, column]),
            cosine=None if cosine is None else float(cosine[row, column]),
        )
    return matched


def _frequent_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    sides = (
        side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
        for side in (left.astype(np.float64), right.astype(np.float64))
    )
    one, other = sides
    cosine: NDArray[np.float64] = one @ other.T
    return cosine
