"""What a store says of itself: the chain of manifests, its history, the version of its format."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ri_assets.errors import StoreError
from ri_assets.store import active_runs, locks
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.snapshot import Draft, Snapshot
from ri_assets_tests.store.test_candidate import whole_run
from ri_assets_tests.store.test_publishing import published


@pytest.fixture
def three(candidates: Candidates) -> list[str]:
    """Ids of three snapshots, published one after the other."""
    return [published(candidates, run) for run in ("run1", "run2", "run3")]


def forge(files: Files, snapshot: str) -> str:
    """Change a file and its digest in the manifest; give the new digest of the manifest."""
    folder = Path(files.path(f"snapshots/{snapshot}"))
    (folder / "first.parquet").write_bytes(b"forged")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["first.parquet"] = hashlib.sha256(b"forged").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def forge_pointer(files: Files, snapshot: str, digest: str) -> None:
    pointer = files.read_json(POINTER)
    for one in pointer["history"]:
        if one["snapshot"] == snapshot:
            one["manifest"] = digest
    files.write_json(POINTER, pointer)


def test_each_manifest_names_the_one_before(candidates: Candidates, three: list[str]) -> None:
    files = candidates.files
    manifests = [Snapshot(files, one).manifest for one in three]
    assert [m.previous for m in manifests] == [None, *three[:2]]
    digests = [files.sha256(f"snapshots/{one}/manifest.json") for one in three]
    assert [m.previous_manifest for m in manifests] == ["", *digests[:2]]
    assert files.read_json(POINTER) == {
        "snapshot": three[-1],
        "history": [
            {"snapshot": one, "manifest": digest}
            for one, digest in zip(three, digests, strict=True)
        ],
    }
    for one in three:
        Snapshot(files, one).verify()


@pytest.mark.parametrize("forged", [0, 1, 2])
def test_a_manifest_that_was_edited_with_its_file_is_noticed(
    candidates: Candidates, three: list[str], forged: int
) -> None:
    forge(candidates.files, three[forged])
    for place, snapshot in enumerate(three):
        if place < forged:  # what came before says nothing of it
            Snapshot(candidates.files, snapshot).verify()
            continue
        with pytest.raises(StoreError, match=f"{three[forged]}/manifest.json was changed"):
            Snapshot(candidates.files, snapshot).verify()


def test_the_next_manifest_notices_even_if_the_pointer_was_edited_too(
    candidates: Candidates, three: list[str]
) -> None:
    digest = forge(candidates.files, three[0])
    forge_pointer(candidates.files, three[0], digest)
    for snapshot in three:
        with pytest.raises(StoreError, match=f"{three[0]}/manifest.json was changed"):
            Snapshot(candidates.files, snapshot).verify()


def test_a_removed_snapshot_ends_the_chain(candidates: Candidates, three: list[str]) -> None:
    candidates.files.remove(f"snapshots/{three[1]}")
    assert published_ids(candidates.files) == [three[0], three[2]]
    for one in (three[0], three[2]):
        Snapshot(candidates.files, one).verify()


def as_of_an_earlier_version(files: Files, snapshots: list[str]) -> None:
    """Take away what this version adds: history, chain, version."""
    files.remove("format.json")
    files.write_json(POINTER, {"snapshot": snapshots[-1]})
    for one in snapshots:
        content = files.read_json(f"snapshots/{one}/manifest.json")
        del content["previous"], content["previous_manifest"]
        files.write_json(f"snapshots/{one}/manifest.json", content)


def test_a_store_of_an_earlier_version_opens_and_is_gone_on_with(
    candidates: Candidates, three: list[str]
) -> None:
    files, known = candidates.files, sorted(three)
    as_of_an_earlier_version(files, three)
    assert published_ids(files) == known
    for one in three:
        Snapshot(files, one).verify()
    files.write_json("snapshots/half/other.json", {})  # an old run was killed
    last = published(candidates, "run4")
    assert published_ids(files) == [*known, last]
    assert Snapshot(files).manifest.previous == three[-1]
    assert files.read_json("format.json") == {"format": 1}
    forge(files, three[-1])
    with pytest.raises(StoreError, match=f"{three[-1]}/manifest.json was changed"):
        Snapshot(files).verify()


def test_a_death_in_a_store_of_an_earlier_version_leaves_no_ghost(
    candidates: Candidates, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_of_an_earlier_version(candidates.files, three)

    replace = locks.replace_if_unchanged

    def die_at_the_new_one(files: Files, name: str, content: Any, tag: str | None) -> bool:
        if content["snapshot"] not in three:
            raise KeyboardInterrupt
        return replace(files, name, content, tag)

    monkeypatch.setattr(locks, "replace_if_unchanged", die_at_the_new_one)
    with pytest.raises(KeyboardInterrupt):
        published(candidates, "run4")
    assert len(candidates.files.names("snapshots")) == 4
    assert published_ids(candidates.files) == sorted(three)


@pytest.mark.parametrize(
    ("content", "found"),
    [({"format": 2}, "has format 2"), ({}, "format.json is damaged"), ([], "is damaged")],
)
def test_an_unknown_format_is_refused_before_anything_is_read_or_written(
    candidates: Candidates, three: list[str], content: object, found: str
) -> None:
    files = Files(candidates.files.location)
    files.write_json("format.json", content)
    before = sorted(Path(files.path("")).rglob("*"))
    for open_ in (Snapshot, Draft, published_ids, lambda files: Snapshot(files, three[0])):
        with pytest.raises(StoreError, match=found):
            open_(files)
    with pytest.raises(StoreError, match=found), active_runs.under_way(files, "run4"):
        whole_run(candidates, "run4")
    assert sorted(Path(files.path("")).rglob("*")) == before


@pytest.mark.parametrize("history", [3, [3], [{}], [{"snapshot": "x"}]])
def test_a_damaged_history_is_told(candidates: Candidates, history: object) -> None:
    candidates.files.write_json(POINTER, {"snapshot": "x", "history": history})
    with pytest.raises(StoreError, match=r"published\.json is damaged"):
        Snapshot(candidates.files)
