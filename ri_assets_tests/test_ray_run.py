"""Whole runs with the engine `ray`: the same files as on one machine, and errors that help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fsspec.config import conf, set_conf_env
from moto.server import ThreadedMotoServer

from ri_assets.store.files import Files
from ri_assets_tests.command_line import Cli, ri_index
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.ray_cluster import LOOPBACK, running_ray
from ri_assets_tests.small import SMALL_PROFILE, small_tweets, write_folder

# Near duplicates, features and cleaned texts; embedding of whole texts, of content words and, two
# or three times (all names may be in the cache), of what names are compared with; and the reruns.
JOBS = {3 + names + 2 + 13 for names in (2, 3)}


def parquet_of(files: Files) -> dict[str, str]:
    """Give the digest of every Parquet file of the published snapshot, by its name."""
    [snapshot] = files.names("snapshots")
    return {
        name: files.sha256(f"snapshots/{snapshot}/{name}")
        for name in files.names(f"snapshots/{snapshot}")
        if name.endswith(".parquet")
    }


@pytest.mark.slow
def test_a_cluster_publishes_the_same_bytes_to_s3_as_one_machine_to_a_folder(
    small_run: FinishedRun, dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "FSSPEC_S3_ENDPOINT_URL": f"http://{host}:{port}",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(conf, "s3", {})
    set_conf_env(conf, environment)
    store = Files("s3://personas/ray")
    store.fs.makedirs("personas", exist_ok=True)
    try:
        with running_ray() as cluster:
            outcome = ri_index(
                *("run", "--source", small_run.source, "--profile", SMALL_PROFILE),
                *("--store", store.location, "--engine", "ray", "--ray-address", cluster.address),
                home=dagster_home,
                env=LOOPBACK,
            )
        assert outcome.code == 0, outcome.text
        assert "2 machines of a Ray cluster at" in outcome.err
        done = re.search(r"the Ray cluster computed (\d+) jobs", outcome.err)
        assert done
        assert int(done[1]) in JOBS
        found = parquet_of(store)
    finally:
        server.stop()
    expected = parquet_of(Files(str(small_run.store.with_name("as_published"))))
    assert len(found) > 30
    assert [name for name in expected if found.get(name) != expected[name]] == []
    assert {*found} == {*expected}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "spark"], ["there is no engine 'spark'", "local or ray"]),
        (["--engine", "ray"], ["no address of a cluster was given", "ray start --head"]),
        (["--engine", "ray", "--ray-address", "ray://1.2.3.4:1"], ["host:port"]),
        (["--ray-address", "1.2.3.4:6379"], ["the engine is local", "add --engine ray"]),
    ],
)
def test_an_engine_that_cannot_be_used_is_refused_before_anything_starts(
    cli: Cli, tmp_path: Path, options: list[str], said: list[str]
) -> None:
    outcome = cli("run", "--store", tmp_path / "store", *options)
    assert outcome.code == 2
    for part in said:
        assert part in outcome.err
    assert "source:" not in outcome.err  # no tweet was read
    assert not (tmp_path / "store").exists()


def test_without_ray_the_error_names_the_extra(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    outcome = cli(
        *("run", "--store", tmp_path, "--engine", "ray", "--ray-address", "127.0.0.1:9"),
    )
    assert outcome.code == 2
    assert "pip install -c constraints.txt -e '.[ray]'" in outcome.err


def test_a_cluster_that_does_not_answer_is_one_clear_error(cli: Cli, tmp_path: Path) -> None:
    source = write_folder(tmp_path / "source", small_tweets())
    outcome = cli(
        *("run", "--source", source, "--profile", SMALL_PROFILE),
        *("--store", tmp_path / "store", "--engine", "ray", "--ray-address", "127.0.0.1:9"),
    )
    assert outcome.code == 4
    assert outcome.err.count("no Ray cluster answers at 127.0.0.1:9") == 1
    assert "Traceback" not in outcome.text


def test_freeze_uses_the_cluster_too(cli: Cli, tmp_path: Path) -> None:
    outcome = cli(
        *("freeze", "--source", "sample", "--out", tmp_path / "frozen.yaml"),
        *("--store", tmp_path / "store", "--engine", "ray", "--ray-address", "127.0.0.1:9"),
    )
    assert outcome.code == 4
    assert "no Ray cluster answers at 127.0.0.1:9" in outcome.err
