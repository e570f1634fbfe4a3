"""docs/use_cases.md says what the scripts say."""

from __future__ import annotations

import ast
import difflib
import re
from pathlib import Path

import pytest

from ri_assets.environment import PROJECT
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.examples.conftest import EXAMPLES, SCRIPTS, Example
from ri_assets_tests.published import Published

PAGE = (PROJECT / "docs" / "use_cases.md").read_text(encoding="utf-8")
REMEDY = "run `make examples`"


def test_the_page_has_every_script_with_its_question() -> None:
    scripts = {path.stem for path in EXAMPLES.glob("*.py") if "__main__" in path.read_text()}
    assert scripts == {*SCRIPTS, "notebook", "page", "screenshots"}
    for script in SCRIPTS:
        code = (EXAMPLES / f"{script}.py").read_text(encoding="utf-8")
        title, rest = (ast.get_docstring(ast.parse(code)) or "").split(": ", maxsplit=1)
        assert f"\n## {title}\n" in PAGE, REMEDY
        assert rest.split("\n\n", maxsplit=1)[1] in PAGE, REMEDY
        assert f".venv/bin/python examples/{script}.py" in PAGE, REMEDY


def test_the_page_is_made_of_the_bundled_sample_alone(
    synthetic: Published, example: Example, tmp_path: Path
) -> None:
    target = tmp_path / "page.md"
    outcome = example("page", synthetic.store, "--page", target)
    assert outcome.code == 2
    assert "a snapshot of the bundled sample" in outcome.err
    assert not target.exists()


@pytest.mark.slow
def test_the_page_is_what_the_scripts_say(
    sample_run: FinishedRun, example: Example, tmp_path: Path
) -> None:
    target = tmp_path / "page.md"
    assert example("page", sample_run.store, "--page", target).code == 0
    made = target.read_text(encoding="utf-8")
    marks = [re.search(r"<!-- assignment (\w+) -->", text) for text in (PAGE, made)]
    assert all(marks)
    if marks[0] and marks[1] and marks[0][1] == marks[1][1]:
        assert made == PAGE, REMEDY
    else:
        # Other machines may cluster a little differently: then the words stay, not the figures.
        kept = difflib.SequenceMatcher(None, _words(PAGE), _words(made), autojunk=False).ratio()
        assert kept > 0.8, REMEDY


def _words(text: str) -> list[str]:
    return re.sub(r"[\d.,%=-]+", "0", text).split()
