"""No password, key or token reaches a record, however it is packed there."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from ri_assets.definitions import JOB, build_defs
from ri_assets.environment import PROJECT
from ri_assets.errors import ConfigError, SourceError
from ri_assets.resources.settings import NamingResource, SourceResource, StoreResource
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets_tests.alerts.receiver import Receiver, receiving
from ri_assets_tests.command_line import Cli, environment, ri_index
from ri_assets_tests.mariadb import HOST, MariaDB
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.unpacked import holds, places_of

USER, PASSWORD = "canary", "pw4Canary7QzX"
SECRETS = {
    "password of the URL": PASSWORD,
    "password of the environment": "env4Canary8WkY",
    "key of the language model": "key4Canary9VjT",
    "token over HTTP": "tok4Canary5RbN",
    "address of the webhook": "hook4Canary6SdP",
    "token of the webhook": "alert4Canary3FgM",
}
DAEMON_SECONDS = 180
# What is recorded on purpose, so that the search is known to look where a secret would be.
CONTROL = "controlDatabase3"
ENVIRONMENT = {
    "RI_MYSQL_PASSWORD": SECRETS["password of the environment"],
    "RI_LLM_KEY": SECRETS["key of the language model"],
    "RI_HTTP_TOKEN": SECRETS["token over HTTP"],
    "RI_ALERT_TOKEN": SECRETS["token of the webhook"],
}


ALLOWED = pytest.mark.filterwarnings(
    "ignore:InitResourceContext.dagster_run"  # Dagster calls it where a resource holds others
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dagster's records of this test alone."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def database(mariadb: MariaDB) -> Iterator[str]:
    """URL of an empty database, with user and password."""
    name = mariadb.fresh_database(CONTROL)
    mariadb.execute(f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")
    mariadb.execute(f"GRANT ALL ON {name}.* TO '{USER}'@'%'")
    yield url(mariadb.port, name)
    mariadb.execute(f"DROP USER '{USER}'@'%'")
    mariadb.execute(f"DROP DATABASE {name}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


def url(port: int, database: str = "ri") -> str:
    return f"mysql://{USER}:{PASSWORD}@{HOST}:{port}/{database}"


def test_the_search_finds_what_is_packed(tmp_path: Path) -> None:
    packed = zlib.compress(json.dumps({"source": PASSWORD}).encode())
    values: dict[str, Any] = {
        "plain": PASSWORD,
        "blob": packed,
        "base64": base64.b64encode(packed).decode(),
        "twice": zlib.compress(base64.b64encode(b'{"x": "%s"}' % PASSWORD.encode())),
        "escaped": json.dumps({"url": PASSWORD.replace("p", "\u0440", 1)}),
        "percent": "".join(f"%{byte:02x}" for byte in PASSWORD.encode()),
    }
    values["escaped"] = values["escaped"].replace("\\u0440", "\\u0070")
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"CREATE TABLE t ({', '.join(values)})")
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO t VALUES ({marks})", [*values.values()])  # noqa: S608
        connection.commit()
        pd.DataFrame({"x": [PASSWORD]}).to_parquet(tmp_path / "t.parquet", compression="zstd")
        (tmp_path / "log").write_bytes(b"begin " + packed + b" end")
        found = places_of({"it": PASSWORD, "another": "notThere1"}, tmp_path)
    columns = {place.rpartition("t.")[2] for place in found if "runs.db, " in place}
    assert columns == {*values}
    assert f"it: {tmp_path.name}/t.parquet, x" in found
    assert f"it: {tmp_path.name}/log" in found
    assert not [place for place in found if place.startswith("another")]
    assert not holds(packed[:20], PASSWORD)


@pytest.mark.slow
def test_no_command_leaves_a_secret(
    mariadb: MariaDB, database: str, home: Path, tmp_path: Path
) -> None:
    """`serve` is looked through where its server is tested."""
    tweets = small_tweets()
    files = write_folder(tmp_path / "files", tweets, replies_to(tweets))
    store, profile = tmp_path / "store", ["--profile", SMALL_PROFILE]

    def said(code: int, *command: object) -> str:
        outcome = ri_index(*command, home=home, env=ENVIRONMENT)
        assert outcome.code == code, outcome.text
        assert "RI_MYSQL_PASSWORD" in outcome.err  # what to do instead of the URL
        assert "?option_file=" in outcome.err
        return outcome.text

    told = said(0, "load", files, "--to", database)
    told += said(0, "check", database, *profile)
    # The check `intake` ends the run when the tweets are read.
    mariadb.execute("ALTER TABLE tweets MODIFY text TEXT", CONTROL)
    mariadb.execute("UPDATE tweets SET text = NULL LIMIT 20", CONTROL)
    told += said(3, "run", "--source", database, "--store", store, *profile)
    assert not [name for name, secret in SECRETS.items() if holds(told.encode(), secret)]
    found = places_of({**SECRETS, "control": CONTROL}, home, store)
    assert {place.partition(": ")[0] for place in found} == {"control"}
    assert "control: home/history/runs.db, snapshots.snapshot_body" in found


@ALLOWED
@pytest.mark.slow
def test_a_run_that_cannot_connect_leaves_no_secret(home: Path) -> None:
    definitions = build_defs({"source": SourceResource(source=url(1, CONTROL))})
    job = definitions.get_repository_def().get_job(JOB)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        assert instance.get_runs_count() == 1
    assert "no answer from" in str([event.event_specific_data for event in result.all_events])
    found = places_of({**SECRETS, "control": CONTROL}, home)
    assert {place.partition(": ")[0] for place in found} == {"control"}


@ALLOWED
@pytest.mark.slow
def test_a_password_in_a_run_configuration_is_refused(home: Path) -> None:
    """Dagster has recorded it before any code of ours runs, so somebody must know."""
    config = {"resources": {"source": {"config": {"source": url(1)}}}}
    with dg.DagsterInstance.from_config(str(home)) as instance:
        job = build_defs().get_repository_def().get_job(JOB)
        result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
        [ended] = [e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE"]
    told = str(ended.job_failure_data)
    assert "Dagster has recorded it" in told
    assert "change the password" in told
    assert PASSWORD not in told


def test_a_variable_in_a_run_configuration_is_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RI_SOURCE", url(1))
    resource = SourceResource(source=url(1))
    resource.setup_for_execution(dg.build_init_resource_context())
    monkeypatch.delenv("RI_SOURCE")
    with pytest.raises(SourceError, match="has recorded it"):
        SourceResource(source=url(1)).setup_for_execution(dg.build_init_resource_context())


def test_a_resource_keeps_neither_user_nor_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RI_SOURCE", f"{url(7, 'one')}?read_timeout=9")
    found = SourceResource.from_env(keep_all=True)
    assert found.source == "mysql://127.0.0.1:7/one?read_timeout=9"
    assert found.was_given_password
    assert not SourceResource(source="a.csv", more=["b.csv"]).was_given_password
    # The connection finds them all the same, each database its own.
    SourceResource(source=f"mysql://other:thing@{HOST}:7/two")
    one, two = (MySQLTarget.from_url(f"mysql://{HOST}:7/{name}", {}) for name in ("one", "two"))
    assert (one.user, one.password, two.user, two.password) == (USER, PASSWORD, "other", "thing")


@pytest.mark.parametrize(
    "source",
    [
        f"mysql//{USER}:{PASSWORD}@db/ri",
        f"postgresql://{USER}:{PASSWORD}@db/ri",
        f"mysql://{USER}:{PASSWORD}/x@db/ri",
        f"{USER}:{PASSWORD}@db/ri",
        f"{USER}:{PASSWORD}/x@db/ri",
    ],
)
def test_what_may_hold_a_password_builds_nothing(source: str, cli: Cli, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        SourceResource(source="sample", more=[source])
    assert PASSWORD not in str(error.value)
    for command in (["run", "--source", source], ["load", source, "--to", "mysql://db/ri"]):
        outcome = cli(*command, *(["--store", tmp_path] if command[0] == "run" else []))
        assert outcome.code == 2
        assert PASSWORD not in outcome.text


def test_a_store_with_a_password_is_refused(cli: Cli) -> None:
    location = f"sftp://{USER}:{PASSWORD}@db/store"
    for make in (
        lambda: StoreResource(location=location),
        lambda: NamingResource(names=location),
        lambda: NamingResource(llm_url=f"http://{USER}:{PASSWORD}@db/v1"),
    ):
        with pytest.raises(ConfigError, match="holds a password") as error:
            make()
        assert PASSWORD not in str(error.value)
    outcome = cli("personas", "--store", location)
    assert outcome.code == 2
    assert "FSSPEC_SFTP_PASSWORD" in outcome.err
    assert PASSWORD not in outcome.text
    assert StoreResource(location="s3://bucket/a@b:c").location == "s3://bucket/a@b:c"


@pytest.mark.slow
def test_the_sensor_leaves_no_secret(
    mariadb: MariaDB, database: str, home: Path, tmp_path: Path, receiver: Receiver
) -> None:
    """The real daemon asks the database, starts a run that cannot go on, and reports it."""
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT, text TEXT)", CONTROL)
    mariadb.execute("INSERT INTO tweets VALUES (1, 'too few to go on')", CONTROL)
    workspace = ["-w", str(PROJECT / "workspace.yaml")]
    settings = {
        **environment(home), **ENVIRONMENT, "RI_SOURCE": database,
        "RI_STORE": str(tmp_path / "store"), "RI_PROFILE": str(SMALL_PROFILE),
        "RI_ALERT_WEBHOOK": f"http://{HOST}:{receiver.port}/{SECRETS['address of the webhook']}",
    }  # fmt: skip
    dagster = [sys.executable, "-W", "ignore", "-m", "dagster"]
    subprocess.run(
        [*dagster, "sensor", "start", "new_tweets", *workspace],
        env=settings, cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    log = home / "daemon.log"
    with log.open("wb") as output, dg.DagsterInstance.from_config(str(home)) as instance:
        daemon = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "dagster._daemon", "run", *workspace],
            env=settings, cwd=tmp_path, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + DAEMON_SECONDS
            while not receiver.requests:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
        finally:
            os.killpg(daemon.pid, signal.SIGKILL)  # its helpers are in the group that it leads
            daemon.wait()
        [run] = instance.get_runs()
    assert run.tags["dagster/sensor_name"] == "new_tweets"
    headers, path, _ = receiver.requests[0]
    assert path == f"/{SECRETS['address of the webhook']}"
    assert headers["Authorization"] == f"Bearer {SECRETS['token of the webhook']}"
    [told] = receiver.bodies
    assert (told["kind"], told["run_id"]) == ("run_failed", run.run_id)
    found = places_of({**SECRETS, "control": CONTROL}, home, tmp_path / "store")
    assert {place.partition(": ")[0] for place in found} == {"control"}
    assert "control: home/schedules/schedules.db, job_ticks.tick_body" in found
