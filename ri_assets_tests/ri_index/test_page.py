"""Every command and every line of Python of docs/ri_index.md, on the sample's snapshot."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ri_assets.environment import PROJECT
from ri_assets_tests.command_line import Cli
from ri_assets_tests.conftest import FinishedRun

PAGES = {name: (PROJECT / name).read_text("utf-8") for name in ("README.md", "docs/ri_index.md")}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)


@pytest.mark.slow
def test_the_commands_of_the_page_answer(
    sample_run: FinishedRun, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # one of them writes files
    [block] = blocks("docs/ri_index.md", "bash")
    for line in block.splitlines():
        program, *arguments = shlex.split(line)
        assert program == ".venv/bin/ri-index"
        outcome = cli(*arguments, "--store", sample_run.store)
        assert (outcome.code, outcome.err) == (0, ""), line
        assert outcome.out


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_python_of_the_page_runs(
    sample_run: FinishedRun, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_STORE", str(sample_run.store))
    code = "\n".join(blocks(page, "python"))
    assert "RIIndex.open()" in code
    exec(compile(code, page, "exec"), {})  # noqa: S102 - the page's own lines


def test_the_page_names_every_command_and_method() -> None:
    from ri_assets.cli import queries
    from ri_assets.ri_index import RIIndex

    page = PAGES["docs/ri_index.md"]
    for command in queries.app.registered_commands:
        name = command.name or command.callback.__name__  # type: ignore[union-attr]
        assert f"| `{name}" in page, name
    for method in (name for name in vars(RIIndex) if not name.startswith("_")):
        assert method in page, method
