"""Posts to write into files, and the files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from ri_assets.records.posts import REPLIES

Post = dict[str, object]

FULL: Post = {
    "tweet_id": 1005577757262025429,
    "author_id": 954447209133,
    "author_handle": "gentle_teak",
    "author_followers": 4,
    "author_following": 9,
    "author_statuses": 74,
    "author_created_at": datetime(2018, 6, 9, 17, 51, 34, tzinfo=UTC),
    "author_verified": False,
    "created_at": datetime(2018, 6, 9, 17, 55, 28, 123456, tzinfo=UTC),
    "text": "Order kahan hai? 🍕🏳️‍🌈 “late”,\nagain &amp; again",
    "lang": "en",
    "reply_count": 1,
    "retweet_count": 0,
    "like_count": 3,
    "quote_count": 0,
    "is_retweet": False,
    "source_app": "Twitter for Android",
    "in_reply_to_handle": "brand",
    "in_reply_to_tweet_id": None,
}


def post(tweet_id: object, **changes: object) -> Post:
    """A full post with another id and the changes given."""
    return {**FULL, "tweet_id": tweet_id, **changes}


def iso(value: object) -> object:
    """Timestamps as text files hold them."""
    return value.isoformat() if isinstance(value, datetime) else value


def write(path: Path, posts: Sequence[Post]) -> Path:
    """Write posts in the format that the suffix names."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(posts), schema=REPLIES.schema), path)
    elif path.suffix == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, REPLIES.names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows([{key: iso(value) for key, value in row.items()} for row in posts])
        path.write_bytes(text.getvalue().encode("utf-8", "surrogateescape"))
    else:
        lines = [json.dumps({key: iso(value) for key, value in row.items()}) for row in posts]
        path.write_text("\n".join(lines), encoding="utf-8")
    return path


def in_another_order(posts: Sequence[Post], seed: int) -> list[Post]:
    """Shuffle posts, the same way for the same seed."""
    return [posts[i] for i in np.random.default_rng(seed).permutation(len(posts))]


_texts = st.text(max_size=30)
_counts = st.none() | st.integers(0, 2**63 - 1)
_times = st.none() | st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)

# Few ids, so that duplicates and threads are common.
valid_posts = st.fixed_dictionaries(
    {
        "tweet_id": st.integers(1, 12),
        "author_id": _counts,
        "author_handle": st.none() | st.sampled_from(["asha", "ravi_7"]),
        "author_followers": _counts,
        "author_created_at": _times,
        "author_verified": st.none() | st.booleans(),
        "created_at": _times,
        "text": _texts.filter(bool),
        "is_retweet": st.none() | st.booleans(),
        "in_reply_to_tweet_id": st.none() | st.integers(1, 12),
    }
)

# Values that a text file can hold and a contract cannot, one fault or more a row.
faulty_posts = st.builds(
    lambda row, faults: {**row, **faults},
    valid_posts,
    st.fixed_dictionaries(
        {},
        optional={
            "tweet_id": st.sampled_from(["", "1.0E+18", "-4", "99999999999999999999", "x"]),
            "text": st.just(""),
            "created_at": st.sampled_from(["2018-06-09 17:55:28", "yesterday", "152"]),
            "author_followers": st.sampled_from(["many", "-2", "1.5"]),
            "is_retweet": st.sampled_from(["maybe", "2"]),
            "in_reply_to_tweet_id": st.sampled_from(["1e5"]),
        },
    ),
)
