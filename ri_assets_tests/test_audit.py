"""`make audit`: what it says and how it ends, with stand-ins for the two programs that it calls.

The real ones need an index with records of vulnerabilities, which tests do not have.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ri_assets.environment import PROJECT

SCRIPT = PROJECT / "deploy" / "audit.py"
BILL = {
    "metadata": {"component": {"name": "ri-persona-system"}},
    "components": [
        {"name": "torch", "version": "2.13.0+cpu"},
        {"name": "six", "version": "1.17.0"},
        {"name": "ri-persona-system", "version": "0.1.0"},
    ],
}
SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}
VULNERABLE = {
    "name": "torch",
    "version": "2.13.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.13.1"], "description": "bad"}],
}


def audit(folder: Path, report: dict[str, Any] | None) -> tuple[int, str, Path]:
    """Run the script; pip-audit writes the report, or cannot connect."""
    tools, output = folder / "tools", folder / "output"
    tools.mkdir()
    (folder / "bill.json").write_text(json.dumps(BILL))
    (folder / "report.json").write_text(json.dumps(report))
    last = '"$(for last; do :; done; echo "$last")"'
    copy = f"cp {folder / 'report.json'} {last}"
    lost = "echo 'noise\nConnectionError: no route to the index' >&2; exit 1"
    programs = {
        "cyclonedx-py": f'while [ "$1" != -o ]; do shift; done; cp {folder / "bill.json"} "$2"',
        "pip-audit": lost if report is None else copy,
    }
    for name, body in programs.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    ended = subprocess.run(
        [sys.executable, SCRIPT, "--python", sys.executable, "--tools", tools, "--output", output],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.stderr == ""
    return ended.returncode, ended.stdout, output


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], 0, "audited 1 of 1 packages; known vulnerabilities: 0"),
        ([SOUND, VULNERABLE], 1, "torch 2.13.0: PYSEC-1, fixed in 2.13.1"),
        ([SOUND, UNKNOWN], 3, "not audited: torch"),
        ([UNKNOWN, UNKNOWN], 3, "audited 0 of 2 packages"),
        ([VULNERABLE, UNKNOWN], 1, "known vulnerabilities: 1"),
    ],
)
def test_it_is_well_only_if_every_package_was_looked_up(
    packages: list[dict[str, Any]], code: int, said: str, tmp_path: Path
) -> None:
    ended, told, output = audit(tmp_path, {"dependencies": packages})
    assert (ended, said in told) == (code, True), told
    assert ("run `make audit` where it can" in told) == (UNKNOWN in packages)
    assert "bom.cdx.json: CycloneDX bill of materials, 2 packages" in told
    assert (output / "audited.txt").read_text().split() == ["six==1.17.0", "torch==2.13.0"]


def test_without_a_network_the_bill_is_written_and_nothing_counts_as_audited(
    tmp_path: Path,
) -> None:
    code, told, output = audit(tmp_path, None)
    assert code == 3
    assert "nothing was audited: ConnectionError: no route to the index" in told
    assert json.loads((output / "bom.cdx.json").read_text()) == BILL


def test_make_calls_it_with_pinned_tools() -> None:
    page = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert "make audit\n" in re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    planned = subprocess.run(
        ["make", "-n", "audit"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    assert "deploy/audit.py --python .venv/bin/python --tools .venv/audit/bin" in planned
    pinned = (PROJECT / "constraints.txt").read_text().splitlines()
    for name in ("pip[-_]audit", "cyclonedx-bom"):
        assert any(re.match(f"{name}==", line) for line in pinned)
