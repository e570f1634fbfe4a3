"""Do personas differ? A plain classifier is asked to tell each from the one most like it.

Belongs here: which other persona is nearest, and how well a classifier separates held-out
members of the two by their words. Does not belong here: what to do about two that are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_N_FOLDS = 5
_N_SHUFFLES = 10
# Members of a cluster from which the classifier learns; more would change the third digit.
_ENOUGH = 5_000
_SEED = 42

Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbour:
    """The persona most like another, and how well a classifier separates the two.

    Parameters
    ----------
    cluster
        Its cluster.
    told_apart
        Balanced accuracy of the classifier on held-out members, 0.5 by chance; None if one of
        the two has a single member.
    """

    cluster: int
    told_apart: float | None


@dataclass(frozen=True)
class Distinctness:
    """How well a classifier separates personas that are alike.

    Parameters
    ----------
    neighbours
        By cluster; empty if there is one alone.
    shuffled_mean, shuffled_p95
        Mean and 95th percentile of the least accuracy of all pairs after shuffling who of each
        pair belongs to which.
    """

    neighbours: Mapping[int, Neighbour]
    shuffled_mean: float
    shuffled_p95: float

    @property
    def least(self) -> float:
        """Least accuracy of all pairs."""
        known = [one.told_apart for one in self.neighbours.values() if one.told_apart is not None]
        return min(known)


def distinctness(
    uses: sparse.csr_array, vectors: NDArray[np.float32], labels: Int64
) -> Distinctness | None:
    """Tell each cluster from the one whose mean vector has the highest centred cosine with its own.

    The classifier is naive Bayes on the terms, in five folds, for which both clusters are as
    likely. It reads words, not the vectors that made the clusters, because any clusters are
    apart in the space in which they were cut.

    Parameters
    ----------
    uses
        Shape (n_tweets, n_terms): which tweet uses which term. Without the brand's own words.
    vectors
        float32, shape (n_tweets, d): unit text vectors.
    labels
        int64, shape (n_tweets,): cluster of each tweet, ≥ 0.

    Returns
    -------
    Distinctness or None
        None if no pair can be measured, or there is no term.
    """
    if not uses.shape[1]:
        return None
    nearest = _nearest(vectors, labels)
    rng = np.random.default_rng(_SEED)
    accuracy: dict[tuple[int, int], float] = {}
    shuffled: list[list[float]] = []
    for a, b in sorted({(min(pair), max(pair)) for pair in nearest.items()}):
        rows = np.sort(np.concatenate([_drawn(rng, labels, a), _drawn(rng, labels, b)]))
        is_first = labels[rows] == a
        folds = min(_N_FOLDS, int(is_first.sum()), int((~is_first).sum()))
        if folds > 1:
            accuracy[a, b] = _told_apart(uses[rows], is_first, folds)
            shuffled.append(
                [
                    _told_apart(uses[rows], rng.permutation(is_first), folds)
                    for _ in range(_N_SHUFFLES)
                ]
            )
    if not accuracy:
        return None
    least = np.min(shuffled, axis=0)
    return Distinctness(
        {a: Neighbour(b, accuracy.get((min(a, b), max(a, b)))) for a, b in nearest.items()},
        float(least.mean()),
        float(np.quantile(least, 0.95)),
    )


def _drawn(rng: np.random.Generator, labels: Int64, cluster: int) -> NDArray[np.intp]:
    """Give the members of a cluster, or as many of them, drawn at random, as tell enough."""
    members = np.flatnonzero(labels == cluster)
    return members if len(members) <= _ENOUGH else rng.choice(members, _ENOUGH, replace=False)


def _nearest(vectors: NDArray[np.float32], labels: Int64) -> dict[int, int]:
    """Give the most similar other cluster of each; ties go to the lower number."""
    clusters = np.unique(labels)
    if len(clusters) == 1:
        return {}
    means = np.array([vectors[labels == c].mean(axis=0) for c in clusters], dtype=np.float64)
    means -= vectors.mean(axis=0)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), np.finfo(float).tiny)
    cosines = means @ means.T
    np.fill_diagonal(cosines, -np.inf)
    return {int(c): int(clusters[np.argmax(row)]) for c, row in zip(clusters, cosines, strict=True)}


def _told_apart(uses: sparse.csr_array, is_first: NDArray[np.bool_], folds: int) -> float:
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.naive_bayes import MultinomialNB

    split = StratifiedKFold(folds, shuffle=True, random_state=_SEED)
    guessed = cross_val_predict(MultinomialNB(fit_prior=False), uses, is_first, cv=split)
    return float(balanced_accuracy_score(is_first, guessed))
