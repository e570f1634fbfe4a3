"""Assignment: the persona of a tweet that the run never saw, and how sure that is.

A new tweet is fused like the tweets of the run and projected on the principal components in
which the run finds neighbours. It is assigned to the persona whose centroid is nearest to its
direction, as a consensus does with its own tweets. Two figures say how sure this is:

confidence
    How often cases that were equally clear were right when tweets of the run were left out
    and assigned, each by centroids without itself (isotonic regression). Multiplied by
    `familiarity` / `UNFAMILIAR` if that is below 1. A case is clearer, the nearer the nearest
    centroid is compared with the next: 1 − the ratio of the two distances.
familiarity
    Share of the corpus's own tweets that are not more similar to their nearest tweets than
    this text is. Whole texts are compared, because unrelated tweets lack exactly the names
    that are masked. It is a conformal p-value (Vovk, Gammerman and Shafer 2005): among tweets
    like the corpus, a share of at most p has a familiarity of p or less.

A persona fits if the text is familiar and the confidence is above the share of the largest
persona. A lower confidence is no better than always naming that persona.

`ri_assets.ri_index.assign_tables` stores what is learnt here, and `new_tweets` reads texts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.config import Profile
from ri_assets.pipeline.bounds import row_blocks
from ri_assets.pipeline.features import FEATURES
from ri_assets.pipeline.fit import text_reweighting
from ri_assets.pipeline.fuse import Fusion, unit_rows
from ri_assets.pipeline.out_of_sample import drawn_rows
from ri_assets.pipeline.reduce import principal_axes

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

# Samples that bound the time of a run and the size of a snapshot. 2,000 familiar tweets give
# p-values in steps of 0.0005, which is fine enough.
LEARNT_FROM = 10_000
FAMILIAR = 2_000
_BLOCK = 500  # rows compared at once; bounds memory, changes no result
UNFAMILIAR = 0.05
"""Below this familiarity a text counts as unlike the corpus: the usual level of a test."""

TWEET, TEXT = "tweet", "text"
BASES = (TWEET, TEXT)
"""What an assignment is based on: a tweet whose time is known, or the text alone."""

OF_TEXT = np.array([not feature.needs for feature in FEATURES])
"""Whether each feature needs nothing but the text, shape (36,)."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often the nearest persona was right, by clearness; linear between knots.

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
    def fit(cls, score: Float64, is_right: NDArray[np.bool_]) -> Calibration:
        """Fit an isotonic regression to cases whose outcome is known."""
        from sklearn.isotonic import IsotonicRegression

        fitted = IsotonicRegression(y_min=0, y_max=1).fit(score, is_right)
        return cls(np.asarray(fitted.X_thresholds_), np.asarray(fitted.y_thresholds_))

    def transform(self, score: NDArray[np.floating]) -> Float64:
        """Give the probability for each score; beyond the outer knots it is constant."""
        return np.asarray(np.interp(score, self.score, self.probability), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Assigned:
    """The assignments of n tweets; personas are numbered as in `Assigner.personas`.

    Parameters
    ----------
    nearest, runner_up
        int, shape (n,): the two personas with the nearest centroids.
    confidence, familiarity
        float64, shape (n,), 0 to 1.
    is_familiar, is_decided
        bool, shape (n,): whether the text is like the corpus, and whether the confidence is
        above that of always naming the largest persona.
    """

    nearest: NDArray[np.intp]
    runner_up: NDArray[np.intp]
    confidence: Float64
    familiarity: Float64
    is_familiar: NDArray[np.bool_]
    is_decided: NDArray[np.bool_]

    @property
    def fits(self) -> NDArray[np.bool_]:
        """Whether the nearest persona fits, shape (n,); if not, no persona does."""
        return self.is_familiar & self.is_decided


@dataclass(frozen=True, eq=False)
class Assigner:
    """What a run leaves behind to assign new tweets.

    Parameters
    ----------
    fusion
        How the run fused its tweets.
    center, directions
        float32, shapes (420,) and (420, c): of the principal components, with text and
        behaviour weighted as in the vectors that the run clustered. c is the profile's
        `reduce.principal_components`, or 420 where it has none.
    personas
        Ids of the personas, ascending, at least two.
    tweet_counts
        int64, shape (k,): tweets of each persona.
    centroids
        float32, shape (k, c): mean directions of each persona's tweets.
    familiar_ids, familiar
        int64, shape (f,), tweet ids; float32, shape (f, 384), embeddings of their whole texts.
    calibrations
        One for each of `BASES`.
    n_neighbors
        Number of familiar tweets with which a text is compared.
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
        """Assign new tweets to personas, each independently of the others.

        Parameters
        ----------
        text
            Text vectors made as in the run, shape (n, 384).
        behavior
            Raw features, shape (n, 36); unknown ones are NaN and count as ordinary.
        is_whole
            Shape (n,): whether the tweet's time is known; if not, only its text counts.
        whole_text
            Embeddings of the whole texts, shape (n, 384), for the familiarity.
        """
        placed = self.project(self.fusion.transform(text, behavior))
        order, clearness = _ranked(_distances(placed, self.centroids))
        sure = np.where(
            is_whole,
            self.calibrations[TWEET].transform(clearness),
            self.calibrations[TEXT].transform(clearness),
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
        """Share of the largest persona: how often always naming it is right."""
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
            Id of each tweet's persona, shape (n,). A tweet that is nearer to another persona's
            centroid gets the rest of the calibrated probability, at most a half.
        """
        found = np.empty(len(fused))
        for rows in row_blocks(len(fused)):
            order, clearness = _ranked(_distances(self.project(fused[rows]), self.centroids))
            sure = self.calibrations[TWEET].transform(clearness)
            is_own = np.array(self.personas)[order[:, 0]] == own[rows].astype(str)
            found[rows] = np.where(is_own, sure, np.minimum(1 - sure, 0.5))
        return found

    def project(self, fused: Float32) -> Float64:
        """Project fused vectors on the components; float64, shape (n, c), rows of length 1."""
        with threadpool_limits(1):  # the number of threads changes sums in their last bits
            return unit_rows((fused - self.center) @ self.directions)


def _distances(placed: Float64, centroids: NDArray[np.floating]) -> Float64:
    """Euclidean distances, float64, shape (n, k)."""
    return np.asarray(
        np.stack([np.linalg.norm(placed - centroid, axis=1) for centroid in centroids], axis=1)
    )


def _ranked(distances: Float64) -> tuple[NDArray[np.intp], Float64]:
    """Order personas by distance, shape (n, k), and give the clearness, shape (n,)."""
    order = np.argsort(distances, axis=1, kind="stable")
    first, second = np.take_along_axis(distances, order[:, :2], axis=1).T
    return order, 1 - first / np.maximum(second, np.finfo(np.float64).tiny)


def _leave_one_out(
    seen: Float64, placed: Float64, own: NDArray[np.intp], centroids: Float64
) -> Float64:
    """Give the distances of tweets to centroids, where a tweet's own centroid lacks the tweet.

    `seen` are the tweets as they are assigned, `placed` as they are in the centroids. The
    distance to the centroid of a persona without any other tweet is infinite.
    """
    distances = _distances(seen, centroids)
    others = np.bincount(own)[own][:, None] - 1
    without = centroids[own] + (centroids[own] - placed) / np.maximum(others, 1)
    distance = np.linalg.norm(seen - without, axis=1)
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
    """Learn from a run, from a random sample of its tweets if it has many.

    Parameters
    ----------
    tweet_ids
        int64, shape (n,), ascending.
    text, behavior
        Shapes (n, 384) and (n, 36), as the run fused them.
    persona_ids
        Text, shape (n,): the persona of each tweet; at least two personas.
    profile
        Its `fuse`, `reduce` and `cluster` settings are used.
    whole_text
        Embeddings of the whole texts, shape (n, 384).
    """
    fusion = Fusion.fit(text, behavior, profile.fuse)
    rows = drawn_rows(len(text), LEARNT_FROM, profile.reduce.seed)
    with threadpool_limits(1):
        fused = fusion.transform(text[rows], behavior[rows])
        factors = text_reweighting(profile, fused.shape[1])
        components = profile.reduce.principal_components or fused.shape[1]
        _, axes = principal_axes((fused * factors).astype(np.float32), components)
    center = fused.mean(axis=0, dtype=np.float64).astype(np.float32)
    directions = (factors[:, None] * axes).astype(np.float32)
    personas, own = np.unique(persona_ids[rows].astype(str), return_inverse=True)
    familiar = drawn_rows(len(text), FAMILIAR, profile.reduce.seed)
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
    placed = found.project(fused)
    centroids = np.array([placed[own == k].mean(axis=0) for k in range(len(personas))])
    alone = np.where(OF_TEXT, behavior[rows], np.nan).astype(np.float32)
    as_texts = found.project(fusion.transform(text[rows], alone))
    calibrations = {}
    for basis, seen in ((TWEET, placed), (TEXT, as_texts)):
        order, clearness = _ranked(_leave_one_out(seen, placed, own, centroids))
        calibrations[basis] = Calibration.fit(clearness, order[:, 0] == own)
    return replace(found, centroids=centroids.astype(np.float32), calibrations=calibrations)


def _nearness(known: Float32, text: Float32, k: int, *, without_itself: bool = False) -> Float64:
    """Give the mean cosine of each text to its `k` nearest known texts, float64, shape (n,)."""
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
