"""Questions about tweets: the persona of a tweet, the tweets of a persona, and samples.

Belongs here: point lookups, and reading the text of the few tweets that were asked for. Raw
text never leaves this module: every text that it gives was cleaned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast

import numpy as np
from pydantic import Field

from ri_assets.errors import NotFoundError
from ri_assets.records.answers import PersonaTweet, TweetPersona
from ri_assets.records.personas import Persona, Sample
from ri_assets.ri_index.arguments import Count, PersonaRef, Top, TweetId, TweetIds, find_persona
from ri_assets.ri_index.questions import question
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.raw_posts import RawPostsGoneError

if TYPE_CHECKING:
    import pyarrow as pa

_READ = ("tweet_id", "author_id", "author_handle", "text")
_SAMPLE = ("persona_id", *Sample.model_fields)
WITHHELD = "texts are withheld: too few distinct authors wrote them"
NO_TEXTS = "no texts: {}"
MAY_BE_PRIVATE = "{} of {} texts are withheld: they may be private"


@question
def get_persona_tweets(
    contents: Contents,
    persona: PersonaRef,
    limit: Annotated[Count | None, Field(ge=1, description="Maximum number to return.")] = 20,
    *,
    with_text: Annotated[
        bool, Field(description="Include texts, cleaned of personal data; takes seconds.")
    ] = False,
    offset: Annotated[Count, Field(ge=0, description="Number to skip.")] = 0,
) -> Rows[PersonaTweet]:
    """List a persona's tweets, nearest to its centroid first.

    All are listed if `limit` is None; `total` of the answer is their number. Texts are
    withheld, with a `note`, if too few distinct authors wrote them.
    """
    own, lookup = find_persona(contents, persona), contents.lookup
    rows = lookup.members(own.persona_id, limit, offset)
    ids = lookup.tweet_id[rows].tolist()
    texts, note = _texts(contents, own, ids) if with_text else ([None] * len(ids), "")
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
    return Rows.of(PersonaTweet, found, lookup.count(own.persona_id), note)


@question
def get_tweet_persona(contents: Contents, tweet_id: TweetId) -> TweetPersona:
    """Get the persona of a tweet.

    Raises
    ------
    NotFoundError
        The tweet has none; the error says whether a denoise rule dropped it.
    """
    number = int(tweet_id)
    row = contents.lookup.row(number)
    if row is None:
        raise NotFoundError(
            f"tweet {number} has no persona: {_fate(contents, number)}",
            f"one of the {len(contents.lookup.tweet_id):,} tweets of snapshot "
            f"{contents.snapshot.manifest.snapshot}",
            "check the id, or open a snapshot whose run read the tweet",
        )
    return _found(contents, number, row)


@question
def get_tweet_personas(contents: Contents, tweet_ids: TweetIds) -> Rows[TweetPersona]:
    """Get the personas of many tweets, in the order given.

    The persona is None for a tweet without one.
    """
    ids = cast("list[int]", tweet_ids)  # as checked
    rows = contents.lookup.rows(np.array(ids, dtype=np.int64))
    found = [
        _found(contents, tweet_id, row) if row >= 0 else _without(tweet_id)
        for tweet_id, row in zip(ids, rows.tolist(), strict=True)
    ]
    return Rows.of(TweetPersona, found)


@question
def get_tweet_samples(contents: Contents, persona: PersonaRef, n: Top = 5) -> Rows[Sample]:
    """List typical tweets of a persona, cleaned, most typical first.

    Fewer than `n` if the snapshot keeps fewer; none, with a `note`, if too few distinct
    authors wrote readable tweets.
    """
    own = find_persona(contents, persona)
    rows = [
        Sample.from_row(row)
        for row in contents.part("personas_enriched", "samples", _SAMPLE)
        if row["persona_id"] == own.persona_id
    ]
    note = WITHHELD if own.is_evidence_withheld else ""
    return Rows.of(Sample, sorted(rows, key=lambda s: s.rank)[:n], len(rows), note)


def _found(contents: Contents, tweet_id: int, row: int) -> TweetPersona:
    lookup = contents.lookup
    persona = contents.everyone_by_id[lookup.personas[lookup.persona[row]]]
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
    try:
        return _cleaned(contents, persona, tweet_ids)
    except RawPostsGoneError as gone:
        return [None] * len(tweet_ids), NO_TEXTS.format(gone.sentence)


def _cleaned(
    contents: Contents, persona: Persona, tweet_ids: Sequence[int]
) -> tuple[list[str | None], str]:
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
