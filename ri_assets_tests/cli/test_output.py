"""Tables, CSV, sorting, suggestions and help of the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from typing import Any

import pytest
from rich.markup import render

from ri_assets.cli.commands import LIST, MODULES, declared, listed, rows
from ri_assets_tests.cli.test_queries import with_hostile_texts
from ri_assets_tests.command_line import Cli, ri_index
from ri_assets_tests.published import Published


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_every_field_of_the_json(synthetic: Published, cli: Cli) -> None:
    for arguments in (["personas", "--full"], ["tweets", "0"], ["persona", "0"], ["stats"]):
        said = cli(*arguments, "--csv", "--store", synthetic.store)
        assert (said.code, said.err) == (0, "")
        found = json.loads(cli(*arguments, "--json", "--store", synthetic.store).out)
        expected = found.get("items", [found])
        rows = rows_of(said.out)
        assert len(rows) == len(expected)
        for row, record in zip(rows, expected, strict=True):
            assert list(row) == list(record)
            for name in ("tweet_count", "share", "tweet_id", "distance", "snapshot"):
                if name in record:
                    assert row[name] == str(record[name])


def test_fields_are_written_as_their_units_say(synthetic: Published, cli: Cli) -> None:
    rows = cli("stats", "--store", synthetic.store).out.splitlines()
    shown = dict(row.strip("│┃ ").split(maxsplit=2)[::2] for row in rows if "│" in row)
    known = synthetic.ri.get_summary_stats()
    assert shown["kept_tweets"] == f"{known.kept_tweets:,}"
    assert shown["retention"] == f"{known.retention:.1%}"
    assert shown["size_ratio"] == f"{known.size_ratio:.3f}"
    assert shown["snapshot"] == known.snapshot


def test_csv_of_nothing_has_the_columns(synthetic: Published, cli: Cli) -> None:
    said = cli("filter", "--max-size", "0", "--csv", "--store", synthetic.store)
    assert said.code == 0
    [header] = said.out.splitlines()
    assert header.startswith("persona_id,name,focus")


def test_csv_runs_nothing_in_a_spreadsheet_and_controls_no_terminal(
    synthetic: Published, cli: Cli
) -> None:
    with_hostile_texts(synthetic)
    said = cli("samples", "0", "--csv", "--store", synthetic.store).out
    assert not set(said) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "[red]x" in said


@pytest.mark.parametrize("command", ["quality", "compare 0 1"])
def test_csv_of_several_tables_is_refused(synthetic: Published, cli: Cli, command: str) -> None:
    said = cli(*command.split(), "--csv", "--store", synthetic.store)
    assert (said.code, said.out) == (2, "")
    assert "use --json" in said.err


def test_json_and_csv_at_once_are_refused(synthetic: Published, cli: Cli) -> None:
    said = cli("personas", "--json", "--csv", "--store", synthetic.store)
    assert (said.code, said.out) == (2, "")


@pytest.mark.parametrize("field", ["avg_word_count", "name", "peak_hour_local"])
def test_rows_are_sorted_by_a_field(synthetic: Published, cli: Cli, field: str) -> None:
    def values(sort: str) -> list[Any]:
        said = cli("personas", "--sort", sort, "--json", "--store", synthetic.store)
        return [row[field] for row in json.loads(said.out)["items"]]

    up, down = values(field), values(f"-{field}")
    known = [value for value in up if value is not None]
    assert known == sorted(known)
    assert up[: len(known)] == known  # what is missing comes last, both times
    assert down[: len(known)] == sorted(known, reverse=True)


def test_an_unknown_field_to_sort_by_is_refused(synthetic: Published, cli: Cli) -> None:
    said = cli("personas", "--sort", "size", "--store", synthetic.store)
    assert said.code == 2
    assert "tweet_count" in said.err


@pytest.mark.parametrize("command", ["personas", "terms 0", "similar 0", "coverage"])
def test_a_narrow_terminal_leaves_columns_out_and_cuts_none(
    synthetic: Published, command: str
) -> None:
    for width in (60, 40):
        said = ri_index(
            *command.split(), "--store", synthetic.store, home=synthetic.store,
            env={"COLUMNS": str(width)},
        )  # fmt: skip
        table = [one for one in said.out.splitlines() if one and one[0] in "┏┃┡│├└"]
        assert table
        assert max(map(len, table)) <= width
        assert "…" not in said.out
    assert "left out: " in said.out
    wide = ri_index(
        *command.split(), "--store", synthetic.store, home=synthetic.store, env={"COLUMNS": "200"}
    )
    assert "left out: " not in wide.out


def test_quality_says_first_what_the_checks_found(synthetic: Published, cli: Cli) -> None:
    checks = synthetic.ri.quality().checks
    n_passed = sum(check.is_passed for check in checks)
    first, second, *_ = cli("quality", "--store", synthetic.store).out.splitlines()
    assert first.startswith(f"snapshot {synthetic.folder.name}: {n_passed} of {len(checks)} checks")
    assert re.match(r"\d+ of 12 personas are stable", second)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("list", "personas"), ("ls", "personas"), ("show", "persona"), ("qualty", "quality")],
)
def test_a_mistyped_command_gets_a_suggestion(cli: Cli, typed: str, meant: str) -> None:
    said = cli(typed)
    assert said.code == 2
    assert f"Did you mean '{meant}'?" in said.err


def test_debug_may_follow_the_command_and_changes_no_argument_of_the_process(
    cli: Cli, synthetic: Published
) -> None:
    said = cli("personas", "--debug", "--store", synthetic.store)
    assert said.code == 0
    assert sys.argv[1:] == ["personas", "--debug", "--store", str(synthetic.store)]
    assert "Traceback" in cli("persona", "nobody", "--debug", "--store", synthetic.store).err


def test_the_list_of_commands_is_what_the_modules_declare() -> None:
    assert json.loads(LIST.read_text(encoding="utf-8")) == rows()  # `make docs` writes it


def test_a_listed_command_becomes_one_that_can_be_run() -> None:
    for name, command in listed().items():
        assert command.loaded().name == name
        assert command.loaded().callback is not None


def test_every_help_is_one_short_line() -> None:
    commands = {name: one for module in MODULES for name, one in declared(module).items()}
    assert len(commands) > 25
    for name, command in commands.items():
        texts = [command.help, *(one.help for one in command.params if not one.hidden)]
        for text in texts:
            assert text, name
            said = re.sub(r"\[(env|default): [^\]]*\]", "", render(text).plain)
            assert len(said.split()) <= 12, (name, said)
            assert said[0].isupper() or said.startswith(("sample", "mysql")), (name, said)
