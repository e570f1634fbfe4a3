"""How a terminal lists records."""

from __future__ import annotations

from typing import Annotated

import pytest

from ri_assets.records.display import is_number, list_columns, written
from ri_assets.records.personas import PersonaBrief, RhythmSlot
from ri_assets.records.quality import CheckVerdict
from ri_assets.records.record import Record, column, count, share


class Part(Record):
    """One part of a thing."""

    name: Annotated[str, column("Its name.", header="part")]
    share: Annotated[float | None, share("Part of the thing", header="share")]
    size: Annotated[int, count("How large it is.", header="size")]
    words: Annotated[tuple[str, ...], column("What it says.", header="words")]
    colour: Annotated[str, column("Its colour.")]


def test_columns_are_the_fields_with_a_heading() -> None:
    part = Part(name="arm", share=0.123, size=1234, words=tuple("abcdefg"), colour="red")
    cells = {header: cell(part) for header, cell in list_columns(Part).items()}
    assert cells == {"part": "arm", "share": "12.3%", "size": "1,234", "words": "a, b, c, d, e"}
    assert [header for header in cells if is_number(Part, header)] == ["share", "size"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "share", ""),
        (True, None, "yes"),
        (False, None, ""),
        (7, "hour", "7:00"),
        (7, None, "7"),
        (1234, "count", "1,234"),
        (0.5, "share", "50.0%"),
        (12.345, "mean", "12.3"),
        (0.12345, None, "0.123"),
        ((0.5, 0.25), "share", "50.0%, 25.0%"),
    ],
)
def test_a_value_is_written_by_its_type_and_unit(value: object, unit: str, text: str) -> None:
    assert written(value, unit) == text


def test_a_record_within_a_record_is_written_in_one_cell() -> None:
    part = Part(name="arm", share=0.5, size=1, words=(), colour="red")
    assert written((part,)) == "arm 50.0% 1  red"


def test_a_column_may_write_several_fields() -> None:
    assert list(list_columns(PersonaBrief)) == [
        "id",
        "persona",
        "tweets",
        "share",
        "stability",
        "top terms",
        "peak",
        "words",
    ]
    slot = RhythmSlot(
        cycle="weekday",
        slot=6,
        tweet_count=1,
        share=0.1,
        corpus_share=0.1,
        lift=None,
        lift_low=None,
        lift_high=None,
    )
    assert list_columns(RhythmSlot)["slot"](slot) == "Sunday"


@pytest.mark.parametrize(
    ("is_passed", "is_blocking", "waived_by", "text"),
    [
        (True, True, None, "pass"),
        (False, True, None, "FAIL"),
        (False, False, None, "warn"),
        (False, True, "Ana", "waived by Ana"),
    ],
)
def test_the_outcome_of_a_check_in_words(
    is_passed: bool, is_blocking: bool, waived_by: str | None, text: str
) -> None:
    verdict = CheckVerdict(
        asset="clusters",
        check="coherence",
        value=0.5,
        threshold=">= 1",
        is_passed=is_passed,
        is_blocking=is_blocking,
        message="m",
        waived_by=waived_by,
    )
    cells = {header: cell(verdict) for header, cell in list_columns(CheckVerdict).items()}
    assert cells["check"] == "clusters.coherence"
    assert cells["verdict"] == text
