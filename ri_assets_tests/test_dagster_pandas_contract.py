from __future__ import annotations

from typing import Annotated, Any, Literal

import pandas as pd
import pyarrow as pa
import pytest

from ri_assets.records.record import Record, column
from ri_assets.records.table import AssetContract, Table
from ri_assets.resources.dagster_pandas_contract import breaches, dataframe_type, table_schema
from ri_assets.store.tables import Tables

Columns = dict[str, list[Any]]

PRIVATE = "Asha 9876543210"


class Thing(Record):
    """One thing."""

    thing_id: Annotated[int, column("Id.", ge=0)]
    share: Annotated[float, column("Share.", ge=0, le=1)]
    kind: Annotated[Literal["big", "small"], column("Kind.")]
    note: Annotated[str | None, column("Note.")]
    count: Annotated[int | None, column("Count.", ge=0)]


class Pair(Record):
    """One pair."""

    first: Annotated[str, column("First.")]
    second: Annotated[int, column("Second.")]


THINGS = Table("things", "one thing", Thing, ("thing_id",))
PAIRS = Table("pairs", "one pair", Pair, ("first", "second"))
CONTRACT = AssetContract(THINGS, (PAIRS,))
GOOD: Columns = {
    "thing_id": [1, 2, 3],
    "share": [0.0, 0.5, 1.0],
    "kind": ["big", "small", "big"],
    "note": [PRIVATE, None, PRIVATE],
    "count": [None, 0, 3],
}
GOOD_PAIRS: Columns = {"first": ["a", "a", "b"], "second": [1, 2, 1]}
REPEATED: Columns = {"first": ["a", "a", "b"], "second": [1, 1, 1]}
UNORDERED: Columns = {"first": ["a", "a", "b"], "second": [2, 1, 1]}


def tables(changes: Columns | None = None, pairs: Columns = GOOD_PAIRS) -> Tables:
    return Tables(
        "corpus",
        {
            "things": pa.table({**GOOD, **(changes or {})}, schema=THINGS.schema),
            "pairs": pa.table(pairs, schema=PAIRS.schema),
        },
        "things",
    )


def test_what_keeps_the_contract_has_no_breach() -> None:
    assert breaches(CONTRACT, tables()) == []


def test_an_empty_table_keeps_the_contract() -> None:
    empty: Columns = {name: [] for name in GOOD}
    assert breaches(CONTRACT, tables(empty, {"first": [], "second": []})) == []


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"share": [0.1, None, 0.2]}, "share"),
        ({"share": [0.1, float("nan"), 0.2]}, "share"),
        ({"kind": ["big", None, "big"]}, "kind"),
        ({"share": [0.1, -0.1, 0.2]}, "share"),
        ({"share": [0.1, 1.1, 0.2]}, "share"),
        ({"thing_id": [-1, 2, 3]}, "thing_id"),
        ({"count": [None, -1, 3]}, "count"),
        ({"kind": ["big", PRIVATE, "big"]}, "kind"),
        ({"thing_id": [1, 2, 2]}, "thing_id"),
        ({"thing_id": [1, 3, 2]}, "thing_id"),
    ],
)
def test_each_kind_of_breach_is_found_and_shows_no_value(changes: Columns, column: str) -> None:
    [found] = breaches(CONTRACT, tables(changes))
    assert found.startswith("things: ")
    assert column in found
    assert "Asha" not in found
    assert "9876543210" not in found


def test_a_key_of_several_columns_is_unique_and_in_order() -> None:
    [repeated] = breaches(CONTRACT, tables(pairs=REPEATED))
    assert repeated == "pairs: 1 rows repeat the key first, second"
    [unordered] = breaches(CONTRACT, tables(pairs=UNORDERED))
    assert unordered == "pairs: rows are not in order of first, second"


def test_a_table_may_say_that_its_key_repeats() -> None:
    loose = Table("pairs", "one pair", Pair, PAIRS.key, is_key_unique=False)
    assert breaches(AssetContract(THINGS, (loose,)), tables(pairs=REPEATED)) == []


def test_a_missing_table_is_named() -> None:
    whole = tables()
    only = Tables("corpus", {"things": whole.by_name["things"]}, "things")
    assert breaches(CONTRACT, only) == ["pairs: the table is missing"]


@pytest.mark.parametrize(
    "wrong",
    [
        pa.table({**GOOD, "share": ["a", "b", "c"]}),
        pa.table({name: values for name, values in GOOD.items() if name != "note"}),
        pa.table({**GOOD, "extra": [1, 2, 3]}),
        pa.table({name: GOOD[name] for name in reversed(GOOD)}),
    ],
)
def test_another_schema_is_a_breach(wrong: pa.Table) -> None:
    stored = Tables("corpus", {**tables().by_name, "things": wrong}, "things")
    [found] = breaches(CONTRACT, stored)
    assert found.startswith("things: schema")
    assert "Asha" not in found


def test_every_breach_of_every_table_is_told() -> None:
    found = breaches(CONTRACT, tables({"share": [2, 2, 2]}, UNORDERED))
    assert [problem.split(":")[0] for problem in found] == ["things", "pairs"]


def test_the_dagster_type_accepts_and_refuses_frames() -> None:
    kind = dataframe_type(THINGS)
    good = tables().frame()
    assert kind.unique_name == "things_table"
    assert kind.type_check(None, good).success  # type: ignore[arg-type]
    assert not kind.type_check(None, good.assign(share=2.0)).success  # type: ignore[arg-type]
    assert not kind.type_check(None, good.drop(columns="kind")).success  # type: ignore[arg-type]
    assert not kind.type_check(None, pd.Series([1])).success  # type: ignore[arg-type]


def test_the_ui_sees_types_descriptions_and_bounds() -> None:
    columns = {column.name: column for column in table_schema(THINGS).columns}
    assert list(columns) == list(GOOD)
    assert columns["share"].type == "double"
    assert columns["share"].description == "Share."
    assert columns["share"].constraints.other == [">= 0", "<= 1"]
    assert columns["kind"].constraints.other == ["one of big, small"]
    assert columns["thing_id"].constraints.unique
    assert not columns["thing_id"].constraints.nullable
    assert columns["note"].constraints.nullable
