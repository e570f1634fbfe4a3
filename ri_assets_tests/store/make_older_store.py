"""Write the smallest store that the code of some commit can publish, for `older_stores.tar.xz`.

From the project's folder, with the commit in FOLDER (`git archive COMMIT | tar -x -C FOLDER`):

    PYTHONPATH=FOLDER python ri_assets_tests/store/make_older_store.py STORE

It publishes twelve synthetic tweets and three personas twice, so that the second run continues
from the first. `benchmarks.index_snapshot` is the commit's own, and so is all that it calls. Only
the published part is kept: no candidates and no locks.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

SMALLEST = {"_PERSONAS": 3, "_REPLIES": 3, "_SAMPLES": 2, "_VOCABULARY": 50}
TWEETS = 12


def make(store: Path) -> None:
    """Publish two snapshots with whatever version of the project is imported."""
    from benchmarks import index_snapshot
    from ri_assets.config import load_profile

    for name, value in SMALLEST.items():
        setattr(index_snapshot, name, value)
    whole = index_snapshot.personas

    def coarse(*arguments: object) -> object:
        """Round the vectors, so that they compress."""
        found = whole(*arguments)  # type: ignore[arg-type]  # older versions take other types
        found["text_centroid"] = [np.sign(vector) / 16 for vector in found["text_centroid"]]
        return found

    index_snapshot.personas = coarse  # type: ignore[assignment]  # as above
    for seed in range(2):
        index_snapshot.write_snapshot(str(store), TWEETS, load_profile("frozen-2026-11"), seed)
    for folder in ("cache", "candidate", "latest", "locks"):
        shutil.rmtree(store / folder, ignore_errors=True)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
