"""Fusion of text and behaviour into one vector for each tweet.

This module scales the behavioural features and weighs text and behaviour. `embed` and
`behavior` compute them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import FuseSettings
from ri_assets.errors import CorpusError, NoPersonasError
from ri_assets.pipeline.bounds import row_blocks
from ri_assets.pipeline.embed import DIMENSIONS as TEXT_DIMENSIONS
from ri_assets.pipeline.features import FEATURES

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_CLIP = 3.0  # the usual bound for outliers, in standard deviations
_IQR_PER_SD = 1.349  # of a normal distribution
_NO_LENGTH = 1e-6  # shorter vectors are rounding errors and have no direction


def fuse(
    embeddings: NDArray[np.floating], behavior: NDArray[np.floating], settings: FuseSettings
) -> Float32:
    """Fuse text and behaviour so that their cosines mix in fixed shares.

    With the text's weight w the result is ``[√w·ê ; √(1−w)·b̂]``. The cosine of two
    rows is exactly ``w·cos(ê) + (1−w)·cos(b̂)`` if both have behaviour. A tweet without any
    behaviour has zeros there, so only its text counts.

    w is `settings.text_weight` if most features of every group (temporal, interaction,
    style, network) vary between tweets. The weight of features that do not vary goes to the
    text (`weight_of_behavior`): otherwise, in a corpus of plain texts, ten features of style
    would count as much as all 36.

    Parameters
    ----------
    embeddings
        The text's vectors (`text_vectors`), shape (n, d), rows of unit length.
    behavior
        Raw features, shape (n, f); NaN where a feature is missing. 36 columns are the
        features in their order; any other number counts as one group.
    settings
        Weight of the text, and whether to subtract the corpus mean from it.

    Returns
    -------
    float32, shape (n, d + f), rows in the order given.

    Raises
    ------
    CorpusError
        Embeddings and features differ in number, or an embedding is not finite.
    """
    return Fusion.fit(embeddings, behavior, settings).transform(embeddings, behavior)


def text_vectors(
    whole: NDArray[np.floating], content: NDArray[np.floating], settings: FuseSettings
) -> Float32:
    """Combine two embeddings of each tweet: of its whole text, and of its content words.

    The embedding of a whole text also depends on its phrasing, and clusters by phrasing
    change between subsamples. The content words say what a tweet is about.

    Parameters
    ----------
    whole, content
        Embeddings, shape (n, d), rows of unit length; `content` is not used if its weight
        is 0.
    settings
        Weight of the content words.

    Returns
    -------
    float32, shape (n, d), rows of unit length: the text vectors to fuse.

    Raises
    ------
    CorpusError
        The two differ in number.
    """
    share = settings.content_weight
    if share == 0:
        return np.asarray(whole, dtype=np.float32)
    if len(content) != len(whole):
        raise CorpusError(
            f"{len(whole)} embeddings of texts but {len(content)} of their content words",
            "one of each for every tweet",
            "materialise embeddings with the profile that is used here",
        )
    mixed = np.empty(np.shape(whole), dtype=np.float32)
    for rows in row_blocks(len(mixed)):
        read = np.asarray(whole[rows], np.float64), np.asarray(content[rows], np.float64)
        mixed[rows] = unit_rows((1 - share) * read[0] + share * read[1])
    return mixed


@dataclass(frozen=True, eq=False)
class Scale:
    """A robust scaler, which puts features of any unit on one scale.

    Parameters
    ----------
    center, spread
        float64, shape (f,): what to subtract, and what to divide by; NaN for a feature that
        is constant or always missing.
    """

    center: Float64
    spread: Float64

    @classmethod
    def fit(cls, features: NDArray[np.floating]) -> Scale:
        """Learn from features of shape (n, f).

        Uses the median and interquartile range, or the mean and standard deviation where the
        interquartile range is 0 (rare flags).
        """
        center, spread = np.full((2, features.shape[1]), np.nan)
        for column in range(features.shape[1]):
            values = np.asarray(features[:, column], dtype=np.float64)
            known = values[np.isfinite(values)]
            if known.size == 0 or np.ptp(known) == 0:
                continue
            low, middle, high = np.percentile(known, [25, 50, 75])
            if high > low:
                center[column], spread[column] = middle, (high - low) / _IQR_PER_SD
            else:
                center[column], spread[column] = known.mean(), known.std()
        return cls(center, spread)

    def transform(self, features: NDArray[np.floating]) -> Float64:
        """Scale features of shape (n, f), clipped to ±3; missing and constant ones become 0."""
        standard = (np.asarray(features, dtype=np.float64) - self.center) / self.spread
        return np.clip(np.where(np.isfinite(standard), standard, 0.0), -_CLIP, _CLIP)


@dataclass(frozen=True, eq=False)
class Fusion:
    """A fusion fitted to a corpus; it fuses new tweets like those of the corpus.

    Parameters
    ----------
    text_center
        float64, shape (d,): subtracted from embeddings.
    scale
        Scaler of the behavioural features.
    weight
        Weight of the behaviour, 0 to 1; the text has the rest.
    """

    text_center: Float64
    scale: Scale
    weight: float

    @classmethod
    def fit(
        cls,
        embeddings: NDArray[np.floating],
        behavior: NDArray[np.floating],
        settings: FuseSettings,
    ) -> Fusion:
        """Learn from a corpus; parameters and errors as in `fuse`."""
        if len(embeddings) != len(behavior):
            raise CorpusError(
                f"{len(embeddings)} embeddings but {len(behavior)} behavioural vectors",
                "one of each for every tweet",
                "materialise embeddings and behavioral_features from the same tweets",
            )
        require_finite(embeddings, "embeddings")
        center = np.zeros(embeddings.shape[1])
        if settings.center and len(embeddings):
            center = embeddings.mean(axis=0, dtype=np.float64)
        scale = Scale.fit(behavior)
        return cls(center, scale, weight_of_behavior(scale, settings))

    def transform(
        self, embeddings: NDArray[np.floating], behavior: NDArray[np.floating]
    ) -> Float32:
        """Fuse tweets: embeddings of shape (n, d), raw features of shape (n, f)."""
        width = len(self.text_center)
        fused = np.empty((len(embeddings), width + behavior.shape[1]), dtype=np.float32)
        for rows in row_blocks(len(fused)):
            text = unit_rows(np.asarray(embeddings[rows], dtype=np.float64) - self.text_center)
            behaved = unit_rows(self.scale.transform(behavior[rows]))
            fused[rows, :width] = np.sqrt(1 - self.weight) * text
            fused[rows, width:] = np.sqrt(self.weight) * behaved
        return fused


def reweighting(fused_with: float, wanted: float, dimensions: int) -> Float64:
    """Give the factors for columns of fused vectors that change the weight of the text.

    Parameters
    ----------
    fused_with, wanted
        Weight of the text, as it is and as it should be.
    dimensions
        Number of columns of the fused vectors; the text's come first.

    Returns
    -------
    float64, shape (dimensions,). All ones if only one side has weight.
    """
    factors = np.ones(dimensions)
    if 0 < fused_with < 1:
        factors[:TEXT_DIMENSIONS] = np.sqrt(wanted / fused_with)
        factors[TEXT_DIMENSIONS:] = np.sqrt((1 - wanted) / (1 - fused_with))
    return factors


def weight_of_behavior(scale: Scale, settings: FuseSettings) -> float:
    """Give the behaviour's weight, reduced to the share of features that vary.

    A group counts as a whole if at least half of its features vary between tweets, and
    otherwise by those that do. So one tweet with a hashtag in a corpus of plain texts makes
    one feature count, not all twelve of interaction; and a corpus that lacks a column or two
    has the same weight as one that lacks none.

    The weight is not reduced if no feature varies, or if the features are not the 36.
    """
    whole = 1 - settings.text_weight
    differs = np.isfinite(scale.spread)
    if not differs.any() or len(differs) != len(FEATURES):
        return whole
    groups = np.array([feature.group for feature in FEATURES])
    counted = 0
    for group in np.unique(groups):
        within = differs[groups == group]
        counted += len(within) if 2 * within.sum() >= len(within) else int(within.sum())
    return whole * counted / len(FEATURES)


def unit_rows(vectors: NDArray[np.floating]) -> Float64:
    """Scale rows to unit length; a row without direction becomes zeros.

    Parameters
    ----------
    vectors
        Shape (n, d).

    Returns
    -------
    float64, shape (n, d).
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directed = lengths > _NO_LENGTH
    return np.where(directed, vectors / np.where(directed, lengths, 1.0), 0.0)


def require_finite(vectors: NDArray[np.floating], name: str) -> None:
    """Refuse vectors that hold NaN or infinity.

    Raises
    ------
    NoPersonasError
        Some rows are not finite: how many, and which is the first.
    """
    finite = [np.isfinite(vectors[rows]).all(axis=1) for rows in row_blocks(len(vectors))]
    broken = np.flatnonzero(~np.concatenate([*finite, np.empty(0, dtype=np.bool_)]))
    if broken.size:
        raise NoPersonasError(
            f"{broken.size} of {len(vectors)} {name} are not finite, the first in row {broken[0]}",
            "finite numbers only",
            "run the whole pipeline again; if it fails again, look at the text of that row",
        )
