"""The commands of `docs/operations.md` that keep a store in order, run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ri_assets.environment import PROJECT
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE

PAGE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTIONS = ("Cleaning up", "When something does not work", "When somebody asks to be forgotten")


def commands(section: str) -> list[str]:
    """Give the lines of a section's sh blocks that call `ri-index`."""
    body = re.split(rf"^#+ {section}$", PAGE, flags=re.MULTILINE)[1]
    body = re.split(r"^#", body, flags=re.MULTILINE)[0]
    blocks = re.findall(r"```sh\n(.*?)```", body, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("ri-index ")]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_command_works(
    section: str, cli: Cli, synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    monkeypatch.setenv("RI_PROFILE", str(SMALL_PROFILE))
    lines = commands(section)
    assert lines
    for line in lines:
        outcome = cli(*shlex.split(line)[1:])
        assert outcome.code == 0, f"{line}: {outcome.text}"
    assert published_ids(Files(str(synthetic.store))) == [Path(synthetic.folder).name]
