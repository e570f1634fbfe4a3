"""The benchmark of the index, on small sizes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.index import main
from benchmarks.index_ids import dropped_id, tweet_id
from benchmarks.index_snapshot import READ, write_snapshot
from ri_assets.config import load_profile
from ri_assets.records.assets import CONTRACTS
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.small import SMALL_PROFILE


def test_ids_ascend_and_dropped_ones_lie_between() -> None:
    ids = [tweet_id(place) for place in range(100_000)]
    assert all(a < b for a, b in pairwise(ids))
    assert not {dropped_id(place) for place in range(100_000)} & set(ids)


def test_a_synthetic_snapshot_keeps_the_contracts(tmp_path: Path) -> None:
    write_snapshot(str(tmp_path), 300, load_profile(str(SMALL_PROFILE)))
    snapshot = Snapshot(Files(str(tmp_path)))
    snapshot.verify()
    for asset in READ:
        for part in CONTRACTS[asset].tables:
            table = snapshot.table(asset, part.name)
            assert table.schema.equals(part.schema), part.name
            table.validate(full=True)
            for column in part.columns:
                assert column.nullable or table[column.name].null_count == 0
    kept = set(snapshot.table("denoised_tweets")["tweet_id"].to_pylist())
    raw = set(snapshot.table("raw_tweets")["tweet_id"].to_pylist())
    dropped = set(snapshot.table("denoised_tweets", "dropped")["tweet_id"].to_pylist())
    assert (kept | dropped, kept & dropped) == (raw, set())


@pytest.mark.slow
def test_the_last_line_has_times_and_memory_for_every_size(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["index", "--sizes", "200,2000", "--light"])
    main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(found) == {"200", "2000"}
    for size in found.values():
        assert 0 < size["open_s"] < size["import_s"] + 60
        assert 30 < size["peak_mb"] < 1000
        for call in ("get_tweet_persona", "filter_personas", "get_persona_tweets"):
            assert 0 < size[call]["p50_ms"] <= size[call]["p99_ms"]
