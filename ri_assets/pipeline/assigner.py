"""Assigning: the persona of a tweet that the run never saw, and how sure that is.

A new tweet is fused as the run fused its own and put into the principal components in
which the run sought neighbours. There it gets the persona whose centroid its direction is
nearest to: that is how a consensus settles its own tweets. Two figures say how sure it is:

confidence
    How often so clear a case was right when tweets of the run were left out and assigned,
    each by centroids without itself (isotonic regression), times `familiarity` over
    `UNFAMILIAR` where that is below 1. A case is the clearer, the nearer the nearest
    centroid is in comparison with the next: 1 − their ratio.
familiarity
    Share of the corpus's own tweets whose text is no nearer to its nearest ones than this
    text is, read whole: names that are masked because the whole corpus shares them are just
    what strangers lack. It is a conformal p-value (Vovk, Gammerman and Shafer 2005), so of
    tweets like the corpus's a share of p or less has a familiarity of p or less.

A persona fits where the text is familiar, and where the confidence is above the share of
the largest persona. Less is no better than naming that one blindly.

Belongs here: learning from a run, and assigning vectors. Does not belong here: reading
texts, or how what was learnt is stored (`ri_assets.ri_index.assign_tables`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.config import Profile
from ri_assets.pipeline.features import FEATURES
from ri_assets.pipeline.fit import text_leaning
from ri_assets.pipeline.fuse import Fusion, unit_rows
from ri_assets.pipeline.reduce import principal_axes

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

# More than clusters settle in: strangers to the corpus show in the finer directions.
COMPONENTS = 100
LEARNT_FROM = 10_000
FAMILIAR = 2_000
_BLOCK = 500
UNFAMILIAR = 0.05
"""Below this familiarity a text counts as unlike the corpus."""

TWEET, TEXT = "tweet", "text"
BASES = (TWEET, TEXT)
"""What an assignment rests on: a tweet whose time is known, or the text alone."""

OF_TEXT = np.array([not feature.needs for feature in FEATURES])
"""Whether each feature comes from the text alone, shape (36,)."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often the nearest persona was right, by clearness; linear between the knots.

    Parameters
    ----------
    score
        float64, shape (knots,), ascending: clearness, 0 to 1.
    probability
        float64, shape (knots,), ascending: how often it was right.
    """

    score: Float64
    probability: Float64

    @classmethod
    def of(cls, score: Float64, is_right: NDArray[np.bool_]) -> Calibration:
        """Fit to cases whose outcome is known."""
        from sklearn.isotonic import IsotonicRegression

        fitted = IsotonicRegression(y_min=0, y_max=1).fit(score, is_right)
        return cls(np.asarray(fitted.X_thresholds_), np.asarray(fitted.y_thresholds_))

    def apply(self, score: NDArray[np.floating]) -> Float64:
        """Give the probability of each score; beyond the outer knots, theirs."""
        return np.asarray(np.interp(score, self.score, self.probability), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Assigned:
    """What was found for n tweets; personas are numbered as `Assigner.personas`.

    Parameters
    ----------
    nearest, runner_up
        int, shape (n,): the two personas with the nearest centroids.
    confidence, familiarity
        float64, shape (n,), 0 to 1.
    is_familiar, is_decided
        bool, shape (n,): whether the text is like the corpus, and whether the confidence
        is above what naming the largest persona blindly reaches.
    """

    nearest: NDArray[np.intp]
    runner_up: NDArray[np.intp]
    confidence: Float64
    familiarity: Float64
    is_familiar: NDArray[np.bool_]
    is_decided: NDArray[np.bool_]

    @property
    def fits(self) -> NDArray[np.bool_]:
        """Whether the nearest persona fits, shape (n,); where it does not, the answer is none."""
        return self.is_familiar & self.is_decided


@dataclass(frozen=True, eq=False)
class Assigner:
    """What assigning needs of a run.

    Parameters
    ----------
    fusion
        How the run fused its tweets.
    center, directions
        float32, shapes (420,) and (420, ≤ 100): of the principal components, leaning to the
        text as what the run clustered does.
    personas
        Ids of the personas, ascending, at least two.
    tweet_counts
        int64, shape (k,): tweets of each persona.
    centroids
        float32, shape (k, ≤ 100): means of the directions of each persona's tweets.
    familiar_ids, familiar
        int64, shape (f,), tweet ids; float32, shape (f, 384), embeddings of their whole texts.
    calibrations
        One for each of `BASES`.
    n_neighbors
        With how many of the familiar a text is compared.
    """

    fusion: Fusion
    center: Float32
    directions: Float32
    personas: tuple[str, ...]
    tweet_counts: NDArray[np.int64]
    centroids: Float32
    familiar_ids: NDArray[np.int64]
    familiar: Float32
    calibrations: dict[str, Calibration]
    n_neighbors: int

    def assign(
        self,
        text: Float32,
        behavior: Float32,
        is_whole: NDArray[np.bool_],
        whole_text: Float32,
    ) -> Assigned:
        """Find the personas of new tweets; each is judged by itself.

        Parameters
        ----------
        text
            Embeddings as the run fused its own, shape (n, 384).
        behavior
            Raw features, shape (n, 36); what is unknown is NaN and counts as ordinary.
        is_whole
            Shape (n,): whether the tweet's time is known; else it is judged as a text.
        whole_text
            Embeddings of the whole texts, shape (n, 384), by which familiarity is judged.
        """
        placed = self.placed(self.fusion.apply(text, behavior))
        order, clearness = _ranked(_distances(placed, self.centroids))
        sure = np.where(
            is_whole,
            self.calibrations[TWEET].apply(clearness),
            self.calibrations[TEXT].apply(clearness),
        )
        familiarity = self.familiarity(whole_text)
        confidence = sure * np.minimum(familiarity / UNFAMILIAR, 1.0)
        return Assigned(
            order[:, 0],
            order[:, 1],
            confidence,
            familiarity,
            familiarity >= UNFAMILIAR,
            confidence > self.blind,
        )

    @property
    def blind(self) -> float:
        """Share of the largest persona: how often naming it blindly is right."""
        return float(self.tweet_counts.max() / self.tweet_counts.sum())

    def familiarity(self, whole_text: Float32) -> Float64:
        """Give the conformal p-values, float64, shape (n,), of embeddings, shape (n, 384)."""
        near = _nearness(self.familiar, whole_text, self.n_neighbors)
        below = np.searchsorted(self._own_nearness, near, side="right")
        return (below + 1) / (len(self._own_nearness) + 1)

    @cached_property
    def _own_nearness(self) -> Float64:
        near = _nearness(self.familiar, self.familiar, self.n_neighbors, without_itself=True)
        return np.sort(near)

    def certainty(self, fused: Float32, own: NDArray[np.object_]) -> Float64:
        """Say how surely tweets of the run belong to their personas, float64, shape (n,), 0 to 1.

        Parameters
        ----------
        fused
            Their fused vectors, shape (n, 420).
        own
            Id of each tweet's persona, shape (n,). Nearer to another's centroid, a tweet
            belongs to it with what the calibrated probability leaves, at most a half.
        """
        order, clearness = _ranked(_distances(self.placed(fused), self.centroids))
        sure = self.calibrations[TWEET].apply(clearness)
        is_own = np.array(self.personas)[order[:, 0]] == own.astype(str)
        return np.where(is_own, sure, np.minimum(1 - sure, 0.5))

    def placed(self, fused: Float32) -> Float64:
        """Give the directions of fused vectors, float64, shape (n, ≤ 100), of length 1."""
        with threadpool_limits(1):  # the number of threads changes sums in their last bits
            return unit_rows((fused - self.center) @ self.directions)


def _distances(placed: Float64, centroids: NDArray[np.floating]) -> Float64:
    """Euclidean distances, float64, shape (n, k)."""
    return np.asarray(
        np.stack([np.linalg.norm(placed - centroid, axis=1) for centroid in centroids], axis=1)
    )


def _ranked(distances: Float64) -> tuple[NDArray[np.intp], Float64]:
    """Order personas by distance, shape (n, k), and say how clear the first is, shape (n,)."""
    order = np.argsort(distances, axis=1, kind="stable")
    first, second = np.take_along_axis(distances, order[:, :2], axis=1).T
    return order, 1 - first / np.maximum(second, np.finfo(np.float64).tiny)


def _without_itself(
    lying: Float64, placed: Float64, own: NDArray[np.intp], centroids: Float64
) -> Float64:
    """Distances of tweets to centroids, each to its own persona's as it is without the tweet.

    `lying` is where the tweets are looked for, `placed` how they went into the centroids. To
    the centroid of a persona without any other tweet the distance is infinite.
    """
    distances = _distances(lying, centroids)
    others = np.bincount(own)[own][:, None] - 1
    without = centroids[own] + (centroids[own] - placed) / np.maximum(others, 1)
    distance = np.linalg.norm(lying - without, axis=1)
    distances[np.arange(len(own)), own] = np.where(others[:, 0] > 0, distance, np.inf)
    return distances


def learn(
    tweet_ids: NDArray[np.int64],
    text: Float32,
    behavior: Float32,
    persona_ids: NDArray[np.object_],
    profile: Profile,
    whole_text: Float32,
) -> Assigner:
    """Learn from a run, from at most 10,000 of its tweets, drawn evenly.

    Parameters
    ----------
    tweet_ids
        int64, shape (n,), ascending.
    text, behavior
        Shapes (n, 384) and (n, 36), as the run fused them.
    persona_ids
        Text, shape (n,): the persona of each tweet; at least two differ.
    profile
        Its `fuse` and `reduce` settings are used.
    whole_text
        Embeddings of the whole texts, shape (n, 384).
    """
    fusion = Fusion.of(text, behavior, profile.fuse)
    rows = drawn(len(text), LEARNT_FROM, profile.reduce.seed)
    with threadpool_limits(1):
        fused = fusion.apply(text[rows], behavior[rows])
        lean = text_leaning(profile, fused.shape[1])
        _, axes = principal_axes((fused * lean).astype(np.float32), COMPONENTS)
    center = fused.mean(axis=0, dtype=np.float64).astype(np.float32)
    directions = (lean[:, None] * axes).astype(np.float32)
    personas, own = np.unique(persona_ids[rows].astype(str), return_inverse=True)
    familiar = drawn(len(text), FAMILIAR, profile.reduce.seed)
    found = Assigner(
        fusion=fusion,
        center=center,
        directions=directions,
        personas=tuple(personas.tolist()),
        tweet_counts=np.bincount(own),
        centroids=np.empty((0, directions.shape[1]), dtype=np.float32),
        familiar_ids=tweet_ids[familiar],
        familiar=whole_text[familiar],
        calibrations={},
        n_neighbors=profile.reduce.n_neighbors,
    )
    placed = found.placed(fused)
    centroids = np.array([placed[own == k].mean(axis=0) for k in range(len(personas))])
    alone = np.where(OF_TEXT, behavior[rows], np.nan).astype(np.float32)
    as_texts = found.placed(fusion.apply(text[rows], alone))
    calibrations = {}
    for basis, lying in ((TWEET, placed), (TEXT, as_texts)):
        order, clearness = _ranked(_without_itself(lying, placed, own, centroids))
        calibrations[basis] = Calibration.of(clearness, order[:, 0] == own)
    return replace(found, centroids=centroids.astype(np.float32), calibrations=calibrations)


def drawn(n: int, limit: int, seed: int) -> NDArray[np.intp]:
    """Draw at most `limit` of n rows evenly at random, ascending."""
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, limit, replace=False))


def _nearness(known: Float32, text: Float32, k: int, *, without_itself: bool = False) -> Float64:
    """Mean cosine of each text to its `k` nearest known ones, float64, shape (n,)."""
    most = min(k, len(known) - without_itself)
    found = np.empty(len(text))
    known = unit_rows(known).astype(np.float32)
    with threadpool_limits(1):
        for start in range(0, len(text), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(text)))
            cosine = unit_rows(text[rows]).astype(np.float32) @ known.T
            if without_itself:
                cosine[rows - start, rows] = -np.inf
            nearest = np.partition(cosine, -most, axis=1)[:, -most:]
            found[rows] = np.sort(nearest, axis=1).mean(axis=1, dtype=np.float64)
    return found
