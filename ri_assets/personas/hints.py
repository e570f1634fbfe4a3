"""Advice for copy that speaks to a persona, each with the figure behind it.

Belongs here: what a deviating trait, term or hour suggests, in words. Does not
belong here: how the figures come about. A figure that chance could explain
gives no advice.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ri_assets.personas.privacy.guard import Passes, everything

MIN_CHANGE = 0.10
"""A trait within this share of the corpus is like everyone else's."""
N_TERMS = 3
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Hints:
    """Advice, each a sentence that names its figure."""

    do: tuple[str, ...]
    dont: tuple[str, ...]


# For each trait: what to do where it lies above the corpus and where below, what not to do in
# either case, and how its figure is told.
_ADVICE = {
    "word_count": (
        ("Do take room to explain", "Don't cut it to a slogan"),
        ("Do keep it short", "Don't write long copy"),
        "members write {value:.0f} words on average",
    ),
    "question_share": (
        ("Do answer questions first", "Don't leave a question open"),
        ("Do make statements", "Don't build copy on questions"),
        "{value:.0%} of their tweets ask a question",
    ),
    "exclamation_share": (
        ("Do show energy", "Don't sound flat"),
        ("Do stay calm in tone", "Don't use exclamation marks"),
        "{value:.0%} of their tweets have an exclamation mark",
    ),
    "uppercase_share": (
        ("Do capitalise names and key words as they do", "Don't write all in lower case"),
        ("Do write in lower case", "Don't set words in capitals"),
        "{value:.1%} of their letters are capitals",
    ),
    "emoji_share": (
        ("Do use an emoji where it fits", "Don't strip every emoji"),
        ("Do let words do the work", "Don't decorate with emoji"),
        "{value:.0%} of their tweets hold an emoji",
    ),
    "code_mix_share": (
        ("Do mix Hindi and English as they do", "Don't insist on formal English"),
        ("Do write in English", "Don't mix in Hindi"),
        "{value:.0%} of their tweets mix Hindi and English",
    ),
    "link_share": (
        ("Do link to the source", "Don't claim without a link"),
        ("Do say it in the text", "Don't hide the point behind a link"),
        "{value:.0%} of their tweets hold a link",
    ),
    "reply_share": (
        ("Do expect and join a conversation", "Don't post and leave"),
        None,
        "{value:.0%} of their tweets got a reply",
    ),
}


def write_hints(
    terms: pd.DataFrame,
    traits: pd.DataFrame,
    peak_hour: int | None,
    peak_weekday: int | None,
    passes: Passes = everything,
) -> Hints:
    """Advice for one persona, strongest figure first.

    Parameters
    ----------
    terms
        Its rows of `ri_assets.personas.text.terms.term_table`.
    traits
        Its rows of `ri_assets.personas.traits.trait_table`.
    peak_hour, peak_weekday
        Local hour and weekday (0 is Monday) of a peak that chance does not explain.
    passes
        Whether a sentence may be shown.
    """
    do, dont = [], []
    if len(terms):
        told = ", ".join(
            f"“{row['term']}” ({row['share']:.0%})"
            for row in terms.head(N_TERMS).to_dict("records")
        )
        do.append(f"Do use their words: {told} of the tweets.")
    for row in clear_traits(traits).to_dict("records"):
        if row["trait"] not in _ADVICE:
            continue
        above, below, figure = _ADVICE[row["trait"]]
        advice = above if row["lift"] > 1 else below
        if advice is None:
            continue
        told = f"{figure.format(value=row['value'])}, {change_text(row['lift'])}"
        do.append(f"{advice[0]}: {told}.")
        dont.append(f"{advice[1]}: {told}.")
    if peak_hour is not None:
        do.append(
            f"Do post around {peak_hour:02d}:00: their share there clearly exceeds the corpus's."
        )
    if peak_weekday is not None:
        do.append(
            f"Do post on {_WEEKDAYS[peak_weekday]}: their share clearly exceeds the corpus's."
        )
    return Hints(tuple(filter(passes, do)), tuple(filter(passes, dont)))


def clear_traits(traits: pd.DataFrame) -> pd.DataFrame:
    """Keep traits that differ by `MIN_CHANGE` and by more than chance, greatest first."""
    is_clear = (traits["lift_low"] > 1) | (traits["lift_high"] < 1)
    is_clear &= (traits["lift"] - 1).abs() >= MIN_CHANGE
    clear = traits[is_clear].copy()
    clear["change"] = (clear["lift"] - 1).abs()
    return clear.sort_values(["change", "trait"], ascending=[False, True])


def change_text(lift: float) -> str:
    """Lift in words: "31 % under the corpus", "2.4 times the corpus"."""
    doubled = 2
    if lift >= doubled:
        return f"{lift:.1f} times the corpus"
    return f"{abs(lift - 1):.0%} {'over' if lift > 1 else 'under'} the corpus"
