"""Assigning new tweets: texts or whole tweets in, personas out.

Belongs here: reading what people give into the columns of the contract `raw_tweets`; the same
normal form, embedding and features as in the run, batch by batch; and the words for the result.
Does not belong here: how a persona is chosen (`ri_assets.pipeline.assigner`), or files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ri_assets.errors import QueryError, StoreError
from ri_assets.records.answers import Assignment
from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import Table
from ri_assets.ri_index.questions import noted
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.similarity import encoder_of
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.sources.rows import frame_of, nullable_frame
from ri_assets.sources.values import ValueProblem, reader_of
from ri_assets.store.raw_posts import RawPostsGoneError
from ri_assets.store.snapshot import file_name

if TYPE_CHECKING:
    from ri_assets.pipeline.assigner import Assigned, Assigner

TweetsGiven = str | Iterable[str | Mapping[str, Any]] | pd.DataFrame
"""A text, texts, records with the columns of a source's tweets, or a frame of them."""

_BATCH = 512
_NO_WORDS = "no words besides handles and links"


_EXPECTED = (
    "texts, or tweets with a column text and any of the source contract's (created_at, "
    "author_id, …), as records or as a frame"
)


def assign(
    contents: Contents, tweets: TweetsGiven, replies: TweetsGiven | None = None
) -> Rows[Assignment]:
    """Assign new tweets to personas, if one fits.

    Answers come in the order given; nothing is kept. The model is loaded, offline. If nothing
    fits, the persona is None, and `reason` says why.

    Parameters
    ----------
    tweets
        Texts, or whole tweets: records or a frame with `text` and any other columns of a
        source's tweets. Missing columns count as ordinary, and `note` names them.
    replies
        Replies to these tweets, with the columns of a source's replies.

    Raises
    ------
    QueryError
        What was given is not a text or a tweet.
    StoreError
        An earlier version published the snapshot, without what assigning needs.
    ModelError
        The model of the snapshot's profile is not on this machine, or has other files.
    """
    frame, ids = read_tweets(tweets)
    answers = read_replies(replies, ids)
    assigner = _assigner(contents)
    found: list[Assignment] = []
    for start in range(0, len(frame), _BATCH):
        batch = frame.iloc[start : start + _BATCH].reset_index(drop=True)
        found += _batch(contents, assigner, batch, answers, ids[start : start + _BATCH])
    return noted(contents, Rows.of(Assignment, found, note=_note(contents, frame)))


def _batch(
    contents: Contents,
    assigner: Assigner,
    tweets: pd.DataFrame,
    replies: pd.DataFrame,
    ids: list[int | None],
) -> list[Assignment]:
    from ri_assets.pipeline.assigner import TEXT, TWEET
    from ri_assets.pipeline.new_tweets import embed_new_tweets, new_tweet_features
    from ri_assets.pipeline.text import body

    said = [body(text) for text in tweets["text"]]
    is_timed = tweets["created_at"].notna().to_numpy()
    bases = [TWEET if timed else TEXT for timed in is_timed.tolist()]
    rows = tweets["tweet_id"].tolist()
    found = {
        place: _nothing(rows[place], ids[place], bases[place])
        for place, text in enumerate(said)
        if not text
    }
    spoken = [place for place, text in enumerate(said) if text]
    if spoken:
        batch = tweets.iloc[spoken].reset_index(drop=True)
        encode = encoder_of(contents).encode
        masked = _masked(contents)
        text, whole = embed_new_tweets(
            batch["text"], encode, contents.profile.fuse, masked or frozenset()
        )
        if masked is None:  # such snapshots keep of familiar tweets what they fused
            whole = text
        behavior = new_tweet_features(batch, replies, _corpus(contents), contents.profile.behavior)
        assigned = assigner.assign(text, behavior, is_timed[spoken], whole)
        for at, place in enumerate(spoken):
            found[place] = _found(
                contents, assigner, assigned, at, (rows[place], ids[place], bases[place])
            )
    return [found[place] for place in range(len(said))]


def _found(
    contents: Contents,
    assigner: Assigner,
    assigned: Assigned,
    at: int,
    of: tuple[int, int | None, str],
) -> Assignment:
    row, tweet_id, basis = of
    nearest = assigner.personas[assigned.nearest[at]]
    second = assigner.personas[assigned.runner_up[at]]
    name, other = (contents.everyone_by_id[persona].name for persona in (nearest, second))
    familiarity, fits = float(assigned.familiarity[at]), bool(assigned.fits[at])
    if fits:
        reason = f"it lies nearest to the centre of {name}, then of {other}"
    elif not assigned.is_familiar[at]:
        reason = f"unlike the corpus: {1 - familiarity:.1%} of its own tweets lie nearer to it"
    else:
        reason = (
            f"undecided between {name} and {other}: no surer than naming the largest "
            f"persona blindly ({assigner.blind:.0%})"
        )
    return Assignment(
        row=row,
        tweet_id=tweet_id,
        persona_id=nearest if fits else None,
        name=name if fits else None,
        confidence=float(assigned.confidence[at]),
        familiarity=familiarity,
        nearest_id=nearest,
        runner_up_id=second,
        basis=basis,
        reason=reason,
    )


def _nothing(row: int, tweet_id: int | None, basis: str) -> Assignment:
    return Assignment(
        row=row,
        tweet_id=tweet_id,
        persona_id=None,
        name=None,
        confidence=0.0,
        familiarity=0.0,
        nearest_id=None,
        runner_up_id=None,
        basis=basis,
        reason=_NO_WORDS,
    )


def _note(contents: Contents, tweets: pd.DataFrame) -> str:
    """Say what of whole tweets was not given, or cannot be compared: it counts as ordinary."""
    if not tweets["created_at"].notna().any():
        return ""
    from ri_assets.pipeline.features import FEATURES

    needed = dict.fromkeys(n for f in FEATURES for n in f.needs if n in tweets.columns)
    lacking = [name for name in needed if not tweets[name].notna().any()]
    said = [f"not given, so taken as ordinary: {', '.join(lacking)}"] if lacking else []
    if tweets["author_id"].notna().any() and "author_id" not in _corpus(contents):
        said.append(
            "how much each author wrote before is unknown, so taken as ordinary: the raw posts "
            f"of snapshot {contents.snapshot.manifest.snapshot} were removed"
        )
    return "; ".join(said)


@lru_cache(maxsize=2)
def _assigner(contents: Contents) -> Assigner:
    """Read a snapshot's tables for assigning once."""
    from ri_assets.ri_index.assign_tables import TABLES, assigner_of

    known = contents.snapshot.manifest.files
    if any(file_name("ri_index_app", name) not in known for name in TABLES):
        raise StoreError(
            f"snapshot {contents.snapshot.manifest.snapshot} cannot assign: it was published "
            "by an earlier version",
            f"a snapshot with {', '.join(TABLES)}",
            "rerun the pipeline, or open a newer snapshot",
        )
    tables = {name: contents.snapshot.verified("ri_index_app", name) for name in TABLES}
    settings = contents.profile
    return assigner_of(tables, settings.fuse, settings.reduce.n_neighbors)


@lru_cache(maxsize=2)
def _masked(contents: Contents) -> frozenset[str] | None:
    """Read the names that the run masked; None if an earlier version published."""
    if file_name("embeddings", "masked_names") not in contents.snapshot.manifest.files:
        return None
    table = contents.snapshot.table("embeddings", "masked_names", ["name"])
    return frozenset(table["name"].to_pylist())


@lru_cache(maxsize=2)
def _corpus(contents: Contents) -> pd.DataFrame:
    """Read when and by whom the run's tweets were written; without raw posts, only when."""
    try:
        table = contents.snapshot.table("denoised_tweets", columns=["author_id", "created_at"])
    except RawPostsGoneError:
        return contents.posts.frame[["created_at"]]
    return nullable_frame(table)


def read_tweets(given: object) -> tuple[pd.DataFrame, list[int | None]]:
    """Read what was given; `tweet_id` of the frame is the row, the ids given come beside it.

    Raises
    ------
    QueryError
        It is nothing of the kind, or a value cannot be read; the row is named.
    """
    rows = _rows(given)
    readers = {column.name: reader_of(column) for column in TWEETS.columns}
    read = [_read(row, values, readers) for row, values in enumerate(rows)]
    ids = [values["tweet_id"] for values in read]
    for row, values in enumerate(read):
        values["tweet_id"] = row
        values["text"] = values["text"] or ""
    return _frame(read, TWEETS), ids


def read_replies(given: object, ids: list[int | None]) -> pd.DataFrame:
    """Read replies to the tweets; they are told from each other by the ids of the tweets.

    Raises
    ------
    QueryError
        A reply cannot be read, or the tweets' ids are missing or repeat.
    """
    if given is None:
        return _frame([], REPLIES)
    if None in ids or len(set(ids)) < len(ids):
        raise QueryError(
            "replies are given, but tweets lack ids, or two share one",
            "a tweet_id of its own for each tweet",
            "add the ids, or leave out the replies",
        )
    readers = {column.name: reader_of(column) for column in REPLIES.columns}
    rows = _rows(given)
    place = {tweet_id: row for row, tweet_id in enumerate(ids)}
    read = [_read(row, values, readers) for row, values in enumerate(rows)]
    for row, values in enumerate(read):
        answered = values["in_reply_to_tweet_id"]
        own = values["tweet_id"]
        # Tweets are numbered by row: replies keep their ids, out of the way of those numbers.
        values["in_reply_to_tweet_id"] = place.get(answered, _apart(answered))
        values["tweet_id"] = _apart(row if own is None else own)
        values["text"] = values["text"] or ""
    return _frame(read, REPLIES)


def _apart(number: int | None) -> int | None:
    return None if number is None else -1 - number


def _rows(given: object) -> list[Mapping[str, Any]]:
    if isinstance(given, pd.DataFrame):
        if "text" not in given.columns:
            raise QueryError(
                f"the frame has the columns {', '.join(map(str, given.columns))}",
                _EXPECTED,
                "name the column with the texts `text`",
            )
        known = [name for name in REPLIES.names if name in given.columns]
        return [
            dict(zip(known, row, strict=True))
            for row in zip(*(given[name] for name in known), strict=True)
        ]
    if isinstance(given, str | Mapping):
        given = [given]
    if not isinstance(given, Iterable) or isinstance(given, bytes):
        raise QueryError(
            f"a {type(given).__name__} was given", _EXPECTED, "give, for example, a list of texts"
        )
    return [_record(row, one) for row, one in enumerate(given)]


def _record(row: int, one: object) -> Mapping[str, Any]:
    if isinstance(one, str):
        return {"text": one}
    if isinstance(one, Mapping) and "text" in one:
        return one
    found = "a record without text" if isinstance(one, Mapping) else f"a {type(one).__name__}"
    raise QueryError(f"row {row} is {found}", _EXPECTED, "correct the row, or leave it out")


def _read(
    row: int, values: Mapping[str, Any], readers: Mapping[str, Callable[[object], object]]
) -> dict[str, Any]:
    try:
        return {name: read(_plain(values.get(name))) for name, read in readers.items()}
    except ValueProblem as problem:
        raise QueryError(
            f"row {row} cannot be read ({problem.reason})",
            problem.detail,
            "correct the value, or leave the column out",
        ) from None


def _plain(value: object) -> object:
    """Give a value as Python knows it; pandas has several that mean nothing."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is pd.NaT or value is pd.NA else value


def _frame(rows: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    return frame_of(pa.Table.from_pylist(rows, schema=table.schema))
