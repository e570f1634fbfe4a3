"""The map: every tweet in two dimensions, for looking at.

Belongs here: the layout, how well it keeps neighbours, and how surely a tweet belongs to its
persona. Does not belong here: clustering. No figure and no persona is computed from the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ri_assets.pipeline.fuse import unit_rows
from ri_assets.pipeline.out_of_sample import draw_subsample, drawn_rows
from ri_assets.pipeline.reduce import EXACT_LIMIT, exact_neighbors, principal, umap

Float32 = NDArray[np.float32]

NEIGHBORS = 15
"""Neighbours for which trustworthiness is measured."""

# A layout for the eye, which no profile needs to change. Nearest neighbours only, so that those
# of the clustered space stay together; spread out enough to tell tweets apart.
_NEIGHBORS, _MIN_DIST, _EPOCHS = 10, 0.1, 500
# Each tweet beyond those that are laid out follows so few that it does not drift to the middle.
_FOLLOWED = 3
# Trustworthiness is measured for some tweets, among a sample of a large corpus: it ranks all
# of them for each.
_MEASURED, _COMPARED = 2_000, 20_000
_BLOCK = 250


@dataclass(frozen=True, eq=False)
class TweetMap:
    """Positions of all tweets, and how well they keep neighbours.

    Parameters
    ----------
    points
        float32, shape (n, 2), -1 to 1; the longest direction is level.
    trustworthiness
        Of `points` against the clustered space, 15 neighbours; NaN for fewer than 32 tweets.
    shuffled
        The same when the points are dealt out at random.
    measured
        Tweets whose neighbours were compared.
    """

    points: Float32
    trustworthiness: float
    shuffled: float
    measured: int


def tweet_map(vectors: Float32, seed: int, limit: int = EXACT_LIMIT) -> TweetMap:
    """Lay tweets out in two dimensions by UMAP on exact neighbours, from a spectral start.

    Bitwise repeatable on one machine. Beyond `limit`, a random sample is laid out and every
    other tweet lies among the three laid-out tweets that are most similar to it.

    Parameters
    ----------
    vectors
        The space that was clustered, shape (n, d), ordered by tweet id.
    seed
        Random seed.
    limit
        Tweets that UMAP lays out.
    """
    n = len(vectors)
    with threadpool_limits(1):  # the number of threads changes sums in their last bits
        if n <= 2 * NEIGHBORS + 1:
            return TweetMap(_framed(vectors[:, :2]), float("nan"), float("nan"), 0)
        subsample = draw_subsample(vectors, limit, _FOLLOWED, seed)
        fitted = vectors[subsample.fitted]
        laid_out = umap(
            fitted,
            exact_neighbors(fitted, _NEIGHBORS),
            n_components=2,
            n_neighbors=_NEIGHBORS,
            min_dist=_MIN_DIST,
            n_epochs=_EPOCHS,
            init="pca",
            seed=seed,
        )
        points = _framed(subsample.extend_space(laid_out))
        compared = drawn_rows(n, _COMPARED, seed)
        space, placed = vectors[compared], points[compared]
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(len(placed), min(len(placed), _MEASURED), replace=False))
        shuffled = placed[rng.permutation(len(placed))]
        return TweetMap(
            points,
            trustworthiness(space, placed, rows),
            trustworthiness(space, shuffled, rows),
            len(rows),
        )


def trustworthiness(
    vectors: Float32, points: Float32, rows: NDArray[np.intp], k: int = NEIGHBORS
) -> float:
    """Measure how far neighbours on the map are neighbours in the space (Venna and Kaski 2001).

    As `sklearn.manifold.trustworthiness` by cosine, but in blocks and for some tweets only,
    because that one compares all pairs at once.

    Parameters
    ----------
    vectors, points
        The space, shape (n, d), and the map, shape (n, 2).
    rows
        Tweets whose neighbours are compared with all tweets.
    k
        Neighbours; fewer than n / 2.

    Returns
    -------
    float
        1 if all neighbours on the map are neighbours in the space; about 0.5 by chance.
    """
    n = len(vectors)
    unit = unit_rows(vectors).astype(np.float32)
    penalty = 0.0
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        places = np.arange(len(block))
        away = ((points[block, None, :] - points[None, :, :]) ** 2).sum(axis=2)
        away[places, block] = np.inf
        near = np.argpartition(away, k - 1, axis=1)[:, :k]
        apart = 1 - unit[block] @ unit.T
        apart[places, block] = -1
        ranks = np.argsort(np.argsort(apart, axis=1), axis=1)  # 0 is the tweet itself
        penalty += float(np.maximum(np.take_along_axis(ranks, near, axis=1) - k, 0).sum())
    return 1 - penalty * 2 / (len(rows) * k * (2 * n - 3 * k - 1))


def _framed(points: Float32) -> Float32:
    """Turn the longest direction level, since screens are wide, and bring all into -1 to 1."""
    points = principal(points, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max()) or 1.0
    return np.asarray(np.clip((points - (low + high) / 2) * (2 / size), -1, 1), dtype=np.float32)
