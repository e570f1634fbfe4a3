"""Runs of different stores have histories of their own, in Dagster's own records."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from ri_assets import dagster_home as records
from ri_assets.dagster_home import choose_home, home_of, ui_command
from ri_assets.environment import PROJECT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the project's, so that no test writes into its history."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    monkeypatch.setattr(records, "PROJECT", folder)
    monkeypatch.setattr(records, "_OTHERS", folder / "history" / "of_stores")
    monkeypatch.setenv("RI_STORE", str(folder / "data" / "store"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return folder


def chosen(store: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    choose_home(str(store))
    return Path(os.environ["DAGSTER_HOME"])


def test_the_projects_store_has_the_history_that_the_ui_shows(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    for same in (project / "data" / "store", "data/store", "data/x/../store/"):
        assert chosen(same, monkeypatch) == project
        assert ui_command(str(same)) == "make ui"


def test_every_other_store_has_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = (project / "other", project / "more" / "other", "s3://bucket/other")
    homes = [chosen(store, monkeypatch) for store in stores]
    assert len({*homes, project}) == 4
    for store, home in zip(stores, homes, strict=True):
        assert home.is_relative_to(project / "history")
        assert (home / "dagster.yaml").read_text() == (project / "dagster.yaml").read_text()
        assert chosen(store, monkeypatch) == home
        assert ui_command(str(store)) == f"make ui DAGSTER_HOME={home}"


def test_a_folder_that_somebody_chose_is_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    choose_home(str(project / "other"))
    assert os.environ["DAGSTER_HOME"] == str(tmp_path)
    # `make` sets the project's folder itself, which nobody chose.
    monkeypatch.setenv("DAGSTER_HOME", str(project))
    choose_home(str(project / "other"))
    assert os.environ["DAGSTER_HOME"] == str(home_of(str(project / "other")))


def test_figures_of_two_stores_are_in_two_histories(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dg.asset
    def clusters() -> Any:
        return dg.MaterializeResult(metadata={"resample_ari": 0.8})

    homes = [
        chosen(store, monkeypatch) for store in (project / "data" / "store", project / "other")
    ]
    for home in homes:
        with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home))) as instance:
            assert dg.materialize([clusters], instance=instance).success
    for home in homes:
        with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home))) as instance:
            found = instance.fetch_materializations(clusters.key, limit=10).records
            assert len(found) == 1
