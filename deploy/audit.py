"""Write a bill of materials of an environment, and look for known vulnerabilities in it.

`make audit` runs this. The exit code is 0 if every package was looked up and none is known to be
vulnerable, 1 if one is, and 3 if packages could not be looked up. pip-audit itself ends with 0
where it found no record of any package, so its exit code is not enough.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOUND, NOT_LOOKED_UP = 1, 3
_SHOWN = 10


def main() -> None:
    """Write the bill of materials, then audit what it lists."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", required=True, help="interpreter of the environment")
    parser.add_argument("--tools", type=Path, required=True, help="folder of the two programs")
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    bill = given.output / "bom.cdx.json"
    subprocess.run(  # noqa: S603 - the Makefile installs it there
        [given.tools / "cyclonedx-py", "environment", "--pyproject", "pyproject.toml",
         "--of", "JSON", "--output-reproducible", "-o", bill, given.python],
        check=True,
    )  # fmt: skip
    packages = listed(json.loads(bill.read_text(encoding="utf-8")))
    _say(f"{bill}: CycloneDX bill of materials, {len(packages)} packages")
    wanted = given.output / "audited.txt"
    wanted.write_text("\n".join(packages) + "\n", encoding="utf-8")
    report = given.output / "audit.json"
    report.unlink(missing_ok=True)
    ended = subprocess.run(  # noqa: S603 - as above
        [given.tools / "pip-audit", "-r", wanted, "--no-deps", "--disable-pip",
         "--progress-spinner", "off", "-f", "json", "-o", report],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if not report.is_file():
        lines = ended.stderr.strip().splitlines() or ["pip-audit said nothing"]
        code, sentences = NOT_LOOKED_UP, [f"nothing was audited: {lines[-1]}", *_remedy()]
    else:
        code, sentences = judged(json.loads(report.read_text(encoding="utf-8")))
    for sentence in sentences:
        _say(sentence)
    sys.exit(code)


def listed(bill: dict[str, Any]) -> list[str]:
    """Give the packages of a bill of materials as requirements, without the project itself.

    A local version such as ``2.13.0+cpu`` is looked up as the version that it was built from.
    """
    own = bill["metadata"]["component"]["name"]
    parts = [one for one in bill["components"] if one["name"] != own]
    return sorted(f"{one['name']}=={one['version'].partition('+')[0]}" for one in parts)


def judged(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Judge pip-audit's report; give the exit code and what to say."""
    packages = report["dependencies"]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    said = [
        f"{one['name']} {one['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for one in packages
        for found in one.get("vulns", ())
    ]
    n_vulnerabilities = len(said)
    said.append(
        f"audited {len(packages) - len(unknown)} of {len(packages)} packages; known "
        f"vulnerabilities: {n_vulnerabilities}"
    )
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        said += [f"not audited: {', '.join(unknown[:_SHOWN])}{more}", *_remedy()]
    return FOUND if n_vulnerabilities else NOT_LOOKED_UP if unknown else 0, said


def _remedy() -> list[str]:
    said = (
        "the package index of this machine has no records of vulnerabilities, or cannot be "
        "reached; run `make audit` where it can, or hand bom.cdx.json to a scanner"
    )
    return [said]


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


if __name__ == "__main__":
    main()
