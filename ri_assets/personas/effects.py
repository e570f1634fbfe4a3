"""Traits in which a persona differs from the median persona, with the wording of each.

Belongs here: when a difference is large enough to tell or to advise on. Does not belong
here: how the traits are measured (`ri_assets.personas.traits`), or what to do about them
(`ri_assets.personas.advice`).

The reference is the median of the personas' means. One persona of long tweets moves the
mean of a corpus, but not this median. At most half of the personas lie above a median, and
at most half below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, isnan
from statistics import median
from typing import Any

MIN_EFFECT = 0.25
"""A figure matters if it is this far over or under its reference, and beyond chance."""
MIN_SHARE = 0.10
"""A share below this, both here and in the median persona, does not matter."""
SHARES = {
    "question_share": "ask a question",
    "exclamation_share": "have an exclamation mark",
    "emoji_share": "have an emoji",
    "code_mix_share": "mix Hindi and English",
    "link_share": "have a link",
    "complaint_share": "use a word of complaint",
    "reply_share": "got a reply",
}
"""What each share of tweets is of, in words."""


@dataclass(frozen=True)
class Effect:
    """A trait of a persona that differs from the median persona's."""

    value: float
    typical: float

    @property
    def ratio(self) -> float:
        """Value over the median persona's; infinite if that is 0."""
        return self.value / self.typical if self.typical > 0 else inf

    @property
    def size(self) -> float:
        """How far the two are apart, the same for half and for twice."""
        return max(self.ratio, 1 / self.ratio)


def find_effects(
    traits: Iterable[Mapping[Any, Any]], key: str = "cluster"
) -> dict[Any, dict[str, Effect]]:
    """Find the traits by which each persona differs from the median persona.

    Parameters
    ----------
    traits
        Rows of `ri_assets.personas.traits.trait_table` for all personas.
    key
        Column that tells the personas apart.

    Returns
    -------
    dict
        By persona and trait, only where the value is `MIN_EFFECT` over or under the median
        persona's, and its 95% interval holds neither that nor the corpus's mean.
    """
    rows = list(traits)
    values: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if not _is_missing(row["value"]):
            values[row["trait"]].append(row["value"])
    typical = {trait: median(known) for trait, known in values.items()}
    found: dict[Any, dict[str, Effect]] = {row[key]: {} for row in rows}
    for row in rows:
        if any(_is_missing(row[name]) for name in ("value", "lift_low", "lift_high")):
            continue
        effect = Effect(float(row["value"]), float(typical[row["trait"]]))
        if _matters(effect, row):
            found[row[key]][row["trait"]] = effect
    return found


def _matters(effect: Effect, row: Mapping[Any, Any]) -> bool:
    if row["trait"].endswith("_share") and max(effect.value, effect.typical) < MIN_SHARE:
        return False
    low, high = (effect.value * row[f"lift_{end}"] / row["lift"] for end in ("low", "high"))
    is_over = effect.ratio >= 1 + MIN_EFFECT and row["lift_low"] > 1 and low > effect.typical
    is_under = effect.ratio <= 1 - MIN_EFFECT and row["lift_high"] < 1 and high < effect.typical
    return bool(is_over or is_under)


def effect_told(trait: str, effect: Effect) -> str:
    """Tell an effect with both of its figures."""
    value, typical = effect.value, effect.typical
    if trait == "word_count":
        return f"they write {value:.0f} words a tweet, the median persona {typical:.0f}"
    if trait == "uppercase_share":
        told = f"{value:.0%} of their letters are capitals"
    else:
        told = f"{value:.0%} of their tweets {SHARES[trait]}"
    return f"{told}, against {typical:.0%} in the median persona"


def _is_missing(value: float | None) -> bool:
    return value is None or isnan(value)
