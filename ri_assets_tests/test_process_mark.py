from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from ri_assets.liveness import ProcessMark

WAIT_SECONDS = 10
SAY_WHO = (
    "import sys; from ri_assets.liveness import ProcessMark;"
    "print(ProcessMark.of_this_process().as_text(), flush=True); sys.stdin.read()"
)


def test_a_process_is_running_until_it_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAY_WHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        mark = ProcessMark.from_text(child.stdout.readline())
        assert mark is not None
        assert mark.pid == child.pid
        assert mark.is_running() is True
        child.kill()
        # Nobody has collected its exit code, so its number is still taken.
        deadline = time.monotonic() + WAIT_SECONDS
        while mark.is_running() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert mark.is_running() is False
        assert child.returncode is None
    assert mark.is_running() is False


def test_a_number_that_the_system_gave_to_another_process_is_not_taken_for_the_first() -> None:
    here = ProcessMark.of_this_process()
    assert here.is_running() is True
    assert replace(here, started=str(int(here.started) - 1)).is_running() is False


def test_a_process_elsewhere_cannot_be_seen() -> None:
    here = ProcessMark.of_this_process()
    for elsewhere in (
        replace(here, host="another"),
        replace(here, boot="another"),
        replace(here, namespace="another"),
    ):
        assert elsewhere.is_running() is None


def test_where_the_system_tells_nothing_nothing_is_claimed() -> None:
    assert replace(ProcessMark.of_this_process(), started="").is_running() is None


@pytest.mark.parametrize("text", ["", "?", "[]", "3", '{"pid": 1}', '{"else": 1}'])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert ProcessMark.from_text(text) is None
