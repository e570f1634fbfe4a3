"""Whether the published snapshot is up to date, as Dagster's daemon judges it."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
from dagster._utils.schedules import get_smallest_cron_interval, is_valid_cron_string

from ri_assets.errors import ConfigError
from ri_assets.records.assets import ASSETS
from ri_assets.store.candidate import Candidates
from ri_assets.takeover import nothing_new

ALLOWED = timedelta(hours=3)
"""Time that a scheduled run has, waiting for others included."""
CHECKED = "checked"
"""Metadata of a version that was checked and not made again."""
_LAST = dg.AssetKey(list(ASSETS)[-1])


def require_cron(cron: str) -> str:
    """Return a cron expression unchanged.

    Raises
    ------
    ConfigError
        Dagster cannot read it.
    """
    if not is_valid_cron_string(cron):
        raise ConfigError(
            f"the variable RI_SCHEDULE is {cron!r}",
            "a cron expression of five fields, in UTC, such as '0 4 * * 1' (Mondays at 04:00)",
            "correct RI_SCHEDULE, or unset it",
        )
    return cron


def freshness_policy(cron: str) -> dg.FreshnessPolicy:
    """Expect a new version within `ALLOWED` of each start of the schedule.

    A cron expression cannot be moved by hours in general: after 23:00 on the last of a month
    comes another month. Read in a time zone that many hours west of UTC, the same expression
    means exactly that much later.

    Parameters
    ----------
    cron
        Expression of the schedule, in UTC.
    """
    allowed = min(ALLOWED, get_smallest_cron_interval(require_cron(cron)))
    hours = int(allowed / timedelta(hours=1))
    zone = f"Etc/GMT+{hours}" if hours else "UTC"  # POSIX signs: + is west
    return dg.FreshnessPolicy.cron(cron, lower_bound_delta=allowed, timezone=zone)


def report_checked(
    instance: dg.DagsterInstance,
    repository: dg.RepositoryDefinition,
    candidates: Candidates,
    snapshot: str,
) -> None:
    """Report that the published version was compared with the source and is up to date.

    Dagster's policies count materialisations only. So the last one is reported again, with its
    data version and its figures, and so are the results of its checks, which Dagster would
    otherwise take for results on another version. Nothing is reported if Dagster has no record
    of any version.

    Parameters
    ----------
    repository
        With the checks of the asset.
    candidates
        With what the snapshot was published from.
    """
    entry = instance.get_latest_materialization_event(_LAST)
    recorded = entry.asset_materialization if entry is not None else None
    if recorded is None:
        return
    said = nothing_new(snapshot)
    sha256 = recorded.metadata.get("sha256")
    if sha256 is None or sha256.value != candidates.receipt(_LAST.to_user_string(), "").sha256:
        # Another history has the snapshot's run, so its figures are not known here.
        found = dg.AssetMaterialization(_LAST, description=said, metadata={CHECKED: said})
        instance.report_runless_asset_event(found)
        return
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            _LAST,
            description=said,
            metadata={**recorded.metadata, CHECKED: said},
            tags=recorded.tags,
        )
    )
    for key in sorted(repository.asset_graph.get_check_keys_for_assets({_LAST})):
        record = instance.get_latest_asset_check_evaluation_record(key)
        if record is not None and (result := record.evaluation) is not None:
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=result.asset_key,
                    check_name=result.check_name,
                    passed=result.passed,
                    metadata=result.metadata,
                    severity=result.severity,
                    description=result.description,
                    blocking=result.blocking,
                )
            )
