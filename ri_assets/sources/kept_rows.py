"""Checked rows in the form in which a store keeps them for the next read.

One table holds them all. Each row has the number of its bucket, so that the buckets that did not
change can be taken out of it together.

Belongs here: the form, and what must not be kept. Does not belong here: how buckets are
compared (`mysql_buckets`), and the file (`ri_assets.store.source_copy`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.sources.forgotten import concerns, names_someone
from ri_assets.sources.rows import CheckedRows, nullable_frame
from ri_assets.store.forgotten import Forgotten

SCHEMA = pa.schema(
    [
        ("origin", pa.int64()),  # what the rows of one table were read with
        ("size", pa.int64()),  # of the table's buckets, in keys
        ("bucket", pa.int64()),  # with origin, size and content, so it names the rows
        ("is_reply", pa.bool_()),
        ("remark", pa.string()),  # in rows without a post: one of `CheckedRows.remarks`
        *((field.name, field.type) for field in REPLIES.schema),
    ]
)


def kept_form(
    checked: Sequence[tuple[int, CheckedRows, CheckedRows]], origin: int, size: int
) -> pa.Table:
    """Give checked rows in the form of `SCHEMA`.

    Parameters
    ----------
    checked
        Number, tweets and replies of each bucket.
    """
    parts = [SCHEMA.empty_table()]
    for is_reply in (False, True):
        rows = [(number, two[is_reply]) for number, *two in checked]
        counts = [len(found.posts) for _, found in rows]
        posts = [found.posts for _, found in rows if len(found.posts)]
        said = [(number, remark) for number, found in rows for remark in found.remarks]
        remarks = pa.table({"remark": [json.dumps(one, ensure_ascii=False) for _, one in said]})
        of_posts = np.repeat(np.array([number for number, _ in rows], np.int64), counts)
        of_remarks = [number for number, _ in said]
        tags = {"origin": origin, "size": size, "is_reply": is_reply}
        if posts:
            parts.append(_whole(pa.concat_tables(posts), of_posts, tags))
        if said:
            parts.append(_whole(remarks, of_remarks, tags))
    return pa.concat_tables(parts)


def _whole(columns: pa.Table, numbers: Any, tags: dict[str, Any]) -> pa.Table:
    """Add the numbers of the buckets, the tags, and the columns that are missing."""
    n_rows = len(columns)
    known = dict(zip(columns.column_names, columns.columns, strict=True))
    known |= {"bucket": pa.array(numbers, pa.int64())}
    known |= {name: pa.repeat(value, n_rows) for name, value in tags.items()}
    return pa.Table.from_arrays(
        [known.get(one.name, pa.nulls(n_rows, one.type)) for one in SCHEMA], schema=SCHEMA
    )


def checked_rows(kept: pa.Table) -> tuple[CheckedRows, CheckedRows]:
    """Give the tweets and the replies among kept rows."""
    is_reply = kept["is_reply"]
    return (
        _rows_of(kept.filter(pc.invert(is_reply)), TWEETS.names),
        _rows_of(kept.filter(is_reply), REPLIES.names),
    )


def _rows_of(kept: pa.Table, columns: Sequence[str]) -> CheckedRows:
    remarks = kept["remark"].drop_null().to_pylist()
    return CheckedRows(_posts(kept).select(columns), [json.loads(remark) for remark in remarks])


def _posts(kept: pa.Table) -> pa.Table:
    return kept.filter(pc.is_valid(kept["tweet_id"]))


def numbers_of(kept: pa.Table) -> set[int]:
    """Numbers of the buckets of kept rows."""
    return set(pc.unique(kept["bucket"]).to_pylist())


def of_buckets(kept: pa.Table, buckets: Iterable[int]) -> pa.Table:
    """Take the rows of some buckets."""
    wanted = pa.array(sorted(set(buckets)), pa.int64())
    return kept.filter(pc.is_in(kept["bucket"], value_set=wanted))


def without_people(kept: pa.Table, listed: Forgotten) -> pa.Table:
    """Leave out each bucket that holds a post of somebody on the list, or names them.

    These buckets are fetched again in every read.
    """
    posts = _posts(kept)
    theirs = posts["bucket"].to_numpy()[concerns(nullable_frame(posts), listed).to_numpy()]
    remarks = kept.filter(pc.is_valid(kept["remark"])).select(["bucket", "remark"]).to_pylist()
    naming = [
        row["bucket"]
        for row in remarks
        if any(names_someone(text, listed) for text in _texts(json.loads(row["remark"])))
    ]
    return of_buckets(kept, numbers_of(kept) - {*theirs, *naming})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
