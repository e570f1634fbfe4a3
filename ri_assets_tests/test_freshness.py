"""Whether the published asset is as new as the schedule promises, as Dagster's daemon judges."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.freshness_evaluator import CronFreshnessPolicyEvaluator
from dagster._core.loader import LoadingContextForTest
from dagster._core.test_utils import freeze_time
from dagster._utils.schedules import schedule_execution_time_iterator
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.definitions import build_defs
from ri_assets.environment import PROJECT
from ri_assets.errors import ConfigError
from ri_assets.freshness import ALLOWED, freshness_policy

MONDAY = datetime(2026, 1, 5, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = dg.AssetKey("ri_index_app")


def state(made: datetime, now: datetime) -> str:
    """Judge a version that was made at one time, at another time."""

    node = build_defs().get_repository_def().asset_graph.get(KEY)
    with dg.DagsterInstance.ephemeral() as instance:
        with freeze_time(made):
            instance.report_runless_asset_event(dg.AssetMaterialization(KEY))
        with freeze_time(now):
            judged = CronFreshnessPolicyEvaluator().evaluate_freshness(
                LoadingContextForTest(instance), node
            )
            return asyncio.run(judged).value


@pytest.mark.parametrize(
    ("made", "now", "expected"),
    [
        (MONDAY + HOUR, MONDAY + 7 * DAY + 2 * HOUR, "PASS"),  # the next run may still be going
        (MONDAY + HOUR, MONDAY + 7 * DAY + 4 * HOUR, "FAIL"),
        (MONDAY + 7 * DAY + HOUR, MONDAY + 7 * DAY + 4 * HOUR, "PASS"),
        (MONDAY + 2 * DAY, MONDAY + 6 * DAY, "PASS"),  # late, but there
        (MONDAY + 6 * DAY, MONDAY + 7 * DAY + 4 * HOUR, "FAIL"),  # Sunday's is not Monday's
    ],
)
def test_it_fails_when_the_scheduled_run_brought_nothing(
    made: datetime, now: datetime, expected: str
) -> None:
    assert state(made, now) == expected


def test_schedule_and_policy_follow_the_same_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    def declared() -> tuple[str, str]:
        repository = build_defs().get_repository_def()
        policy = repository.asset_graph.get(KEY).freshness_policy_or_from_metadata
        assert isinstance(policy, type(dg.FreshnessPolicy.cron("0 4 * * 1", HOUR)))
        schedule = repository.get_schedule_def("weekly_personas")
        return str(schedule.cron_schedule), policy.deadline_cron

    assert declared() == ("0 4 * * 1", "0 4 * * 1")
    monkeypatch.setenv("RI_SCHEDULE", "30 22 * * 5")
    assert declared() == ("30 22 * * 5", "30 22 * * 5")
    assert state(MONDAY, MONDAY + 4 * DAY + 21.6 * HOUR) == "FAIL"  # Saturday, 01:36
    assert state(MONDAY, MONDAY + 4 * DAY + 21.4 * HOUR) == "PASS"
    monkeypatch.setenv("RI_SCHEDULE", "weekly")
    with pytest.raises(ConfigError, match="RI_SCHEDULE is 'weekly'"):
        build_defs()


@settings(max_examples=12)
@given(
    st.sampled_from(["* * * * *", "0 * * * *", "0 */2 * * *", "15 23 28-31 * *", "5 4 * * 1-5"]),
    st.integers(0, 2_000_000_000),
)
def test_the_deadline_is_the_same_time_after_every_start(cron: str, after: int) -> None:
    policy = freshness_policy(cron)
    assert isinstance(policy, type(dg.FreshnessPolicy.cron("0 4 * * 1", HOUR)))
    allowed = policy.lower_bound_delta
    start = next(schedule_execution_time_iterator(after, cron, "UTC"))
    moved = after + (allowed.total_seconds() if allowed >= HOUR else 0)
    deadline = next(schedule_execution_time_iterator(moved, cron, policy.timezone))
    assert deadline - start == (allowed if allowed >= HOUR else timedelta())
    assert allowed <= ALLOWED


def test_the_instance_judges_it() -> None:
    content = yaml.safe_load((PROJECT / "dagster.yaml").read_text(encoding="utf-8"))
    assert content["freshness"] == {"enabled": True}
