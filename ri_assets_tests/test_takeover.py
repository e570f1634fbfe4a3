"""What a second run from a terminal does when nothing, or only something, changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets_tests.small import profile_with

if TYPE_CHECKING:
    from ri_assets.store.unchanged import Takeover
    from ri_assets_tests.command_line import Cli
    from ri_assets_tests.conftest import FinishedRun

EVERYTHING = "raw_tweets"
"""The first asset: if it is stale, so is all that follows."""


@pytest.fixture
def store(small_run: FinishedRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.store.with_name("as_published"), tmp_path / "store"))


def decide(source: str, profile: str, store: Path, **resources: object) -> Takeover:
    """Decide as `ri-index run` does, without running anything."""
    from ri_assets.definitions import build_defs
    from ri_assets.resources.settings import (
        NamingResource,
        ProfileResource,
        SourceResource,
        StoreResource,
    )
    from ri_assets.store.forgotten import read_forgotten
    from ri_assets.takeover import takeover_of

    chosen = SourceResource(source=source)
    given = {
        "source": chosen,
        "profile": ProfileResource(name=profile),
        "store": StoreResource(location=str(store)),
        "naming": NamingResource(),
        **resources,
    }
    corpus = chosen.open(read_forgotten(Files(str(store)))).read()
    definitions = build_defs(given)
    return takeover_of(definitions.get_repository_def(), definitions.resources or {}, corpus)


def test_a_run_with_nothing_new_runs_nothing_and_says_so(
    small_run: FinishedRun, store: Path, cli: Cli
) -> None:
    before = current_id(Files(str(store)))
    files = {path: path.stat().st_mtime_ns for path in store.rglob("*.parquet")}
    outcome = cli(
        "run", "--source", small_run.source, "--profile", small_run.profile, "--store", store
    )
    assert outcome.code == 0
    assert f"nothing new since snapshot {before}; nothing was run (use --again" in outcome.out
    assert current_id(Files(str(store))) == before
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*.parquet")} == files
    assert "P01" in outcome.out, "the personas are printed, too"


def test_a_first_run_makes_everything(small_run: FinishedRun, tmp_path: Path) -> None:
    found = decide(small_run.source, small_run.profile, tmp_path / "new")
    assert found.stale[0] == EVERYTHING
    assert not found.taken
    assert found.published is None


def rename(store: Path) -> None:
    (store / "names.yaml").write_text(
        "P01:\n- name: Somebody\n  by: Ana\n  date: 2026-11-23\n  reason: fits better\n"
    )


def forget(store: Path) -> None:
    from ri_assets.store.forgotten import add_forgotten

    add_forgotten(Files(str(store)), ["nobody_here"], [], [])


def clear_cache(store: Path) -> None:
    shutil.rmtree(store / "cache")


def lose_a_file(store: Path) -> None:
    files = Files(str(store))
    receipt = Candidates(files).receipt("clusters", "no run")
    Path(files.path(receipt.files["clusters"].path)).unlink()


def fail_a_check(store: Path) -> None:
    """Let the contract of the embeddings fail, which stops everything downstream."""
    files = Files(str(store))
    run_id = Candidates(files).receipt("embeddings", "no run").run_id
    place = store / "candidate" / run_id / "embeddings" / "verdicts.json"
    verdicts = json.loads(place.read_text())
    for verdict in verdicts:
        if verdict["check"] == "contract":
            verdict["is_passed"] = False
    place.write_text(json.dumps(verdicts))


def older_code(store: Path) -> None:
    files = Files(str(store))
    run_id = Candidates(files).receipt("behavioral_features", "no run").run_id
    place = store / "candidate" / run_id / "behavioral_features" / "receipt.json"
    receipt = json.loads(place.read_text())
    receipt["made_from"]["code"] = "000000000000"
    place.write_text(json.dumps(receipt))


def older_project(store: Path) -> None:
    """Leave receipts as versions wrote them that recorded no origin."""
    for place in store.glob("candidate/*/raw_tweets/receipt.json"):
        receipt = json.loads(place.read_text())
        del receipt["made_from"]
        place.write_text(json.dumps(receipt))


@pytest.mark.parametrize(
    ("change", "first_stale"),
    [
        (rename, "personas_enriched"),
        (forget, EVERYTHING),
        (clear_cache, "denoised_tweets"),
        (lose_a_file, "clusters"),
        (fail_a_check, "embeddings"),
        (older_code, "behavioral_features"),
        (older_project, EVERYTHING),
    ],
)
def test_what_changed_is_made_again_with_all_that_follows(
    small_run: FinishedRun, store: Path, change: object, first_stale: str
) -> None:
    assert callable(change)
    change(store)
    found = decide(small_run.source, small_run.profile, store)
    assert found.published is None
    assert found.stale[0] == first_stale
    assert found.stale[-1] == "ri_index_app"
    assert first_stale not in found.taken


def test_another_tweet_or_another_row_that_cannot_be_read_runs_everything(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    tweets = pd.read_parquet(Path(small_run.source) / "tweets.parquet")
    changed = Path(shutil.copytree(small_run.source, tmp_path / Path(small_run.source).name))
    same = decide(str(changed), small_run.profile, store)
    assert same.stale[0] == EVERYTHING  # it is another source, which the manifest names
    place = Path(small_run.source) / "tweets.parquet"
    kept = place.read_bytes()
    try:
        tweets.assign(text=tweets["text"].where(tweets.index > 0, "edited words here")).to_parquet(
            place
        )
        assert decide(small_run.source, small_run.profile, store).stale[0] == EVERYTHING
    finally:
        place.write_bytes(kept)
    assert decide(small_run.source, small_run.profile, store).published is not None


def test_another_profile_runs_everything(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    profile = profile_with(tmp_path, enrich={"n_terms": 9})
    assert decide(small_run.source, str(profile), store).stale[0] == EVERYTHING


def test_another_waiver_is_judged_anew_by_the_last_stage_alone(
    small_run: FinishedRun, store: Path
) -> None:
    from ri_assets.resources.settings import WaiversResource

    waivers = WaiversResource(gates={"retention": "we study copies"}, by="Ana")
    found = decide(small_run.source, small_run.profile, store, waivers=waivers)
    assert found.stale == ("ri_index_app",)


def test_a_snapshot_that_another_run_published_is_not_taken_for_this_one(
    small_run: FinishedRun, store: Path
) -> None:
    (store / "published.json").unlink()
    found = decide(small_run.source, small_run.profile, store)
    assert found.stale[-1] == "ri_index_app"
    assert found.published is None


@pytest.mark.slow
def test_a_correction_makes_the_personas_alone_and_publishes(
    small_run: FinishedRun, store: Path, cli: Cli
) -> None:
    before = current_id(Files(str(store)))
    rename(store)
    run = ("run", "--source", small_run.source, "--profile", small_run.profile, "--store", store)
    outcome = cli(*run)
    assert outcome.code == 0, outcome.text
    assert "taken over from earlier runs: raw_tweets" in outcome.err
    assert "clusters " not in outcome.out.partition("time:")[2]
    assert current_id(Files(str(store))) != before
    assert "Somebody" in cli("personas", "--store", store).out
    assert "nothing new since snapshot" in cli(*run).out
