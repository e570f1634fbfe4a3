"""Stores that earlier versions wrote, opened by this one: read, verified, and continued.

`older_stores.tar.xz` holds one for each change of what a snapshot consists of; its folders are
named by the commit that wrote them (`make_older_store.py` says how). `ri_index/test_older.py`
tests single columns.
"""

from __future__ import annotations

import inspect
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.index_ids import dropped_id, tweet_id
from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.errors import RIError
from ri_assets.personas.lineage.published import read_previous
from ri_assets.quality.drift import Standing
from ri_assets.ri_index import RIIndex
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id, published_ids
from ri_assets_tests.command_line import Cli
from ri_assets_tests.small import SMALL_PROFILE

ARCHIVE = Path(__file__).with_name("older_stores.tar.xz")
# What came with each; the first wrote exports of version 1.0, the last one those of 2.0.
VERSIONS = {
    "5cb466f": "the first with an index",
    "e81fa74": "guard.json: what the run hides",
    "372ac61": "waivers, the tables of intake and of the curve over the number of personas",
    "d776ca3-before": "manifests that name the one before",
    "b0260fe-before": "languages, the map, the model's digest",
    "06c662b": "the most similar persona",
    "7613ffa": "merged and hidden personas, overlap",
    "b0260fe": "`verdict` became `stability`",
    "cf0e9ac": "the recogniser and the forgotten",
}
TWEETS = 12
Ask = Callable[[RIIndex], Any]
# How each query is asked of these small snapshots.
QUERIES: dict[str, Ask] = {
    "assign": lambda ri: ri.assign(["some words of a new tweet"]),
    "card": lambda ri: ri.card("P01"),
    "compare": lambda ri: ri.compare("P01", "P02"),
    "diff": lambda ri: ri.diff(ri.snapshots().items[0].snapshot),
    "filter_personas": lambda ri: ri.filter_personas(min_size=1, max_avg_word_count=1000),
    "find_similar_personas": lambda ri: ri.find_similar_personas("P01", "language"),
    "get_audience": lambda ri: ri.get_audience(),
    "get_persona": lambda ri: ri.get_persona("P01"),
    "get_persona_by_name": lambda ri: ri.get_persona_by_name("Persona 1"),
    "get_persona_coverage": lambda ri: ri.get_persona_coverage(),
    "get_persona_overlap": lambda ri: ri.get_persona_overlap(),
    "get_persona_rhythm": lambda ri: ri.get_persona_rhythm("P01"),
    "get_persona_terms": lambda ri: ri.get_persona_terms("P01"),
    "get_persona_tweets": lambda ri: ri.get_persona_tweets("P01", with_text=True),
    "get_personas": lambda ri: ri.get_personas(["P01"]),
    "get_summary_stats": lambda ri: ri.get_summary_stats(),
    "get_tweet_persona": lambda ri: ri.get_tweet_persona(tweet_id(0)),
    "get_tweet_personas": lambda ri: ri.get_tweet_personas([tweet_id(0), dropped_id(0)]),
    "get_tweet_samples": lambda ri: ri.get_tweet_samples("P01"),
    "lineage": lambda ri: ri.lineage("P01"),
    "list_personas": lambda ri: ri.list_personas(brief=False),
    "plot_hours": lambda ri: ri.plot_hours("P01"),
    "plot_map": lambda ri: ri.plot_map(),
    "plot_sizes": lambda ri: ri.plot_sizes(),
    "plot_stability": lambda ri: ri.plot_stability(),
    "quality": lambda ri: ri.quality(),
    "snapshots": lambda ri: ri.snapshots(),
    "verify": lambda ri: ri.verify(),
}
# Asked by tests of their own.
EXPORTS = {"export", "export_for_app"}


@pytest.fixture(scope="session")
def older_stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(params=VERSIONS)
def older(request: pytest.FixtureRequest, older_stores: Path) -> Path:
    """A store of an earlier version; tests may add to it, and change nothing."""
    return older_stores / str(request.param)


def refusal(ask: Ask, ri: RIIndex) -> str:
    """Ask; give what was refused, in one sentence and a remedy, or nothing."""
    try:
        ask(ri)
    except RIError as error:
        refused = error
    else:
        return ""
    assert "\n" not in refused.found
    assert refused.expected
    assert refused.remedy
    return refused.found


def test_every_query_is_asked() -> None:
    public = {
        name for name, value in inspect.getmembers(RIIndex)
        if callable(value) and not name.startswith("_") and name != "open"
    }  # fmt: skip
    assert public == {*QUERIES, *EXPORTS, "search"}


def test_every_version_is_in_the_archive(older_stores: Path) -> None:
    assert {path.name for path in older_stores.iterdir()} == set(VERSIONS)


def test_every_query_is_answered_or_refused(older: Path) -> None:
    ri = RIIndex.open(store=older)
    refused = {name: said for name, ask in QUERIES.items() if (said := refusal(ask, ri))}
    assert sorted(one.persona_id for one in ri.list_personas()) == ["P01", "P02", "P03"]
    # Its column was called `verdict` in most of them.
    assert {one.stability for one in ri.list_personas()} == {"stable"}
    assert {one.stability for one in ri.quality().personas} == {"stable"}
    # No version's synthetic tweets have hours and vectors to assign by, and a map came later.
    assert {"assign", "plot_hours"} <= set(refused) <= {"assign", "plot_hours", "plot_map"}
    has_map = older.name not in {"5cb466f", "e81fa74", "372ac61", "d776ca3-before"}
    assert ("plot_map" in refused) != has_map
    if older.name == "5cb466f":
        assert "was published by an earlier version" in refused["assign"]


@pytest.mark.slow  # the model takes seconds to load
def test_every_store_is_searched(older_stores: Path) -> None:
    for name in VERSIONS:
        found = RIIndex.open(store=older_stores / name).search("some words")
        assert len(found) == 3


def test_the_earlier_snapshot_of_each_is_read_too(older: Path) -> None:
    ri = RIIndex.open(store=older)
    first, second = (one.snapshot for one in ri.snapshots())
    assert ri.snapshot == second
    earlier = RIIndex.open(first, store=older)
    earlier.verify()
    assert len(earlier) == 3


def test_exports_are_written_or_refused_as_a_whole(older: Path, tmp_path: Path) -> None:
    ri = RIIndex.open(store=older)
    if older.name in {"7613ffa", "cf0e9ac"}:
        assert len(ri.export(tmp_path / "exports")) == 8
        return
    said = refusal(lambda ri: ri.export(tmp_path / "exports"), ri)
    assert said.endswith("has no persona_overlap.json")
    assert not list(tmp_path.rglob("*.json"))
    assert ri.export_for_app(tmp_path / "app.json").path  # this one has been there from the start


def test_a_store_is_continued_and_cleaned_by_this_version(
    older: Path, tmp_path: Path, cli: Cli
) -> None:
    store = Path(shutil.copytree(older, tmp_path / "store"))
    files = Files(str(store))
    before = published_ids(files)
    base = current_id(files)
    previous = read_previous(files, base)
    assert previous is not None
    assert set(previous.names) == {"P01", "P02", "P03"}
    assert Standing.published(files, base) is not None
    write_snapshot(str(store), 150, load_profile(str(SMALL_PROFILE)))
    ri = RIIndex.open(store=store)
    assert len(published_ids(files)) == len(before) + 1
    ri.verify()  # the chain, back to what the older version wrote
    assert ri.diff(str(base)).moved_tweets >= 0
    refused = cli("clean", "--store", store, "--raw")
    assert refused.code == 0, refused.text
    for one in before:  # their raw posts lie among the other files
        assert f"kept although old: set of raw posts {one}, because an earlier" in refused.out
    assert (store / "snapshots" / before[0] / "raw_tweets.parquet").exists()
    outcome = cli("clean", "--store", store, "--keep-snapshots", 1)
    assert outcome.code == 0, outcome.text
    assert published_ids(files) == [ri.snapshot]
    assert not [path.name for path in (store / "snapshots").iterdir() if path.name in before]
    RIIndex.open(store=store).verify()
