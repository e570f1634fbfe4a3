"""The card of a persona in a terminal: as wide as it is, and without colour in a pipe."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ri_assets.cli.card import card_lines
from ri_assets.ri_index.card import Card, Section
from ri_assets_tests.cli.test_queries import with_hostile_texts
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published

WIDTHS = (60, 80, 120)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_card_is_as_wide_as_the_terminal(
    synthetic: Published, cli: Cli, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    with_hostile_texts(synthetic)
    monkeypatch.setenv("COLUMNS", str(width))
    for rank in range(len(synthetic.personas)):
        shown = cli("persona", rank, "--store", synthetic.store)
        assert (shown.code, shown.err) == (0, "")
        lines = shown.out.splitlines()
        assert lines[0].split(":")[0] in {
            "STABLE", "DOUBTFUL", "NOT TO BE TRUSTED", "NOT MEASURED",
        }  # fmt: skip
        assert max(map(cell_len, lines)) <= width
        assert "\x1b" not in shown.out
        assert "What to do" in shown.out


def test_json_has_every_field(synthetic: Published, cli: Cli) -> None:
    found = json.loads(cli("persona", 0, "--json", "--store", synthetic.store).out)
    assert found == synthetic.ri.get_persona(0).to_answer()


words = st.text(st.sampled_from("ab 😍क्षि漢字\u200d\u0301\n\t\x1b[]"), max_size=90) | st.just(
    "a" * 500
)


@given(
    st.builds(
        Card,
        title=words,
        is_weak=st.booleans(),
        badge=words,
        story=words,
        sections=st.lists(
            st.builds(
                Section,
                heading=st.sampled_from(["Size", "What to do, if a rerun confirms the group"]),
                lines=st.lists(words, max_size=4).map(tuple),
            ),
            max_size=4,
        ).map(tuple),
    ),
    st.sampled_from([20, 40, *WIDTHS]),
)
def test_no_line_overflows_and_nothing_controls_the_terminal(card: Card, width: int) -> None:
    lines = [line.plain for line in card_lines(card, width)]
    assert all(cell_len(line) <= width for line in lines)
    assert not any("\x1b" in line or "\n" in line for line in lines)
    told = "".join("".join(lines).split())
    for text in (card.badge, card.title, card.story):
        assert len("".join(text.replace("\x1b", "").split())) <= len(told)
