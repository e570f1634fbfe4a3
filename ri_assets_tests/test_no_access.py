"""A full disk and missing rights, as `ri-index` says them: a sentence and exit code 4."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ri_assets.environment import PROJECT
from ri_assets.errors import AccessError, SourceError
from ri_assets.failures import failures
from ri_assets_tests.command_line import Cli, Outcome
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.faults import open_folder, ordinary_user, small_disk
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder

NO_ACCESS = 4
SOMEWHERE = "a file, perhaps in the temporary folder (TMPDIR)"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    tweets = small_tweets()
    return write_folder(tmp_path / "source", tweets, replies_to(tweets))


@pytest.fixture
def store() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def says(outcome: Outcome, found: str) -> None:
    assert outcome.code == NO_ACCESS, outcome.text
    assert found in outcome.err
    assert outcome.err.count("remedy:") == 1
    for raw in ("Traceback", "sqlite3.", "[SQL", "[Errno"):
        assert raw not in outcome.text


@pytest.mark.slow
def test_a_run_into_a_full_disk(cli: Cli, source: Path, tmp_path: Path) -> None:
    run = ("run", "--source", source, "--profile", SMALL_PROFILE)
    with small_disk(tmp_path / "disk", 64) as disk:
        outcome = cli(*run, "--store", disk)
        says(outcome, ": no space is left on the disk\n")
        # Not the one that was written whole before the disk was full.
        assert f"cannot write {disk}/candidate/" in outcome.err
        assert "raw_replies/raw_replies.parquet" in outcome.err
        assert "Nothing was published" in outcome.err


@pytest.mark.slow
def test_a_full_dagster_home(
    cli: Cli, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ("run", "--source", source, "--profile", SMALL_PROFILE, "--store", tmp_path / "store")
    with small_disk(tmp_path / "disk", 700) as home:  # enough to start a run
        shutil.copy(PROJECT / "dagster.yaml", home)
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        outcome = cli(*run)
        says(outcome, f"cannot write Dagster's records in {home}: ")
        assert "DAGSTER_HOME" in outcome.err
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "nowhere"))
    says(cli(*run), "not the full path of a folder")


def test_questions_to_a_store_without_rights(small_run: FinishedRun, cli: Cli, store: Path) -> None:
    published = small_run.store.with_name("as_published")
    snapshot = json.loads((published / "published.json").read_text())["snapshot"]
    shutil.copytree(published, store, dirs_exist_ok=True)
    for closed in (store / "published.json", store / "snapshots" / snapshot / "manifest.json"):
        closed.chmod(0o000)
        with ordinary_user():
            outcome = cli("summary", "--store", store)
        says(outcome, f"cannot read {closed}: permission denied")
        closed.chmod(0o644)


@pytest.mark.slow
def test_a_published_table_without_rights_stops_a_run_and_uses_up_no_id(
    small_run: FinishedRun, store: Path
) -> None:
    """Unread, its ids would be given again; `damaged` would send people to restore a backup."""
    from ri_assets.personas.lineage.published import read_previous
    from ri_assets.store.files import Files
    from ri_assets.store.pointer import current_id

    shutil.copytree(small_run.store.with_name("as_published"), store, dirs_exist_ok=True)
    [table] = store.glob("snapshots/*/personas_enriched.persona_lineage.parquet")
    table.chmod(0o000)
    files = Files(str(store))
    base = current_id(files)
    with ordinary_user(), pytest.raises(AccessError, match=r"persona_lineage\.parquet: permission"):
        read_previous(files, base)


def test_what_no_module_of_ours_met_is_a_sentence_too() -> None:
    assert [
        (failure.message.partition("\n")[0], failure.is_about_access)
        for error in (
            OSError(28, "No space left on device", "/cache/index"),
            OSError(28, "No space left on device"),
            AccessError("found", "expected", "remedy"),
            SourceError("found", "expected", "remedy"),
            OSError(9, "Bad file descriptor"),
        )
        for failure in failures(_events(error))
    ] == [
        ("cannot read or write /cache/index: no space is left on the disk", True),
        (f"cannot read or write {SOMEWHERE}: no space is left on the disk", True),
        ("found", True),
        ("found", False),
        ("OSError: [Errno 9] Bad file descriptor", False),
    ]


def _events(error: Exception) -> list[dg.DagsterEvent]:
    """Events of a run of one asset, which raises the error."""

    @dg.asset
    def made() -> None:
        raise error

    return list(dg.materialize([made], raise_on_error=False).all_events)
