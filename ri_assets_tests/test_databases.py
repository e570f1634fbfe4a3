"""Dagster's records in PostgreSQL and in MariaDB, by the files in `deploy/`, on real servers."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
import yaml

from ri_assets import dagster_home as home_module
from ri_assets.clean_job import CLEAN_JOB
from ri_assets.dagster_home import Database as Named
from ri_assets.dagster_home import database_of, records_explained
from ri_assets.definitions import build_defs
from ri_assets.environment import PROJECT
from ri_assets.errors import AccessError
from ri_assets.old_runs import remove_old_runs
from ri_assets.resources.settings import StoreResource
from ri_assets_tests.command_line import Cli
from ri_assets_tests.conftest import require_mariadb, require_postgres
from ri_assets_tests.mariadb import HOST, running_mariadb
from ri_assets_tests.postgres import DATABASE, USER, running_postgres
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE
from ri_assets_tests.unpacked import holds, places_of

DEPLOY = PROJECT / "deploy"
KINDS = ("postgres", "mysql")
PREFIXES = {"postgres": "DAGSTER_PG", "mysql": "DAGSTER_MYSQL"}
PASSWORD = "pw4Canary7QzX"  # noqa: S105 - of a server that lives for one test
# What is recorded on purpose, so that the search is known to look where a secret would be.
CONTROL = "controlTag3KvR"


@dataclass(frozen=True)
class Database:
    """A running server and Dagster's home that names it.

    Parameters
    ----------
    home
        Dagster's home, with the file of `deploy/`.
    url
        How an administrator reads every table.
    kill
        Ends the server.
    """

    home: Path
    url: str
    kill: Any

    def values(self) -> Iterator[bytes]:
        """Give every value of every table."""
        engine = sa.create_engine(self.url)
        tables = sa.MetaData()
        tables.reflect(engine)
        assert len(tables.tables) > 10
        with engine.connect() as connection:
            for table in tables.sorted_tables:
                for row in connection.execute(table.select()):
                    yield from (v if isinstance(v, bytes) else str(v).encode() for v in row)
        engine.dispose()


@contextmanager
def server(kind: str) -> Iterator[tuple[int, str, Any]]:
    """Start an empty database; give its port, an administrator's URL, and what ends it."""
    if kind == "postgres":
        require_postgres()
        with running_postgres(PASSWORD) as pg:
            yield (
                pg.port,
                f"postgresql+psycopg2://{USER}:{PASSWORD}@{HOST}:{pg.port}/{DATABASE}",
                pg.kill,
            )
    else:
        require_mariadb()
        with running_mariadb() as maria:
            maria.fresh_database(DATABASE)
            maria.execute(f"ALTER USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")
            url = f"mysql+pymysql://{USER}:{PASSWORD}@{HOST}:{maria.port}/{DATABASE}"
            yield maria.port, url, maria.kill


@pytest.fixture(params=KINDS)
def database(
    request: pytest.FixtureRequest, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A real server, named to Dagster as docs/operations.md says."""
    assert callable(cli)  # sets a home too, so it comes first
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(DEPLOY / request.param / "dagster.yaml", home)
    with server(request.param) as (port, url, kill):
        prefix = PREFIXES[request.param]
        values = {"HOST": HOST, "PORT": port, "DB": DATABASE, "USERNAME": USER}
        for name, value in {**values, "PASSWORD": PASSWORD}.items():
            monkeypatch.setenv(f"{prefix}_{name}", str(value))
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        yield Database(home, url, kill)


def settings(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("kind", KINDS)
def test_limits_and_retention_are_the_projects_own(kind: str) -> None:
    production = settings(DEPLOY / kind / "dagster.yaml")
    del production["storage"]
    assert production == settings(PROJECT / "dagster.yaml")
    assert set(production["retention"]) == {"schedule", "sensor"}


@pytest.mark.parametrize("kind", KINDS)
def test_address_and_password_come_from_variables_alone(kind: str) -> None:
    [(name, where)] = settings(DEPLOY / kind / "dagster.yaml")["storage"].items()
    assert name == kind
    parts = ("HOST", "PORT", "DB", "USERNAME", "PASSWORD")
    expected = [f"{PREFIXES[kind]}_{part}" for part in parts]
    assert database_of(DEPLOY / kind) == Named(kind, tuple(expected))
    where = where[f"{kind}_db"]
    where.pop("scheme", None)  # the name of a driver
    assert [list(value) for value in where.values()] == [["env"]] * len(parts)


def test_a_folder_of_files_needs_no_variable(tmp_path: Path) -> None:
    assert database_of(PROJECT) is None
    assert database_of(tmp_path) is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_doctor_names_the_variables_that_are_missing(
    kind: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(DEPLOY / kind / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv(f"{PREFIXES[kind]}_HOST", HOST)
    outcome = cli("doctor", "--store", tmp_path / "store")
    assert outcome.code == 2
    prefix = PREFIXES[kind]
    missing = ", ".join(f"{prefix}_{part}" for part in ("PORT", "DB", "USERNAME", "PASSWORD"))
    assert f"needs variables that are not set: {missing}\n" in outcome.out
    assert f"run export {prefix}_PORT=" in outcome.out


def test_only_errors_of_the_database_are_explained() -> None:
    unreachable = type("Unreachable", (Exception,), {"__module__": "dagster_mysql.utils"})
    with pytest.raises(AccessError, match="refused"), records_explained():
        raise unreachable from ConnectionError("refused")
    with pytest.raises(KeyError, match="ours"), records_explained():
        raise KeyError("ours")


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_extra_is_named(
    kind: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(DEPLOY / kind / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr(home_module, "find_spec", lambda _name: None)
    outcome = cli("clean", "--store", tmp_path / "store")
    assert outcome.code == 2
    assert f"dagster-{kind} is not installed" in outcome.err
    assert f"pip install -c constraints.txt -e '.[{kind}]'" in outcome.err


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run")  # Dagster calls it itself
def test_a_job_runs_and_its_records_are_read_back(
    database: Database, cli: Cli, synthetic: Published, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    monkeypatch.setenv("RI_PROFILE", str(SMALL_PROFILE))
    said = []
    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        assert instance.get_settings("concurrency") == {"runs": {"max_concurrent_runs": 1}}
        job = build_defs({"store": StoreResource(location=str(synthetic.store))})
        done = job.resolve_job_def(CLEAN_JOB).execute_in_process(
            instance=instance, tags={"control": CONTROL}
        )
        said.append(instance.info_str())
    with dg.DagsterInstance.get() as instance:  # nothing is remembered in this process
        [run] = instance.get_runs()
        assert (run.run_id, run.status) == (done.run_id, dg.DagsterRunStatus.SUCCESS)
        messages = [entry.user_message for entry in instance.all_logs(run.run_id)]
        assert any("removed" in message for message in messages), messages
    assert not list(database.home.rglob("*.db"))  # nothing went to files instead
    doctor = cli("doctor")
    assert f"records are in the database that {database.home}/dagster.yaml names" in doctor.out
    said += [doctor.text, cli("clean", "--dry-run").text, caplog.text]
    found = list(database.values())
    assert any(holds(value, CONTROL) for value in found)
    assert not any(holds(value, PASSWORD) for value in found)
    assert places_of({"password": PASSWORD}, database.home, synthetic.store) == []
    with dg.DagsterInstance.get() as instance:
        output = database.home / "storage" / run.run_id
        output.mkdir(parents=True, exist_ok=True)
        later = datetime.now(UTC) + timedelta(days=100)
        assert [old.name for old in remove_old_runs(instance, 90, later, ()).gone] == [run.run_id]
        assert instance.get_runs() == []
        assert not output.exists()
    assert not any(holds(value, CONTROL) for value in database.values())
    database.kill()
    lost = cli("clean", "--dry-run")
    assert lost.code == 4
    assert "cannot use the database of Dagster's records" in lost.err
    assert "_HOST" in lost.err
    assert "Traceback" not in lost.text
    assert PASSWORD not in "".join([*said, lost.text, caplog.text])
