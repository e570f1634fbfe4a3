"""Runs as a person starts them in the UI: whole or in parts, with gates that fail or are waived."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from ri_assets.definitions import JOB, build_defs
from ri_assets.quality.checks import CHECKS
from ri_assets.quality.measure import Figures, measure_run
from ri_assets.quality.metrics import Figure
from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER
from ri_assets.store.snapshot import Draft, Snapshot
from ri_assets_tests.small import profile_with
from ri_assets_tests.test_definitions import NAMES

if TYPE_CHECKING:
    from ri_assets_tests.conftest import FinishedRun

# Dagster calls a property of its own that it has deprecated, where a resource holds resources.
pytestmark = pytest.mark.filterwarnings(
    "ignore:InitResourceContext.dagster_run is deprecated:DeprecationWarning"
)


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
    assert "(needs 99.9%)" in str(retention.description)
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

    def broken(asset: str, *rest: Any) -> Figures:
        found = measure_run(asset, *rest)
        wrong = {"contract": Figure("contract", 1, 1)}
        return found | wrong if asset == "denoised_tweets" else found

    monkeypatch.setattr("ri_assets.checks.measure_run", broken)
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
