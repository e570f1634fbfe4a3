"""The store on S3, as a server of its own on this machine speaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fsspec.config import conf, set_conf_env
from moto.server import ThreadedMotoServer

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.errors import AccessError, StoreError
from ri_assets.ri_index import RIIndex
from ri_assets.store import active_runs, locks
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, OvertakenError, current_id
from ri_assets.store.publishing import publish
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import ri_index
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.store.cached import known_vectors
from ri_assets_tests.store.test_candidate import ASSETS, whole_run, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Endpoint of an S3 server that keeps everything in memory."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def files(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Store in a fresh folder of a bucket; where the server is comes from the environment alone."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    # fsspec reads the environment when it is imported, which is long past here.
    monkeypatch.setitem(conf, "s3", {})
    set_conf_env(conf, {"FSSPEC_S3_ENDPOINT_URL": server})
    files = Files(f"s3://personas/{tmp_path.name}")
    files.fs.makedirs("personas", exist_ok=True)
    return files


def test_a_run_is_published_and_read_back(files: Files) -> None:
    candidates = Candidates(files)
    whole_run(candidates, "run1")
    manifest = publish(candidates, "run1", ASSETS)
    # A store opened anew, as another process would.
    snapshot = Snapshot(Files(files.location))
    snapshot.verify()
    assert snapshot.manifest == manifest
    assert snapshot.table("second").to_pydict() == {"tweet_id": [1]}
    assert files.names("snapshots") == [manifest.snapshot]


def test_the_pointer_moves_to_the_newer_snapshot_and_old_runs_are_swept(files: Files) -> None:
    candidates = Candidates(files)
    for run, value in (("run1", 1), ("run2", 2), ("run3", 3)):
        whole_run(candidates, run, value)
        publish(candidates, run, ASSETS)
    assert Snapshot(Files(files.location)).table("first").to_pydict() == {"tweet_id": [3]}
    assert len(files.names("snapshots")) == 3
    candidates.sweep(keep_runs=0)
    assert files.names("candidate") == ["run3"]


def test_a_pointer_that_moves_at_the_last_moment_is_not_overwritten(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 itself refuses: the other run moves the pointer after this one has read it."""
    candidates = Candidates(files)
    for run, base in (("run1", None), ("run2", "other1")):
        whole_run(candidates, run)
        other = {"snapshot": f"other{run[-1]}", "history": []}
        replace = locks.replace_if_unchanged

        def late(*given: Any, other: Any = other, replace: Any = replace) -> bool:
            files.fs.pipe_file(files.path(POINTER), json.dumps(other).encode())
            return bool(replace(*given))

        assert current_id(files) == base
        with monkeypatch.context() as patch:
            patch.setattr(locks, "replace_if_unchanged", late)
            with pytest.raises(OvertakenError, match=f"other{run[-1]}"):
                publish(candidates, run, ASSETS)
        assert files.read_json(POINTER) == other
        assert files.names("snapshots") == []
    whole_run(candidates, "run3")
    assert publish(candidates, "run3", ASSETS).previous == "other2"


def test_a_write_whose_answer_was_lost_counts(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client tries again, and S3 refuses what it has written already."""
    candidates = Candidates(files)
    whole_run(candidates, "run1")
    replace = locks.replace_if_unchanged

    def twice(*given: Any) -> bool:
        replace(*given)
        return bool(replace(*given))

    with monkeypatch.context() as patch:
        patch.setattr(locks, "replace_if_unchanged", twice)
        manifest = publish(candidates, "run1", ASSETS)
    assert current_id(files) == manifest.snapshot


def test_runs_are_under_way_there_too(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = Candidates(files)
    with active_runs.under_way(files, "slow"):
        write(candidates, "first", "slow")
        whole_run(candidates, "run1")
        publish(candidates, "run1", ASSETS)
        candidates.sweep(keep_runs=0)
        assert files.names("candidate") == ["run1", "slow"]
        whole_run(candidates, "slow")
        with pytest.raises(OvertakenError):
            publish(candidates, "slow", ASSETS)
    assert files.names("locks") == []
    put = files.fs.pipe_file
    monkeypatch.setattr(files.fs, "pipe_file", lambda path, data, **_: put(path, data))
    with (
        pytest.raises(StoreError, match="its server ignores If-None-Match"),
        active_runs.under_way(files, "run2"),
    ):
        pass


def test_what_is_missing_or_damaged_is_told(files: Files) -> None:
    with pytest.raises(StoreError, match="no snapshot is published"):
        Snapshot(files)
    candidates = Candidates(files)
    whole_run(candidates, "run1")
    publish(candidates, "run1", ASSETS)
    snapshot = Snapshot(files)
    files.fs.pipe_file(files.path(f"{snapshot.folder}/first.parquet"), b"no Parquet")
    with pytest.raises(StoreError, match="differs from its manifest"):
        snapshot.verify()
    with pytest.raises(StoreError, match="is damaged"):
        snapshot.table("first")


@pytest.mark.usefixtures("files")
def test_a_bucket_that_does_not_exist_is_named(tmp_path: Path) -> None:
    nowhere = Files(f"s3://nowhere-{tmp_path.name.replace('_', '-')}/store")
    with pytest.raises(AccessError, match=r"cannot write nowhere.*bucket") as told:
        nowhere.write_text("a", "b")
    assert told.value.remedy
    assert not nowhere.exists("a")


@pytest.mark.parametrize(
    ("environment", "found", "remedy"),
    [
        ({}, "there are no credentials for it", "AWS_ACCESS_KEY_ID"),
        (
            {
                "FSSPEC_S3_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
            },
            "the server cannot be reached",
            "FSSPEC_S3_ENDPOINT_URL",
        ),
    ],
)
def test_a_store_out_of_reach_is_no_traceback(
    tmp_path: Path, dagster_home: Path, environment: dict[str, str], found: str, remedy: str
) -> None:
    # Neither the files nor the server that would know another key.
    clean = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
    store = "s3://personas/store"
    shown = ri_index("summary", "--store", store, home=dagster_home, env={**clean, **environment})
    assert shown.code == 4, shown.text
    assert found in shown.err
    assert remedy in shown.err
    assert "Traceback" not in shown.err


def test_texts_are_embedded_once_for_all_processes(files: Files) -> None:
    keys = [bytes([n]) * 32 for n in range(3)]
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    EmbeddingCache(files).put("model", keys, vectors)
    found = known_vectors(EmbeddingCache(Files(files.location)), "model", [keys[2], b"\xff" * 32])
    assert {key: vector.tolist() for key, vector in found.items()} == {
        keys[2]: [8.0, 9.0, 10.0, 11.0]
    }


def test_a_whole_run_of_the_command_line_stores_there(
    server: str, files: Files, tmp_path: Path, dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FSSPEC_S3_ENDPOINT_URL", server)
    tweets = small_tweets()
    source = write_folder(tmp_path / "source", tweets, replies_to(tweets))
    arguments = ["--source", source, "--profile", SMALL_PROFILE, "--store", files.location]
    run = ri_index("run", *arguments, home=dagster_home)
    assert run.code == 0, run.text
    shown = ri_index("summary", "--json", "--store", files.location, home=dagster_home)
    assert json.loads(shown.out)["snapshot"] == files.read_json(POINTER)["snapshot"]


def test_the_index_asks_a_snapshot_there(files: Files, tmp_path: Path) -> None:
    profile = load_profile(str(SMALL_PROFILE))
    write_snapshot(files.location, 600, profile)
    write_snapshot(str(tmp_path), 600, profile)
    there, here = RIIndex.open(store=files.location), RIIndex.open(store=tmp_path)
    there.verify()
    assert there.list_personas() == here.list_personas()
    tweets = here.get_persona_tweets(0, 10, with_text=True)
    assert tweets[0].text
    assert there.get_persona_tweets(0, 10, with_text=True) == tweets
    ids = [tweet.tweet_id for tweet in tweets]
    assert there.get_tweet_personas([*ids, 1]) == here.get_tweet_personas([*ids, 1])
    assert there.get_summary_stats().kept_tweets == 600
