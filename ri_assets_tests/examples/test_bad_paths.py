"""What the examples say when a snapshot, a figure or a package is missing."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets_tests.cli.test_queries import with_hostile_texts
from ri_assets_tests.examples.conftest import EXAMPLES, SCRIPTS, Example, rows, words
from ri_assets_tests.published import Published, opened
from ri_assets_tests.ri_index.test_evidence import changed
from ri_assets_tests.ri_index.test_tweets import with_authors


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_a_snapshot_the_remedy_is_told(
    script: str, example: Example, tmp_path: Path
) -> None:
    outcome = example(script, tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"no snapshot is published in {tmp_path}" in outcome.err
    assert "make run" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_snapshot_that_knows_little_is_told_as_it_is(
    script: str, example: Example, synthetic: Published
) -> None:
    """No terms, no hours, no growth, no complaints."""
    outcome = example(script, synthetic.store)
    assert outcome.code == 0, outcome.text
    for gap in ("None", "nan"):
        assert gap not in outcome.out.split()


@pytest.mark.parametrize(
    ("script", "options", "said"),
    [
        ("ab_design", ["--persona", "nobody"], "there is no persona 'nobody'"),
        ("ab_design", ["--controls", "0"], "top_k is 0"),
        ("ab_design", ["--baseline", "1.5"], "--baseline is 1.5"),
        ("ab_design", ["--change", "0.9"], "--change is 0.9"),
        ("content_keywords", ["--persona", "nobody"], "there is no persona 'nobody'"),
        ("campaign_targeting", ["--hours", "9", "25"], "is 25"),
        ("market_intelligence", ["--term", " "], "a term with a word in it"),
        ("emerging_trends", ["--snapshot", "yesterday"], "there is no snapshot 'yesterday'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    script: str, options: list[str], said: str, example: Example, synthetic: Published
) -> None:
    outcome = example(script, synthetic.store, *options)
    assert outcome.code == 2
    assert said in outcome.err
    assert "remedy:" in outcome.err


def test_unknown_authors_end_the_design_and_nothing_else(
    example: Example, synthetic: Published
) -> None:
    with_authors(synthetic, None)
    assert "names no author" in example("ab_design", synthetic.store).err
    for script in ("campaign_targeting", "market_intelligence", "product_priorities"):
        assert example(script, synthetic.store).code == 0


def test_a_missing_package_is_named(
    example: Example, synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("statsmodels.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    outcome = example("ab_design", synthetic.store)
    assert outcome.code == 2
    assert "package statsmodels is not installed" in outcome.err
    assert "[examples]" in outcome.err


def test_nothing_of_a_tweet_steers_the_terminal(example: Example, synthetic: Published) -> None:
    with_hostile_texts(synthetic)
    for script in SCRIPTS:
        outcome = example(script, synthetic.store)
        assert outcome.code == 0
        for char in ("\x1b", "\x07", "\x9b", "\u202e"):
            assert char not in outcome.out


def test_what_grows_is_named_with_its_figures(example: Example, synthetic: Published) -> None:
    changed(
        synthetic,
        "personas_enriched",
        lambda t: t.assign(
            trend=["emerging", *["no clear change"] * 11],
            trend_basis="from 5 to 50",
            growth_ratio=[3.0] + [1.0] * 11,
            growth_low=[2.0] + [0.5] * 11,
            growth_high=[4.5] + [2.0] * 11,
        ),
    )
    said = words(example("emerging_trends", synthetic.store))
    assert "Persona 1 is emerging: from 5 to 50." in said
    assert "Nothing is emerging" not in said
    assert "Nothing is fading" in said


def test_an_earlier_snapshot_is_compared(example: Example, synthetic: Published) -> None:
    time.sleep(1.1)  # ids begin with the second of publication
    write_snapshot(str(synthetic.store), 900, load_profile("report"), seed=1)
    later = opened(synthetic.store)
    shown = example("market_intelligence", synthetic.store)
    table = rows(shown, "Since the previous snapshot")
    assert [row[0] for row in table] == synthetic.personas["name"].tolist()
    before = synthetic.personas["share"].map("{:.1%}".format).tolist()
    assert [row[2] for row in table] == before
    now = later.personas.set_index("name")["share"]
    assert [row[4] for row in table] == [f"{now[row[1]]:.1%}" for row in table]
    assert "600 tweets are in both, 300 only in this snapshot, 0 only in the earlier one" in words(
        shown
    )
    assert "no earlier snapshot" in words(
        example("market_intelligence", synthetic.store, "--snapshot", synthetic.folder.name)
    )


def test_a_script_runs_as_a_program_with_the_store_of_the_environment(
    synthetic: Published,
) -> None:
    ended = subprocess.run(
        [sys.executable, EXAMPLES / "content_keywords.py"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"RI_STORE": str(synthetic.store), "PYTHONPATH": str(EXAMPLES.parent)},
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "12 themes" in ended.stdout
