"""The record that `assign` gives: a file of its own, as `records.py` is long enough."""

from __future__ import annotations

from dataclasses import dataclass

from ri_assets.ri_index.results import Result


@dataclass(frozen=True)
class Assignment(Result):
    """The persona of a tweet that the run never saw.

    Parameters
    ----------
    row
        Place among the tweets given, from 0.
    tweet_id
        As given; None for a text.
    persona_id, name
        The persona; None where nothing fits, and then `reason` says why.
    confidence
        Probability that the persona is the one that the run would have given, 0 to 1;
        lowered towards 0 where the text is unlike the corpus.
    familiarity
        Share of the corpus's own tweets that are no more like it than this text, 0 to 1.
    nearest_id, runner_up_id
        The two personas that come nearest, fitting or not; None for a text without words.
    basis
        `tweet` where its time was given, `text` where the text was all there was.
    reason
        In words, why this persona or none.
    """

    row: int
    tweet_id: int | None
    persona_id: str | None
    name: str | None
    confidence: float
    familiarity: float
    nearest_id: str | None
    runner_up_id: str | None
    basis: str
    reason: str
