"""What two partitions of the same tweets share: counts, and Jaccard.

Belongs here: the one place where either is computed. Does not belong here: what follows
from it for reruns (`stability`), for ids (`personas.lineage.cluster_matching`) or for a reader of
two snapshots (`ri_assets.ri_index.diff`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shared_counts(
    first: NDArray[np.integer], second: NDArray[np.integer], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """Count the tweets that each group of one partition shares with each of another.

    Parameters
    ----------
    first, second
        Shape (n,): group of each tweet, 0 to p - 1 and 0 to c - 1; not every one need occur.
    shape
        (p, c), the numbers of groups.

    Returns
    -------
    int64, shape (p, c).
    """
    shared = np.zeros(shape, dtype=np.int64)
    np.add.at(shared, (first, second), 1)
    return shared


def jaccards(shared: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shared over united tweets of every pair of groups, of the tweets in both partitions.

    Parameters
    ----------
    shared
        Shape (p, c), as `shared_counts` gives it.

    Returns
    -------
    float64, shape (p, c), 0 to 1; 0 for two empty groups.
    """
    union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1))
