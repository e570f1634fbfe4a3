from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Receipt, Verdict
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.publishing import obstacles, publish
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.tables import Tables

ASSETS = ("first", "second")
BLOCKING = {"first": ("sound",), "second": ("sound",)}


def write(
    candidates: Candidates,
    asset: str,
    run: str,
    value: int = 1,
    *,
    corpus: str = "c",
    config: str = "h",
) -> Receipt:
    tables = Tables(corpus, {asset: pa.table({"tweet_id": [value]})}, asset)
    inputs = ["first"] if asset == "second" else []
    return candidates.write(
        asset, run, tables, inputs, config_hash=config, profile="p", source="sample"
    )


def verdict(receipt: Receipt, *, is_passed: bool = True) -> Verdict:
    return Verdict(
        check="sound",
        asset=receipt.asset,
        sha256=receipt.sha256,
        is_passed=is_passed,
        is_blocking=True,
        figure="why",
        value=1.0 if is_passed else 0.5,
        threshold=">= 1",
        baseline=None,
        n=1,
        message="low",
    )


def whole_run(candidates: Candidates, run: str, value: int = 1) -> None:
    for asset in ASSETS:
        receipt = write(candidates, asset, run, value)
        candidates.record(receipt, [verdict(receipt)])


def test_a_run_reads_its_own_candidate_and_else_the_latest(candidates: Candidates) -> None:
    write(candidates, "first", "run1", 1)
    write(candidates, "first", "run2", 2)
    read = {
        run: candidates.read("first", run).frame()["tweet_id"][0]
        for run in ("run1", "run2", "run3")
    }
    assert read == {"run1": 1, "run2": 2, "run3": 2}


def test_tables_are_read_when_they_are_needed_and_vectors_are_not_kept(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = 20_000  # more than a row group
    vectors = np.random.default_rng(0).standard_normal((n, 3)).astype(np.float32)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 3)
    ids = pa.array(np.arange(n))
    tables = {
        "first": pa.table({"tweet_id": ids, "embedding": lists}),
        "beside": pa.table({"tweet_id": ids}),
    }
    candidates.write(
        "first", "run1", Tables("c", tables, "first"), [],
        config_hash="h", profile="p", source="sample",
    )  # fmt: skip
    read, read_table = [], Files.read_table

    def note(files: Files, name: str) -> pa.Table:
        read.append(name.rpartition("/")[2])
        return read_table(files, name)

    monkeypatch.setattr(Files, "read_table", note)
    found = candidates.read("first", "run1")
    assert sorted(found.by_name) == ["beside", "first"]
    assert "other" not in found.by_name
    assert read == []
    assert np.array_equal(found.vectors("embedding").values, vectors)
    assert found.by_name["beside"].equals(found.by_name["beside"])
    assert len(found.vectors("embedding")) == n
    assert read == ["first.parquet", "beside.parquet", "first.parquet"]


def test_an_asset_that_was_never_made_is_named(candidates: Candidates) -> None:
    with pytest.raises(StoreError, match="first has never been materialised"):
        candidates.read("first", "run1")


def test_a_whole_run_with_passed_checks_is_published(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    assert obstacles(candidates, "run1", ASSETS, BLOCKING) == []
    manifest = publish(candidates, "run1", ASSETS)
    snapshot = Snapshot(candidates.files)
    snapshot.verify()
    assert snapshot.manifest.snapshot == manifest.snapshot
    assert snapshot.manifest.corpus == "c"
    assert snapshot.table("second").to_pydict() == {"tweet_id": [1]}


def test_a_failed_check_is_an_obstacle_and_the_old_snapshot_stays(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    publish(candidates, "run1", ASSETS)
    before = candidates.files.read_json(POINTER)
    whole_run(candidates, "run2", 2)
    receipt = candidates.receipt("second", "run2")
    candidates.record(receipt, [verdict(receipt, is_passed=False)])
    assert obstacles(candidates, "run2", ASSETS, BLOCKING) == ["check sound of second failed: low"]
    assert candidates.files.read_json(POINTER) == before


def test_a_check_that_never_ran_is_an_obstacle(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    write(candidates, "second", "run1", 5)  # new files: the old verdict does not count
    assert obstacles(candidates, "run1", ASSETS, BLOCKING) == [
        "check sound of second has not run on these files"
    ]


def test_an_asset_made_from_other_inputs_is_an_obstacle(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    receipt = write(candidates, "first", "run2", 9)
    candidates.record(receipt, [verdict(receipt)])
    assert any(
        "second was made from another first" in o
        for o in obstacles(candidates, "run3", ASSETS, BLOCKING)
    )


@pytest.mark.parametrize("aspect", ["corpus", "config"])
def test_assets_of_different_origin_are_an_obstacle(candidates: Candidates, aspect: str) -> None:
    write(candidates, "first", "run1")
    write(candidates, "second", "run1", **{aspect: "other"})  # type: ignore[arg-type]
    assert any(o.startswith("assets differ in") for o in obstacles(candidates, "run1", ASSETS, {}))


def test_a_crash_before_the_swap_leaves_readers_where_they_were(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_run(candidates, "run1")
    first = publish(candidates, "run1", ASSETS).snapshot
    whole_run(candidates, "run2", 2)
    write_json = candidates.files.write_json

    def crash_at_pointer(name: str, content: object) -> None:
        if name == POINTER:
            raise KeyboardInterrupt
        write_json(name, content)

    monkeypatch.setattr(candidates.files, "write_json", crash_at_pointer)
    with pytest.raises(KeyboardInterrupt):
        publish(candidates, "run2", ASSETS)
    assert Snapshot(candidates.files).manifest.snapshot == first


def test_older_snapshots_stay_readable(candidates: Candidates) -> None:
    whole_run(candidates, "run1", 1)
    old = publish(candidates, "run1", ASSETS).snapshot
    whole_run(candidates, "run2", 2)
    new = publish(candidates, "run2", ASSETS).snapshot
    assert set(published_ids(candidates.files)) == {old, new}
    assert Snapshot(candidates.files, old).table("first").to_pydict() == {"tweet_id": [1]}
    assert Snapshot(candidates.files).manifest.snapshot == new


def test_damage_is_found(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    publish(candidates, "run1", ASSETS)
    snapshot = Snapshot(candidates.files)
    path = Path(candidates.files.path(f"{snapshot.folder}/first.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    with pytest.raises(StoreError, match=r"first\.parquet differs from its manifest"):
        snapshot.verify()


def test_no_snapshot_and_an_unknown_one_are_told(candidates: Candidates) -> None:
    with pytest.raises(StoreError, match="no snapshot is published"):
        Snapshot(candidates.files)
    whole_run(candidates, "run1")
    publish(candidates, "run1", ASSETS)
    with pytest.raises(StoreError, match="there is no snapshot 'x'"):
        Snapshot(candidates.files, "x")


def test_sweeping_keeps_what_is_latest(candidates: Candidates) -> None:
    for run in ("run1", "run2", "run3"):
        write(candidates, "first", run)
    write(candidates, "second", "run1")
    candidates.sweep(keep_runs=0)
    assert candidates.files.names("candidate") == ["run1", "run3"]


def test_files_beside_the_assets_are_published_and_verified(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    manifest = publish(candidates, "run1", ASSETS, {"extra.bin": b"for readers"})
    snapshot = Snapshot(candidates.files)
    assert bytes(snapshot.content("extra.bin")) == b"for readers"
    assert set(manifest.files) == {"first.parquet", "second.parquet", "extra.bin"}
    assert snapshot.missing() == []
    snapshot.verify()
    with pytest.raises(StoreError, match=r"has no other\.bin"):
        snapshot.content("other.bin")
    candidates.files.write_bytes(f"{snapshot.folder}/extra.bin", b"for Readers")
    with pytest.raises(StoreError, match="its sha256 is not the one in the manifest"):
        snapshot.content("extra.bin")
    candidates.files.remove(f"{snapshot.folder}/extra.bin")
    assert snapshot.missing() == ["extra.bin"]
