"""Whole runs in a store in which others publish, or that another version wrote."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ri_assets.quality.publication import Decision, decide
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, current_id, published_ids
from ri_assets_tests.command_line import Cli
from ri_assets_tests.conftest import FinishedRun


def test_a_run_leaves_neither_locks_nor_marks(store: Path) -> None:
    assert [path.name for path in (store / "locks").iterdir()] == ["publishing.lock"]
    assert list(store.rglob("publishing.json")) == list(store.rglob("*.part")) == []
    assert json.loads((store / "format.json").read_text()) == {"format": 1}


def test_an_unknown_format_is_told_in_a_sentence(
    store: Path, small_run: FinishedRun, cli: Cli
) -> None:
    (store / "format.json").write_text('{"format": 99}')
    before = sorted(store.rglob("*"))
    run = ["run", "--source", small_run.source, "--profile", small_run.profile]
    for command in (["personas"], run):
        outcome = cli(*command, "--store", store)
        assert outcome.code == 2
        assert f"the store {store} has format 99" in outcome.err
        assert "Traceback" not in outcome.text
    assert sorted(store.rglob("*")) == before


@pytest.mark.slow
def test_a_run_that_was_overtaken_says_so_and_reports_no_snapshot(
    store: Path, small_run: FinishedRun, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run publishes after every check of this one has passed."""
    files = Files(str(store))
    first, other = current_id(files), "20260101T000000Z-00000000"
    assert first is not None
    shutil.copytree(store / "snapshots" / first, store / "snapshots" / other)

    def decided_late(candidates: Candidates, *others: Any) -> Decision:
        decision = decide(candidates, *others)
        history = files.read_json(POINTER)["history"]
        both = [*history, {"snapshot": other, "manifest": ""}]
        files.write_json(POINTER, {"snapshot": other, "history": both})
        return decision

    monkeypatch.setattr("ri_assets.assets.ri_index_app.decide", decided_late)
    outcome = cli(
        "run", "--source", small_run.source, "--profile", small_run.profile, "--store", store,
        "--again",
    )  # fmt: skip
    assert outcome.code == 3, outcome.text
    assert f"result: not published: {other} is published, but this run began when {first} was" in (
        outcome.err
    )
    assert "run again" in outcome.err
    assert "read the draft: ri-index personas --draft" in outcome.err
    assert "results:" not in outcome.text
    assert current_id(files) == other
    assert published_ids(files) == [first, other]
    assert sorted(files.names("snapshots")) == sorted([first, other])
