"""Agreement of the published personas with the audiences planted in the bundled sample.

Reads the published snapshot and the file of planted labels, which no asset reads.
The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import pandas as pd
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from benchmarks.reading import run_or_explain
from ri_assets.environment import DEFAULT_STORE, PROJECT
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot

PLANTED = PROJECT / "data" / "sample" / "planted_labels.csv"


def agreement(found: pd.DataFrame, planted: pd.DataFrame) -> dict[str, float | int]:
    """Compare personas with labels on the tweets that have both.

    Parameters
    ----------
    found
        `tweet_id` and `persona_id`.
    planted
        `tweet_id` and `label`.
    """
    both = found.merge(planted, on="tweet_id")
    return {
        "tweets": len(both),
        "personas": int(both["persona_id"].nunique()),
        "planted": int(both["label"].nunique()),
        "ari": float(adjusted_rand_score(both["label"], both["persona_id"])),
        "ami": float(adjusted_mutual_info_score(both["label"], both["persona_id"])),
    }


def main() -> None:
    """Print the agreement, and which audience each persona holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default=os.environ.get("RI_STORE", DEFAULT_STORE))
    parser.add_argument("--labels", type=Path, default=PLANTED)
    given = parser.parse_args()
    snapshot = Snapshot(Files(given.store))
    found = snapshot.table("ri_index_app", "tweet_personas").to_pandas()
    names = snapshot.table("ri_index_app").to_pandas().set_index("persona_id")["name"]
    planted = pd.read_csv(given.labels)
    both = found.merge(planted, on="tweet_id")
    if both.empty:
        sys.exit(
            f"error: no tweet of snapshot {snapshot.manifest.snapshot} "
            f"(source {snapshot.manifest.source}) has a label in {given.labels}\n"
            "  remedy: run the pipeline on the sample (`make run`), or give --labels"
        )
    shares = pd.crosstab(both["persona_id"], both["label"])
    for persona_id, row in shares.iterrows():
        best = row.idxmax()
        print(f"{persona_id} {names[persona_id]:40.40s} {row.max() / row.sum():4.0%} {best}")
    print(json.dumps({"snapshot": snapshot.manifest.snapshot, **agreement(found, planted)}))


if __name__ == "__main__":
    run_or_explain(main)
