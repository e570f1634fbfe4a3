"""Cells of the CSV: whatever a name holds, no spreadsheet calculates with it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.ri_index.exports.writing import as_cell, harmless

STARTS = "=+-@"


@pytest.mark.parametrize("start", [*STARTS, "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", '"', "\u200b", "\ufeff ", "("])
def test_a_formula_becomes_a_text(start: str, before: str) -> None:
    text = f"{before}{start}cmd|' /C calc'!A0"
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_a_text_that_begins_with_a_control_is_marked(start: str) -> None:
    assert harmless(f"{start}word") == f"'{start}word"


@pytest.mark.parametrize("text", ["Delivery Trackers", "co-op = fine", "1+1", "", "'quoted'", "é"])
def test_an_ordinary_text_stays(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_begins_as_a_formula_and_none_is_lost(text: str) -> None:
    found = harmless(text)
    assert not found.startswith((*STARTS, "\t", "\r", "\n"))
    assert not found.lstrip().startswith(tuple(STARTS))
    assert found in {text, "'" + text}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_list_is_one_cell_and_comes_back_from_the_file(values: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([as_cell(values)])
    file.seek(0)
    [[cell]] = csv.reader(file)
    assert cell.removeprefix("'") == " | ".join(values).removeprefix("'")
    assert not cell.startswith((*STARTS, "\t", "\r", "\n"))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0))
def test_a_number_is_read_back_exactly(value: float) -> None:
    assert float(as_cell(value)) == value


def test_what_is_missing_is_an_empty_cell_and_a_mark_is_a_word() -> None:
    assert [as_cell(value) for value in (None, True, False, 7)] == ["", "true", "false", "7"]
