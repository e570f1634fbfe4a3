"""The key insight of a persona; every sentence names the figure that it rests on.

Belongs here: what a deviating trait, term or hour says. A figure that could be chance gives
no sentence. Does not belong here: advice (`advice`), or how the figures are computed.
"""

from __future__ import annotations

from itertools import chain

import pandas as pd

from ri_assets.personas.naming.namers import Name
from ri_assets.personas.privacy.guard import Passes, everything

MIN_CHANGE = 0.10
"""A trait within this share of the corpus is like everyone else's."""


def clear_traits(traits: pd.DataFrame) -> pd.DataFrame:
    """Keep traits that differ by `MIN_CHANGE` and by more than chance, greatest first."""
    is_clear = (traits["lift_low"] > 1) | (traits["lift_high"] < 1)
    is_clear &= (traits["lift"] - 1).abs() >= MIN_CHANGE
    clear = traits[is_clear].copy()
    clear["change"] = (clear["lift"] - 1).abs()
    return clear.sort_values(["change", "trait"], ascending=[False, True])


def change_text(lift: float) -> str:
    """Lift in words: "31% under the corpus", "2.4 times the corpus"."""
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
