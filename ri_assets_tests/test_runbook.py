"""Each failure of `docs/runbook.md`: the product says that sentence, and the commands mend it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
)
from dagster._core.test_utils import create_run_for_test

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.environment import PROJECT
from ri_assets.liveness import PROCESS_TAG, RUN_TAG, ProcessMark
from ri_assets_tests.command_line import Cli, Outcome
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.faults import open_folder, ordinary_user, small_disk
from ri_assets_tests.mariadb import HOST, PASSWORD, USER, MariaDB
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE, profile_with, small_tweets

PAGE = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
DAEMON_SECONDS = 120


@dataclass(frozen=True)
class Entry:
    """One failure of the page."""

    symptom: str
    shows: str
    mends: str

    def is_seen_in(self, text: str) -> bool:
        """Whether the product said the sentence."""
        pattern = ".*".join(re.escape(part) for part in self.symptom.split("…"))
        return re.search(rf"^{pattern}$", text, re.MULTILINE) is not None


def entries() -> list[Entry]:
    """Read the page: a text block and two sh blocks in each numbered section."""
    found = []
    for section in re.split(r"^## \d+\. ", PAGE, flags=re.MULTILINE)[1:]:
        [symptom] = re.findall(r"```text\n(.*?)\n```", section, re.DOTALL)
        shows, mends = re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)
        found.append(Entry(symptom, shows, mends))
    return found


REFUSED, COLUMN, TOO_FEW, DATABASE, DISK, RIGHTS, DIED, NO_DAEMON, DAMAGED, NOTHING = entries()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder to type commands in."""
    folder = tmp_path / "here"
    (folder / "data").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def home(here: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dagster's records of this test alone."""
    assert callable(cli)  # sets a home too, so it comes first
    folder = here / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


Type = Callable[[str], Outcome]


@pytest.fixture
def type_in(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Type a line of the page; `ri-index` runs in this process."""

    def typed(line: str) -> Outcome:
        monkeypatch.setenv("RI_STORE", os.environ.get("RI_STORE", "data/store"))
        monkeypatch.setenv("RI_PROFILE", os.environ.get("RI_PROFILE", str(SMALL_PROFILE)))
        if line.startswith("ri-index "):
            return cli(*shlex.split(os.path.expandvars(line))[1:])
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, text=True)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return typed


def write_tweets(path: Path, *, begin: int = 0, end: int = 160, text: str = "text") -> None:
    tweets = small_tweets()[["tweet_id", "text"]].rename(columns={"text": text})
    tweets.iloc[begin:end].to_csv(path, index=False)


@pytest.mark.slow
def test_a_check_refused_the_run(
    small_run: FinishedRun, here: Path, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(small_run.store.with_name("as_published"), here / "data" / "store")
    shutil.copytree(small_run.source, here / "tweets")
    strict = profile_with(here, denoise={"min_words": 12}, gates={"retention_min": 0.999})
    monkeypatch.setenv("RI_PROFILE", str(strict))
    outcome = type_in("ri-index run --source tweets")
    assert outcome.code == 3
    assert REFUSED.is_seen_in(outcome.err), outcome.err
    shown = type_in(REFUSED.shows)
    assert "retention" in shown.out
    assert "DRAFT" in shown.out
    mended = type_in(REFUSED.mends)
    assert mended.code == 0, mended.text
    assert "short posts are what we study" in mended.out


def test_a_column_is_not_recognised(here: Path, type_in: Type) -> None:
    write_tweets(here / "tweets.csv", text="remark")
    outcome = type_in("ri-index run --source tweets.csv")
    assert outcome.code == 2
    assert COLUMN.is_seen_in(outcome.err), outcome.err
    assert "remark" in type_in(COLUMN.shows).out
    assert type_in(COLUMN.mends).out.rstrip().endswith("A run can start.")


def test_there_are_too_few_tweets(here: Path, type_in: Type) -> None:
    write_tweets(here / "part1.csv", end=30)
    write_tweets(here / "part2.csv", begin=30)
    outcome = type_in("ri-index run --source part1.csv")
    assert outcome.code == 2
    assert TOO_FEW.is_seen_in(outcome.err), outcome.err
    assert '"tweets": 30' in type_in(TOO_FEW.shows).out
    assert type_in(TOO_FEW.mends).out.rstrip().endswith("A run can start.")


def test_the_database_does_not_answer(
    mariadb: MariaDB, here: Path, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT, text TEXT)", database)
    mariadb.execute("INSERT INTO tweets VALUES (1, 'a late parcel')", database)
    monkeypatch.setenv("OLD_URL", f"mysql://{HOST}:1/{database}?connect_timeout=1")
    monkeypatch.setenv("NEW_URL", f"mysql://{HOST}:{mariadb.port}/{database}")
    outcome = type_in("ri-index run --source $OLD_URL")
    assert DATABASE.is_seen_in(outcome.err), outcome.err
    shown = type_in(DATABASE.shows)
    assert shown.code == 2
    assert DATABASE.is_seen_in(shown.err)
    monkeypatch.setenv("RI_MYSQL_USER", USER)
    monkeypatch.setenv("RI_MYSQL_PASSWORD", PASSWORD)
    assert "1 row: 1 tweet," in type_in(DATABASE.mends).text  # it answers, and has too few


def test_the_disk_is_full(
    synthetic_store: Path, here: Path, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(here / "disk", 24_000) as disk:
        store = disk / "store"
        shutil.copytree(synthetic_store, store)
        for seed in (1, 2, 3):
            write_snapshot(str(store), 150, load_profile(str(SMALL_PROFILE)), seed)
        monkeypatch.setenv("RI_STORE", str(store))
        free = shutil.disk_usage(disk).free
        (disk / "others").write_bytes(b"\0" * free)  # until the disk is full
        rename = "ri-index rename P03 Shoppers --by Ana --reason clearer"
        outcome = type_in(rename)
        assert outcome.code == 4
        assert DISK.is_seen_in(outcome.err), outcome.err
        assert "would be freed; nothing was removed" in type_in(DISK.shows).out
        assert "2 snapshots removed" in type_in(DISK.mends).out
        assert type_in(rename).code == 0


def test_rights_are_missing(
    synthetic_store: Path, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_folder() as folder:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("PIPELINE_USER", "nobody" if os.geteuid() == 0 else str(os.geteuid()))
        store = folder / "data" / "store"
        shutil.copytree(synthetic_store, store)
        (store / "published.json").chmod(0o600 if os.geteuid() == 0 else 0)
        with ordinary_user():
            outcome = type_in("ri-index personas")
        assert outcome.code == 4
        assert RIGHTS.is_seen_in(outcome.err), outcome.err
        assert type_in(RIGHTS.shows).code == 0
        assert type_in(RIGHTS.mends).code == 0
        if os.geteuid():  # without root's rights, only a closed file can be arranged
            (store / "published.json").chmod(0o600)
        with ordinary_user():
            assert type_in("ri-index personas").code == 0


@pytest.mark.slow
def test_a_run_died(here: Path, home: Path, type_in: Type) -> None:
    ended = replace(ProcessMark.of_this_process(), started="1")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = create_run_for_test(instance, job_name="ri_personas", status=DagsterRunStatus.STARTED)
        instance.add_run_tags(run.run_id, {RUN_TAG: run.run_id, PROCESS_TAG: ended.as_text()})
        assert run.run_id in type_in(DIED.shows).out
        # A corpus whose run a check ends early: the new run has closed the old one before.
        (here / "tweets").mkdir()
        write_tweets(here / "tweets" / "tweets.csv")
        with (here / "tweets" / "tweets.csv").open("a") as file:
            file.writelines(f"{10**6 + n},\n" for n in range(20))
        assert type_in(DIED.mends).code == 3
        messages = [entry.message for entry in instance.all_logs(run.run_id)]
        assert any(DIED.is_seen_in(message) for message in messages), messages
        closed = instance.get_run_by_id(run.run_id)
        assert closed is not None
        assert closed.status is DagsterRunStatus.FAILURE
        assert run.run_id not in type_in(DIED.shows).out


@pytest.fixture
def started_schedule(home: Path) -> Iterator[dg.DagsterInstance]:
    """Records in which a person started the schedule."""
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("ri_assets"), "__repository__")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.add_instigator_state(
            InstigatorState(
                RemoteInstigatorOrigin(repository, "weekly_personas"),
                InstigatorType.SCHEDULE,
                InstigatorStatus.RUNNING,
                ScheduleInstigatorData("0 4 * * 1"),
            )
        )
        yield instance


@pytest.mark.slow
def test_the_schedule_never_starts_a_run(
    started_schedule: dg.DagsterInstance, here: Path, type_in: Type
) -> None:
    assert NO_DAEMON.is_seen_in(type_in(NO_DAEMON.shows).out)
    program, *arguments = shlex.split(NO_DAEMON.mends)
    shutil.copy(PROJECT / "workspace.yaml", here)
    daemon = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(sys.executable).with_name(program)), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + DAEMON_SECONDS
        while not started_schedule.get_daemon_heartbeats():
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        os.killpg(daemon.pid, signal.SIGKILL)  # its helpers are in the group that it leads
        daemon.wait()
    assert not NO_DAEMON.is_seen_in(type_in(NO_DAEMON.shows).out)


def test_a_snapshot_is_damaged(synthetic: Published, here: Path, type_in: Type) -> None:
    shutil.copytree(synthetic.store, here / "data" / "store")
    shutil.copytree(synthetic.store, here / "backup" / "store")
    (here / "data" / "store" / "snapshots" / synthetic.folder.name / "clusters.parquet").unlink()
    assert DAMAGED.is_seen_in(type_in("ri-index personas").err)
    assert type_in(DAMAGED.shows).code == 2
    assert type_in(DAMAGED.mends).code == 0
    assert type_in(DAMAGED.shows).code == 0
    assert type_in("ri-index personas").code == 0


def test_nothing_is_published(
    synthetic_store: Path, here: Path, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(synthetic_store, here / "data" / "store")
    monkeypatch.setenv("RI_STORE", "elsewhere")
    outcome = type_in("ri-index personas")
    assert outcome.code == 2
    assert NOTHING.is_seen_in(outcome.err), outcome.err
    assert "nothing is published in elsewhere yet" in type_in(NOTHING.shows).out
    assert type_in(NOTHING.mends).code == 0
