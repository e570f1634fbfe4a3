"""Random numbers that are the same on every machine.

Only `random.Random.random` is used, because Python promises never to change its sequence.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class PortableRandom:
    """A random number generator whose seed is its name.

    Parameters
    ----------
    *name
        Parts of the name, such as an audience and a purpose. Generators with different names
        are independent, so that changing one audience doesn't change the others.
    """

    def __init__(self, *name: str | int) -> None:
        seed = "/".join(str(part) for part in name)
        self._random = random.Random(seed)  # noqa: S311 - invents text, guards no secret

    def uniform(self) -> float:
        """Draw a float in [0, 1)."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        """Draw True with this probability."""
        return self.uniform() < probability

    def between(self, low: int, high: int) -> int:
        """Draw an integer from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Draw one item, each equally likely."""
        return items[self.between(0, len(items) - 1)]

    def weighted(self, weights: Sequence[float]) -> int:
        """Draw an index with probability proportional to its weight."""
        rest = self.uniform() * sum(weights)
        for index, weight in enumerate(weights):
            rest -= weight
            if rest < 0:
                return index
        return len(weights) - 1

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return a new list in random order (Fisher-Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.between(0, last)
            result[last], result[other] = result[other], result[last]
        return result

    def normal(self) -> float:
        """Draw from the standard normal distribution (Box-Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        return radius * math.cos(2.0 * math.pi * self.uniform())

    def lognormal(self, median: float, sigma: float) -> float:
        """Draw from a lognormal distribution; `sigma` is the spread of the logarithm."""
        return median * math.exp(sigma * self.normal())
