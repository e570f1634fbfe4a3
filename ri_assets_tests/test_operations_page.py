"""The commands of `docs/operations.md` that keep a store in order, run as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from ri_assets.alerts.alert import Alert, Kind
from ri_assets.alerts.hooks import COMMAND_SECONDS, WEBHOOK_SECONDS
from ri_assets.environment import PROJECT, Environment
from ri_assets.freshness import freshness_policy, require_cron
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.small import SMALL_PROFILE

PAGE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTIONS = (
    "Cleaning up",
    "Raw posts",
    "When something does not work",
    "When somebody asks to be forgotten",
    "Logs as JSON",
)


def commands(section: str) -> list[str]:
    """Give the lines of a section's sh blocks that call `ri-index`."""
    return [line for line in lines_of(section) if re.match(r"(\w+=\w+ )*ri-index ", line)]


def lines_of(section: str, kind: str = "sh") -> list[str]:
    """Give the lines of a section's blocks of one kind."""
    body = re.split(rf"^#+ {section}$", PAGE, flags=re.MULTILINE)[1]
    body = re.split(r"^#", body, flags=re.MULTILINE)[0]
    blocks = re.findall(rf"```{kind}\n(.*?)```", body, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def exported(section: str) -> dict[str, str]:
    """Let a shell set what a section exports."""
    script = "\n".join(lines_of(section))
    done = subprocess.run(
        ["env", "-i", "sh", "-c", f"{script}\nenv -0"], capture_output=True, check=True, text=True
    )
    pairs = (entry.split("=", 1) for entry in done.stdout.split("\0") if entry)
    return {name: value for name, value in pairs if name.startswith("RI_")}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_command_works(
    section: str, cli: Cli, synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    monkeypatch.setenv("RI_PROFILE", str(SMALL_PROFILE))
    lines = commands(section)
    assert lines
    for line in lines:
        words = shlex.split(line)
        begin = words.index("ri-index")
        with pytest.MonkeyPatch.context() as patch:
            for setting in words[:begin]:
                patch.setenv(*setting.split("=", 1))
            outcome = cli(*words[begin + 1 :])
        assert outcome.code == 0, f"{line}: {outcome.text}"
    assert published_ids(Files(str(synthetic.store))) == [Path(synthetic.folder).name]


def test_what_the_page_exports_is_understood() -> None:
    alerting = Environment.from_env(exported("Alerts") | {"RI_ALERT_WEBHOOK": ""}).alerting
    assert alerting.command == ("mail", "-s", "RI alert", "ops@example.org")
    assert alerting.ui_url == "https://dagster.example.org"
    assert set(exported("Alerts")) == {
        "RI_ALERT_COMMAND", "RI_ALERT_WEBHOOK", "RI_ALERT_TOKEN", "RI_UI_URL",
    }  # fmt: skip
    cron = Environment.from_env(exported("Is it up to date")).schedule
    assert freshness_policy(require_cron(cron))


def test_the_objects_of_the_page_have_the_fields_that_are_written() -> None:
    [alert] = [json.loads(line) for line in lines_of("Alerts", "json")]
    made = Alert(
        alert["kind"], datetime.fromisoformat(alert["time"]), alert["run_id"], alert["job"],
        alert["store"], alert["asset"], alert["check"], alert["sentence"], alert["url"],
    )  # fmt: skip
    assert json.loads(made.as_json()) == alert
    kinds = {
        line.split("`")[1] for line in PAGE.splitlines() if re.match(r"\| `\w+_\w+` \| ", line)
    }
    assert {*get_args(Kind)} <= kinds
    assert f"within {COMMAND_SECONDS:g} seconds" in PAGE
    assert f"within {WEBHOOK_SECONDS:g} seconds" in PAGE
