"""What follows from the declaration of a record."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from ri_assets.errors import StoreError
from ri_assets.records import answers, exports, manifest, personas, posts, quality, snapshots
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.json_schema import object_schema
from ri_assets.records.record import (
    TIMESTAMP,
    Column,
    Record,
    SameAs,
    TweetId,
    column,
    columns_of,
    count,
    share,
    stored_only,
    vector,
)
from ri_assets.records.table import Table

MODULES = (answers, exports, manifest, personas, posts, quality, snapshots)
RECORDS = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
    }
    | {table.record for contract in CONTRACTS.values() for table in contract.tables},
    key=lambda kind: kind.__name__,
)


class Part(Record):
    """One part of a thing."""

    name: Annotated[str, column("Its name.", is_own=True)]
    share: Annotated[float, share("Part of the thing")]


class Thing(Record):
    """One thing."""

    owner: ClassVar[Column] = stored_only(pa.string(), "Who owns it.")
    tweet_id: Annotated[TweetId, column("Id of the tweet.", ge=0)]
    size: Annotated[int | None, count("How large it is.", ge=1)]
    kind: Annotated[Literal["big", "small"] | None, column("What it is.", older=None)]
    alias: Annotated[str, column("Another name.", older=SameAs("owner"))]
    words: Annotated[tuple[str, ...], column("What it says.", older=())]
    parts: Annotated[tuple[Part, ...], column("What it consists of.", older=())]
    made_at: Annotated[datetime | None, column("When it was made.")]
    place: ClassVar[Column] = vector(2, "Where it is.")


class Glimpse(Record, fields_of=Thing):
    """A thing from afar."""

    size: int | None
    colour: Annotated[str, column("Its colour.")]


THINGS = Table("things", "one thing", Thing, ("tweet_id",))


def test_types_order_and_nulls_of_the_stored_table_follow_from_the_fields() -> None:
    part = pa.struct([pa.field("name", pa.string(), False), pa.field("share", pa.float64(), False)])
    assert THINGS.schema == pa.schema(
        [
            pa.field("owner", pa.string(), nullable=False),
            pa.field("tweet_id", pa.int64(), nullable=False),
            pa.field("size", pa.int64(), nullable=True),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("alias", pa.string(), nullable=False),
            pa.field("words", pa.list_(pa.string()), nullable=False),
            pa.field("parts", pa.list_(part), nullable=False),
            pa.field("made_at", TIMESTAMP, nullable=True),
            pa.field("place", pa.list_(pa.float32(), 2), nullable=False),
        ]
    )
    assert THINGS.schema.field("size").metadata == {b"description": b"How large it is."}


def test_bounds_and_allowed_values_are_columns_too() -> None:
    known = {c.name: c for c in THINGS.columns}
    assert (known["size"].minimum, known["size"].unit) == (1, "count")
    assert known["kind"].allowed == ("big", "small")
    assert [name for name, c in known.items() if c.is_free_text] == ["owner", "alias", "words"]


def test_a_column_that_an_older_table_lacks_reads_as_declared() -> None:
    stored = pa.table({"owner": ["Ana"], "tweet_id": [1], "place": [[0.0, 1.0]]})
    names = [name for name in THINGS.names if name != "place"]
    [row] = THINGS.read(stored, names, "a test").to_pylist()
    assert row == {
        "owner": "Ana",
        "tweet_id": 1,
        "size": None,
        "kind": None,
        "alias": "Ana",
        "words": [],
        "parts": [],
        "made_at": None,
    }
    assert Thing.from_row(row).parts == ()
    with pytest.raises(StoreError, match="lack place"):
        THINGS.read(stored.drop_columns("place"), THINGS.names, "a test")


ROWS = st.fixed_dictionaries(
    {
        "owner": st.text(),
        "tweet_id": st.integers(0, 2**63 - 1),
        "size": st.none() | st.integers(1, 9),
        "kind": st.sampled_from(["big", "small"]),
        "alias": st.text(),
        "words": st.lists(st.text(), max_size=3),
        "parts": st.lists(
            st.fixed_dictionaries({"name": st.text(), "share": st.floats(0, 1)}), max_size=3
        ),
        "made_at": st.none(),
        "place": st.just([0.0, 1.0]),
    }
)


@given(ROWS)
def test_a_stored_row_becomes_a_record_and_valid_json(row: dict[str, Any]) -> None:
    [stored] = pa.Table.from_pylist([row], schema=THINGS.schema).to_pylist()
    thing = Thing.from_row(stored)
    hash(thing)
    inside = {name: value for name, value in row.items() if name in Thing.model_fields}
    assert thing.to_dict() == inside
    assert Thing.model_validate(inside) == thing
    answer = thing.to_answer()
    assert answer == {**inside, "tweet_id": str(row["tweet_id"])}
    schema = Thing.model_json_schema(mode="serialization")
    assert list(Draft202012Validator(schema).iter_errors(answer)) == []
    columns = [c for c in columns_of(Thing) if c.name in inside and c.name != "made_at"]
    del answer["made_at"]
    assert list(Draft202012Validator(object_schema(columns)).iter_errors(answer)) == []


@pytest.mark.parametrize(
    ("share", "problem"),
    [
        (-0.1, "values are not within 0 and 1"),
        (1.1, "values are not within 0 and 1"),
        (float("nan"), "1 values are missing"),
    ],
)
def test_a_part_out_of_bounds_is_found_without_its_value(share: float, problem: str) -> None:
    row = {
        "owner": "Ana",
        "tweet_id": 1,
        "kind": "big",
        "alias": "",
        "words": [],
        "parts": [{"name": "arm", "share": 0.5}],
        "place": [0.0, 1.0],
    }
    good = pa.Table.from_pylist([row], schema=THINGS.schema)
    assert THINGS.nested_problems(good) == []
    empty = pa.Table.from_pylist([{**row, "parts": []}], schema=THINGS.schema)
    assert THINGS.nested_problems(empty) == []
    wrong = {**row, "parts": [{"name": "arm", "share": share}, {"name": "leg", "share": 0.5}]}
    [found] = THINGS.nested_problems(pa.Table.from_pylist([wrong], schema=THINGS.schema))
    assert found == f"parts.share: {problem}"


def test_a_record_is_frozen_and_knows_its_bounds() -> None:
    part = Part(name="arm", share=0.5)
    with pytest.raises(ValidationError, match="frozen"):
        part.share = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Part(name="arm", share=2.0)
    with pytest.raises(ValidationError, match="Extra inputs"):
        Part(name="arm", share=0.5, colour="red")  # type: ignore[call-arg]


def test_fields_of_another_record_keep_their_declaration() -> None:
    size, colour = columns_of(Glimpse)
    [own] = [c for c in columns_of(Thing) if c.name == "size"]
    assert size == own
    assert colour.description == "Its colour."
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Glimpse(size=0, colour="red")


def test_a_frame_keeps_whole_numbers_and_an_empty_one_its_columns() -> None:
    frame = Glimpse(size=None, colour="red").to_frame()
    assert list(frame.columns) == ["size", "colour"]
    assert isinstance(frame, pd.DataFrame)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: str(kind.__name__))
def test_every_field_of_every_record_is_described(kind: type[Record]) -> None:
    assert kind.__doc__
    for one in columns_of(kind):
        assert one.description.endswith("."), one.name
        assert one.older is not None or not one.nullable, one.name
    schema = kind.model_json_schema(mode="serialization")
    assert json.dumps(schema)
    assert schema["additionalProperties"] is False
    assert sorted(schema.get("required", ())) == sorted(kind.model_fields)
