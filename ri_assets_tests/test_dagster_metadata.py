from __future__ import annotations

import json
import math
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from ri_assets.assets.dagster_metadata import shown


def one(value: Any, *, is_folded: bool = False) -> Any:
    return shown({"it": value}, is_folded=is_folded)["it"]


def rows(value: Any) -> list[dict[str, Any]]:
    table = one(value)
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_a_mapping_becomes_a_table_of_two_columns() -> None:
    assert rows({"short": 8, "retweet": 0.123456}) == [
        {"name": "short", "value": 8},
        {"name": "retweet", "value": 0.1235},
    ]


def test_a_frame_with_missing_values_becomes_a_table() -> None:
    frame = pd.DataFrame({"n": pd.array([1, None], "Int64"), "share": [0.5, None], "t": ["a", "b"]})
    assert rows(frame) == [{"n": 1, "share": 0.5, "t": "a"}, {"n": "", "share": "", "t": "b"}]


def test_folded_tables_are_markdown() -> None:
    found = one([{"rule": "short", "dropped": 8}], is_folded=True)
    assert isinstance(found, dg.MarkdownMetadataValue)
    assert [cell.strip() for cell in str(found.value).splitlines()[-1].split("|")[1:3]] == [
        "short",
        "8",
    ]


@pytest.mark.parametrize("nothing", [{}, [], pd.DataFrame({"a": []})])
def test_nothing_is_said_in_a_word(nothing: Any) -> None:
    assert one(nothing) == "none"


def test_lists_become_a_line() -> None:
    assert one([58, 47]) == "58, 47"


@pytest.mark.parametrize("value", [math.nan, math.inf, np.float32("nan")])
def test_every_figure_can_be_written_as_json(value: float) -> None:
    json.dumps(one(value), allow_nan=False)


def test_scalars_and_metadata_of_dagster_stay() -> None:
    path = dg.MetadataValue.path("/somewhere")
    assert one(path) is path
    assert one(np.int64(3)) == 3
    assert one("text") == "text"
    assert one(np.True_) is True
