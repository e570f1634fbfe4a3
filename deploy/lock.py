"""Write the sha256 of every file that an installation for production may take from an index.

`make lock` runs this after a change of `constraints.txt`. The list covers all platforms and
Python versions. PyTorch is not in it, nor what only PyTorch needs: its builds for processors and
for GPUs are different files from different indexes, and which is right depends on the machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parent / "hashes.txt"
EXTRAS = ("mysql", "postgres", "s3")
_OF_TORCH = re.compile(r"(torch|triton|(nvidia|cuda)-[a-z0-9-]+)==")
_HEAD = """\
# Written by `make lock`; docs/dependencies.md says how to install from it. Without PyTorch.
"""


def main() -> None:
    """Resolve the requirements within the constraints, and write them with their hashes."""
    tool, project = sys.argv[1], LOCK.parent.parent
    extras = [part for extra in EXTRAS for part in ("--extra", extra)]
    resolved = subprocess.run(  # noqa: S603 -- the Makefile installs it there
        [tool, "pip", "compile", "pyproject.toml", *extras, "-c", "constraints.txt",
         "--universal", "--python-version", "3.11", "--generate-hashes",
         "--no-annotate", "--no-header", "--quiet"],
        check=True, capture_output=True, text=True, cwd=project,
    )  # fmt: skip
    LOCK.write_text(_HEAD + "".join(kept(resolved.stdout)), encoding="utf-8")


def kept(resolved: str) -> list[str]:
    """Give the packages with their hashes, one string each, without PyTorch's."""
    packages = re.split(r"^(?=[a-z0-9])", resolved, flags=re.MULTILINE)
    return [package for package in packages if package and not _OF_TORCH.match(package)]


if __name__ == "__main__":
    main()
