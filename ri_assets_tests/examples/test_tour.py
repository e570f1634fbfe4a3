"""The tour: a notebook that runs without errors, shipped with its output."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ri_assets.environment import PROJECT
from ri_assets.records.display import list_columns
from ri_assets.records.notebook import as_html
from ri_assets.records.personas import PersonaBrief
from ri_assets.ri_index import RIIndex
from ri_assets_tests.command_line import environment
from ri_assets_tests.examples.conftest import EXAMPLES, Example
from ri_assets_tests.published import Published

TOUR = EXAMPLES / "tour.ipynb"
REMEDY = "run `make examples`"
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def cells() -> list[dict[str, Any]]:
    """The cells with code."""
    found = json.loads(TOUR.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def outputs(cells: list[dict[str, Any]], kind: str) -> list[str]:
    return [
        "".join(output["data"][kind])
        for cell in cells
        for output in cell["outputs"]
        if kind in output.get("data", {})
    ]


def test_every_cell_has_one_output_and_none_is_an_error(cells: list[dict[str, Any]]) -> None:
    for n, cell in enumerate(cells, start=1):
        assert cell["execution_count"] == n, REMEDY
        # Warnings and prints would be outputs of another type.
        assert [output["output_type"] for output in cell["outputs"]] == ["execute_result"], REMEDY


def test_it_is_small_and_names_no_place_of_a_machine() -> None:
    text = TOUR.read_text(encoding="utf-8")
    assert len(text) < MOST_BYTES
    assert str(PROJECT) not in text
    assert not re.search(
        r"/(home|root|tmp|work|Users|var)/", re.sub(r'"image/png": ".*"', "", text)
    )


def test_its_tables_are_those_that_the_code_makes_now(cells: list[dict[str, Any]]) -> None:
    style = as_html([]).partition('<div class="ri')[0]
    tables = [html for html in outputs(cells, "text/html") if 'class="ri' in html]
    assert len(tables) > 5
    assert all(html.startswith(style) for html in tables), REMEDY
    headings = re.findall(r"<th(?: [^>]*)?>(.*?)</th>", tables[0])
    # A column without a value is left out.
    assert [name for name in list_columns(PersonaBrief) if name in headings] == headings, REMEDY
    assert len(headings) >= len(list_columns(PersonaBrief)) - 1


def test_it_shows_every_picture(cells: list[dict[str, Any]]) -> None:
    code = "\n".join("".join(cell["source"]) for cell in cells)
    plots = [name for name in dir(RIIndex) if name.startswith("plot_")]
    assert plots
    assert all(f"ri.{name}(" in code for name in plots)
    assert len(outputs(cells, "image/png")) == len(plots), REMEDY


def test_its_output_is_made_of_the_bundled_sample_alone(
    synthetic: Published, example: Example, tmp_path: Path
) -> None:
    target = tmp_path / "tour.ipynb"
    outcome = example("notebook", synthetic.store, "--notebook", target)
    assert outcome.code == 2
    assert "a snapshot of the bundled sample" in outcome.err
    assert not target.exists()


@pytest.mark.slow
def test_every_cell_runs_on_another_snapshot(published: Published, tmp_path: Path) -> None:
    before = TOUR.read_bytes()
    ended = subprocess.run(
        [sys.executable, EXAMPLES / "notebook.py", "--check", "--store", published.store],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={
            **environment(tmp_path),
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(PROJECT), os.environ.get("PYTHONPATH")))
            ),
        },
    )
    assert ended.returncode == 0, ended.stderr
    assert TOUR.read_bytes() == before


@pytest.mark.slow
def test_a_cell_that_fails_is_reported(synthetic: Published, example: Example) -> None:
    # This snapshot has no times, so `plot_hours` refuses.
    outcome = example("notebook", synthetic.store, "--check")
    assert outcome.code == 2
    assert "have no times" in outcome.err
