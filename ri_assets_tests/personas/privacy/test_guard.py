"""The one factory of cleaner and detector, what it withholds, and that the two agree."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ri_assets
from ri_assets.personas.privacy.guard import (
    IN_PLACE,
    Guard,
    Screen,
    build_guard,
    corpus_guard,
    withhold,
)
from ri_assets.records.record import Record, column
from ri_assets.records.table import AssetContract, Table

PACKAGE = Path(ri_assets.__file__).parent
# The cleaner leaves it: a link whose beginning is taken for a handle.
REFUSED = "see (@shy_yak://t.co/x"


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard({"jolly_cedar9", "some.name-9"}, {"acme"})


def test_nothing_else_in_the_package_makes_a_cleaner_or_an_auditor() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (name := getattr(node.func, "id", getattr(node.func, "attr", "")))
        in {"Cleaner", "Auditor", "private_handles"}
    }
    assert found == {
        ("personas/privacy/guard.py", name) for name in ("Cleaner", "Auditor", "private_handles")
    }


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ask Jolly_Cedar9 or _jolly_cedar9_", "ask [handle] or [handle]"),
        ("#jolly_cedar9's, jolly\u200b_cedar9!", "#[handle]'s, [handle]!"),
        ("ｊｏｌｌｙ＿ｃｅｄａｒ９ and some.name-9.", "[handle] and [handle]."),
        ("@some.name-9 and awesome.name-99", "[handle] and awesome.name-99"),
    ],
)
def test_handles_are_hidden_however_they_are_written(guard: Guard, text: str, cleaned: str) -> None:
    assert guard.clean(text) == cleaned
    assert guard.shown(text) == cleaned


def test_a_text_on_which_the_two_disagree_is_withheld(guard: Guard) -> None:
    assert guard.findings(guard.clean(REFUSED)) == {"link"}
    assert guard.shown(REFUSED) is None
    assert guard.shown("all is well") == "all is well"


def test_a_corpus_and_its_tables_give_the_same_guard() -> None:
    tweets = pd.DataFrame({"author_handle": ["shy_yak9", None], "text": ["hi @other_emu", "x"]})
    replies = pd.DataFrame({"author_handle": ["Third_Ox"], "text": ["y"]})
    one = build_guard((tweets, replies), ("ourfirm",), 5)
    assert one.people == {"shy_yak9", "other_emu", "third_ox"}
    assert {"ourfirm", "zomato"} <= one.brands
    two = corpus_guard(pa.table(tweets), pa.table(replies), ("ourfirm",), 5)
    assert (two.people, two.brands) == (one.people, one.brands)
    assert build_guard((), (), 5).people == frozenset()


def test_the_guard_of_a_corpus_is_made_once_until_something_changes() -> None:
    posts = {"author_handle": ["shy_yak9"], "text": ["hi @other_emu"]}
    replies = pa.table({"author_handle": ["Third_Ox"], "text": ["y"]})
    one = corpus_guard(pa.table(posts), replies, ("ourfirm",), 5)
    assert corpus_guard(pa.table(posts), replies, ["ourfirm"], 5) is one
    changed = pa.table({**posts, "text": ["hi @new_emu"]})
    assert "new_emu" in corpus_guard(changed, replies, ("ourfirm",), 5).people
    assert "emufirm" in corpus_guard(changed, replies, ("emufirm",), 5).brands
    assert corpus_guard(pa.table(posts), replies, ("ourfirm",), 5).people == one.people


# Pieces that are put together by chance: what has numbers in it, and what stands between them.
# Nothing between them is part of a word: where a placeholder cuts a word in two, the auditor may
# find a word in the rest that the cleaner did not see, and the text is withheld.
PIECES = st.sampled_from(
    ["order", "ticket no", "AWB", "booking id", "#", "#DiwaliSale2025", "#IPL2019", "98765",
     "43210", "+91", "080", "4111", "1111", "2345", "6789", "0123", "12", "7", "2019", "1,00,000",
     "Rs", "GB82", "WEST", "HDFC0001234", "ABCPK1234L", "@some_one", "@acme", "@", "jo", "mail.com",
     "t.co/ab", "://", "www.", "192.168.1.20", "jolly_cedar9", "some.name-9", "late", "I", "the"]
)  # fmt: skip
BETWEEN = st.sampled_from(
    [" ", "  ", "-", " - ", "–", " – ", "—", "−", "~", " ~ ", ",", ", ", "·", ".", ". ", "/",
     " / ", "(", ")", ": ", "\n", "\u2011", "  \u200b"]
)  # fmt: skip


@given(st.lists(st.tuples(PIECES, BETWEEN), min_size=1, max_size=8))
@settings(max_examples=600, derandomize=True)
def test_what_is_shown_has_passed_and_numbers_do_not_part_the_two(
    guard: Guard, parts: list[tuple[str, str]]
) -> None:
    text = "".join(piece + between for piece, between in parts)
    shown = guard.shown(text)
    kinds = guard.findings(guard.clean(text))
    assert (shown is None) == bool(kinds)
    if "@" not in text and "://" not in text and "www." not in text:
        assert not kinds & {"phone", "number", "card", "reference", "author handle"}, (text, kinds)


def test_the_screen_counts_each_text_once_by_part(guard: Guard) -> None:
    screen = Screen(guard)
    passes = screen.of("samples")
    assert [passes(text) for text in ("fine", REFUSED, REFUSED)] == [True, False, False]
    assert screen.of("terms")("jolly_cedar9") is False
    assert screen.counts() == {"samples": 1, "terms": 1}
    assert screen.total() == 3


def test_what_slipped_through_is_taken_out_of_tables(guard: Guard) -> None:
    class Said(Record):
        by: Annotated[str, column("Id.", is_own=True)]
        text: str

    class Shown(Record):
        persona_id: Annotated[str, column("Id.", is_own=True)]
        name: str
        note: str | None
        terms: tuple[str, ...]
        said: tuple[Said, ...]
        n: int

    contract = AssetContract(Table("personas", "one persona", Shown, ("persona_id",)))
    bad = "ask jolly_cedar9"
    frame = pd.DataFrame(
        {
            "persona_id": ["jolly_cedar9", "P02"],
            "name": [bad, "Fine"],
            "note": [bad, None],
            "terms": [["good", bad], []],
            "said": [[{"by": bad, "text": "good"}, {"by": "x", "text": bad}], []],
            "n": [1, 2],
        }
    )
    screen = Screen(guard)
    found = withhold(contract, {"personas": frame}, screen)["personas"]
    assert found.to_dict("list") == {
        "persona_id": ["jolly_cedar9", "P02"],
        "name": [IN_PLACE, "Fine"],
        "note": [None, None],
        "terms": [["good"], []],
        "said": [[{"by": bad, "text": "good"}], []],
        "n": [1, 2],
    }
    assert screen.counts() == {"personas": 1}
    assert guard.passes(IN_PLACE)
