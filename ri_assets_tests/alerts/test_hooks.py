"""What a hook does when the other side is slow, busy, gone or wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ri_assets.alerts import hooks
from ri_assets.alerts.alert import Alert
from ri_assets.alerts.hooks import Command, HookError, Webhook, hooks_of
from ri_assets.environment import Alerting, Environment
from ri_assets.errors import ConfigError
from ri_assets_tests.alerts.receiver import Receiver, receiving

ALERT = Alert(
    "run_failed", datetime(2026, 1, 5, 4, tzinfo=UTC), "run", "job", None, None, None,
    "größer – 🙂", None,
)  # fmt: skip


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(hooks, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(hooks, "LONGEST_WAIT_SECONDS", 0.002)
    with receiving() as started:
        yield started


def webhook(receiver: Receiver, seconds: float = 5.0) -> Webhook:
    return Webhook(f"http://127.0.0.1:{receiver.port}/secret", "token", seconds)


@pytest.mark.parametrize(
    ("answers", "n_asked"), [([503, 429], 3), ([500, 500, 500], 3), ([404], 1), ([308], 1)]
)
def test_only_a_busy_server_is_asked_again(
    receiver: Receiver, answers: list[int], n_asked: int
) -> None:
    receiver.answers, last = [*answers], answers[-1]
    if len(answers) < n_asked:
        webhook(receiver).send(ALERT)
    else:
        with pytest.raises(HookError, match=f"the webhook on 127.0.0.1 answered {last}") as error:
            webhook(receiver).send(ALERT)
        assert "secret" not in str(error.value)
    assert len(receiver.requests) == n_asked
    assert receiver.bodies[0]["sentence"] == "größer – 🙂"
    assert len({headers["Idempotency-Key"] for headers, _, _ in receiver.requests}) == 1


def test_the_deadline_holds_for_a_server_that_sends_a_byte_now_and_then(
    receiver: Receiver,
) -> None:
    receiver.answers, began = [0, 0, 0], time.monotonic()
    with pytest.raises(HookError, match=r"did not answer within 0\.3 seconds"):
        webhook(receiver, 0.3).send(ALERT)
    assert time.monotonic() - began < 3
    assert len(receiver.requests) == 3


def test_a_server_that_is_gone() -> None:
    with receiving() as receiver:
        gone = webhook(receiver)
    with pytest.raises(HookError, match=r"the webhook on 127\.0\.0\.1 cannot be reached") as error:
        gone.send(ALERT)
    assert "secret" not in str(error.value)


def test_a_command_is_no_shell_line(tmp_path: Path) -> None:
    out = tmp_path / "it is; here"
    code = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    Command((sys.executable, "-S", "-c", code, str(out))).send(ALERT)
    assert out.read_text() == f"{ALERT.as_json()}\n"
    assert out.read_text().isascii()


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    began = time.monotonic()
    with pytest.raises(HookError, match=r"sh did not end within 0\.3 seconds"):
        Command(("sh", "-c", f"(sleep 1; touch '{mark}') & sleep 30"), 0.3).send(ALERT)
    assert time.monotonic() - began < 5
    time.sleep(1)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("/nowhere/notify", "--key=secret"), "notify cannot be started: No such file"),
        (("sh", "-c", "exit 3", "secret"), "sh ended with exit code 3"),
        (("sh", "-c", "kill -9 $$"), "sh ended with exit code -9"),
    ],
)
def test_a_command_that_fails(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(HookError, match=said) as error:
        Command(arguments).send(ALERT)
    assert "secret" not in str(error.value)


def test_a_command_that_does_not_read(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    Command(("true",)).send(ALERT)


def test_the_environment_names_the_hooks() -> None:
    assert hooks_of(Environment.from_env({}).alerting) == []
    found = Environment.from_env(
        {
            "RI_ALERT_COMMAND": "mail -s 'RI alert' ops@example.org",
            "RI_ALERT_WEBHOOK": " https://user:secret@hooks.example.org/secret ",
            "RI_ALERT_TOKEN": "secret",
            "RI_UI_URL": "http://dagster:3000/",
        }
    )
    assert found.alerting.command == ("mail", "-s", "RI alert", "ops@example.org")
    assert found.alerting.ui_url == "http://dagster:3000"
    assert [hook.name for hook in hooks_of(found.alerting)] == ["command", "webhook"]
    assert "secret" not in f"{found} {hooks_of(found.alerting)}"
    assert "secret" not in repr(Alerting(webhook="https://secret"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RI_ALERT_COMMAND", "mail 'secret"),
        ("RI_ALERT_WEBHOOK", "secret.example.org/hook"),
        ("RI_ALERT_WEBHOOK", "ftp://secret"),
        ("RI_ALERT_WEBHOOK", "https://host:secret/"),
        ("RI_ALERT_WEBHOOK", "https://host/secret\n"),
        ("RI_ALERT_WEBHOOK", "https://host/secret\x00x"),
        ("RI_UI_URL", "https://user:secret@host"),
    ],
)
def test_an_unusable_setting_is_refused_without_repeating_it(name: str, text: str) -> None:
    if text.endswith("\n"):
        assert Environment.from_env({name: text}).alerting.webhook == text.strip()
        return
    with pytest.raises(ConfigError, match=name) as error:
        Environment.from_env({name: text})
    assert "secret" not in str(error.value)
