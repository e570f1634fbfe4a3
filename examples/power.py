"""What an experiment on authors can show: observations, detectable changes, authors needed.

Belongs here: the arithmetic of `ab_design.py`. Does not belong here: who is compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ri_assets.errors import QueryError
from ri_assets.records.answers import Audience

ALPHA, POWER = 0.05, 0.80


@dataclass(frozen=True)
class Group:
    """Authors who can be assigned, and what one of them is worth.

    `rate` is what is measured of a tweet, `weight` the unrelated tweets that all tweets of
    one author count for: their number, less what their likeness takes away.
    """

    authors: int
    rate: float
    weight: float

    @property
    def observations(self) -> float:
        """Unrelated tweets that all tweets of all authors count for."""
        return self.authors * self.weight

    def half(self) -> Group:
        """Give the group that a random half of the authors is."""
        return replace(self, authors=self.authors // 2)


def group(audience: Audience, rate: float | None) -> Group:
    """Read a group off an audience; a rate of your own is known for one tweet an author."""
    if audience.author_count is None or audience.tweets_per_author is None:
        raise QueryError(
            "the corpus names no author", "authors, who are assigned", "read a source with authors"
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
    """Smallest change of a rate that shows with 80 % power; None where none would.

    The change is towards one half, where it is hardest to see.
    """
    from statsmodels.stats.power import NormalIndPower

    if min(n_a, n_b) < 2:  # noqa: PLR2004 - fewer cannot vary
        return None
    effect = NormalIndPower().solve_power(nobs1=n_a, ratio=n_b / n_a, alpha=alpha, power=POWER)
    angle = math.asin(math.sqrt(rate)) + float(effect) / 2 * (-1 if rate > 1 / 2 else 1)
    return abs(math.sin(angle) ** 2 - rate) if 0 <= angle <= math.pi / 2 else None


def needed(rate: float, change: float, alpha: float) -> int:
    """Count the authors that each of two groups needs, one tweet of each being measured."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    other = rate - change if rate > 1 / 2 else rate + change
    effect = abs(float(proportion_effectsize(rate, other)))
    return math.ceil(float(NormalIndPower().solve_power(effect, alpha=alpha, power=POWER)))
