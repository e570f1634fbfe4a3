"""The sensor `alerts`: reports what failed, once each, and remembers what it has reported."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg

from ri_assets.alerts.alert import Alert
from ri_assets.alerts.hooks import Hook, HookError, hooks_of
from ri_assets.alerts.recorded import alerts_of, end_of, ended_since
from ri_assets.environment import Environment

OVERLAP = timedelta(hours=1)
"""How much later a run's end may be recorded, or how far clocks of machines may differ."""
_TICK_SECONDS = 20.0  # after which a tick begins no further alert; Dagster ends it after 60
_MINIMUM_INTERVAL = 30


@dataclass
class Reported:
    """What was reported, as the sensor's cursor.

    Parameters
    ----------
    since
        Everything that ended more than `OVERLAP` before this was reported.
    done
        For each run that ended later, what was reported, as hook and event.
    """

    since: datetime
    done: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def from_cursor(cls, text: str | None) -> Reported:
        """Read a cursor; without one, start an hour ago."""
        if not text:
            return cls(datetime.now(UTC))
        content = json.loads(text)
        return cls(datetime.fromisoformat(content["since"]), content["done"])

    def as_cursor(self) -> str:
        """Write the cursor."""
        return json.dumps({"since": self.since.isoformat(), "done": self.done})


def report(
    instance: dg.DagsterInstance, hooks: Sequence[Hook], reported: Reported, ui_url: str
) -> tuple[int, list[str]]:
    """Send what was not sent yet, and note it in `reported`.

    A hook that fails gets nothing more in this tick, and the same alert first in the next one.

    Returns
    -------
    Number of alerts sent, and why hooks failed.
    """
    until = time.monotonic() + _TICK_SECONDS
    left, problems, n_sent, is_all_done = [*hooks], [], 0, True
    recent: dict[str, list[str]] = {}
    for record in ended_since(instance, reported.since - OVERLAP):
        run_id = record.dagster_run.run_id
        recent[run_id] = done = reported.done.get(run_id, [])
        for alert in alerts_of(instance, record, ui_url):
            for hook in hooks:
                mark = f"{hook.name} {alert.event_id.removeprefix(run_id)}"
                if mark in done:
                    continue
                if hook not in left or time.monotonic() > until:
                    is_all_done = False
                elif (problem := _problem(hook, alert)) is None:
                    done.append(mark)
                    n_sent += 1
                else:
                    is_all_done = False
                    left.remove(hook)
                    problems.append(problem)
        if is_all_done:
            reported.since = max(reported.since, end_of(record))
    # A run is not seen again once it ended long enough before.
    reported.done = {run_id: done for run_id, done in recent.items() if done}
    return n_sent, problems


def _problem(hook: Hook, alert: Alert) -> str | None:
    """Send an alert; say why it was not taken."""
    try:
        hook.send(alert)
    except HookError as error:
        return str(error)
    return None


def alerts_sensor() -> dg.SensorDefinition:
    """Report failed runs and failed blocking checks."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=_MINIMUM_INTERVAL,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reports failed runs and failed blocking checks, once each, to the command "
        "in RI_ALERT_COMMAND or the address in RI_ALERT_WEBHOOK. It never starts a run.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        alerting = Environment.from_env().alerting
        hooks = hooks_of(alerting)
        if not hooks:
            context.update_cursor("")  # when it is switched on, the past is not reported
            return dg.SkipReason("off: set RI_ALERT_COMMAND or RI_ALERT_WEBHOOK to get alerts")
        reported = Reported.from_cursor(context.cursor)
        n_sent, problems = report(context.instance, hooks, reported, alerting.ui_url)
        # Also after a failure, which is therefore no exception: it would lose the cursor.
        context.update_cursor(reported.as_cursor())
        sent = f"{n_sent} sent" if n_sent else "nothing to report"
        for problem in problems:
            context.log.error(f"{problem}. The alert is sent again at the next tick")
        if problems:
            return dg.SkipReason(f"{n_sent} sent; {'; '.join(problems)}. The next tick tries again")
        return dg.SkipReason(sent)

    return alerts
