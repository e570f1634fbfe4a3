"""The code location as Dagster sees it: complete and loadable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from ri_assets.checks import check_result
from ri_assets.definitions import PROJECT, build_defs
from ri_assets.quality.checks import CHECKS, checks_of
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.manifest import Verdict, Waiver

if TYPE_CHECKING:
    pass

# Dagster calls a property of its own that it has deprecated, where a resource holds resources.
pytestmark = pytest.mark.filterwarnings(
    "ignore:InitResourceContext.dagster_run is deprecated:DeprecationWarning"
)

NAMES = {
    "raw_tweets",
    "raw_replies",
    "denoised_tweets",
    "embeddings",
    "behavioral_features",
    "umap_50d",
    "clusters",
    "personas_enriched",
    "ri_index_app",
}
DEFINITIONS = build_defs()
GRAPH = DEFINITIONS.get_repository_def().asset_graph


def node(name: str) -> Any:
    return GRAPH.get(dg.AssetKey(name))


def test_there_are_exactly_nine_assets() -> None:
    assert {key.to_user_string() for key in GRAPH.get_all_asset_keys()} == NAMES
    assert all(node(name).is_materializable for name in NAMES)


def test_data_flows_as_designed() -> None:
    parents = {
        name: {key.to_user_string() for key in node(name).parent_keys} for name in sorted(NAMES)
    }
    assert parents == {
        "raw_tweets": set(),
        "raw_replies": set(),
        "denoised_tweets": {"raw_tweets"},
        "embeddings": {"denoised_tweets"},
        "behavioral_features": {"denoised_tweets", "raw_replies"},
        "umap_50d": {"embeddings", "behavioral_features"},
        "clusters": {"umap_50d", "embeddings", "behavioral_features"},
        "personas_enriched": {
            "raw_tweets",
            "raw_replies",
            "denoised_tweets",
            "clusters",
            "embeddings",
        },
        "ri_index_app": {
            "personas_enriched",
            "clusters",
            "embeddings",
            "behavioral_features",
        },
    }


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_asset_says_what_it_is(name: str) -> None:
    asset = node(name)
    assert len(asset.description) > 40
    assert "parquet" in asset.kinds
    assert len(asset.kinds) > 1
    assert asset.owners
    assert asset.tags["domain"] == "personas"
    assert asset.tags["layer"]
    assert asset.group_name != "default"
    assert len(asset.code_version) == 12


def test_one_group_shows_the_whole_graph_at_first_sight() -> None:
    assert len({node(name).group_name for name in NAMES}) == 1


def test_code_versions_follow_the_code() -> None:
    versions = [node(name).code_version for name in NAMES - {"raw_tweets"}]
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_column_is_described(name: str) -> None:
    columns = node(name).metadata["dagster/column_schema"].columns
    assert [column.name for column in columns] == CONTRACTS[name].main.names
    assert all(column.description and column.type for column in columns)


def test_every_check_is_of_an_asset_that_exists() -> None:
    # Dagster loads a check of a misspelt asset without a word.
    assert {key.asset_key for key in GRAPH.asset_check_keys} <= GRAPH.get_all_asset_keys()


def test_checks_and_what_they_block_are_those_of_the_table() -> None:
    declared = {
        (key.asset_key.to_user_string(), key.name): GRAPH.get(key).blocking
        for key in GRAPH.asset_check_keys
    }
    table = {(check.asset, check.name): check.stops_downstream for check in CHECKS}
    # It fails a run that is refused; nothing comes after it.
    assert declared == table | {("ri_index_app", "publication"): True}


def test_every_stage_waits_for_all_checks_of_the_one_before() -> None:
    """The last stage judges by their verdicts, and Dagster waits only for checks that block."""
    for asset in NAMES:
        assert any(check.stops_downstream for check in checks_of(asset))
    # One op makes all checks of an asset, so whoever waits for one has them all.
    ops = {frozenset(key.name for key in op.check_keys) for op in DEFINITIONS.asset_checks or ()}
    assert {frozenset(c.name for c in checks_of(a)) for a in NAMES - {"ri_index_app"}} == ops


@pytest.mark.parametrize("is_blocking", [True, False])
def test_only_what_blocks_is_an_error(is_blocking: bool) -> None:
    verdict = Verdict(
        check="silhouette",
        asset="clusters",
        sha256="0",
        is_passed=False,
        is_blocking=is_blocking,
        figure="why",
        value=float("nan"),
        threshold=">= 1",
        baseline=None,
        n=9,
        message="m",
    )
    expected = dg.AssetCheckSeverity.ERROR if is_blocking else dg.AssetCheckSeverity.WARN
    assert check_result(verdict, None).severity == expected


def test_a_waived_gate_is_a_warning_that_names_the_person() -> None:
    waiver = Waiver(
        gate="retention",
        by="Ana",
        reason="we study short texts",
        date="2026-11-27",
        value=0.4,
        threshold=">= 0.8",
        is_used=True,
    )
    verdict = Verdict(
        check="retention",
        asset="denoised_tweets",
        sha256="0",
        is_passed=False,
        is_blocking=True,
        figure="w",
        value=0.4,
        threshold=">= 0.8",
        baseline=None,
        n=9,
        message="m",
        waiver=waiver,
    )
    result = check_result(verdict, None)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.metadata["value"].value == 0.4
    assert result.metadata["waived_by"].value == "Ana"


def test_records_lie_in_dagster_home_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.get_settings("concurrency") == {"runs": {"max_concurrent_runs": 1}}
        dg.materialize([probe], instance=instance)
    assert (home / "history" / "runs.db").is_file()
    assert not list(elsewhere.iterdir())


@dg.asset
def probe() -> None:
    """Leave records."""


@pytest.mark.slow
def test_the_server_loads_the_code_location_without_a_warning(dagster_home: Path) -> None:
    # The command itself warns that a later Dagster will have it under another name.
    quiet = "ignore:Function `definitions_validate_command` is superseded"
    result = subprocess.run(
        [sys.executable, "-W", quiet, "-m", "dagster", "definitions", "validate",
         "-w", "workspace.yaml"],
        cwd=PROJECT,
        env={**os.environ, "DAGSTER_HOME": str(dagster_home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )  # fmt: skip
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    assert "Validation successful for code location ri_assets" in said
    assert "warning" not in said.lower()
