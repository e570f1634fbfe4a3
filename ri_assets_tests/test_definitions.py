"""The code location as Dagster sees it: complete, loadable and safe to run in parts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from ri_assets.checks.build import check_result
from ri_assets.checks.figures import Figure, measure
from ri_assets.checks.table import CHECKS, checks_of
from ri_assets.contracts.assets import CONTRACTS
from ri_assets.definitions import JOB, PROJECT, build_defs
from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
from ri_assets.store.candidate import Verdict
from ri_assets.store.draft import Draft
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.waiver import Waiver
from ri_assets_tests.small import profile_with

if TYPE_CHECKING:
    from ri_assets_tests.conftest import FinishedRun

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
        "silhouette", "clusters", "0", False, is_blocking, "why", float("nan"), ">= 1", None, 9, "m"
    )
    expected = dg.AssetCheckSeverity.ERROR if is_blocking else dg.AssetCheckSeverity.WARN
    assert check_result(verdict, None).severity == expected


def test_a_waived_gate_is_a_warning_that_names_the_person() -> None:
    waiver = Waiver("retention", "Ana", "we study short texts", "2026-11-27", 0.4, ">= 0.8", True)
    verdict = Verdict(
        "retention", "denoised_tweets", "0", False, True, "w", 0.4, ">= 0.8", None, 9, "m", waiver
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


@pytest.fixture
def store(small_run: FinishedRun, tmp_path: Path) -> Path:
    """Store of a whole published run, to go on with."""
    as_published = small_run.store.with_name("as_published")
    return Path(shutil.copytree(as_published, tmp_path / "store"))


def definitions(source: str, profile: str | Path, store: Path) -> dg.Definitions:
    return build_defs(
        {
            "source": SourceResource(source=source, keep_all=False, max_tweets=None),
            "profile": ProfileResource(name=str(profile)),
            "store": StoreResource(location=str(store)),
        }
    )


def materialise(
    source: str,
    profile: str | Path,
    store: Path,
    only: Sequence[str] = (),
    run_config: dict[str, Any] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run the job, or the assets that a person picks in the UI with their checks."""
    with dg.DagsterInstance.ephemeral() as instance:
        return (
            definitions(source, profile, store)
            .get_repository_def()
            .get_job(JOB)
            .execute_in_process(
                instance=instance,
                raise_on_error=False,
                asset_selection=[dg.AssetKey(name) for name in only] or None,
                run_config=run_config,
            )
        )


def materialised(result: dg.ExecuteInProcessResult) -> set[str]:
    events = result.get_asset_materialization_events()
    return {event.asset_key.to_user_string() for event in events if event.asset_key}


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    found = result.get_asset_check_evaluations()
    return {f"{one.asset_key.to_user_string()}.{one.check_name}": one for one in found}


def published(store: Path) -> str:
    return str(Files(str(store)).read_json(POINTER)["snapshot"])


STRICT = {"min_words": 12}  # drops tweets, where the small profile keeps every one


@pytest.mark.slow
def test_a_gate_that_fails_refuses_the_run_at_its_end_and_leaves_a_draft(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    before = published(store)
    profile = profile_with(tmp_path, denoise=STRICT, gates={"retention_min": 0.999})
    result = materialise(small_run.source, profile, store)
    assert not result.success
    assert materialised(result) == NAMES
    found = evaluations(result)
    retention, publication = (
        found["denoised_tweets.retention"], found["ri_index_app.publication"],
    )  # fmt: skip
    for failed in (retention, publication):
        assert not failed.passed
        assert failed.severity == dg.AssetCheckSeverity.ERROR
    assert "below 0.999" in str(retention.description)
    assert "not published: retention" in str(publication.description)
    assert "ri-index personas --draft" in str(publication.description)
    assert published(store) == before
    assert len(Files(str(store)).names("snapshots")) == 1
    assert Draft(Files(str(store))).manifest.run_id == result.run_id


@pytest.mark.slow
def test_a_waiver_by_run_config_lets_a_run_publish_and_is_in_its_manifest(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    before = published(store)
    profile = profile_with(tmp_path, denoise=STRICT, gates={"retention_min": 0.999})
    waivers: dict[str, Any] = {"gates": {"retention": "we study short messages"}, "by": "Ana"}
    config = {"resources": {"waivers": {"config": waivers}}}
    result = materialise(small_run.source, profile, store, run_config=config)
    assert result.success
    retention = evaluations(result)["denoised_tweets.retention"]
    assert not retention.passed
    assert retention.severity == dg.AssetCheckSeverity.WARN
    assert "waived by Ana" in str(retention.description)
    assert published(store) != before
    [waiver] = Snapshot(Files(str(store))).manifest.waivers
    assert (waiver.gate, waiver.by, waiver.reason) == (
        "retention",
        "Ana",
        waivers["gates"]["retention"],
    )
    assert waiver.value == pytest.approx(retention.metadata["value"].value, abs=1e-4)
    assert waiver.is_used


@pytest.mark.slow
def test_a_draft_is_published_by_the_last_stage_alone_once_its_gate_is_waived(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    profile = profile_with(tmp_path, denoise=STRICT, gates={"retention_min": 0.999})
    materialise(small_run.source, profile, store)
    waivers = {"gates": {"retention": "we study short messages"}, "by": "Ana"}
    result = materialise(
        small_run.source,
        profile,
        store,
        ["ri_index_app"],
        run_config={"resources": {"waivers": {"config": waivers}}},
    )
    assert result.success
    manifest = Snapshot(Files(str(store))).manifest
    assert [waiver.gate for waiver in manifest.waivers] == ["retention"]
    [retention] = [verdict for verdict in manifest.verdicts if verdict.check == "retention"]
    assert retention.waiver == manifest.waivers[0]


@pytest.mark.slow
@pytest.mark.parametrize("gates", [{"privacy": "no"}, {"retention": " "}])
def test_a_waiver_by_run_config_that_cannot_be_used_stops_the_run(
    small_run: FinishedRun, store: Path, gates: dict[str, str]
) -> None:
    before = published(store)
    config = {"resources": {"waivers": {"config": {"gates": gates, "by": "Ana"}}}}
    result = materialise(small_run.source, small_run.profile, store, run_config=config)
    assert not result.success
    assert published(store) == before


@pytest.mark.slow
def test_a_broken_contract_stops_everything_downstream(
    small_run: FinishedRun, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(store)

    def broken(asset: str, read: Any) -> dict[str, Figure]:
        found = measure(asset, read)
        return found | {"contract": Figure(1, 1)} if asset == "denoised_tweets" else found

    monkeypatch.setattr("ri_assets.checks.build.measure", broken)
    result = materialise(small_run.source, small_run.profile, store)
    assert not result.success
    assert materialised(result) == {"raw_tweets", "raw_replies", "denoised_tweets"}
    assert published(store) == before


@pytest.mark.slow
def test_a_check_that_warns_lets_the_run_publish(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    before = published(store)
    profile = profile_with(tmp_path, gates={"silhouette_min": 1.0, "size_ratio_max": 1.0})
    result = materialise(small_run.source, profile, store)
    assert result.success
    assert materialised(result) == NAMES
    found = evaluations(result)
    assert set(found) == {f"{check.asset}.{check.name}" for check in CHECKS} | {
        "ri_index_app.publication"
    }
    failed = {name for name, evaluation in found.items() if not evaluation.passed}
    assert "clusters.silhouette" in failed
    assert failed <= {"clusters.silhouette", "clusters.size_ratio"}
    assert found["clusters.silhouette"].severity == dg.AssetCheckSeverity.WARN
    assert published(store) != before


@pytest.mark.slow
def test_the_last_stages_alone_go_on_from_the_latest_and_publish(
    small_run: FinishedRun, store: Path
) -> None:
    result = materialise(
        small_run.source, small_run.profile, store, ["personas_enriched", "ri_index_app"]
    )
    assert result.success
    assert materialised(result) == {"personas_enriched", "ri_index_app"}
    assert evaluations(result)["ri_index_app.publication"].passed
    assert len(Files(str(store)).names("snapshots")) == 2


@pytest.mark.slow
def test_assets_of_two_profiles_are_not_published_together(
    small_run: FinishedRun, store: Path, tmp_path: Path
) -> None:
    before = published(store)
    other = profile_with(tmp_path, denoise={"min_words": 6})
    assert materialise(small_run.source, other, store, ["denoised_tweets"]).success
    result = materialise(small_run.source, small_run.profile, store, ["ri_index_app"])
    publication = evaluations(result)["ri_index_app.publication"]
    assert not publication.passed
    assert "assets differ in config_hash" in str(publication.description)
    assert "materialise the whole graph" in str(publication.description)
    assert published(store) == before


@pytest.mark.slow
def test_one_check_can_be_executed_by_itself(small_run: FinishedRun, store: Path) -> None:
    key = dg.AssetCheckKey(dg.AssetKey("clusters"), "coherence")
    one = dg.define_asset_job("one_check", selection=dg.AssetSelection.checks(key))
    merged = dg.Definitions.merge(
        definitions(small_run.source, small_run.profile, store), dg.Definitions(jobs=[one])
    )
    with dg.DagsterInstance.ephemeral() as instance:
        job = merged.get_repository_def().get_job("one_check")
        result = job.execute_in_process(instance=instance)
    assert set(evaluations(result)) == {"clusters.coherence"}
    assert not materialised(result)
