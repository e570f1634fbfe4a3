"""Whether personas keep their ids: weekly reruns of a growing corpus, in order of time.

Each run adds a calendar week (Monday to Sunday, UTC) of tweets and replies to all that
came before, is denoised, clustered by the profile and matched with the run before by the
pipeline's own code, as if every run were published. Weeks without a tweet are passed over:
they would repeat the run before. The first corpus is what precedes the last so many weeks.

`kept_share` is counted without the matcher. Of the tweets that two runs in a row both have,
an earlier persona and a new one *overlap by half* if they share at least half of the tweets
of each. Of the earlier personas that overlap by half with a new one, it is the share whose
id that new one bears. `kept_share_of_majorities` asks less of the new one: the earlier
persona has at least half of its own tweets there, whatever else is there. Since of two
personas that flow together one must end, it cannot be 1 where there are mergers.

The last line of the output is one JSON object; every split and merge stands above it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.reading import run_or_explain, shared_data
from ri_assets.config import Profile, load_profile
from ri_assets.environment import DEFAULT_PROFILE, DEFAULT_STORE
from ri_assets.errors import SourceError
from ri_assets.freeze.corpus import Prepared, prepare
from ri_assets.personas.enrich import enrich
from ri_assets.personas.lineage.cluster_matching import count_overlap
from ri_assets.personas.lineage.lineage_events import lineage_table
from ri_assets.personas.lineage.persona_ids import PersonaIds, Previous, assign_ids
from ri_assets.pipeline.cluster import own_distance
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.fit import fit
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.tables import Vectors

HALF = 0.5
_NO_STABILITY = pd.DataFrame({"cluster": [], "jaccard": [], "stability": []})


@dataclass(frozen=True)
class Kept:
    """Of the personas of one run, those that a next run has too.

    Parameters
    ----------
    personas
        Earlier personas with a tweet in both runs.
    lasting
        Those whose id the new run bears.
    overlapping, overlapping_kept
        Those that overlap by half with a new persona, and of them those whose id it bears.
    majorities, majorities_kept
        Those half of whose tweets are in one new persona, and of them likewise.
    """

    personas: int
    lasting: int
    overlapping: int
    overlapping_kept: int
    majorities: int
    majorities_kept: int


def kept(before: pd.DataFrame, now: pd.DataFrame) -> Kept:
    """Count what became of the personas of a run.

    Parameters
    ----------
    before, now
        Columns tweet_id and persona_id.
    """
    both = before.merge(now, on="tweet_id", suffixes=("_before", "_now"))
    shared = pd.crosstab(both["persona_id_before"], both["persona_id_now"])
    of_before = shared.div(shared.sum(axis=1), axis=0) >= HALF
    of_both = of_before & (shared.div(shared.sum(axis=0), axis=1) >= HALF)

    def with_same_id(pairs: pd.DataFrame) -> int:
        return sum(bool(pairs.loc[i, i]) for i in pairs.index if i in pairs.columns)

    return Kept(
        personas=len(shared),
        lasting=len(set(shared.index) & set(now["persona_id"])),
        overlapping=int(of_both.any(axis=1).sum()),
        overlapping_kept=with_same_id(of_both),
        majorities=int(of_before.any(axis=1).sum()),
        majorities_kept=with_same_id(of_before),
    )


def weekly(corpus: Corpus, runs: int) -> Iterator[tuple[pd.Timestamp, Corpus]]:
    """Give the corpus at the end of each of the last weeks with tweets, and before them.

    Raises
    ------
    SourceError
        The corpus has no times, or fewer weeks.
    """
    if "created_at" not in corpus.tweets or corpus.tweets["created_at"].isna().any():
        raise SourceError(
            "tweets without created_at", "the time of every tweet", "choose another source"
        )
    weeks = _week_ends(corpus.tweets)
    ends = sorted(set(weeks))
    if len(ends) <= runs:
        raise SourceError(
            f"{len(ends)} weeks with tweets", f"more than {runs}", "choose a smaller --runs"
        )
    replies = _week_ends(corpus.replies)
    for end in ends[-runs - 1 :]:
        yield (
            end,
            replace(
                corpus,
                tweets=corpus.tweets[weeks <= end].reset_index(drop=True),
                replies=corpus.replies[replies <= end].reset_index(drop=True),
            ),
        )


def _week_ends(posts: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Last day of each post's week; of one without a time, the first of all weeks."""
    days = pd.to_datetime(posts["created_at"], utc=True).dt.normalize()
    ends = days + pd.to_timedelta(6 - days.dt.dayofweek, unit="D")
    return ends.fillna(pd.Timestamp(0, tz="UTC"))


class Reruns:
    """One run after the other, each matched with the one before.

    Parameters
    ----------
    profile
        As it ships.
    store
        Whose cache keeps the embeddings.
    console
        Where progress is shown.
    """

    def __init__(self, profile: Profile, store: str, console: Console) -> None:
        self.profile, self.console = profile, console
        self.encoder = Encoder(profile.embed, EmbeddingCache(Files(store)), lambda _: None)
        self.previous: Previous | None = None
        self.kept: list[Kept] = []
        self.cosines: dict[str, list[float]] = {"same": [], "other": []}
        self.chance: list[float] = []
        self.dice = np.random.default_rng(0)

    def run(self, name: str, corpus: Corpus) -> str:
        """Run once more; gives a line for a person."""
        start = time.perf_counter()
        ready = prepare(name, corpus, self.profile, self.encoder.encode)
        fused = ready.fused(self.profile.fuse)
        fitted = fit(fused, self.profile, self.profile.reduce.seed)
        if self.previous is not None:  # the number is held, as a scheduled run holds it
            fitted = fitted.at(len(self.previous.personas))
        clusters = pd.DataFrame(
            {
                "tweet_id": ready.tweet_ids,
                "cluster": fitted.labels,
                "was_noise": fitted.was_noise,
                "distance": own_distance(fitted),
            }
        )
        found = assign_ids(clusters, ready.text, self.previous)
        before, self.previous = self.previous, self._published(name, corpus, ready, clusters, found)
        said = f"{name}: {len(clusters):,} tweets, {fitted.count} personas"
        if before is not None:
            self._note(found, before.members, clusters)
            counted = kept(before.members, self.previous.members)
            self.kept.append(counted)
            said += (
                f"; of {counted.personas} before, {counted.overlapping} overlap by half, "
                f"{counted.overlapping_kept} of them keep their id"
            )
        return f"{said} ({time.perf_counter() - start:.0f} s)"

    def _published(
        self,
        name: str,
        corpus: Corpus,
        ready: Prepared,
        clusters: pd.DataFrame,
        found: PersonaIds,
    ) -> Previous:
        """Name the personas, and give what the next run will be matched with."""
        tweets = corpus.tweets[corpus.tweets["tweet_id"].isin(ready.tweet_ids)]
        result = enrich(
            tweets,
            clusters,
            Vectors(ready.tweet_ids, ready.text),
            corpus.replies,
            _NO_STABILITY,
            self.profile,
            ids=found.ids,
            kept_names=found.names,
            encode=self.encoder.encode,
        )
        listed = result.personas
        names = dict(zip(listed["cluster"], listed["name"], strict=True))
        history = lineage_table(found, names, result.evidence_names)
        return Previous(
            snapshot=name,
            members=pd.DataFrame(
                {
                    "tweet_id": clusters["tweet_id"],
                    "persona_id": clusters["cluster"].map(dict(found.ids)),
                }
            ),
            personas=listed[["persona_id", "name", "tweet_count", "text_centroid"]],
            history=history,
            taken=frozenset(history["persona_id"]),
        )

    def _note(self, found: PersonaIds, before: pd.DataFrame, clusters: pd.DataFrame) -> None:
        """Keep what the matcher's limits are held against.

        Cosines of pairs that overlap by half, and the highest of every persona's others;
        the highest Jaccard of every persona with clusters of the same sizes drawn at random.
        """
        drawn = clusters.assign(cluster=self.dice.permutation(clusters["cluster"]))
        self.chance += count_overlap(before, drawn).jaccard.max(axis=1).tolist()
        is_same = found.overlap.jaccard >= HALF
        self.cosines["same"] += found.cosine[is_same].tolist()
        others = np.where(is_same, -1, found.cosine)
        self.cosines["other"] += others.max(axis=1).tolist()


def summary(reruns: Reruns, history: pd.DataFrame) -> dict[str, float | int]:
    """Give the figures by the names under which they are printed."""
    events = history.loc[history["sequence"] > 1, "event"].value_counts()
    total = {name: sum(getattr(one, name) for one in reruns.kept) for name in vars(reruns.kept[0])}
    same, other = (np.array(reruns.cosines[name]) for name in ("same", "other"))
    return {
        "runs": len(reruns.kept),
        "kept_share": total["overlapping_kept"] / max(total["overlapping"], 1),
        "births": int(events.get("born", 0)),
        "retirements": int(events.get("retired", 0)),
        "splits": int(events.get("split", 0)),
        "merges": int(events.get("merged", 0)),
        "personas_before": total["personas"],
        "overlapping_by_half": total["overlapping"],
        "lasting_share": total["lasting"] / max(total["personas"], 1),
        "kept_share_of_majorities": total["majorities_kept"] / max(total["majorities"], 1),
        "kept_by_centroid": int((history["basis"] == "centroid").sum()),
        **_quantiles("jaccard_by_chance", np.array(reruns.chance)),
        **_quantiles("cosine_same", same),
        **_quantiles("cosine_nearest_other", other),
    }


def _quantiles(name: str, values: NDArray[np.float64]) -> dict[str, float]:
    if not len(values):
        return {}
    return {
        f"{name}_p{share}": round(float(np.percentile(values, share)), 3) for share in (5, 50, 95)
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--source", help="a path, or mysql://…; retweets are left out")
    parser.add_argument("--runs", type=int, default=20, help="reruns, after the first run")
    parser.add_argument("--profile", default=DEFAULT_PROFILE)
    parser.add_argument("--store", default=os.environ.get("RI_STORE", DEFAULT_STORE))
    parser.add_argument("--json", action="store_true", help="leave out what became of the others")
    given = parser.parse_args()
    if given.source is None:
        given.source = str(shared_data("zomato_2019") / "zomato_2019")
    if given.runs < 1:
        parser.error("--runs must be 1 or more")
    return given


def main() -> None:
    """Rerun week after week and print what became of the personas."""
    given = _arguments()
    console = Console(stderr=True, highlight=False, width=200)
    profile = load_profile(given.profile)
    corpus = open_source(given.source, SourceOptions()).read()
    reruns = Reruns(profile, given.store, console)
    for end, part in weekly(corpus, given.runs):
        with console.status(f"week to {end:%Y-%m-%d}"):
            said = reruns.run(f"{end:%Y-%m-%d}", part)
        console.print(said)
    if reruns.previous is None:
        return
    history = reruns.previous.history
    told = ["split", "merged"] if given.json else ["born", "split", "merged", "retired"]
    rows = history[history["event"].isin(told) & (history["sequence"] > 1)]
    for row in rows.to_dict("records"):
        # Names too: a reader of the output judges by them.
        named = " -> ".join(n for n in (row["name_before"], row["name"]) if isinstance(n, str))
        print(f"after the week to {row['previous_snapshot']}: {row['sentence']} [{named}]")
    print(json.dumps(summary(reruns, history)))


if __name__ == "__main__":
    run_or_explain(main)
