"""`python -m ri_assets.sample FOLDER` regenerates the sample."""

from __future__ import annotations

import argparse
from pathlib import Path

from ri_assets.sample.corpus import write


def main() -> None:
    """Write the three files of the sample to a folder."""
    parser = argparse.ArgumentParser(prog="python -m ri_assets.sample", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="such as data/sample")
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
