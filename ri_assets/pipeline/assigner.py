"""Assigning: the persona of a tweet that the run never saw, and how sure that is.

A new tweet is fused as the run fused its own, put into the principal components in which
the run sought neighbours, and follows its nearest reference tweets, as the tweets of a
large corpus do that were not fitted (`place`). Two figures say how sure it is:

confidence
    How often a vote as clear as this one was right when every reference tweet was left
    out once and assigned by the others (isotonic regression), times `familiarity` over
    `UNFAMILIAR` where that is below 1.
familiarity
    Share of the corpus's own tweets whose text is no nearer to its nearest ones than this
    text is: a conformal p-value (Vovk, Gammerman and Shafer 2005), so of tweets like the
    corpus's a share of p or less has a familiarity of p or less.

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
from ri_assets.pipeline.fuse import Fusion, unit_rows
from ri_assets.pipeline.place import follow, votes
from ri_assets.pipeline.reduce import principal_axes

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

COMPONENTS = 50
REFERENCES = 10_000
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
    """How often votes were right, by the leader's share; linear between the knots.

    Parameters
    ----------
    score
        float64, shape (knots,), ascending: share of the vote that the leader has.
    probability
        float64, shape (knots,), ascending: how often such a leader was right.
    """

    score: Float64
    probability: Float64

    @classmethod
    def of(cls, score: Float64, is_right: NDArray[np.bool_]) -> Calibration:
        """Fit to votes whose outcome is known."""
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
        int, shape (n,): the two personas with most of the vote.
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
        float32, shapes (420,) and (420, ≤ 50): of the principal components.
    reference_ids, references
        int64, shape (m,), tweet ids ascending; float32, shape (m, ≤ 50), where they lie.
    own
        int, shape (m,): the persona of each reference, as a place in `personas`.
    personas
        Ids of the personas, at least two.
    familiar_ids, familiar
        int64, shape (f,), tweet ids; float32, shape (f, 384), their embeddings.
    calibrations
        One for each of `BASES`.
    n_neighbors
        How many references a tweet follows.
    """

    fusion: Fusion
    center: Float32
    directions: Float32
    reference_ids: NDArray[np.int64]
    references: Float32
    own: NDArray[np.intp]
    personas: tuple[str, ...]
    familiar_ids: NDArray[np.int64]
    familiar: Float32
    calibrations: dict[str, Calibration]
    n_neighbors: int

    def assign(self, text: Float32, behavior: Float32, is_whole: NDArray[np.bool_]) -> Assigned:
        """Find the personas of new tweets; each is judged by itself.

        Parameters
        ----------
        text
            Embeddings, shape (n, 384).
        behavior
            Raw features, shape (n, 36); what is unknown is NaN and counts as ordinary.
        is_whole
            Shape (n,): whether the tweet's time is known; else it is judged as a text.
        """
        share = self._share_of_votes(self._placed(self.fusion.apply(text, behavior)))
        order = np.argsort(-share, axis=1, kind="stable")
        leading = share[np.arange(len(share)), order[:, 0]]
        sure = np.where(
            is_whole,
            self.calibrations[TWEET].apply(leading),
            self.calibrations[TEXT].apply(leading),
        )
        familiarity = self.familiarity(text)
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
        return float(np.bincount(self.own).max() / len(self.own))

    def familiarity(self, text: Float32) -> Float64:
        """Give the conformal p-value of embeddings, shape (n, 384), as float64, shape (n,)."""
        near = _nearness(self.familiar, text, self.n_neighbors)
        below = np.searchsorted(self._own_nearness, near, side="right")
        return (below + 1) / (len(self._own_nearness) + 1)

    @cached_property
    def _own_nearness(self) -> Float64:
        near = _nearness(self.familiar, self.familiar, self.n_neighbors, without_itself=True)
        return np.sort(near)

    def _placed(self, fused: Float32) -> Float32:
        with threadpool_limits(1):
            return np.asarray((fused - self.center) @ self.directions, dtype=np.float32)

    def _share_of_votes(self, placed: Float32, *, without_itself: bool = False) -> Float32:
        most = len(self.references) - without_itself
        followed = follow(
            self.references, placed, min(self.n_neighbors, most), without_itself=without_itself
        )
        return votes(self.own, len(self.personas), *followed)

    def calibrated(self, text: Float32, behavior: Float32) -> dict[str, Calibration]:
        """Assign each reference by the others, and see how often that is right.

        Parameters
        ----------
        text, behavior
            Of the references, shapes (m, 384) and (m, 36).
        """
        found = {}
        for basis, told in ((TWEET, behavior), (TEXT, np.where(OF_TEXT, behavior, np.nan))):
            placed = self._placed(self.fusion.apply(text, told.astype(np.float32)))
            share = self._share_of_votes(placed, without_itself=True)
            is_right = share.argmax(axis=1) == self.own
            found[basis] = Calibration.of(share.max(axis=1).astype(np.float64), is_right)
        return found


def learn(
    tweet_ids: NDArray[np.int64],
    text: Float32,
    behavior: Float32,
    persona_ids: NDArray[np.object_],
    profile: Profile,
) -> Assigner:
    """Keep of a run what assigning needs: at most 10,000 reference tweets, drawn evenly.

    Time grows with the number of tweets, and what is kept does not beyond the drawn.

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
    """
    fusion = Fusion.of(text, behavior, profile.fuse)
    rows = drawn(len(text), REFERENCES, profile.reduce.seed)
    fused = fusion.apply(text[rows], behavior[rows])
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        center, directions = (x.astype(np.float32) for x in principal_axes(fused, COMPONENTS))
        references = np.asarray((fused - center) @ directions, dtype=np.float32)
    personas, own = np.unique(persona_ids[rows].astype(str), return_inverse=True)
    familiar = drawn(len(text), FAMILIAR, profile.reduce.seed)
    found = Assigner(
        fusion=fusion,
        center=center,
        directions=directions,
        reference_ids=tweet_ids[rows],
        references=references,
        own=own,
        personas=tuple(personas.tolist()),
        familiar_ids=tweet_ids[familiar],
        familiar=text[familiar],
        calibrations={},
        n_neighbors=profile.reduce.n_neighbors,
    )
    return replace(found, calibrations=found.calibrated(text[rows], behavior[rows]))


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
