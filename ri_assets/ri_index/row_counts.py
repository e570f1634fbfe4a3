"""How many rows a run read, and what became of them, from tables without posts."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow.compute as pc

from ri_assets.store.snapshot import Snapshot


class Counts(NamedTuple):
    """Rows of one run."""

    raw_tweets: int
    raw_replies: int
    rejected_tweets: int
    dropped_tweets: int
    kept_tweets: int


def read_counts(snapshot: Snapshot) -> Counts:
    """Count the rows of a snapshot's run.

    Tweets of people who were forgotten since do not count.
    """
    kept = snapshot.count("clusters")
    dropped = snapshot.count("denoised_tweets", "dropped")
    if snapshot.manifest.raw:
        return Counts(
            raw_tweets=kept + dropped,
            raw_replies=_intake(snapshot, "raw_replies", "n_accepted"),
            rejected_tweets=_intake(snapshot, "raw_tweets", "n_rejected"),
            dropped_tweets=dropped,
            kept_tweets=kept,
        )
    # The tables of intake are newer than the first snapshots, in which raw posts always are.
    return Counts(
        raw_tweets=snapshot.count("raw_tweets"),
        raw_replies=snapshot.count("raw_replies"),
        rejected_tweets=snapshot.count("raw_tweets", "rejected"),
        dropped_tweets=dropped,
        kept_tweets=kept,
    )


def _intake(snapshot: Snapshot, asset: str, column: str) -> int:
    return int(pc.sum(snapshot.verified(asset, "intake", [column])[column]).as_py() or 0)
