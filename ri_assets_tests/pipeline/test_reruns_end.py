"""The processes of reruns end with the run, however it ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# Reruns that never come to an end, in processes that tell their ids.
_ENDLESS = """
import os, sys, time
from pathlib import Path
from ri_assets.pipeline.process_pool import processes

def work(folder):
    (Path(folder) / str(os.getpid())).touch()

if __name__ == "__main__":
    with processes(2) as pool:
        list(pool.map(work, [sys.argv[1]] * 40))
        print("ready", flush=True)
        time.sleep(300)
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are seen in /proc")
def test_processes_end_when_the_run_is_killed(tmp_path: Path) -> None:
    script, folder = tmp_path / "endless.py", tmp_path / "ids"
    script.write_text(_ENDLESS, encoding="utf-8")
    folder.mkdir()
    run = subprocess.Popen(
        [sys.executable, script, folder], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        workers = [int(file.name) for file in folder.iterdir()]
        assert workers
        assert all(is_alive(pid) for pid in workers)
        run.kill()
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in workers if is_alive(pid)]
