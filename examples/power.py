"""The arithmetic of `ab_design.py`: observations, detectable changes, authors needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ri_assets.errors import QueryError
from ri_assets.records.answers import Audience

ALPHA, POWER = 0.05, 0.80


@dataclass(frozen=True)
class Group:
    """Authors who can be assigned, and how much one of them counts.

    `rate` is measured per tweet. `weight` is the number of independent tweets that the
    tweets of one author are worth.
    """

    authors: int
    rate: float
    weight: float

    @property
    def observations(self) -> float:
        """Independent tweets that all tweets of all authors are worth."""
        return self.authors * self.weight

    def half(self) -> Group:
        """Return a random half of the authors as a group."""
        return replace(self, authors=self.authors // 2)


def group(audience: Audience, rate: float | None) -> Group:
    """Make a group of an audience; with a given rate, each author counts as one tweet."""
    if audience.author_count is None or audience.tweets_per_author is None:
        raise QueryError(
            "the corpus names no author", "authors to assign", "use a source with authors"
        )
    if rate is not None:
        return Group(audience.author_count, rate, 1.0)
    if audience.reply_share is None:
        raise QueryError(
            "the corpus does not say which tweets got a reply",
            "replies or their counts",
            "give a rate of your own with --baseline",
        )
    alike = max(1.0, audience.reply_design_effect or 1.0)
    weight = max(1.0, audience.tweets_per_author / alike)
    return Group(audience.author_count, audience.reply_share, weight)


def detectable(rate: float, n_a: float, n_b: float, alpha: float) -> float | None:
    """Return the smallest change of a rate detectable with 80% power, None if there is none.

    The change is towards one half, where it is hardest to detect.
    """
    from statsmodels.stats.power import NormalIndPower

    if min(n_a, n_b) < 2:  # noqa: PLR2004 - fewer cannot vary
        return None
    effect = NormalIndPower().solve_power(nobs1=n_a, ratio=n_b / n_a, alpha=alpha, power=POWER)
    angle = math.asin(math.sqrt(rate)) + float(effect) / 2 * (-1 if rate > 1 / 2 else 1)
    return abs(math.sin(angle) ** 2 - rate) if 0 <= angle <= math.pi / 2 else None


def needed(rate: float, change: float, alpha: float) -> int:
    """Return how many authors each of two groups needs, with one tweet per author."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    other = rate - change if rate > 1 / 2 else rate + change
    effect = abs(float(proportion_effectsize(rate, other)))
    return math.ceil(float(NormalIndPower().solve_power(effect, alpha=alpha, power=POWER)))
