"""Vectors that know whose they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Vectors:
    """One vector for each tweet.

    Parameters
    ----------
    tweet_ids
        int64, shape (n,), strictly ascending.
    values
        float32, shape (n, d).
    """

    tweet_ids: NDArray[np.int64]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if (self.tweet_ids.ndim, self.values.ndim) != (1, 2):
            raise ValueError("tweet_ids must have one dimension and values two")
        if len(self.tweet_ids) != len(self.values):
            raise ValueError(f"{len(self.tweet_ids)} ids but {len(self.values)} vectors")
        if np.any(np.diff(self.tweet_ids) <= 0):
            raise ValueError("tweet_ids must be strictly ascending")

    def __len__(self) -> int:
        return len(self.tweet_ids)
