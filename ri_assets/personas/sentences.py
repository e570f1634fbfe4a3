"""Sentences about a persona, each with the figure that it rests on.

Belongs here: the key insight, and advice for copy: what a deviating trait, term or hour
suggests. A figure that could be chance gives no sentence. Does not belong here: how the
figures are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import pandas as pd

from ri_assets.personas.naming.namers import Name
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


BACKED_SHARE = 0.40
"""An insight of the catalogue needs this share of members to use the entry's keywords."""

_TOLD = {
    "word_count": "length in words",
    "char_count": "length in characters",
    "punctuation_share": "punctuation",
    "exclamation_share": "exclamation marks",
    "question_share": "questions",
    "uppercase_share": "capitals",
    "emoji_share": "emoji",
    "code_mix_share": "Hindi mixed with English",
    "complaint_share": "words of complaint",
    "mention_count": "mentions",
    "link_share": "links",
    "reply_share": "replies received",
    "like_count": "likes received",
    "retweet_count": "retweets received",
}


def key_insight(
    name: Name,
    share: float,
    terms: pd.DataFrame,
    traits: pd.DataFrame,
    peak_hour: int | None,
    passes: Passes = everything,
) -> str:
    """Sentences about one persona, each with the figure that it rests on.

    Parameters
    ----------
    name
        Name with the figures of its fit.
    share
        Share of all tweets, 0 to 1.
    terms, traits
        Rows of the persona.
    peak_hour
        Local hour of a peak that chance does not explain.
    passes
        Whether a sentence may be shown; one that may not leaves its place to the next best.
    """
    clear = clear_traits(traits)
    sentences = [f"{share:.1%} of all tweets."]
    said = _catalogue_insight(name, clear)
    told = (
        f"Says “{row['term']}” {row['lift']:.1f} times as often as the corpus "
        f"({row['share']:.0%} of its tweets)."
        for row in terms.to_dict("records")
    )
    best = next(filter(passes, chain([said] if said else [], told)), None)
    if best is not None:
        sentences.append(best)
    if len(clear):
        trait = clear.iloc[0]
        sentences.append(f"Stands out by {_TOLD[trait['trait']]}: {change_text(trait['lift'])}.")
    if peak_hour is not None:
        sentences.append(f"Writes more than others around {peak_hour:02d}:00.")
    return " ".join(filter(passes, sentences))


def _catalogue_insight(name: Name, clear: pd.DataFrame) -> str | None:
    """Fill in the entry's insight, if the figures and the traits that it needs bear it out."""
    fit = name.fit
    if fit is None:
        return None
    above = set(clear.loc[clear["lift"] > 1, "trait"])
    if fit.share < BACKED_SHARE or not above.issuperset(fit.audience.needs):
        return None
    return fit.audience.insight.format(share=f"{fit.share:.0%}", lift=f"{fit.lift:.1f} times")
