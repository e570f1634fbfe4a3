"""`ri-index merge`, `hide` and `undo`: what comes at once, what with a run, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from ri_assets.personas.corrections.override_file import read_overrides
from ri_assets_tests.command_line import Cli, Outcome
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.published import Published, opened

WHY = ("--by", "Asha", "--reason", "the same people")


@pytest.fixture
def correct(synthetic: Published, cli: Cli) -> Cli:
    """Run a command on the synthetic store."""

    def command(*arguments: object) -> Outcome:
        return cli(*arguments, "--store", synthetic.store)

    return command


def test_hiding_shows_at_once_and_an_undo_too(synthetic: Published, correct: Cli) -> None:
    before = synthetic.ri.list_personas()  # it reads the override file, once
    size = synthetic.ri.get_persona("P09").tweet_count
    said = correct("hide", "P09", *WHY)
    assert said.code == 0, said.text
    assert "P09 is hidden now; exports and the explorer follow at the next run" in said.text
    assert f"its {size:,} tweets still count" in said.text.replace("\n", " ")
    ri = opened(synthetic.store).ri
    assert "P09" not in {one.persona_id for one in ri.list_personas()}
    hidden = f"hidden: 1 persona, {size:,} tweets"
    assert ri.list_personas().note == hidden
    stats = ri.get_summary_stats()
    assert (stats.personas, stats.hidden_personas, stats.hidden_tweets) == (11, 1, size)
    assert stats.tweets_with_persona == synthetic.ri.get_summary_stats().tweets_with_persona
    assert hidden in correct("personas").text
    asked = correct("persona", "P09")
    assert asked.code == 2
    assert "P09 was hidden by Asha on" in asked.text
    assert "the same people" in asked.text
    ri.verify()  # no published file changed
    tweet = synthetic.ri.get_persona_tweets("P09", 1)[0].tweet_id
    assert ri.get_tweet_persona(tweet).persona_id == "P09"
    back = correct("undo", "P09", *WHY)
    assert "P09 is shown again now" in back.text
    assert opened(synthetic.store).ri.list_personas() == before


def test_a_merge_waits_for_the_next_run_and_lists_say_so(
    synthetic: Published, correct: Cli
) -> None:
    said = correct("merge", "P02", "P06", *WHY)
    assert said.code == 0, said.text
    assert "the next run merges P06 into P02 and retires P06" in said.text
    ri = opened(synthetic.store).ri
    assert len(ri.list_personas()) == 12
    assert ri.list_personas().note == "the next run merges P06 into P02"
    [entry] = read_overrides(str(synthetic.store / "names.yaml"))["P06"]
    assert (entry.by, entry.reason) == ("Asha", "the same people")
    back = correct("undo", "P06", *WHY)
    assert "P06 stays a persona" in back.text
    assert opened(synthetic.store).ri.list_personas().note == ""


def test_a_merge_that_leaves_too_few_personas_is_announced(
    synthetic: Published, correct: Cli
) -> None:
    place = synthetic.folder / "profile.json"
    gates = json.loads(place.read_text())["gates"]
    told = [correct("merge", "P01", f"P{n:02d}", *WHY).text for n in range(2, 13)]
    left = 12 - gates["personas_min"]
    assert all("persona_count needs" not in text for text in told[:left])
    assert "persona_count needs" in told[left]


@pytest.mark.parametrize(
    ("first", "arguments", "named"),
    [
        ((), ("merge", "P02", "P02"), "P02 cannot be merged with itself"),
        ((), ("merge", "P02", "P77"), "there is no persona 'P77'"),
        ((), ("hide", "P77"), "there is no persona 'P77'"),
        (("hide", "P06"), ("merge", "P02", "P06"), "P06 was hidden by Asha"),
        (("hide", "P06"), ("hide", "P06"), "P06 was hidden by Asha"),
        (("merge", "P02", "P06"), ("merge", "P06", "P02"), "P06 is already merged into P02"),
        (("merge", "P02", "P06"), ("merge", "P03", "P06"), "P06 is already merged into P02"),
        (("merge", "P02", "P06"), ("hide", "P06"), "P06 is already merged into P02"),
        ((), ("undo", "P02"), "P02 is neither merged nor hidden"),
        (("merge", "P02", "P06"), ("undo", "P02"), "one that is: P06"),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_written(
    synthetic: Published,
    correct: Cli,
    first: tuple[str, ...],
    arguments: tuple[str, ...],
    named: str,
) -> None:
    if first:
        assert correct(*first, *WHY).code == 0
    place = synthetic.store / "names.yaml"
    before = place.read_bytes() if place.exists() else None
    said = correct(*arguments, *WHY)
    assert said.code == 2, said.text
    assert named in said.text.replace("\n", " ")
    assert (place.read_bytes() if place.exists() else None) == before


def test_nothing_can_be_merged_where_nothing_is_published(tmp_path: Path, cli: Cli) -> None:
    said = cli("merge", "P01", "P02", *WHY, "--store", tmp_path)
    assert said.code == 2
    assert not (tmp_path / "names.yaml").exists()


@pytest.mark.slow
def test_run_merge_hide_run_undo_run(small_run: FinishedRun, cli: Cli, tmp_path: Path) -> None:
    store, plain = tmp_path / "store", tmp_path / "plain"
    for copy in (store, plain):
        shutil.copytree(small_run.store.with_name("as_published"), copy)
    run = ("run", "--source", small_run.source, "--profile", small_run.profile, "--store")
    before = opened(store).personas.set_index("persona_id")
    first, second, third = before.index[:3]
    assert cli("merge", second, first, *WHY, "--store", store).code == 0
    assert cli("hide", third, *WHY, "--store", store).code == 0
    merged = cli(*run, store)
    assert merged.code in {0, 3}, merged.text
    if merged.code == 3:  # a merge may leave fewer personas than the gate allows
        assert "persona_count" in merged.text
        merged = cli(*run, store, "--waive", "persona_count=merged by hand", "--waived-by", "Asha")
    assert merged.code == 0, merged.text
    found = opened(store)
    personas = found.personas.set_index("persona_id")
    sizes = before["tweet_count"]
    assert personas["tweet_count"][second] == sizes[first] + sizes[second]
    assert first not in personas.index
    assert personas["tweet_count"].sum() == sizes.sum()  # nothing is lost
    told = f"{first} was merged into {second} by Asha on"
    assert told in personas["corrections"][second][0]
    assert told in merged.text
    assert f"hidden: 1 persona, {sizes[third]} tweets" in merged.text
    card = cli("persona", second, "--store", store)
    assert told in card.text.replace("\n", " ").replace("  ", "")
    events = {(one.event, one.persona_id) for one in found.ri.lineage(first)}
    assert {("retired", first), ("merged", first)} <= events
    assert f"{first} is retired: {told}" in cli("persona", first, "--store", store).text
    exported = json.loads((found.folder / "ri_index_app.json").read_text())
    assert {one["persona_id"] for one in exported["personas"]} == {*before.index} - {first, third}
    assert (exported["hidden_personas"], exported["hidden_tweets"]) == (1, sizes[third])
    mapping = json.loads((found.folder / "tweet_persona_mapping.json").read_text())
    assert mapping["tweet_count"] == sizes.sum() - sizes[third]
    assigned = found.ri.assign(["my wallet and the metro card"])
    assert assigned[0].nearest_id in personas.index
    for one in (first, third):
        assert cli("undo", one, *WHY, "--store", store).code == 0
    assert cli(*run, store).code == 0
    assert cli(*run, plain).code == 0
    pd.testing.assert_frame_equal(
        opened(store).frame("personas_enriched"), opened(plain).frame("personas_enriched")
    )
    assert ("restored", first) in {
        (one.event, one.persona_id) for one in opened(store).ri.lineage(first)
    }
