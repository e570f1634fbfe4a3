"""Run the whole graph through Dagster from a terminal, and say how it ended."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import Any, TextIO, cast

import dagster as dg
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG
from dagster._core.utils import make_new_run_id

from ri_assets import structured_log
from ri_assets.assets.ri_index_app import PUBLICATION
from ri_assets.dagster_home import dagster_instance, records_explained
from ri_assets.definitions import JOB
from ri_assets.failures import Failure, failures
from ri_assets.liveness import close_dead_runs, heartbeat, run_marks
from ri_assets.quality.publication import held
from ri_assets.records.assets import ASSETS
from ri_assets.records.manifest import Verdict
from ri_assets.resources.parquet_io import origin_tags
from ri_assets.resources.settings import ProfileResource, StoreResource
from ri_assets.store.candidate import Candidates

# Dagster sets this tag on runs that its server starts, and the job's page filters by it.
_REPOSITORY = "__repository__@ri_assets"


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Parameters
    ----------
    run_id
        Dagster's id of the run.
    snapshot
        The snapshot that this run published; None if it published nothing.
    seconds
        Duration of each stage with its checks, in order.
    failures
        Failed steps, in order; a failed blocking check is a verdict, not a failure.
    verdicts
        Results of the checks of this run, in order.
    publication
        Message of the last stage about publishing; empty if the run did not get that far.
    draft
        Id of the draft that a refused run left; None if there is none.
    held
        Which groups came back in the reruns; empty if there were none to judge.
    """

    run_id: str
    snapshot: str | None
    seconds: Mapping[str, float]
    failures: list[Failure]
    verdicts: list[Verdict]
    publication: str = ""
    draft: str | None = None
    held: str = ""


def run_pipeline(
    definitions: dg.Definitions, *, only: Collection[str] = (), debug: bool = False
) -> RunOutcome:
    """Materialise every asset and publish, if every blocking check passes.

    Parameters
    ----------
    definitions
        As `build_defs` puts them together.
    only
        Assets to materialise; the others are read as earlier runs wrote them. Empty: all.
    debug
        Show Dagster's own log instead of one line per stage.
    """
    store: StoreResource = _resources(definitions)["store"]
    run_id = make_new_run_id()
    screen = sys.stderr if debug else cast("TextIO", _Screen(sys.stderr))
    with (
        records_explained(),
        redirect_stderr(screen),
        dagster_instance(store.location) as instance,
        heartbeat(instance, run_id),
    ):
        close_dead_runs(instance)
        result = (
            definitions.get_repository_def()
            .get_job(JOB)
            .execute_in_process(
                instance=instance,
                run_id=run_id,
                tags=run_marks(run_id) | _origin(definitions),
                raise_on_error=False,
                asset_selection=[dg.AssetKey(asset) for asset in only] or None,
                run_config={"loggers": _loggers(debug=debug)},
            )
        )
        seconds = _seconds(instance, result.run_id)
    said = _publication(result)
    return RunOutcome(
        result.run_id,
        said.get("snapshot"),
        seconds,
        failures(result.all_events, debug=debug),
        _verdicts(store, result.run_id, only),
        said.get("why") or said.get("message", ""),
        said.get("draft"),
        said.get("held") or _held(store, result.run_id),
    )


def _loggers(*, debug: bool) -> dict[str, Any]:
    """Choose the logger of a run."""
    if structured_log.is_on():
        return {"json": {"config": {"debug": debug}}}
    return {"console" if debug else "terminal": {}}


def _resources(definitions: dg.Definitions) -> Mapping[str, Any]:
    return definitions.resources or {}


def _origin(definitions: dg.Definitions) -> dict[str, str]:
    """Return the tags that name the data of a run, and list it under the job in the UI."""
    given = _resources(definitions)
    profile: ProfileResource = given["profile"]
    tags = origin_tags(given["source"], given["store"], profile.load().name)
    return {REPOSITORY_LABEL_TAG: _REPOSITORY, **tags}


def _publication(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Read whether this run published; the store's pointer may already name another run's."""
    for one in result.get_asset_check_evaluations():
        if one.check_name == PUBLICATION:
            told = {name: str(value.value) for name, value in one.metadata.items()}
            return {**told, "message": str(one.description)}
    return {}


def _held(store: StoreResource, run_id: str) -> str:
    """Say which clusters came back, for a run that ended before the last stage."""
    candidates = store.candidates()
    if not _has_written(candidates, "clusters", run_id):
        return ""
    stability = candidates.read("clusters", run_id).frame("stability")
    return held(
        (f"cluster {cluster}", jaccard)
        for cluster, jaccard in zip(stability["cluster"], stability["jaccard"], strict=True)
    )


def _has_written(candidates: Candidates, asset: str, run_id: str) -> bool:
    """Whether this run itself wrote the asset; otherwise an earlier run's would be read."""
    return candidates.files.exists(f"candidate/{run_id}/{asset}/receipt.json")


def _verdicts(store: StoreResource, run_id: str, only: Collection[str]) -> list[Verdict]:
    """Give the verdicts on what the run wrote and on what it took over."""
    candidates = store.candidates()
    return [
        verdict
        for asset in ASSETS
        if _has_written(candidates, asset, run_id) or (only and asset not in only)
        for verdict in candidates.verdicts(candidates.receipt(asset, run_id))
    ]


def _seconds(instance: dg.DagsterInstance, run_id: str) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for step in sorted(instance.get_run_step_stats(run_id), key=lambda step: step.start_time or 0):
        if step.start_time and step.end_time:
            stage = step.step_key.removesuffix("_checks")
            seconds[stage] = seconds.get(stage, 0) + step.end_time - step.start_time
    return seconds


class _Screen:
    """Standard error without Dagster's message about records that it cannot write.

    That message shows the whole SQL statement with its values. Dagster then raises an error,
    which `records_explained` translates.
    """

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        """Write a text, unless it is that message."""
        if text.startswith("Exception while writing logger call to event log"):
            return len(text)
        return self._inner.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
