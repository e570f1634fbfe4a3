"""Every line of standard error is one JSON object, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from ri_assets.progress import json_logger
from ri_assets.structured_log import json_stderr
from ri_assets_tests.command_line import Cli, ri_index
from ri_assets_tests.small import SMALL_PROFILE, write_folder

WRITERS = """
import json, logging, os, subprocess, sys, threading, time, traceback, warnings
from rich.console import Console
from tqdm import tqdm
from ri_assets.structured_log import json_stderr

def wide(n):
    for k in range(50):
        print(f"thread {n} " + "x" * 200, file=sys.stderr)

with json_stderr():
    warnings.warn("a warning\\nof two lines", stacklevel=1)
    more = {"run_id": "r1", "path": os}
    logging.getLogger("somebody").error("an %s\\n100%%", "error", extra=more)
    logging.getLogger("somebody").info("not shown")
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("somebody").exception("with a traceback")
        traceback.print_exc()
    print("plain \\x1b[31mred\\x1b[0m", file=sys.stderr)
    print('{"time": "is no object', file=sys.stderr)
    print('{"an": "object of somebody"}', file=sys.stderr)
    Console(stderr=True, force_terminal=True).print("[bold]WARNING[/] from Rich")
    for _ in tqdm(range(3), desc="bar"):
        pass
    os.write(2, b"bytes \\xff of a library in C\\n")
    subprocess.run([sys.executable, "-S", "-c", "import sys; print('a child', file=sys.stderr)"])
    threads = [threading.Thread(target=wide, args=(n,)) for n in range(4)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    sys.stderr.write("no end of line")
    raise RuntimeError("nobody handles this")
"""


def objects(text: str) -> list[dict[str, Any]]:
    """Read every line, as a program that collects logs does."""
    found = [json.loads(line) for line in text.splitlines()]
    for one in found:
        assert list(one)[:4] == ["time", "level", "logger", "message"]
        assert one["time"].endswith("Z")
        assert abs((datetime.fromisoformat(one["time"]) - datetime.now(UTC)).total_seconds()) < 900
        assert one["level"] in {"debug", "info", "warning", "error", "critical"}
    return found


def test_whoever_writes() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WRITERS], capture_output=True, check=False, encoding="utf-8"
    )
    assert ended.returncode == 1
    found = objects(ended.stderr)
    by_text = {one["message"]: one for one in found}
    assert [one for one in by_text if "a warning\nof two lines" in one]
    assert (
        by_text["an error\n100%"] | {"run_id": "r1", "level": "error"} == by_text["an error\n100%"]
    )
    assert "not shown" not in by_text
    assert "ValueError: why" in by_text["with a traceback"]["exception"]
    assert by_text["ValueError: why"]["exception"].startswith("Traceback (most recent")
    assert by_text["plain red"]["level"] == "info"
    assert by_text["WARNING from Rich"]["level"] == "warning"
    assert by_text['{"an": "object of somebody"}']["logger"] == "stderr"
    assert {"bytes \ufffd of a library in C", "a child", "no end of line"} <= {*by_text}
    assert "bar" not in ended.stderr
    assert sum("thread" in one["message"] for one in found) == 200
    last = by_text["unexpected error: nobody handles this"]
    assert last["level"] == "critical"
    assert "RuntimeError: nobody" in last["exception"]


@pytest.mark.parametrize("form", [("--log", "json"), ("--log=json",)])
def test_a_problem_is_one_object_with_its_remedy(
    cli: Cli, tmp_path: Path, form: tuple[str, ...]
) -> None:
    outcome = cli("personas", *form, "--store", tmp_path)
    assert outcome.code == 2
    [told] = objects(outcome.err)
    assert told["message"].startswith("no snapshot is published in")
    assert told["expected"]
    assert told["remedy"].startswith("run the pipeline first")
    assert "exception" not in told
    assert "exception" in objects(cli(*form, "--debug", "personas", "--store", tmp_path).err)[-1]


def test_usage_errors_and_the_variable(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RI_LOG", "json")
    for arguments in (["nonsense"], ["personas", "--nonsense"], ["--help", "--log"]):
        outcome = cli(*arguments)
        assert outcome.code in {0, 2}
        assert objects(outcome.err) or outcome.code == 0
    assert "No such command 'nonsense'." in str(objects(cli("nonsense").err))
    assert cli("personas", "--log", "text").err.startswith("error: ")
    monkeypatch.setenv("RI_LOG", "yaml")
    assert "the variable RI_LOG is 'yaml'" in cli("personas").err
    monkeypatch.delenv("RI_LOG")
    assert "'text', 'json'" in cli("personas", "--log", "yaml").err


@pytest.mark.slow
def test_a_run_says_what_it_does(dagster_home: Path, tmp_path: Path) -> None:
    """One that a check ends early."""
    rows = [{"tweet_id": str(n), "text": "" if n % 4 == 0 else f"late {n}"} for n in range(400)]
    source = write_folder(tmp_path / "source", pd.DataFrame(rows))
    arguments = ("run", "--source", source, "--store", tmp_path / "store", "--log", "json")
    outcome = ri_index(*arguments, "--profile", SMALL_PROFILE, home=dagster_home)
    assert outcome.code == 3, outcome.text
    found = objects(outcome.err)
    of_run = [one for one in found if one["logger"] == "dagster"]
    [run_id] = {one["run_id"] for one in of_run}
    assert "raw_tweets" in {one.get("asset") for one in of_run}
    ended = [one for one in of_run if one.get("dagster_event") == "PIPELINE_FAILURE"]
    assert [one["level"] for one in ended] == ["error"]
    events = {one.get("dagster_event") for one in of_run}
    assert {"STEP_START", "STEP_FAILURE"} <= events
    assert "ASSET_MATERIALIZATION" not in events  # with --debug only
    assert [one for one in found if one.get("kind") == "blocked" and one["level"] == "error"]
    assert run_id not in outcome.out


@dg.op
def work() -> None:
    log = dg.get_dagster_logger()
    log.info("4 of 9 reruns")
    log.info("5 of 9 reruns")
    log.debug("a detail")
    raise ValueError("why")


@pytest.mark.parametrize("is_debug", [False, True])
def test_what_dagster_says_of_a_run(is_debug: bool, capfd: pytest.CaptureFixture[str]) -> None:
    @dg.job(logger_defs={"json": json_logger})
    def tiny() -> None:
        work()

    with json_stderr():
        config = {"loggers": {"json": {"config": {"debug": is_debug}}}}
        done = tiny.execute_in_process(run_config=config, raise_on_error=False)
    found = objects(capfd.readouterr().err)
    assert [one for one in found if "run_id" not in one] == []
    assert {one["run_id"] for one in found} == {done.run_id}
    texts = [one["message"] for one in found]
    assert "4 of 9 reruns" in texts
    assert ("5 of 9 reruns" in texts) == is_debug  # at most one such line every 30 seconds
    assert ("a detail" in texts) == is_debug
    [failed] = [one for one in found if one.get("dagster_event") == "STEP_FAILURE"]
    assert (failed["level"], failed["step"]) == ("error", "work")
    assert ("ValueError: why" in failed.get("exception", "")) == is_debug
    assert "asset" not in failed
