"""The default profile beside the report's, and beside other ways to cluster, judged alike.

Reads any source, denoises and embeds it once a profile (vectors stay in the store's
cache), and puts each method through the same reruns on new seeds, on draws of the
tweets and on data without structure. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from benchmarks.reading import add_source_arguments, read_source, run_or_explain
from benchmarks.rivals import GIVEN_K, GIVEN_TEXT_ALONE, PEERS, TEXT_ALONE, procedure
from ri_assets.config import Profile, load_profile
from ri_assets.definitions import DEFAULT_PROFILE
from ri_assets.errors import NoPersonasError, SourceError
from ri_assets.freeze.corpus import Prepared, prepare
from ri_assets.freeze.search import with_draws
from ri_assets.freeze.trial import Trial, attempt
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.evidence import Procedure
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.stability import Labels
from ri_assets.quality.metrics import HEADLINES, flat
from ri_assets.sources.base import Corpus
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

METHODS = ("default", "report", *PEERS)
SHOWN = (
    *("tweets", "k", "k_min", "k_max"),
    *(key for name in HEADLINES for key in (name, f"{name}_null_mean", f"{name}_null_p95")),
    *("resample_ari_open", "resample_ari_lift", "min_jaccard", "draws"),
    *("labelled_tweets", "label_ari", "label_ami", "fit_seconds", "seconds"),
)
"""Figures of the table; the JSON object has all of them."""

Found = dict[str, float | list[float] | dict[str, str] | None]
"""A method's figures by name; None for what could not be measured."""


@dataclass(frozen=True, eq=False)
class Method:
    """What is judged: a profile, and the procedure that stands in for its own fit."""

    profile: Profile
    procedure: Procedure = fit


def method(name: str, draws: int, k: int) -> Method:
    """Give one of the methods; `k` is the number of clusters of those that are given one."""
    default = with_draws(load_profile(DEFAULT_PROFILE), draws)
    if name == "default":
        return Method(default)
    if name == "report":
        return Method(with_draws(load_profile("report"), draws))
    if name in GIVEN_TEXT_ALONE:
        return Method(default.model_copy(update={"fuse": TEXT_ALONE}), procedure(name, k))
    return Method(default, procedure(name, k))


def figures(trial: Trial, labels: Labels, prepared: Prepared, truth: pd.DataFrame | None) -> Found:
    """Give a method's figures by the names under which they are printed.

    Parameters
    ----------
    trial, labels
        What the harness found.
    prepared
        The corpus.
    truth
        `tweet_id` and `label`; compared on the tweets that both have.
    """
    found: Found = {
        "tweets": trial.tweets,
        "k": trial.k,
        "k_min": trial.value("cluster_count_min"),
        "k_max": trial.value("cluster_count_max"),
        **flat(trial.figures.values()),
        "min_jaccard": trial.min_jaccard,
        "jaccards": list(trial.jaccards),
        "draws": trial.draws,
        "fit_seconds": trial.fit_seconds,
        "seconds": trial.seconds,
        "blockers": dict(trial.blockers),
    }
    if truth is not None:
        both = pd.DataFrame({"tweet_id": prepared.tweet_ids, "found": labels}).merge(
            truth, on="tweet_id"
        )
        found["labelled_tweets"] = len(both)
        found["label_ari"] = float(adjusted_rand_score(both["label"], both["found"]))
        found["label_ami"] = float(adjusted_mutual_info_score(both["label"], both["found"]))
    return found


def read_labels(path: Path) -> pd.DataFrame:
    """Read `tweet_id` and `label` from Parquet or CSV.

    Raises
    ------
    SourceError
        A column is lacking.
    """
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    if not {"tweet_id", "label"} <= set(table.columns):
        raise SourceError(
            f"{path} has the columns {', '.join(map(str, table.columns))}",
            "the columns tweet_id and label",
            "rename them",
        )
    return table[["tweet_id", "label"]].astype({"tweet_id": "int64"})


class Bench:
    """One corpus, prepared for each method as its profile says.

    Parameters
    ----------
    name, corpus
        What is clustered.
    store
        Whose cache keeps the embeddings.
    console
        Where progress is shown.
    """

    def __init__(self, name: str, corpus: Corpus, store: str, console: Console) -> None:
        self.name, self.corpus, self.console = name, corpus, console
        self.cache = EmbeddingCache(Files(store))

    def prepared(self, profile: Profile) -> Prepared:
        """Denoise and embed."""
        with self.console.status("preparing") as status:
            encoder = Encoder(profile.embed, self.cache, status.update)
            return prepare(self.name, self.corpus, profile, encoder.encode)

    def default_count(self) -> int:
        """Count the default profile's clusters before any is joined; its gate's fewest if none."""
        profile = load_profile(DEFAULT_PROFILE)
        ready = self.prepared(profile)
        with self.console.status("counting the default profile's clusters"):
            fused = ready.fused(profile.fuse)
            try:
                return fit(fused, profile, profile.reduce.seed).count
            except NoPersonasError:
                return profile.gates.personas_min

    def run(self, names: list[str], draws: int, truth: pd.DataFrame | None) -> dict[str, Found]:
        """Judge the methods one after the other."""
        found: dict[str, Found] = {}
        k = 0
        for name in [n for n in METHODS if n in names]:
            if name in GIVEN_K and k == 0:
                k = self.default_count()
            chosen = method(name, draws, k)
            ready = self.prepared(chosen.profile)
            with self.console.status(name) as status:
                trial, labels = attempt(
                    ready,
                    chosen.profile,
                    lambda text, at=name: status.update(f"{at}: {text}"),  # type: ignore[misc]
                    chosen.procedure,
                )
            k = trial.k if name == "default" else k
            found[name] = figures(trial, labels, ready, truth)
            self.console.print(f"{name}: {trial.seconds:.0f} s", highlight=False)
        return found


def _show(console: Console, found: dict[str, Found]) -> None:
    grid = Table("figure", *found)
    for figure in SHOWN:
        values = [column.get(figure) for column in found.values()]
        if any(value is not None for value in values):
            grid.add_row(figure, *("" if v is None else f"{v:.4g}" for v in values))
    console.print(grid)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_source_arguments(parser)
    parser.add_argument("--labels", type=Path, help="Parquet or CSV with tweet_id and label")
    parser.add_argument(
        "--profiles", default=",".join(METHODS), help=f"some of {', '.join(METHODS)}"
    )
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    given = parser.parse_args()
    unknown = set(given.profiles.split(",")) - set(METHODS)
    if unknown:
        parser.error(f"--profiles: {', '.join(sorted(unknown))} is none of {', '.join(METHODS)}")
    if given.draws < 2:  # noqa: PLR2004 -- as profiles demand
        parser.error("--draws must be 2 or more")
    return given


def main() -> None:
    """Judge the methods and print their figures."""
    given = _arguments()
    console = Console(stderr=True)
    truth = None if given.labels is None else read_labels(given.labels)
    name, corpus = read_source(given)
    bench = Bench(name, corpus, given.store, console)
    found = bench.run(given.profiles.split(","), given.draws, truth)
    if not given.json:
        _show(Console(), found)
    print(json.dumps(found))


if __name__ == "__main__":
    run_or_explain(main)
