"""Cleaning beside readers and runs: what goes, what stays, and that the chain still holds."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ri_assets.environment import Retention
from ri_assets.errors import AccessError, StoreError
from ri_assets.pipeline.embed import text_key
from ri_assets.store import active_runs, cleaned, locks
from ri_assets.store.candidate import Candidates
from ri_assets.store.cleaned import Cleaning, sentences
from ri_assets.store.cleaning import find_old, remove_old
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.removed import personas_of_removed, removed_ids
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.source_copy import FOLDER, SourceCopy
from ri_assets_tests.faults import open_folder, ordinary_user
from ri_assets_tests.store.cached import known_vectors
from ri_assets_tests.store.test_candidate import whole_run
from ri_assets_tests.store.test_publishing import published

ONE = Retention(snapshots=1, candidates=1, cache_days=30)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def candidates(tmp_path: Path) -> Candidates:
    return Candidates(Files(str(tmp_path)))


def publish_more(candidates: Candidates, *runs: str) -> list[str]:
    return [published(candidates, run) for run in runs]


def ids_of(snapshot: Snapshot) -> frozenset[str]:
    """Stand for the ids in a snapshot: these have no personas."""
    return frozenset({f"P-{snapshot.manifest.run_id}"})


def nothing(_: Snapshot) -> frozenset[str]:
    """Stand for the words of people's corrections: there are none."""
    return frozenset()


def clean_up(candidates: Candidates, retention: Retention = ONE) -> Cleaning:
    return remove_old(Files(candidates.files.location), retention, now(), ids_of, nothing)


def verify_all(files: Files) -> None:
    for one in published_ids(files):
        Snapshot(files, one).verify()


def test_the_newest_stay_and_every_manifest_remains_in_the_chain(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, *(f"run{n}" for n in range(6)))
    before = files.read_json(POINTER)
    done = clean_up(candidates, Retention(snapshots=2))
    assert [old.name for old in done.gone if old.kind == "snapshot"] == ids[:4]
    assert all(old.bytes > 1000 for old in done.gone)
    assert published_ids(files) == ids[4:]
    assert files.names("snapshots") == sorted(ids[4:])
    assert files.read_json(POINTER) == before
    assert removed_ids(files) == sorted(ids[:4])
    verify_all(files)
    assert personas_of_removed(files) == {f"P-run{n}" for n in range(4)}
    more = published(candidates, "run6")
    assert Snapshot(files, more).manifest.previous == ids[-1]
    verify_all(files)
    again = clean_up(candidates, Retention(snapshots=3, candidates=9))
    assert again == Cleaning()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_manifest_of_a_removed_snapshot_is_noticed(
    candidates: Candidates, place: int
) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3", "run4")
    clean_up(candidates)
    content = files.read_json(f"removed/{ids[place]}.json")
    content["manifest"] = content["manifest"].replace('"source": "sample"', '"source": "other"')
    files.write_json(f"removed/{ids[place]}.json", content)
    with pytest.raises(StoreError, match=f"removed/{ids[place]}.json was changed"):
        Snapshot(files).verify()


def found_without_a_change(candidates: Candidates, retention: Retention) -> Cleaning:
    """Look for what is old, and make sure that looking changes no file."""
    root = Path(candidates.files.location)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    found = find_old(candidates.files, retention, now())
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    return found


def test_a_dry_run_lists_the_same_and_changes_nothing(candidates: Candidates) -> None:
    publish_more(candidates, "run1", "run2", "run3")
    found = found_without_a_change(candidates, ONE)
    assert found == clean_up(candidates)
    assert [old.kind for old in found.gone] == ["candidate", "snapshot", "snapshot"]
    [first, *_] = sentences(found, ONE, is_dry_run=True)
    assert first.startswith("2 snapshots would be removed (")


def test_the_published_one_stays_even_if_it_is_the_oldest(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3", "run4")
    pointer = files.read_json(POINTER)
    files.write_json(POINTER, {**pointer, "snapshot": ids[0]})  # a person went back
    clean_up(candidates)
    assert published_ids(files) == [ids[0], ids[3]]
    verify_all(files)
    assert Snapshot(files).manifest.snapshot == ids[0]


def test_what_a_run_in_progress_started_from_stays(candidates: Candidates) -> None:
    files, [base] = candidates.files, publish_more(candidates, "run1")
    with active_runs.under_way(files, "slow"):
        publish_more(candidates, "run2", "run3")
        done = clean_up(candidates)
        assert base in published_ids(files)
        [kept] = [one for one in done.kept if one.kind == "snapshot"]
        assert (kept.name, kept.why) == (base, "run slow, in progress, started from it")
        whole_run(candidates, "slow")
    clean_up(candidates)
    assert base not in published_ids(files)


def test_nothing_that_a_run_may_need_goes_while_it_is_starting(candidates: Candidates) -> None:
    publish_more(candidates, "run1", "run2", "run3")
    with locks.in_use(candidates.files, "about"):
        done = clean_up(candidates)
    assert done.gone == ()
    assert {one.why for one in done.kept} == {"run about is starting, and may start from it"}


READER = """
    import sys
    from ri_assets.store.files import Files
    from ri_assets.store.snapshot import Snapshot
    opened = Snapshot(Files(sys.argv[1]))
    print("open", flush=True)
    sys.stdin.readline()
    opened.verify()
    print(opened.table("second").to_pydict(), flush=True)
"""


@contextmanager
def reader(location: str) -> Iterator[subprocess.Popen[str]]:
    """Open the current snapshot in another process, which reads it when it gets a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(READER), location],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_reader_outlasts_ten_publications_and_their_cleaning(candidates: Candidates) -> None:
    [old] = publish_more(candidates, "run0")
    with reader(candidates.files.location) as process:
        for n in range(1, 11):
            newest = published(candidates, f"run{n}")
            done = clean_up(candidates)
            assert published_ids(candidates.files) == [old, newest]
            assert [one.why for one in done.kept if one.name == old] == ["somebody is reading it"]
        answer, _ = process.communicate("go\n")
        assert answer == "{'tweet_id': [1]}\n"
        assert process.returncode == 0
    clean_up(candidates)
    assert published_ids(candidates.files) == [newest]


def test_a_reader_of_this_process_counts_too_and_ends_with_its_object(
    candidates: Candidates,
) -> None:
    [old] = publish_more(candidates, "run1")
    opened = Snapshot(candidates.files, old)
    publish_more(candidates, "run2")
    clean_up(candidates)
    opened.verify()
    del opened
    gc.collect()
    clean_up(candidates)
    assert old not in published_ids(candidates.files)


def test_a_removed_snapshot_is_not_found_and_a_race_loses_cleanly(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = publish_more(candidates, "run1", "run2")
    monkeypatch.setattr("ri_assets.store.snapshot.is_published", lambda *_: True)
    clean_up(candidates)  # after the reader saw that the snapshot is there
    with pytest.raises(StoreError, match=r"manifest\.json does not exist"):
        Snapshot(candidates.files, old)
    monkeypatch.undo()
    with pytest.raises(StoreError, match=f"no snapshot '{old}'.*\n.*one of {new}"):
        Snapshot(candidates.files, old)


def test_a_killed_cleaning_is_finished_by_the_next(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3")
    remove = Files.remove

    def die_at_folders(self: Files, name: str) -> None:
        if name.startswith("snapshots/") and not name.endswith("manifest.json"):
            raise KeyboardInterrupt
        remove(self, name)

    monkeypatch.setattr(Files, "remove", die_at_folders)
    with pytest.raises(KeyboardInterrupt):
        clean_up(candidates)
    monkeypatch.undo()
    assert published_ids(files) == ids[1:]
    assert files.names("snapshots") == sorted(ids)
    verify_all(files)
    clean_up(candidates)
    assert files.names("snapshots") == [ids[-1]]
    verify_all(files)


def test_a_snapshot_whose_ids_cannot_be_read_stays(candidates: Candidates) -> None:
    old, _ = publish_more(candidates, "run1", "run2")

    def unreadable(_: Snapshot) -> frozenset[str]:
        raise StoreError("it is damaged", "a whole one", "none")

    done = remove_old(candidates.files, ONE, now(), unreadable, nothing)
    assert old in published_ids(candidates.files)
    assert "no id may be given twice: it is damaged" in done.kept[0].why


def test_a_store_of_an_earlier_version_keeps_its_history(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3")
    files.write_json(POINTER, {"snapshot": ids[-1]})
    clean_up(candidates)
    assert [one["snapshot"] for one in files.read_json(POINTER)["history"]] == sorted(ids)
    verify_all(files)


def test_in_an_object_store_readers_have_a_day(tmp_path: Path) -> None:
    candidates = Candidates(Files(f"memory://{tmp_path.name}"))
    old, new = publish_more(candidates, "run1", "run2")
    kept = clean_up(candidates).kept
    assert [one.name for one in kept] == [old]
    assert "less than a day ago" in kept[0].why
    remove_old(candidates.files, ONE, now() + timedelta(days=2), ids_of, nothing)
    assert published_ids(candidates.files) == [new]
    verify_all(candidates.files)


def test_vectors_go_when_nobody_used_them_for_long(candidates: Candidates) -> None:
    files = candidates.files
    keys = [text_key(text) for text in ("used", "unused")]
    vectors = np.ones((1, 4), dtype=np.float32)
    cache = EmbeddingCache(files)
    for key in keys:
        cache.put("model", [key], vectors)
    for name in cache.segments():
        os.utime(files.path(name), (0, 0))
    assert set(known_vectors(EmbeddingCache(files), "model", [keys[0]])) == {keys[0]}
    gone = [old for old in clean_up(candidates).gone if old.kind == "vectors"]
    assert len(gone) == 1
    assert set(known_vectors(EmbeddingCache(files), "model", keys)) == {keys[0]}
    # The process that had read the names embeds the text again.
    assert set(known_vectors(cache, "model", keys)) == {keys[0]}


def test_the_copy_of_a_database_goes_when_no_run_used_it_for_long(candidates: Candidates) -> None:
    copy, place = SourceCopy(candidates.files, {}), candidates.files.path(FOLDER)
    copy.write(pa.table({"tweet_id": [1]}))
    assert not clean_up(candidates).gone
    for name in ("rows.parquet", "receipt.json"):
        os.utime(f"{place}/{name}", (0, 0))
    copy.mark_used()
    assert not clean_up(candidates).gone
    os.utime(f"{place}/receipt.json", (0, 0))
    [old] = clean_up(candidates).gone
    assert (old.kind, old.name, old.bytes > 100) == ("copy", FOLDER, True)
    assert not Path(place).exists()


def test_a_store_that_may_not_be_written_is_said() -> None:
    with open_folder() as folder:
        candidates = Candidates(Files(str(folder)))
        publish_more(candidates, "run1", "run2")
        with ordinary_user(), pytest.raises(AccessError, match="permission denied"):
            clean_up(candidates)
        verify_all(candidates.files)


def test_sizes_are_told_in_their_unit() -> None:
    assert [cleaned.told_bytes(n) for n in (0, 999_949, 10_000_000, 3_000_000_000)] == [
        "0.0 kB", "999.9 kB", "10.0 MB", "3.0 GB",
    ]  # fmt: skip
