"""What a snapshot publishes of each tweet with a persona, beside the persona: the file of posts.

Counts of authors, times and replies are asked of every snapshot, also after its raw posts were
removed. So a run writes what they need: authors by number, and neither an id, nor a handle, nor
a text. The file is Arrow IPC; its columns, one row per tweet in the order of the lookup file:

``author``
    int32, equal where, as far as known, one author wrote; -1 where nobody is known.
``author_followers``
    int64, accounts that followed the author; may be missing.
``created_at``
    timestamp in UTC; may be missing.
``reply_count``
    int64, replies that the network counted; may be missing.
``is_answered``
    bool, whether a reply that the run read answers the tweet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from ri_assets.personas.privacy.author_ids import Authors

POSTS = "ri_index_app.posts.arrow"
"""Name of the file of posts in a snapshot."""
NEEDED = (
    "tweet_id", "author_id", "author_handle", "author_followers", "created_at", "reply_count",
)  # fmt: skip
"""Columns of `denoised_tweets` that the file is made from."""
ANSWERED = "in_reply_to_tweet_id"
"""Column of `raw_replies` that the file is made from."""

_META = b"ri.posts"


@dataclass(frozen=True, eq=False)
class Posts:
    """Author, time and replies of every tweet with a persona, in the order of the lookup file.

    Parameters
    ----------
    frame
        Columns author_followers, created_at, reply_count and is_answered.
    authors
        Distinct authors by number.
    has_replies
        Whether the run read any reply; without, `is_answered` says nothing.
    """

    frame: pd.DataFrame
    authors: Authors
    has_replies: bool


def posts_table(denoised: pa.Table, replies: pa.Table, tweet_ids: NDArray[np.int64]) -> pa.Table:
    """Choose what is published of some tweets.

    Parameters
    ----------
    denoised
        At least the columns `NEEDED` of `denoised_tweets`, with a row for each of the tweets.
    replies
        At least the column `ANSWERED` of `raw_replies`.
    tweet_ids
        The tweets, in the order of the answer.
    """
    from ri_assets.personas.privacy.author_ids import read_authors  # it loads pandas

    found = denoised.take(pc.index_in(pa.array(tweet_ids), value_set=denoised["tweet_id"]))
    authors = read_authors(found.select(["author_id", "author_handle"]).to_pandas())
    answered = replies[ANSWERED].drop_null().to_numpy()
    meta = {"is_author_known": authors.is_known, "has_replies": replies.num_rows > 0}
    return pa.table(
        {
            "author": authors.codes.astype(np.int32),
            "author_followers": found["author_followers"],
            "created_at": found["created_at"],
            "reply_count": found["reply_count"],
            "is_answered": np.isin(tweet_ids, answered),
        }
    ).replace_schema_metadata({_META: json.dumps(meta).encode()})


def posts_bytes(posts: pa.Table) -> bytes:
    """Write the file of posts."""
    sink = pa.BufferOutputStream()
    # Compressed: it is read as a whole, so nothing is gained by mapping it into memory.
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, posts.schema, options=options) as writer:
        writer.write_table(posts.combine_chunks())
    return bytes(sink.getvalue())


def posts_stored(content: pa.Buffer | bytes) -> pa.Table:
    """Read the file of posts as a table.

    Raises
    ------
    pyarrow.ArrowException
        The bytes are no such file.
    """
    return pa.ipc.open_file(content).read_all()


def posts_of(table: pa.Table) -> Posts:
    """Give the posts of a table that `posts_table` made.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is no such table.
    """
    from ri_assets.personas.privacy.author_ids import Authors  # it loads pandas

    meta = json.loads(table.schema.metadata[_META])
    codes = table["author"].to_numpy().astype(np.int64)
    return Posts(
        table.drop_columns(["author"]).to_pandas(),
        Authors(codes, bool(meta["is_author_known"])),
        bool(meta["has_replies"]),
    )


def posts_without(content: bytes, keeps: NDArray[np.bool_]) -> bytes:
    """Write the file of posts with some of its rows."""
    return posts_bytes(posts_stored(content).filter(pa.array(keeps)))
