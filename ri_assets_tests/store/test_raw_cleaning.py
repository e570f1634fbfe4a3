"""Removing raw posts beside readers and runs: what goes, what stays, and what `verify` says."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ri_assets.environment import Retention
from ri_assets.errors import StoreError
from ri_assets.store import active_runs, locks
from ri_assets.store.candidate import Candidates
from ri_assets.store.cleaned import Cleaning, sentences
from ri_assets.store.cleaning import find_old, remove_old
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.publishing import publish
from ri_assets.store.raw_posts import RawPostsGoneError, kept_ids, recorded_ids
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.store.test_candidate import ASSETS, whole_run
from ri_assets_tests.store.test_cleaning import (
    READER,
    found_without_a_change,
    ids_of,
    nothing,
    now,
    reader,
    verify_all,
)
from ri_assets_tests.store.test_publishing import Killed, dying

RAW = {"first.parquet"}
ALL = Retention(snapshots=99, candidates=99)
ONE, NONE = Retention(99, 99, raw=1), Retention(99, 99, raw=0)


def publish_more(candidates: Candidates, *runs: str, raw: set[str] = RAW) -> list[str]:
    found = []
    for run in runs:
        with active_runs.under_way(candidates.files, run):
            whole_run(candidates, run)
            found.append(publish(candidates, run, ASSETS, raw=raw).snapshot)
    return found


def clean_up(candidates: Candidates, retention: Retention, at: datetime | None = None) -> Cleaning:
    return remove_old(Files(candidates.files.location), retention, at or now(), ids_of, nothing)


def gone(done: Cleaning) -> list[str]:
    return [old.name for old in done.gone if old.kind == "raw"]


def test_raw_posts_lie_apart_and_the_manifest_names_them(candidates: Candidates) -> None:
    [one] = publish_more(candidates, "run1")
    files, snapshot = candidates.files, Snapshot(candidates.files)
    assert files.names(f"raw/{one}") == ["first.parquet"]
    assert files.names(f"snapshots/{one}") == ["manifest.json", "second.parquet"]
    assert (set(snapshot.manifest.raw), set(snapshot.manifest.files)) == (RAW, {"second.parquet"})
    assert snapshot.table("first").to_pydict() == {"tweet_id": [1]}
    Path(files.path(f"raw/{one}/first.parquet")).write_bytes(b"other")
    with pytest.raises(StoreError, match=r"first\.parquet differs from its manifest"):
        snapshot.verify()


def test_the_newest_keep_theirs_and_the_others_are_whole_without(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3")
    assert gone(clean_up(candidates, ALL)) == []
    before = files.read_json(POINTER)
    done = clean_up(candidates, ONE)
    assert gone(done) == ids[:2]
    assert all(old.bytes > 100 for old in done.gone)
    assert (kept_ids(files), recorded_ids(files)) == ([ids[2]], sorted(ids[:2]))
    assert published_ids(files) == ids
    assert files.read_json(POINTER) == before
    verify_all(files)
    old = Snapshot(files, ids[0])
    assert old.missing() == []
    assert old.table("second").to_pydict() == {"tweet_id": [1]}
    day = now().date().isoformat()
    for read in (
        lambda: old.table("first"),
        lambda: old.verified("first"),
        lambda: old.rows("first", None, [1], ["tweet_id"]),
        lambda: old.count("first"),
        lambda: old.content("first.parquet"),
    ):
        with pytest.raises(RawPostsGoneError, match=f"{ids[0]} were removed on {day}"):
            read()
    assert Snapshot(files).table("first").num_rows == 1
    assert clean_up(candidates, ONE) == Cleaning()


def test_a_dry_run_lists_the_same_and_changes_nothing(candidates: Candidates) -> None:
    publish_more(candidates, "run1", "run2", "run3")
    found = found_without_a_change(candidates, ONE)
    assert found == clean_up(candidates, ONE)
    said = list(sentences(found, ONE, is_dry_run=True))
    assert any(one.startswith("2 sets of raw posts would be removed (") for one in said)
    assert any("candidates that stay hold raw posts too" in one for one in said)
    assert not any("raw" in one for one in sentences(Cleaning(), ALL, is_dry_run=True))


def test_the_current_one_keeps_its_posts_even_if_it_is_the_oldest(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3")
    files.write_json(
        POINTER, {**files.read_json(POINTER), "snapshot": ids[0]}
    )  # somebody went back
    assert gone(clean_up(candidates, ONE)) == [ids[1]]
    assert gone(clean_up(candidates, NONE)) == [ids[0], ids[2]]


def test_a_reader_keeps_the_posts_until_it_ends(candidates: Candidates) -> None:
    [old] = publish_more(candidates, "run1")
    with reader(candidates.files.location) as process:
        publish_more(candidates, "run2")
        tried = find_old(candidates.files, ONE, now())
        done = clean_up(candidates, ONE)
        assert tried.kept == done.kept
        assert [(one.name, one.why) for one in done.kept] == [(old, "somebody is reading it")]
        answer, _ = process.communicate("go\n")  # it verifies the raw posts too
        assert (answer, process.returncode) == ("{'tweet_id': [1]}\n", 0)
    assert "verify" in READER
    assert gone(clean_up(candidates, ONE)) == [old]


def test_a_reader_that_comes_between_finding_and_removing_counts(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = publish_more(candidates, "run1", "run2")
    opened: list[Snapshot] = []
    unmarked = Snapshot.__init__

    def opening(self: Snapshot, files: Files, snapshot: str | None = None) -> None:
        unmarked(self, files, snapshot)
        if not opened:
            other = Snapshot.__new__(Snapshot)
            opened.append(other)
            unmarked(other, files, old)

    monkeypatch.setattr(Snapshot, "__init__", opening)
    done = clean_up(candidates, ONE)
    assert (gone(done), [one.why for one in done.kept]) == ([], ["somebody is reading it"])
    opened[0].verify()
    opened.clear()
    gc.collect()


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_a_death_at_any_step_leaves_posts_or_a_record(kind: str, tmp_path: Path) -> None:
    """Every file that is written or removed is a step; the next run clears up."""
    steps = 0
    while True:
        location = f"{'' if kind == 'local' else 'memory://'}{tmp_path}/{steps}"
        candidates = Candidates(Files(location))
        old, new = publish_more(candidates, "run1", "run2")
        later = now() + timedelta(days=2)
        with pytest.MonkeyPatch.context() as patch:
            seen: list[int] = []
            for name in ("_put", "remove"):
                patch.setattr(Files, name, dying(getattr(Files, name), steps, seen))
            try:
                clean_up(candidates, ONE, later)
                is_killed = False
            except Killed:
                is_killed = True
        again = Files(location)
        verify_all(again)
        assert published_ids(again) == [old, new]
        assert (old in kept_ids(again)) or (old in recorded_ids(again))
        active_runs.clear_debris(again)
        assert (old in kept_ids(again)) != (old in recorded_ids(again))
        verify_all(again)
        clean_up(candidates, ONE, later)
        assert (kept_ids(again), recorded_ids(again)) == ([new], [old])
        if not is_killed:
            break
        steps += 1
    assert steps >= 2


def test_files_that_vanish_one_by_one_are_no_fault_after_the_record(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = candidates.files
    old, _ = publish_more(candidates, "run1", "run2", raw={"first.parquet", "second.parquet"})
    monkeypatch.setattr(Files, "remove", lambda *_: None)  # it dies before deleting
    clean_up(candidates, ONE)
    monkeypatch.undo()
    Path(files.path(f"raw/{old}/first.parquet")).unlink()
    Snapshot(files, old).verify()
    with pytest.raises(RawPostsGoneError, match="were removed on"):
        Snapshot(files, old).table("second")  # still there, and nobody reads it any more


def test_posts_deleted_by_hand_are_a_fault_until_it_is_recorded(candidates: Candidates) -> None:
    files = candidates.files
    [one] = publish_more(candidates, "run1")
    files.remove(f"raw/{one}")
    snapshot = Snapshot(files)
    assert snapshot.missing() == []
    with pytest.raises(RawPostsGoneError, match=r"first\.parquet does not exist") as caught:
        snapshot.verify()
    assert "ri-index clean --raw" in caught.value.remedy
    del snapshot, caught  # the error's traceback holds the reader
    gc.collect()
    assert gone(clean_up(candidates, ONE)) == [one]
    Snapshot(files).verify()


def test_a_damaged_record_is_no_record(candidates: Candidates) -> None:
    files = candidates.files
    old, _ = publish_more(candidates, "run1", "run2")
    clean_up(candidates, ONE)
    files.write_json(f"raw/{old}.removed.json", {"snapshot": old})
    with pytest.raises(StoreError, match=r"removed.json is damaged"):
        Snapshot(files, old).verify()


def test_posts_among_the_other_files_stay_with_a_reason(candidates: Candidates) -> None:
    old, _ = publish_more(candidates, "run1", raw=set()) + publish_more(candidates, "run2")
    done = clean_up(candidates, ONE)
    assert gone(done) == []
    [kept] = done.kept
    assert (kept.kind, kept.name) == ("raw", old)
    assert "an earlier version published the snapshot" in kept.why
    verify_all(candidates.files)


def test_a_snapshot_that_cannot_be_read_does_not_stop_the_others(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3")
    files.write_json(f"snapshots/{ids[0]}/manifest.json", {})
    done = clean_up(candidates, ONE)
    assert gone(done) == [ids[1]]
    [kept] = done.kept
    assert kept.why.startswith("the snapshot cannot be read: ")


def test_a_removed_snapshot_takes_its_posts_and_record_along(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2", "run3")
    clean_up(candidates, Retention(99, 99, raw=2))
    assert recorded_ids(files) == [ids[0]]
    done = clean_up(candidates, Retention(1, 99))
    assert [old.name for old in done.gone] == ids[:2]
    assert files.names("raw") == [ids[2]]
    verify_all(files)


def test_in_an_object_store_readers_have_a_day(tmp_path: Path) -> None:
    candidates = Candidates(Files(f"memory://{tmp_path.name}-raw"))
    old, new = publish_more(candidates, "run1", "run2")
    done = clean_up(candidates, ONE)
    assert [one.name for one in done.kept] == [old]
    assert "less than a day ago" in done.kept[0].why
    assert gone(clean_up(candidates, ONE, now() + timedelta(days=2))) == [old]
    assert kept_ids(candidates.files) == [new]


def test_to_keep_none_empties_candidates_too(candidates: Candidates) -> None:
    files, ids = candidates.files, publish_more(candidates, "run1", "run2")
    with active_runs.under_way(files, "slow"):  # it may read what was the latest when it began
        done = clean_up(candidates, NONE)
        assert gone(done) == ids
        assert [old.name for old in done.gone if old.kind == "candidate"] == ["run1"]
        assert candidates.read("first", "slow").frame()["tweet_id"].tolist() == [1]
        whole_run(candidates, "slow")
        publish(candidates, "slow", ASSETS, raw=RAW)
    clean_up(candidates, NONE)
    assert files.names("candidate") == files.names("latest") == kept_ids(files) == []
    verify_all(files)
    [more] = publish_more(candidates, "run4")
    assert kept_ids(files) == [more]


def test_no_candidate_goes_while_a_run_is_starting(candidates: Candidates) -> None:
    publish_more(candidates, "run1")
    with locks.in_use(candidates.files, "about"):
        clean_up(candidates, NONE)
        assert candidates.files.names("candidate") == ["run1"]
        assert candidates.files.names("latest") == ["first.json", "second.json"]


def test_the_record_says_when_and_what(candidates: Candidates) -> None:
    old, _ = publish_more(candidates, "run1", "run2")
    moment = datetime(2026, 11, 28, 12, tzinfo=UTC)
    clean_up(candidates, ONE, moment)
    record = candidates.files.read_json(f"raw/{old}.removed.json")
    assert record.pop("bytes") > 100
    assert record == {
        "snapshot": old, "removed_at": "2026-11-28T12:00:00+00:00", "files": ["first.parquet"],
        "screened": [],
    }  # fmt: skip
