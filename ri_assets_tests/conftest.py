"""Fixtures that every test may use."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest

from ri_assets_tests import postgres
from ri_assets_tests.command_line import Cli, Outcome, ri_index
from ri_assets_tests.mariadb import MariaDB, missing_programs, running_mariadb
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder

PROJECT = Path(__file__).parents[1]
pytest_plugins = ["ri_assets_tests.published"]

# A machine may be busy; how long an example takes says nothing about the code.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keep tests that look at the same run, and those of a file, in one process (`make test`)."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    fixtures = getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    # Fixtures that are asked for by a parameter are not among the names.
    given = callspec.params if callspec is not None else {}
    chosen = given.get("published", given.get("corpus"))
    for run in ("sample", "small"):  # one that looks at both goes where the costly one is
        if f"{run}_run" in fixtures or run == chosen:
            return f"{run}_run"
    return item.nodeid.partition("::")[0]


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Only a power failure needs what is on the disk; waiting for it would take minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout, or where RI_SHARED_DATA says; never part of the project."""
    named = os.environ.get("RI_SHARED_DATA")
    candidates = [Path(named)] if named else [p / "shared" / "data" for p in PROJECT.parents]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    pytest.skip(  # not failed: a newcomer cannot have the data; CI has them
        "no real data: other people's tweets are no part of the project, so a newcomer has none. "
        "Put shared/data beside the checkout, as CI has it, or set RI_SHARED_DATA"
    )


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """Private MariaDB server, one for the whole run."""
    require_mariadb()
    with running_mariadb() as server:
        yield server


@pytest.fixture
def own_mariadb() -> Iterator[MariaDB]:
    """Private MariaDB server that the test may kill."""
    require_mariadb()
    with running_mariadb() as server:
        yield server


def require_mariadb() -> None:
    """Skip the test where no server can be started."""
    if missing := missing_programs():
        _skip_without(missing, "mariadb-server openssl")


def require_postgres() -> None:
    """Skip the test where no server can be started."""
    if missing := postgres.missing_programs():
        _skip_without(missing, "postgresql")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's browser, for playwright to start."""
    found = shutil.which("chromium")
    if found is None:
        _skip_without(["chromium"], "chromium")
    return found


@pytest.fixture(scope="session")
def nginx() -> str:
    """Path of Debian's proxy; servers lie where only root's PATH looks."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        _skip_without(["nginx"], "nginx-light")
    return found


def _skip_without(missing: Sequence[str], packages: str) -> NoReturn:
    pytest.skip(  # not failed: only root may install them, and CI is root
        f"no {', '.join(missing)}: only root may install it, which `make test` does as root, "
        f"as in CI. Debian: apt-get install {packages}"
    )


@pytest.fixture(scope="session")
def dagster_home() -> Iterator[Path]:
    """Folder for Dagster's records, configured as the project's own.

    In memory where the system has such a folder: Dagster waits for the disk at every event.
    """
    memory = Path("/dev/shm")  # noqa: S108 - the folder below has a name of its own
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as home:
        shutil.copy(PROJECT / "dagster.yaml", home)
        yield Path(home)


@dataclass(frozen=True)
class FinishedRun:
    """A run of the whole graph that other tests look at.

    Parameters
    ----------
    store, source, profile
        Where it wrote, what it read, how.
    outcome
        What the command line said.
    """

    store: Path
    source: str
    profile: str
    outcome: Outcome


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory, dagster_home: Path) -> FinishedRun:
    """160 tweets of four audiences and their replies, published.

    Later runs of other tests write into its store; `as_published` beside it stays as it was.
    """
    tweets = small_tweets()
    folder = tmp_path_factory.mktemp("small")
    source = str(write_folder(folder / "source", tweets, replies_to(tweets)))
    finished = _finished(folder / "store", source, str(SMALL_PROFILE), dagster_home)
    shutil.copytree(finished.store, finished.store.with_name("as_published"))
    return finished


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory, dagster_home: Path) -> FinishedRun:
    """The bundled sample with the default profile, published; takes minutes."""
    return _finished(tmp_path_factory.mktemp("sample") / "store", "sample", "", dagster_home)


def _finished(store: Path, source: str, profile: str, home: Path) -> FinishedRun:
    chosen = ["--profile", profile] if profile else []
    outcome = ri_index("run", "--source", source, "--store", store, *chosen, home=home)
    assert outcome.code == 0, outcome.text
    return FinishedRun(store, source, profile, outcome)


@pytest.fixture
def cli(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], dagster_home: Path
) -> Cli:
    """`ri-index` in this process: quick, and with its exit codes."""
    for name in [name for name in os.environ if name.startswith("RI_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)  # as where output goes to a file
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))

    def command(*arguments: object) -> Outcome:
        from ri_assets.cli.app import main

        monkeypatch.setattr(sys, "argv", ["ri-index", *map(str, arguments)])
        capfd.readouterr()
        with warnings.catch_warnings():
            # Dagster calls it itself where a resource holds others.
            warnings.filterwarnings("ignore", message="InitResourceContext.dagster_run")
            with pytest.raises(SystemExit) as ended:
                main()
        shown = capfd.readouterr()
        code = ended.value.code
        return Outcome(code if isinstance(code, int) else 0, shown.out, shown.err)

    return command
