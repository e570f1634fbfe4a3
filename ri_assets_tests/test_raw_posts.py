"""Raw posts of real runs: removed by the command and the job, and made anew by the next run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.clean_job import clean_job
from ri_assets.config import load_profile
from ri_assets.resources.settings import StoreResource
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets.store.raw_posts import kept_ids, recorded_ids
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.source_copy import FOLDER, SourceCopy
from ri_assets_tests.command_line import Cli
from ri_assets_tests.small import SMALL_PROFILE
from ri_assets_tests.unpacked import places_of


@pytest.fixture
def two(synthetic_store: Path, tmp_path: Path) -> Path:
    """A store of two snapshots that nobody has open."""
    store = Path(shutil.copytree(synthetic_store, tmp_path / "two"))
    write_snapshot(str(store), 150, load_profile(str(SMALL_PROFILE)), 1)
    return store


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def test_nothing_of_an_author_is_left_in_the_store(store: Path, cli: Cli) -> None:
    [posts] = store.glob("raw/*/denoised_tweets.parquet")
    authors = pd.read_parquet(posts)[["author_handle", "author_id"]].astype(str)
    handles = [one for one in authors["author_handle"] if one.isascii() and one.isalnum()]
    names = [*handles[:8], *authors["author_id"].head(5)]
    secrets = {f"author {n}": one for n, one in enumerate(names) if len(one) > 7}
    assert len(secrets) > 5
    before = places_of(secrets, store)
    assert {place.partition(": ")[0] for place in before} == set(secrets)
    assert all("/raw/" in place or "/candidate/" in place for place in before)
    files = Files(str(store))
    SourceCopy(files, {}).write(files.read_table(str(posts.relative_to(store))))
    assert any(f"/{FOLDER}/" in place for place in places_of(secrets, store))
    told = cli("clean", "--raw", "--keep-raw", 0, "--store", store)
    assert told.code == 0, told.text
    assert "1 set of raw posts removed (" in told.out
    assert "1 candidate removed (" in told.out
    assert "1 copy of a database removed (" in told.out
    assert places_of(secrets, store) == []
    assert cli("verify", "--store", store).code == 0
    shown = cli("tweets", "P01", "--text", "--store", store)
    assert "no texts: the raw posts of snapshot" in " ".join(shown.out.split())


def test_the_command_lists_then_removes_and_is_told_how_many_stay(two: Path, cli: Cli) -> None:
    files, ids = Files(str(two)), published_ids(Files(str(two)))
    plain = cli("clean", "--store", two)
    assert "raw" not in plain.out
    tried = cli("clean", "--raw", "--dry-run", "--store", two)
    assert f"raw {ids[0]}" in tried.out
    assert "1 set of raw posts would be removed (" in tried.out
    assert "the newest 1, and those in use, stay" in tried.out
    assert "with --keep-raw 0, only those in use stay" in tried.out
    assert kept_ids(files) == sorted(ids)
    done = json.loads(cli("clean", "--raw", "--json", "--store", two).out)
    assert [one["name"] for one in done["gone"] if one["kind"] == "raw"] == ids[:1]
    assert done["retention"]["raw"] == 1
    assert (kept_ids(files), recorded_ids(files)) == (ids[1:], ids[:1])
    Snapshot(files, ids[0]).verify()


def test_what_is_kept_must_be_asked_for_together_with_the_removal(two: Path, cli: Cli) -> None:
    outcome = cli("clean", "--keep-raw", 0, "--store", two)
    assert outcome.code == 2
    assert "--keep-raw 0 is given without --raw" in outcome.err
    assert len(kept_ids(Files(str(two)))) == 2


def test_the_variable_lets_the_job_and_the_plain_command_remove_them(
    two: Path, cli: Cli, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, ids = Files(str(two)), published_ids(Files(str(two)))
    monkeypatch.setenv("RI_KEEP_RAW", "1")
    result = clean_job.execute_in_process(
        instance=instance, resources={"store": StoreResource(location=str(two))}
    )
    assert result.success
    said = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert any(text.startswith("1 set of raw posts removed (") for text in said)
    assert recorded_ids(files) == ids[:1]
    monkeypatch.setenv("RI_KEEP_RAW", "0")
    assert "1 set of raw posts removed (" in cli("clean", "--store", two).out
    assert recorded_ids(files) == sorted(ids)


@pytest.mark.slow
def test_the_next_run_has_them_again(store: Path, cli: Cli) -> None:
    [posts] = store.glob("raw/*/raw_tweets.parquet")
    before = posts.read_bytes()
    [manifest] = store.glob("snapshots/*/manifest.json")
    source = json.loads(manifest.read_text())["source"]
    assert cli("clean", "--raw", "--keep-raw", 0, "--store", store).code == 0
    again = cli("run", "--source", source, "--profile", SMALL_PROFILE, "--store", store)
    assert again.code == 0, again.text
    assert "taken over from earlier runs" not in again.text
    [posts] = store.glob("raw/*/raw_tweets.parquet")
    assert posts.read_bytes() == before
    assert cli("verify", "--store", store).code == 0
