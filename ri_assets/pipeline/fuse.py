"""Fusion of text and behaviour into one vector for each tweet.

Belongs here: scaling of the behavioural features, and how much each side counts.
Does not belong here: how an embedding or a feature is computed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import FuseSettings
from ri_assets.errors import CorpusError, NoPersonasError
from ri_assets.pipeline.features import FEATURES

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_CLIP = 3.0
_IQR_PER_SD = 1.349  # of a normal distribution
_NO_LENGTH = 1e-6  # shorter vectors are rounding errors and have no direction


def fuse(
    embeddings: NDArray[np.floating], behavior: NDArray[np.floating], settings: FuseSettings
) -> Float32:
    """Fuse text and behaviour so that their cosines mix in fixed shares.

    With the text's weight w the result is ``[√w·ê ; √(1−w)·b̂]``. The cosine of two
    rows is exactly ``w·cos(ê) + (1−w)·cos(b̂)`` where both have behaviour. A tweet
    without any behaviour has zeros there, so that only its text counts.

    w is `settings.text_weight` where every group of features (temporal, interaction,
    style, network) differs between tweets. A group of which the corpus says nothing
    leaves its share of the behaviour's weight to the text: otherwise, in a corpus of
    plain texts, ten features of style would count as much as all 36.

    Parameters
    ----------
    embeddings
        Shape (n, d), rows of unit length.
    behavior
        Raw features, shape (n, f); NaN where a feature is lacking. 36 columns are
        the features in their order; any other number is one group.
    settings
        Weight of the text, and whether the corpus mean is subtracted from it.

    Returns
    -------
    float32, shape (n, d + f), rows in the order given.

    Raises
    ------
    CorpusError
        The two do not have the same tweets, or an embedding is not finite.
    """
    if len(embeddings) != len(behavior):
        raise CorpusError(
            f"{len(embeddings)} embeddings but {len(behavior)} behavioural vectors",
            "one of each for every tweet",
            "materialise embeddings and behavioral_features from the same tweets",
        )
    require_finite(embeddings, "embeddings")
    text = np.asarray(embeddings, dtype=np.float64)
    if settings.center and len(text):
        text = text - text.mean(axis=0)
    scaled = standardise(behavior)
    weight = (1 - settings.text_weight) * _told_share(scaled)
    fused = np.hstack([np.sqrt(1 - weight) * unit_rows(text), np.sqrt(weight) * unit_rows(scaled)])
    return fused.astype(np.float32)


def _told_share(scaled: Float64) -> float:
    """Share of the features whose group differs between tweets, 0 to 1; 1 if none does."""
    differs = np.asarray(scaled.any(axis=0))
    if not differs.any() or len(differs) != len(FEATURES):
        return 1.0
    told = {feature.group for feature, is_told in zip(FEATURES, differs, strict=True) if is_told}
    return sum(feature.group in told for feature in FEATURES) / len(FEATURES)


def standardise(features: NDArray[np.floating]) -> Float64:
    """Put features of any unit on one scale.

    Median and interquartile range where half of the values differ, mean and
    standard deviation where they do not (rare flags), clipped to ±3. A lacking
    value counts as an ordinary one (0); a feature that is constant or lacking
    throughout is 0 for every tweet.

    Parameters
    ----------
    features
        Shape (n, f); NaN where lacking.

    Returns
    -------
    float64, shape (n, f).
    """
    scaled = np.zeros(features.shape, dtype=np.float64)
    for column in range(features.shape[1]):
        values = np.asarray(features[:, column], dtype=np.float64)
        known = values[np.isfinite(values)]
        if known.size == 0 or np.ptp(known) == 0:
            continue
        low, middle, high = np.percentile(known, [25, 50, 75])
        if high > low:
            center, scale = middle, (high - low) / _IQR_PER_SD
        else:
            center, scale = known.mean(), known.std()
        standard = np.where(np.isfinite(values), (values - center) / scale, 0.0)
        scaled[:, column] = np.clip(standard, -_CLIP, _CLIP)
    return scaled


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
        Says how many rows are affected and which is the first.
    """
    broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if broken.size:
        raise NoPersonasError(
            f"{broken.size} of {len(vectors)} {name} are not finite, the first in row {broken[0]}",
            "finite numbers only",
            f"materialise {name} again; if it persists, look at the text of that row",
        )
