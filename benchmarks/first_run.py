"""What a stranger gets: one `ri-index run` without options on every corpus at hand.

Each corpus is written to a file as its owner would have it, retweets and app posts included,
and run through the command line into a store of its own. Corpora: the bundled sample; the
first 1,618 original tweets about one brand and six random parts of all of them; replies to
the brand read as tweets; CLINC150's requests; tweets on twelve events (crisislex). CLINC150's
raw form is expected to be refused: too many of its requests are short.

The last line of the output is one JSON object, by corpus.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

from benchmarks.quality import read_labels
from benchmarks.reading import run_or_explain, shared_data
from ri_assets.errors import StoreError
from ri_assets.ri_index import RIIndex

_ORIGINALS = 1_618
_PART = 2_300  # a third of the brand's rows are retweets, which leaves about as many
_PARTS = range(1, 7)
_REPLIES, _REQUESTS = 1_900, 2_000


@dataclass(frozen=True)
class FirstRun:
    """How one first run ended.

    Parameters
    ----------
    published
        Whether it published a snapshot; other figures are then of it, else of the draft.
    why
        What the run said where it published nothing.
    k
        Number of personas; 0 where there is not even a draft.
    resample_ari, resample_ari_open
        With the number held, and left open.
    resample_ari_null_p95
        95th percentile of the former on structureless data.
    min_jaccard
        Of the least stable persona.
    seconds
        Of the whole command, on a store without any embedding.
    label_ari
        Agreement of the personas with labels; None without labels.
    """

    published: bool
    why: str
    k: int
    resample_ari: float | None
    resample_ari_open: float | None
    resample_ari_null_p95: float | None
    min_jaccard: float | None
    seconds: float
    label_ari: float | None


def corpora(folder: Path) -> Iterator[tuple[str, str, Path | None]]:
    """Write every corpus; give its name, its source and its labels.

    Parameters
    ----------
    folder
        Where they are written.
    """
    yield "sample", "sample", None
    data = shared_data("zomato_2019", "clinc150", "crisislex_t26")
    tweets = pd.read_parquet(data / "zomato_2019/tweets.parquet").sort_values("tweet_id")
    replies = pd.read_parquet(data / "zomato_2019/replies.parquet")
    last = int(np.flatnonzero((~tweets["is_retweet"]).cumsum() == _ORIGINALS)[0])
    parts = {"brand_first": tweets.iloc[: last + 1]}
    for seed in _PARTS:
        rows = np.random.default_rng(seed).choice(len(tweets), _PART, replace=False)
        parts[f"brand_s{seed}"] = tweets.iloc[np.sort(rows)]
    for name, part in parts.items():
        yield name, _written(folder / name, part, replies), None
    rows = np.random.default_rng(0).choice(len(replies), _REPLIES, replace=False)
    answers = replies.iloc[np.sort(rows)].drop(columns=["in_reply_to_tweet_id"])
    yield "brand_replies", _written(folder / "brand_replies", answers), None
    requests = _requests(data / "clinc150")
    requests[["tweet_id", "label"]].to_parquet(folder / "clinc150_labels.parquet")
    yield (
        "clinc150",
        _written(folder / "clinc150", requests[["tweet_id", "text"]]),
        folder / "clinc150_labels.parquet",
    )
    events = data / "crisislex_t26"
    yield "crisislex", str(events / "tweets.parquet"), events / "labels.parquet"


def _requests(folder: Path) -> pd.DataFrame:
    """Draw requests with their domains as labels."""
    domains = json.loads((folder / "domains.json").read_text(encoding="utf-8"))
    domain_of = {
        intent.replace(" ", "_"): domain
        for domain, intents in domains.items()
        for intent in intents
    }
    parts = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    rows = [row for name, part in parts.items() if "oos" not in name for row in part]
    listed = pd.DataFrame(rows, columns=["text", "intent"])
    listed["tweet_id"] = np.arange(1, len(listed) + 1)
    listed["label"] = listed["intent"].str.replace(" ", "_").map(domain_of)
    drawn = np.random.default_rng(0).choice(len(listed), _REQUESTS, replace=False)
    return listed.iloc[np.sort(drawn)]


def _written(folder: Path, tweets: pd.DataFrame, replies: pd.DataFrame | None = None) -> str:
    folder.mkdir(parents=True)
    tweets.to_parquet(folder / "tweets.parquet")
    if replies is not None:
        replies.to_parquet(folder / "replies.parquet")
    return str(folder)


def first_run(source: str, store: Path, labels: Path | None) -> FirstRun:
    """Run the command once and read what it left.

    Parameters
    ----------
    source
        As `--source` takes it.
    store
        A folder without anything in it.
    labels
        Parquet or CSV with `tweet_id` and `label`.
    """
    command = [sys.executable, "-m", "ri_assets.cli", "run", "--source", source]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RI_")}
    # A home of its own: Dagster's records of a benchmark are of no use to anyone.
    environment["DAGSTER_HOME"] = str(store.parent / f"{store.name}_home")
    Path(environment["DAGSTER_HOME"]).mkdir()
    start = time.perf_counter()
    ended = subprocess.run(  # noqa: S603 - our own program
        [*command, "--store", str(store)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    published = ended.returncode == 0
    why = "" if published else _reason(ended.stdout + ended.stderr)
    try:
        index = RIIndex.open(store=str(store), draft=not published)
    except StoreError:
        return FirstRun(published, why, 0, None, None, None, None, seconds, None)
    figures = {(one.asset, one.figure): one for one in index.quality().figures}
    held, left_open = (figures["clusters", name] for name in ("resample_ari", "resample_ari_open"))
    personas = index.list_personas()
    return FirstRun(
        published=published,
        why=why,
        k=len(personas),
        resample_ari=held.value,
        resample_ari_open=left_open.value,
        resample_ari_null_p95=held.null_p95,
        min_jaccard=min(one.jaccard for one in personas if one.jaccard is not None),
        seconds=seconds,
        label_ari=None if labels is None else _label_ari(index, labels),
    )


def _reason(output: str) -> str:
    """Find the sentence in which the run says why it published nothing."""
    lines = [line.strip() for line in output.splitlines()]
    said = [line for line in lines if line.startswith(("result:", "error:", "blocked:"))]
    return (said or [line for line in lines if line] or ["it said nothing"])[-1]


def _label_ari(index: RIIndex, labels: Path) -> float:
    truth = read_labels(labels)
    found = index.get_tweet_personas(truth["tweet_id"].tolist()).to_frame()
    both = found[found["persona_id"].notna()].merge(truth, on="tweet_id")
    return float(adjusted_rand_score(both["label"], both["persona_id"]))


def _show(console: Console, found: dict[str, FirstRun]) -> None:
    columns = ("k", "resample_ari", "resample_ari_open", "resample_ari_null_p95", "min_jaccard")
    grid = Table("corpus", "published", *columns, "label_ari", "seconds")
    for name, run in found.items():
        values = [getattr(run, column) for column in (*columns, "label_ari", "seconds")]
        cells = ["" if value is None else f"{value:.3g}" for value in values]
        grid.add_row(name, "yes" if run.published else run.why, *cells)
    console.print(grid)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--source", help="one corpus of your own, in place of all of these")
    parser.add_argument("--labels", type=Path, help="Parquet or CSV with tweet_id and label")
    parser.add_argument("--only", help="names of corpora with commas between them")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    given = parser.parse_args()
    if given.labels is not None and given.source is None:
        parser.error("--labels needs --source")
    return given


def main() -> None:
    """Run every corpus and print the table."""
    given = _arguments()
    console = Console(stderr=True, highlight=False)
    found: dict[str, FirstRun] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        chosen = (
            corpora(folder) if given.source is None else [("corpus", given.source, given.labels)]
        )
        for name, source, labels in chosen:
            if given.only is not None and name not in given.only.split(","):
                continue
            with console.status(name):
                run = first_run(source, folder / f"{name}_store", labels)
            found[name] = run
            console.print(f"{name}: {json.dumps(asdict(run))}", soft_wrap=True)
    if not given.json:
        _show(Console(width=160), found)
    print(json.dumps({name: asdict(run) for name, run in found.items()}))


if __name__ == "__main__":
    run_or_explain(main)
