"""The tables that exports must agree with.

Belongs here: which tables of a run, and which rows of them, the exports should hold. Does not
belong here: the comparison (`exports`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ri_assets.records.exports import SCHEMA_VERSION
from ri_assets.records.manifest import Waiver
from ri_assets.store.candidate import Candidates
from ri_assets.store.snapshot import snapshot_id
from ri_assets.store.tables import Tables

Row = dict[str, Any]


class Parquet:
    """The tables that exports must agree with, personas largest first.

    Parameters
    ----------
    enriched, index
        Tables of `personas_enriched` and of `ri_index_app`.
    head
        What each export must say about itself.
    raw_tweets, kept_tweets
        Rows of those assets.
    posts
        Tweets left by the denoise rules, with their authors.
    min_authors
        A pair of personas that fewer authors share is left out.
    """

    def __init__(
        self,
        enriched: Tables,
        index: Tables,
        head: Row,
        raw_tweets: int,
        kept_tweets: int,
        posts: pd.DataFrame,
        min_authors: int,
    ) -> None:
        order, ascending = ["tweet_count", "persona_id"], [False, True]
        everyone = enriched.frame().sort_values(order, ascending=ascending)
        is_hidden = everyone["hidden_note"].notna()
        self.personas = everyone[~is_hidden]
        self.listed = index.frame().sort_values(order, ascending=ascending)
        self.tweets = index.frame("tweet_personas")
        hidden = everyone.loc[is_hidden, "persona_id"]
        self.shown_tweets = self.tweets[~self.tweets["persona_id"].isin(hidden)]
        self.head = head | {
            "hidden_personas": len(hidden),
            "hidden_tweets": len(self.tweets) - len(self.shown_tweets),
        }
        self.posts, self.min_authors = posts, min_authors
        self.raw_tweets, self.kept_tweets = raw_tweets, kept_tweets
        self._enriched = enriched

    def part(self, name: str) -> pd.DataFrame:
        """Give the rows of a table beside the personas, in the order of the personas."""
        place = {persona: n for n, persona in enumerate(self.personas["persona_id"])}
        frame = self._enriched.frame(name)
        order = frame["persona_id"].map(place).dropna().sort_values(kind="stable").index
        return frame.loc[order]


def parquet_of(
    candidates: Candidates, run_id: str, min_authors: int, waivers: Sequence[Waiver] = ()
) -> Parquet:
    """Read the tables of a run that its exports must match, and what they must say about it."""
    last = candidates.receipt("ri_index_app", run_id)
    return Parquet(
        candidates.read("personas_enriched", run_id),
        candidates.read("ri_index_app", run_id),
        {
            "schema_version": SCHEMA_VERSION,
            "snapshot": snapshot_id(last),
            "is_draft": False,
            "waivers": [vars(waiver) for waiver in waivers],
            "profile": last.profile,
            "corpus": last.corpus,
        },
        candidates.receipt("raw_tweets", run_id).files["raw_tweets"].rows,
        candidates.receipt("denoised_tweets", run_id).files["denoised_tweets"].rows,
        candidates.read("denoised_tweets", run_id).frame(),
        min_authors,
    )
