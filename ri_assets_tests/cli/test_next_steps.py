"""`ri-index` alone, its version, and the short form of its help."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published


def commands(text: str) -> list[str]:
    """Commands that a text tells, which stand indented before what they do."""
    return re.findall(r"^  ri-index (\S+(?: \S+)*)  ", text, re.MULTILINE)


def test_without_a_store_it_says_how_to_run(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_STORE", str(tmp_path / "none"))
    shown = cli()
    assert (shown.code, shown.err) == (0, "")
    assert commands(shown.out) == ["run", "check FILE", "run --source FILE", "--help"]
    assert len(shown.out.splitlines()) < 8


def test_with_a_snapshot_it_says_what_to_ask(
    cli: Cli, synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    shown = cli()
    assert shown.code == 0
    assert synthetic.folder.name in shown.out
    assert "12 personas" in shown.out
    found = commands(shown.out)
    largest = synthetic.personas["persona_id"].iloc[0]
    assert found == ["summary", "personas", f"persona {largest}", "--help"]
    for command in found[1:]:  # the synthetic snapshot was never judged, so it has no summary
        assert cli(*command.split()).code == 0


def test_a_store_that_cannot_be_read_is_told(
    cli: Cli, synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    (synthetic.store / "published.json").write_text("{}")
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    shown = cli()
    assert shown.code == 0
    assert "is damaged" in shown.out
    assert "remedy:" in shown.out


def test_version(cli: Cli) -> None:
    shown = cli("--version")
    assert (shown.code, shown.out) == (0, f"ri-index {version('ri-persona-system')}\n")


@pytest.mark.parametrize("command", [(), ("personas",), ("run",), ("check",)])
def test_help_has_a_short_form(cli: Cli, command: tuple[str, ...]) -> None:
    short, whole = cli(*command, "-h"), cli(*command, "--help")
    assert short.code == 0
    assert "Usage" in short.out
    assert short.out == whole.out
