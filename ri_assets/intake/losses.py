"""How much of a source was lost in reading it.

Belongs here: the figure of the check `intake`. Does not belong here: why a value cannot be
read (`ri_assets.sources.values`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ri_assets.pipeline.text import body

MOSTLY = 0.5
# A column that hardly any row fills says nothing about the corpus, and costs it nothing.
_NOTABLE = 0.01
"""An optional column of which more than this share is unreadable is as good as lost."""
_SAME_START_CHARS = 20


@dataclass(frozen=True)
class Losses:
    """What could not be read.

    Parameters
    ----------
    n_read
        Rows of the source.
    reasons
        Rows that are lost, by reason, in alphabetical order.
    columns
        Optional columns that are mostly unreadable, with the share of their filled values
        that became missing.
    """

    n_read: int
    reasons: Mapping[str, int]
    columns: Mapping[str, float]

    @property
    def n_lost(self) -> int:
        """Rows that are lost."""
        return sum(self.reasons.values())

    @property
    def value(self) -> float:
        """Share of rows lost or, if larger, of the worst column that is mostly unreadable."""
        return max([self.n_lost / max(self.n_read, 1), *self.columns.values()])

    @property
    def because(self) -> str:
        """What was lost, for a message; no value of a row."""
        parts = []
        if self.n_lost:
            listed = ", ".join(f"{reason} {n:,}" for reason, n in self.reasons.items())
            parts.append(f"{self.n_lost:,} of {self.n_read:,} rows cannot be read: {listed}")
        parts += [f"{share:.0%} of {name} cannot be read" for name, share in self.columns.items()]
        return "; ".join(parts)


def losses(
    n_read: int, rejected: pd.DataFrame, posts: pd.DataFrame, reading: pd.DataFrame | None
) -> Losses:
    """Count what a read of tweets or replies lost.

    Parameters
    ----------
    n_read
        Rows of the source.
    rejected
        Frame of the contract `REJECTED`.
    posts
        The posts that were read.
    reading
        Frame of the contract `READING`, if there is one.

    Notes
    -----
    A row whose id and text are there already is a copy, and nothing is lost with it. With
    another text it is lost: spreadsheets round ids until many tweets have the same.
    """
    reasons = rejected["reason"].where(~_are_copies(rejected, posts)).dropna()
    counts = {str(reason): int(n) for reason, n in reasons.value_counts().sort_index().items()}
    return Losses(n_read, counts, {} if reading is None else _lost_columns(reading, n_read))


def _lost_columns(reading: pd.DataFrame, n_read: int) -> dict[str, float]:
    counted = reading[reading["n_unreadable"] > _NOTABLE * n_read]
    shares = counted["n_unreadable"].astype(float) / counted["n_filled"].astype(float)
    named = zip(counted["ours"], shares, strict=True)
    return {str(name): float(share) for name, share in named if share > MOSTLY}


def _are_copies(rejected: pd.DataFrame, posts: pd.DataFrame) -> pd.Series[bool]:
    """Tell rejected rows with the id and the text of a post that was read."""
    repeated = rejected["reason"] == "duplicate_id"
    here = posts[posts["tweet_id"].astype(str).isin(set(rejected.loc[repeated, "tweet_id"]))]
    texts = {str(i): text for i, text in zip(here["tweet_id"], here["text"], strict=True)}
    return repeated & pd.Series(
        [
            _is_same(texts.get(str(tweet_id)), _text_in(raw))
            for tweet_id, raw in zip(rejected["tweet_id"], rejected["raw"], strict=True)
        ],
        index=rejected.index,
        dtype=bool,
    )


def _text_in(raw: str) -> str | None:
    """Text of a row that was set aside, which stands there as JSON; None if it is cut off."""
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found.get("text") if isinstance(found, dict) else None


def _is_same(text: str | None, other: str | None) -> bool:
    """Whether two texts begin alike: ends are cut off differently from one tool to another.

    A text that is not known passes for the same.
    """
    if text is None or other is None:
        return True
    first, second = (body(said)[:_SAME_START_CHARS].lower() for said in (text, other))
    return first == second
