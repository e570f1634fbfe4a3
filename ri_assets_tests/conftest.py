"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ri_assets_tests.mariadb import MariaDB, missing_programs, running_mariadb

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout, or where RI_SHARED_DATA says; never part of the project."""
    named = os.environ.get("RI_SHARED_DATA")
    candidates = [Path(named)] if named else [p / "shared" / "data" for p in PROJECT.parents]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    pytest.skip("no real data: put shared/data beside the checkout, or set RI_SHARED_DATA")


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
        pytest.skip(f"no {', '.join(missing)}; Debian: apt-get install mariadb-server openssl")
