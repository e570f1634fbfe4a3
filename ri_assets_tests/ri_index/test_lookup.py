from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.records.assets import RI_INDEX_APP
from ri_assets.ri_index.app_tables import Lookup, lookup_bytes

SCHEMA = RI_INDEX_APP.parts[0].schema

tweets = st.lists(
    st.tuples(
        st.integers(0, 2**63 - 1),
        st.sampled_from(["P01", "P02", "P10", "P11"]),
        st.booleans(),
        st.floats(0, 10, width=16),
    ),
    min_size=1,
    unique_by=lambda row: row[0],
)


def table(rows: list[tuple[int, str, bool, float]]) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    return pa.table(
        [pa.array(c, type=f.type) for c, f in zip(columns, SCHEMA, strict=True)], SCHEMA
    )


@given(rows=tweets, other=st.integers(0, 2**63 - 1))
def test_every_tweet_and_every_persona_is_found(
    rows: list[tuple[int, str, bool, float]], other: int
) -> None:
    lookup = Lookup.of(lookup_bytes(table(rows)))
    frame = pd.DataFrame(rows, columns=["tweet_id", "persona_id", "was_noise", "distance"])
    for tweet_id, persona, was_noise, distance in rows:
        row = lookup.row(tweet_id)
        assert row is not None
        assert lookup.personas[lookup.persona[row]] == persona
        assert (lookup.was_noise[row], lookup.distance[row]) == (was_noise, distance)
    assert (lookup.row(other) is None) == (other not in set(frame["tweet_id"]))
    found = lookup.rows(np.array([*frame["tweet_id"], other], dtype=np.int64))
    assert lookup.tweet_id[found[:-1]].tolist() == frame["tweet_id"].tolist()
    assert (found[-1] == -1) == (lookup.row(other) is None)
    for name in frame["persona_id"].unique():
        members = frame[frame["persona_id"] == name]
        expected = members.sort_values(["distance", "tweet_id"])["tweet_id"].tolist()
        assert lookup.tweet_id[lookup.members(name)].tolist() == expected
        assert lookup.tweet_id[lookup.members(name, 2)].tolist() == expected[:2]


@given(rows=tweets, seed=st.integers(0, 9))
def test_the_order_of_the_rows_changes_no_byte(
    rows: list[tuple[int, str, bool, float]], seed: int
) -> None:
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    assert lookup_bytes(table(rows)) == lookup_bytes(table(shuffled))


def test_columns_lie_in_the_file_and_cannot_be_written() -> None:
    lookup = Lookup.of(lookup_bytes(table([(3, "P01", False, 0.5), (5, "P02", True, 0.25)])))
    for column in (lookup.tweet_id, lookup.persona, lookup.distance, lookup.by_persona):
        assert not column.flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 0
