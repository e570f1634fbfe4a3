"""Examples run as a reader runs them, on the snapshots of the index's tests."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ri_assets.environment import PROJECT
from ri_assets_tests import published as index
from ri_assets_tests.command_line import Outcome

EXAMPLES = PROJECT / "examples"
SCRIPTS = (
    "campaign_targeting",
    "product_priorities",
    "emerging_trends",
    "market_intelligence",
    "content_keywords",
    "ab_design",
)
Example = Callable[..., Outcome]

published, synthetic, synthetic_store = index.published, index.synthetic, index.synthetic_store


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Example:
    """Run a script in this process: `example(name, store, *options)`."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delenv("RI_STORE", raising=False)

    def run(name: str, store: Path, *options: object) -> Outcome:
        script = str(EXAMPLES / f"{name}.py")
        monkeypatch.setattr(sys, "argv", [script, "--store", str(store), *map(str, options)])
        capsys.readouterr()
        code = 0
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        shown = capsys.readouterr()
        return Outcome(code, shown.out, shown.err)

    return run


def words(outcome: Outcome) -> str:
    """Give what was printed as one line, however it was wrapped."""
    assert outcome.code == 0, outcome.text
    return " ".join(outcome.out.split())


def rows(outcome: Outcome, heading: str) -> list[list[str]]:
    """Give the cells of the first table below a heading."""
    assert outcome.code == 0, outcome.text
    lines = outcome.out.split(f"\n{heading}", maxsplit=1)[1].splitlines()
    rule = next(n for n, line in enumerate(lines) if re.fullmatch(r"-+(  -+)+", line))
    spans = [match.span() for match in re.finditer(r"-+", lines[rule])]
    found = []
    for line in lines[rule + 1 :]:
        # A sentence below the table has no gaps where the columns part.
        if not line or any(line[end : end + 2].strip() for _, end in spans[:-1]):
            break
        found.append([line[start:end].strip() for start, end in spans])
    return found
