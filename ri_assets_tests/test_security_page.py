"""`docs/security.md`: every promise names tests, and they exist."""

from __future__ import annotations

import re

import pytest

from ri_assets.environment import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [
    row
    for row in PAGE.partition("## Promised")[2].partition("\n## ")[0].splitlines()
    if row.startswith("| ") and not row.startswith("| promise |")
]


def test_the_page_begins_with_what_is_promised_and_what_is_not() -> None:
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[:2] == ["Promised", "Not promised"]
    assert len(ROWS) > 10


@pytest.mark.parametrize("row", ROWS)
def test_a_promise_names_tests_that_exist(row: str) -> None:
    _, promise, tests, _ = (cell.strip() for cell in row.split("|"))
    assert promise
    named = re.findall(r"`([^`]+)::([^`]+)`", tests)
    assert named
    for file, name in named:
        content = (PROJECT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {re.escape(name)}\(", content, re.MULTILINE), (
            f"{file} has no {name}"
        )
