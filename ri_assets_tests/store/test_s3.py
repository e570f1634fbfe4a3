"""The store on S3, as a server of its own on this machine speaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fsspec.config import conf, set_conf_env
from moto.server import ThreadedMotoServer

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.errors import StoreError
from ri_assets.ri_index import RIIndex
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER
from ri_assets.store.publishing import publish
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import ri_index
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.store.test_candidate import ASSETS, whole_run

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


def test_texts_are_embedded_once_for_all_processes(files: Files) -> None:
    keys = [bytes([n]) * 32 for n in range(3)]
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    EmbeddingCache(files).put("model", keys, vectors)
    found = EmbeddingCache(Files(files.location)).get("model", [keys[2], b"\xff" * 32])
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
