from __future__ import annotations

import io
import json

import pytest

from ri_assets.sources.jsonl_rows import read_jsonl
from ri_assets.sources.rows import BrokenRow, Row

NATIVE = {"tweet_id": 1005577757262025429, "text": "hi", "lang": None}


def rows(*lines: str | bytes) -> list[Row | BrokenRow]:
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return list(read_jsonl(io.BytesIO(data)))


def reasons(*lines: str | bytes) -> list[str | None]:
    return [row.reason if isinstance(row, BrokenRow) else None for row in rows(*lines)]


def test_native_columns_are_taken_as_they_are() -> None:
    assert rows(json.dumps(NATIVE)) == [Row(NATIVE, json.dumps(NATIVE))]


def test_byte_order_mark_and_blank_lines_are_skipped() -> None:
    assert reasons(b"\xef\xbb\xbf" + json.dumps(NATIVE).encode(), "", "  ", json.dumps(NATIVE)) == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (json.dumps(NATIVE)[:-7], "truncated_json"),
        ("[" * 100_000, "truncated_json"),
        ('{"tweet_id": ' + "9" * 5_000 + "}", "truncated_json"),
        (b'{"tweet_id": 1, "text": "caf\xe9"}', "invalid_utf8"),
        ("[1, 2]", "not_a_post"),
        ("12", "not_a_post"),
        ('{"delete": {"status": {"id": 5}}}', "not_a_post"),
        ('{"errors": [{"title": "Not Found"}]}', "not_a_post"),
    ],
)
def test_a_bad_line_is_set_aside_alone(line: str | bytes, reason: str) -> None:
    good = json.dumps(NATIVE)
    assert reasons(good, line, good) == [None, reason, None]


def test_a_page_of_a_search_without_results_is_no_row() -> None:
    assert rows('{"meta": {"result_count": 0}}') == []
