"""Tweets of a persona, personas of tweets, and the samples that may be shown.

Belongs here: point lookups, and reading the text of the few tweets that were asked
for. Raw text never leaves this module: what it gives was cleaned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ri_assets.errors import NotFoundError
from ri_assets.records.answers import PersonaTweet, TweetPersona
from ri_assets.records.personas import Persona, Sample
from ri_assets.ri_index import arguments
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents

if TYPE_CHECKING:
    import pyarrow as pa

_READ = ("tweet_id", "author_id", "author_handle", "text")
_SAMPLE = ("persona_id", *Sample.model_fields)
WITHHELD = "texts are withheld: too few distinct authors wrote them"
MAY_BE_PRIVATE = "{} of {} texts are withheld: they may hold something private"


def tweet_persona(contents: Contents, given: object) -> TweetPersona:
    """Find the persona of a tweet.

    Raises
    ------
    NotFoundError
        The tweet has none; the message says what became of it, where the run knew it.
    QueryError
        It is no tweet id.
    """
    tweet_id = arguments.tweet_number(given)
    row = contents.lookup.row(tweet_id)
    if row is None:
        raise NotFoundError(
            f"tweet {tweet_id} has no persona: {_fate(contents, tweet_id)}",
            f"one of the {len(contents.lookup.tweet_id):,} tweets of snapshot "
            f"{contents.snapshot.manifest.snapshot}",
            "check the id, or open a snapshot whose run read the tweet",
        )
    return _found(contents, tweet_id, row)


def tweet_personas(contents: Contents, given: Iterable[object]) -> Rows[TweetPersona]:
    """Find the personas of many tweets, in the order given; one without has None."""
    if isinstance(given, str | int) or not isinstance(given, Iterable):
        given = [given]
    ids = [arguments.tweet_number(one) for one in given]
    rows = contents.lookup.rows(np.array(ids, dtype=np.int64))
    found = [
        _found(contents, tweet_id, row) if row >= 0 else _without(tweet_id)
        for tweet_id, row in zip(ids, rows.tolist(), strict=True)
    ]
    return Rows.of(TweetPersona, found)


def persona_tweets(
    contents: Contents, persona: Persona, limit: int | None, *, with_text: bool, offset: int = 0
) -> Rows[PersonaTweet]:
    """List a persona's tweets from a place on, nearest to its centroid first, then by id."""
    lookup = contents.lookup
    rows = lookup.members(persona.persona_id, limit, offset)
    ids = lookup.tweet_id[rows].tolist()
    texts, note = _texts(contents, persona, ids) if with_text else ([None] * len(ids), "")
    found = [
        PersonaTweet(tweet_id=tweet_id, was_noise=noise, distance=distance, text=text)
        for tweet_id, noise, distance, text in zip(
            ids,
            lookup.was_noise[rows].tolist(),
            lookup.distance[rows].tolist(),
            texts,
            strict=True,
        )
    ]
    return Rows.of(PersonaTweet, found, persona.tweet_count, note)


def samples(contents: Contents, persona: Persona, n: int) -> Rows[Sample]:
    """List the tweets that are shown as a persona's evidence, most typical first."""
    rows = [
        Sample.from_row(row)
        for row in contents.part("personas_enriched", "samples", _SAMPLE)
        if row["persona_id"] == persona.persona_id
    ]
    note = WITHHELD if persona.is_evidence_withheld else ""
    return Rows.of(Sample, sorted(rows, key=lambda s: s.rank)[:n], len(rows), note)


def _found(contents: Contents, tweet_id: int, row: int) -> TweetPersona:
    lookup = contents.lookup
    persona = contents.by_id[lookup.personas[lookup.persona[row]]]
    return TweetPersona(
        tweet_id=tweet_id,
        persona_id=persona.persona_id,
        name=persona.name,
        was_noise=bool(lookup.was_noise[row]),
        distance=float(lookup.distance[row]),
    )


def _without(tweet_id: int) -> TweetPersona:
    return TweetPersona(
        tweet_id=tweet_id, persona_id=None, name=None, was_noise=None, distance=None
    )


def _fate(contents: Contents, tweet_id: int) -> str:
    dropped = contents.rows("denoised_tweets", "dropped", [tweet_id], ("tweet_id", "rule"))
    if dropped.num_rows:
        return f"it was dropped by the rule {dropped['rule'][0].as_py()}"
    return "the run did not read it"


def _texts(
    contents: Contents, persona: Persona, tweet_ids: Sequence[int]
) -> tuple[list[str | None], str]:
    """Read and clean texts; a note says why any are missing."""
    found = contents.rows("denoised_tweets", None, tweet_ids, _READ)
    least = min(contents.profile.enrich.min_authors, len(tweet_ids))
    if persona.is_evidence_withheld or _author_count(found, persona.is_author_known) < least:
        return [None] * len(tweet_ids), WITHHELD
    raw = dict(zip(found["tweet_id"].to_pylist(), found["text"].to_pylist(), strict=True))
    texts = [contents.guard.shown(raw[tweet_id]) for tweet_id in tweet_ids]
    n_withheld = texts.count(None)
    return texts, MAY_BE_PRIVATE.format(n_withheld, len(texts)) if n_withheld else ""


def _author_count(tweets: pa.Table, is_known: bool) -> int:
    """Distinct authors, counted as `ri_assets.personas.privacy.author_ids` does."""
    if not is_known:
        return int(tweets.num_rows)
    pairs = zip(tweets["author_id"].to_pylist(), tweets["author_handle"].to_pylist(), strict=True)
    return len({i if i is not None else h.lower() if h is not None else None for i, h in pairs})
