"""Each failure is reported once, to real hooks, by the sensor on Dagster's own records."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from ri_assets.alerts import hooks, sensor
from ri_assets.alerts.recorded import alerts_of
from ri_assets.definitions import build_defs
from ri_assets.errors import AccessError, NoPersonasError, RefusedError
from ri_assets.resources.parquet_io import STORE_TAG
from ri_assets_tests.alerts.receiver import Program, Receiver, program, receiving

SECRET, TOKEN = "pathOfTheHook7Q", "tokenOfTheHook8W"
TWEET = "my parcel never came, thanks @asha_k"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(hooks, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(hooks, "LONGEST_WAIT_SECONDS", 0.002)
    with receiving() as started:
        monkeypatch.setenv("RI_ALERT_WEBHOOK", f"http://127.0.0.1:{started.port}/{SECRET}?k=v")
        monkeypatch.setenv("RI_ALERT_TOKEN", TOKEN)
        monkeypatch.setenv("RI_UI_URL", "https://dagster.example.org/")
        yield started


@pytest.fixture
def taker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    made = program(tmp_path)
    monkeypatch.setenv("RI_ALERT_COMMAND", made.command)
    return made


def run(
    instance: dg.DagsterInstance,
    error: Exception | None = None,
    *,
    passed: bool = True,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> str:
    """Execute a run of one asset with a check, and then an error; give its id."""

    @dg.asset(
        check_specs=[dg.AssetCheckSpec(name, asset="clusters") for name in ("gate", "publication")]
    )
    def clusters() -> Iterator[dg.Output[int] | dg.AssetCheckResult]:
        yield dg.Output(1)
        for name in ("gate", "publication"):
            yield dg.AssetCheckResult(
                passed=passed, check_name=name, severity=severity, description="0.41 needs 0.60."
            )
        if error is not None:
            raise error

    job = dg.define_asset_job("ri_personas", [clusters])
    done = (
        dg.Definitions([clusters], jobs=[job])
        .resolve_job_def("ri_personas")
        .execute_in_process(instance=instance, raise_on_error=False, tags={STORE_TAG: "data/store"})
    )
    return str(done.run_id)


def refused() -> RefusedError:
    return RefusedError("not published: resample_ari failed", "checks that pass", "see the run")


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> tuple[str, str]:
    """Evaluate the sensor once; give the cursor that Dagster keeps and the reason it shows."""
    repository = build_defs().get_repository_def()
    with dg.build_sensor_context(instance, cursor, repository_def=repository) as context:
        found = repository.get_sensor_def("alerts").evaluate_tick(context)
    assert not found.run_requests
    return str(found.cursor or ""), str(found.skip_message)


def test_without_a_hook_it_says_how_to_switch_it_on(instance: dg.DagsterInstance) -> None:
    run(instance, refused())
    cursor, said = tick(instance, "of an earlier hook")
    assert cursor == ""
    assert said == "off: set RI_ALERT_COMMAND or RI_ALERT_WEBHOOK to get alerts"


def test_a_refused_run_and_its_check_reach_the_webhook_once(
    instance: dg.DagsterInstance, receiver: Receiver
) -> None:
    run(instance)
    run_id = run(instance, refused(), passed=False)
    cursor, said = tick(instance)
    assert said == "2 sent"
    check, whole = receiver.bodies
    url = f"https://dagster.example.org/runs/{run_id}"
    assert datetime.fromisoformat(check.pop("time")) > datetime.now(UTC) - timedelta(minutes=5)
    assert check == {
        "event_id": f"{run_id}:clusters:gate", "kind": "check_failed", "run_id": run_id,
        "job": "ri_personas", "store": "data/store", "asset": "clusters", "check": "gate",
        "sentence": "0.41 needs 0.60.", "url": url,
    }  # fmt: skip
    assert (whole["kind"], whole["event_id"], whole["check"]) == ("run_refused", run_id, None)
    assert whole["sentence"] == "not published: resample_ari failed"
    headers, path, _ = receiver.requests[0]
    assert path == f"/{SECRET}?k=v"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/json"
    for _ in range(2):
        cursor, said = tick(instance, cursor)
        assert said == "nothing to report"
    newer = run(instance, AccessError("cannot write data: disk full", "space", "free some"))
    cursor, said = tick(instance, cursor)
    assert [body["run_id"] for body in receiver.bodies[2:]] == [newer]
    assert receiver.bodies[2]["kind"] == "run_failed"
    assert receiver.bodies[2]["sentence"] == "cannot write data: disk full"
    assert receiver.bodies[2]["asset"] == "clusters"


def test_an_unexpected_error_quotes_nothing(instance: dg.DagsterInstance, taker: Program) -> None:
    run(instance, ValueError(f"could not convert string to float: {TWEET!r}"))
    tick(instance)
    [told] = taker.taken
    assert told["sentence"] == "an unexpected ValueError; the run's page shows the traceback"
    assert TWEET not in str(told)
    assert told["url"] is None


def test_what_only_warns_or_was_cancelled_is_not_reported(
    instance: dg.DagsterInstance, taker: Program
) -> None:
    run(instance, passed=False, severity=dg.AssetCheckSeverity.WARN)
    create_run_for_test(instance, job_name="ri_personas", status=DagsterRunStatus.CANCELED)
    assert tick(instance)[1] == "nothing to report"
    gate = run(instance, passed=False)  # such as one asset materialised in the UI
    tick(instance)
    assert [told["event_id"] for told in taker.taken] == [f"{gate}:clusters:gate"]


def test_a_run_whose_process_died_says_so(instance: dg.DagsterInstance, taker: Program) -> None:
    dead = create_run_for_test(instance, job_name="ri_personas", status=DagsterRunStatus.STARTED)
    instance.report_run_failed(dead, "Process 7 on a machine no longer exists")
    tick(instance)
    assert [(told["kind"], told["sentence"], told["asset"]) for told in taker.taken] == [
        ("run_failed", "Process 7 on a machine no longer exists", None)
    ]


def test_a_failure_that_a_failed_gate_caused_is_a_refusal(instance: dg.DagsterInstance) -> None:
    too_few = NoPersonasError("4 tweets", "30", "collect more")
    kinds = []
    for passed in (True, False):
        record = instance.get_run_record_by_id(run(instance, too_few, passed=passed))
        assert record is not None
        kinds.append(alerts_of(instance, record, "")[-1].kind)
    assert kinds == ["run_failed", "run_refused"]


def test_a_hook_that_fails_gets_the_alert_again_and_the_other_does_not(
    instance: dg.DagsterInstance, receiver: Receiver, taker: Program
) -> None:
    taker.ends_with(3)
    first, second = run(instance, OSError("x")), run(instance, OSError("y"))
    cursor, said = tick(instance)
    assert "2 sent; the command python" in said
    assert "ended with exit code 3. The next tick tries again" in said
    assert [body["run_id"] for body in receiver.bodies] == [first, second]
    assert taker.taken == []
    taker.ends_with(0)
    cursor, _ = tick(instance, cursor)
    assert [told["run_id"] for told in taker.taken] == [first, second]
    cursor, _ = tick(instance, cursor)
    assert (len(receiver.bodies), len(taker.taken)) == (2, 2)


def test_a_failed_hook_is_left_alone_until_the_next_tick(
    instance: dg.DagsterInstance, receiver: Receiver
) -> None:
    ids = [run(instance, OSError("x")) for _ in range(3)]
    receiver.answers = [204, 400]
    cursor, said = tick(instance)
    assert said == "1 sent; the webhook on 127.0.0.1 answered 400. The next tick tries again"
    assert len(receiver.requests) == 2
    tick(instance, cursor)
    assert [body["run_id"] for body in receiver.bodies] == [ids[0], ids[1], *ids[1:]]


def test_what_was_reported_long_ago_is_forgotten_and_stays_reported(
    instance: dg.DagsterInstance, taker: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensor, "OVERLAP", timedelta(seconds=0.2))
    run(instance, OSError("x"))
    earlier = sensor.Reported(datetime.now(UTC) - timedelta(hours=2)).as_cursor()
    cursor, _ = tick(instance, earlier)
    time.sleep(0.3)
    newest = run(instance, OSError("y"))
    cursor, _ = tick(instance, cursor)
    cursor, _ = tick(instance, cursor)
    assert len(taker.taken) == 2
    assert list(sensor.Reported.from_cursor(cursor).done) == [newest]


def test_a_tick_ends_before_dagster_ends_it(
    instance: dg.DagsterInstance, taker: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [run(instance, OSError("x")) for _ in range(2)]
    monkeypatch.setattr(sensor, "_TICK_SECONDS", -1.0)
    cursor, said = tick(instance)
    assert (said, taker.taken) == ("nothing to report", [])
    monkeypatch.undo()
    monkeypatch.setenv("RI_ALERT_COMMAND", taker.command)
    tick(instance, cursor)
    assert [told["run_id"] for told in taker.taken] == ids
    assert sensor._TICK_SECONDS + hooks.ATTEMPTS * hooks.WEBHOOK_SECONDS + 10 < 60
    assert sensor._TICK_SECONDS + hooks.COMMAND_SECONDS < 60


def test_no_secret_is_logged(
    instance: dg.DagsterInstance, receiver: Receiver, taker: Program, capfd: object,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    for name in ("httpx", "httpcore", "httpcore.http11"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    taker.ends_with(1)
    run(instance, OSError("x"))
    receiver.answers = [302, 204]
    receiver.location = f"http://127.0.0.1:{receiver.port}/elsewhere"
    cursor, refused_redirect = tick(instance)
    cursor, said = tick(instance, cursor)
    assert "redirects are not followed" in refused_redirect
    assert [path for _, path, _ in receiver.requests] == [f"/{SECRET}?k=v"] * 2
    assert isinstance(capfd, pytest.CaptureFixture)
    shown = capfd.readouterr()
    everything = " ".join((said, refused_redirect, cursor, caplog.text, shown.out, shown.err))
    assert "alert is sent again" in everything
    for secret in (SECRET, TOKEN, "take alerts.py", "secret-of-the-program"):
        assert secret not in everything
    assert not re.search(r"k=v", everything)
