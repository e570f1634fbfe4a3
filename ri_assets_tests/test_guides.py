"""Every command of README and quick start runs, in the order in which a reader types them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ri_assets.environment import PROJECT
from ri_assets_tests.mariadb import HOST, PASSWORD, MariaDB

SMALL = PROJECT / "ri_assets_tests" / "small.yaml"


def commands(page: Path) -> list[str]:
    """Give the lines of a page's bash blocks."""
    blocks = re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def checkout(folder: Path) -> Path:
    """Copy what a clone would hold; the environment that runs this test stands in for `.venv`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.splitlines():
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    environment = folder / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    for mark in ("ready", "ready-dev"):  # newer than what they are made from: nothing to set up
        (environment / mark).touch()
    return folder


def follow(lines: list[str], folder: Path, **environment: str) -> str:
    """Run lines as one shell session that stops at the first failure."""
    script = "set -euo pipefail\n" + "".join(f"echo '$' {line!r}\n{line}\n" for line in lines)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RI_", "DAGSTER_"))}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**inherited, "RI_STORE": str(folder / "data" / "store"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def shown_only(line: str) -> str:
    """Let make say what it would do, where doing it is another test's matter."""
    # `make test` is what runs this; test_ui starts the real `make ui`.
    return re.sub(r"^make (test|ui)$", r"make -n \1", line)


def test_the_readme_begins_with_two_commands() -> None:
    assert commands(PROJECT / "README.md") == ["make run", "make test"]


@pytest.mark.slow
def test_the_quick_start_works_line_by_line(tmp_path: Path, mariadb: MariaDB) -> None:
    folder = checkout(tmp_path / "clone")
    mine = folder / "my_tweets"
    mine.mkdir()
    for name in ("tweets", "replies"):
        table = pd.read_parquet(folder / "data" / "sample" / f"{name}.parquet")
        # The whole sample runs once, too.
        table.head(600 if name == "tweets" else 1_500).to_csv(mine / f"{name}.csv", index=False)
    address = f"{HOST}:{mariadb.port}/{mariadb.fresh_database()}"
    lines = [
        shown_only(line)
        .replace("127.0.0.1:3306/tweets", address)
        .replace("RI_MYSQL_PASSWORD=secret", f"RI_MYSQL_PASSWORD={PASSWORD}")
        # The whole default profile is tested elsewhere; here the commands are.
        .replace("cp ri_assets/profiles/frozen-2026-11.yaml", f"cp {SMALL}")
        for line in commands(PROJECT / "docs" / "quickstart.md")
    ]
    said = follow([*lines, "make evaluate", "make help"], folder, RI_PROFILE=str(SMALL))
    published = re.findall(r"next: `ri-index personas[^`]*` lists them", said)
    assert len(published) == 5
    assert "loaded 600 tweets and 1,500 replies; 0 rows were set aside" in said
    assert "1,454 (89.86%)" in said  # `make run`
    assert '"planted": 11' in said
    assert "dg dev" in said
    assert "Started schedule weekly_personas" in said
    assert "Started sensor new_tweets" in said
    assert PASSWORD not in said.replace(f"RI_MYSQL_PASSWORD={PASSWORD}", "")
