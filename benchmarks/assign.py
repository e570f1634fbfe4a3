"""Assigning held-back tweets, judged by the persona that a full run gives them.

A random fifth of the source's tweets is held back. The rest is run as if it were all there
is, an assigner is learnt from that, and it assigns the held-back ones that the full run
keeps. Requests to a general assistant (CLINC150) are strangers that it should reject. The
last line of the output is one JSON object; of several splits it holds the means:

ari, ari_text
    Held-back tweets, whole and as texts alone, against the full run; those without a
    persona are one group more. `ari_best_guess` takes the nearest persona for these,
    `ari_assigned` leaves them out.
ceiling_ari
    The run on 80% itself against the full run, on the tweets that both hold: how far the
    personas come back at all.
same_personas
    The same figures for an assigner learnt from the same 80% with the full run's personas,
    so that only assigning is judged. Here confidence can be compared with how often it is
    right: `ece` is the expected calibration error over ten equal groups, `reliability` lists
    them as [tweets, mean confidence, share right].
auroc, auroc_whole
    Of the confidence, held-back tweets as texts alone (or whole) against the strangers.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from benchmarks.reading import add_source_arguments, read_source, run_or_explain, shared_data
from ri_assets.config import Profile, load_profile
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.freeze.corpus import Prepared, prepare
from ri_assets.pipeline.assigner import OF_TEXT, UNFAMILIAR, Assigned, Assigner, learn
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.fit import fit
from ri_assets.pipeline.new_tweets import embed_new_tweets, new_tweet_features
from ri_assets.pipeline.text import body, content
from ri_assets.records.posts import REPLIES
from ri_assets.ri_index.assign import read_tweets
from ri_assets.sources.base import Corpus
from ri_assets.sources.rows import frame_of
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

STRANGERS = "clinc150/data_full.json"
_HELD = 0.2
_GROUPS = 10


@dataclass(frozen=True, eq=False)
class Newcomers:
    """Tweets to assign: ids, embeddings to fuse and of whole texts (n, 384), features (n, 36)."""

    ids: NDArray[np.int64]
    text: NDArray[np.float32]
    whole_text: NDArray[np.float32]
    behavior: NDArray[np.float32]

    def assigned(self, assigner: Assigner, *, as_texts: bool) -> Assigned:
        """Assign them, whole or as texts alone."""
        behavior = np.where(OF_TEXT, self.behavior, np.nan) if as_texts else self.behavior
        is_whole = np.full(len(self.ids), not as_texts)
        return assigner.assign(self.text, behavior.astype(np.float32), is_whole, self.whole_text)


@dataclass(frozen=True, eq=False)
class Run:
    """A run: the corpus, its tweets made ready, and the cluster of each."""

    corpus: Corpus
    ready: Prepared
    labels: NDArray[np.int32]


class Bench:
    """One corpus, run whole and without a part.

    Parameters
    ----------
    profile
        Of all runs.
    store
        Whose cache keeps the embeddings.
    console
        Where progress is shown.
    """

    def __init__(self, profile: Profile, store: str, console: Console) -> None:
        self.profile, self.console = profile, console
        self.encoder = Encoder(profile.embed, EmbeddingCache(Files(store)), lambda _: None)

    def run(self, corpus: Corpus, what: str, count: int | None = None) -> Run:
        """Run the stages from denoising to clusters, at a number of clusters if one is given."""
        start = time.perf_counter()
        with self.console.status(what):
            ready = prepare(what, corpus, self.profile, self.encoder.encode)
            fused = ready.fused(self.profile.fuse)
            fitted = fit(fused, self.profile, self.profile.reduce.seed)
            found = fitted if count is None else fitted.at(count)
        seconds = time.perf_counter() - start
        self.console.print(f"{what}: {found.count} personas, {seconds:.0f} s", highlight=False)
        return Run(corpus, ready, found.labels)

    def newcomers(
        self,
        tweets: pd.DataFrame,
        replies: pd.DataFrame,
        corpus: pd.DataFrame,
        masked: Sequence[str],
    ) -> Newcomers:
        """Make tweets ready that a run on `corpus` did not see."""
        text, whole = embed_new_tweets(
            tweets["text"], self.encoder.encode, self.profile.fuse, masked
        )
        features = new_tweet_features(tweets, replies, corpus, self.profile.behavior)
        return Newcomers(tweets["tweet_id"].to_numpy(dtype="int64"), text, whole, features)

    def split(self, whole: Run, strangers: Sequence[str], seed: int) -> dict[str, Any]:
        """Hold a fifth back, and judge."""
        tweets = whole.corpus.tweets
        chosen = np.random.default_rng(seed).choice(
            len(tweets), round(_HELD * len(tweets)), replace=False
        )
        is_held = np.zeros(len(tweets), dtype=np.bool_)
        is_held[chosen] = True
        rest = replace(whole.corpus, tweets=tweets[~is_held].reset_index(drop=True))
        # The number is held, as it is between the runs of a store.
        part = self.run(rest, f"split {seed}, 80%", int(whole.labels.max()) + 1)
        _, in_whole, in_part = np.intersect1d(
            whole.ready.tweet_ids, part.ready.tweet_ids, return_indices=True
        )
        held = tweets[is_held & tweets["tweet_id"].isin(whole.ready.tweet_ids).to_numpy()]
        known = tweets[tweets["tweet_id"].isin(part.ready.tweet_ids)]
        truth = whole.labels[np.searchsorted(whole.ready.tweet_ids, held["tweet_id"])]
        new = self.newcomers(
            held.reset_index(drop=True), whole.corpus.replies, known, part.ready.masked
        )
        nobody = frame_of(REPLIES.schema.empty_table())
        strange = self.newcomers(read_tweets(list(strangers))[0], nobody, known, part.ready.masked)
        a, b = whole.labels[in_whole], part.labels[in_part]
        as_run = self._learn(part, slice(None), part.labels)
        as_whole = self._learn(part, in_part, whole.labels[in_whole])
        return {
            "held": len(held),
            "personas_full": int(whole.labels.max()) + 1,
            "personas_80": int(part.labels.max()) + 1,
            "ceiling_ari": float(adjusted_rand_score(a, b)),
            "ceiling_accuracy": float((matched(a, b)[b] == a).mean()),
            **_judged(as_run, new, strange, truth, matched(a, b)),
            "same_personas": _judged(
                as_whole, new, strange, truth, np.arange(whole.labels.max() + 1)
            ),
        }

    def _learn(self, run: Run, rows: Any, labels: NDArray[np.int32]) -> Assigner:
        ready = run.ready
        # Ids of two digits and more, so that their order as texts is that of the numbers.
        personas = np.array([f"{label:04d}" for label in labels], dtype=object)
        return learn(
            ready.tweet_ids[rows],
            ready.text_to_fuse(self.profile.fuse)[rows],
            ready.behavior[rows],
            personas,
            self.profile,
            ready.text[rows],
        )

    def seconds_per_1000(self, texts: Sequence[str]) -> float:
        """Time embedding, which is nearly all that assigning costs, without the cache."""
        self.encoder.encode(["warm the model up"])
        start = time.perf_counter()
        written = [form(text) for form in (body, content) for text in texts]
        self.encoder._embed(written, 0, len(written))
        return (time.perf_counter() - start) * 1000 / len(texts)


def matched(full: NDArray[np.int32], part: NDArray[np.int32]) -> NDArray[np.intp]:
    """Pair clusters one to one by shared tweets; −1 for one of the part without a partner."""
    shared = np.zeros((part.max() + 1, full.max() + 1))
    np.add.at(shared, (part, full), 1)
    partner = np.full(len(shared), -1)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    partner[rows] = columns
    return partner


def calibration(
    confidence: NDArray[np.float64], is_right: NDArray[np.bool_]
) -> tuple[float, list[list[float]]]:
    """Give the expected calibration error, and [n, mean confidence, share right] of each group."""
    groups = np.array_split(np.argsort(confidence, kind="stable"), _GROUPS)
    table = [[len(g), float(confidence[g].mean()), float(is_right[g].mean())] for g in groups]
    gap = sum(n * abs(sure - right) for n, sure, right in table) / len(confidence)
    return gap, table


def _judged(
    assigner: Assigner,
    new: Newcomers,
    strange: Newcomers,
    truth: NDArray[np.int32],
    partner: NDArray[np.intp],
) -> dict[str, Any]:
    strangers = strange.assigned(assigner, as_texts=True)
    found: dict[str, Any] = {}
    for as_texts, suffix in ((False, ""), (True, "_text")):
        answer = new.assigned(assigner, as_texts=as_texts)
        label = np.array([int(persona) for persona in assigner.personas])[answer.nearest]
        is_right = partner[label] == truth
        fits = answer.fits
        is_new = np.repeat([1, 0], [len(truth), len(strange.ids)])
        confidence = np.concatenate([answer.confidence, strangers.confidence])
        gap, table = calibration(answer.confidence, is_right)
        found |= {
            f"ari{suffix}": float(adjusted_rand_score(truth, np.where(fits, label, -1))),
            f"ari_best_guess{suffix}": float(adjusted_rand_score(truth, label)),
            f"ari_assigned{suffix}": float(adjusted_rand_score(truth[fits], label[fits])),
            f"none_share{suffix}": float(1 - fits.mean()),
            f"accuracy_assigned{suffix}": float(is_right[fits].mean()),
            f"mean_confidence{suffix}": float(answer.confidence.mean()),
            f"ece{suffix}": gap,
            f"reliability{suffix}": table,
            "auroc" if as_texts else "auroc_whole": float(roc_auc_score(is_new, confidence)),
        }
    found["strangers_none_share"] = float(1 - strangers.fits.mean())
    found["strangers_unfamiliar_share"] = float((strangers.familiarity < UNFAMILIAR).mean())
    return found


def strangers(path: Path, n: int) -> list[str]:
    """Draw requests to a general assistant."""
    content = json.loads(path.read_text(encoding="utf-8"))
    texts = [text for part in content.values() for text, _ in part]
    rows = np.random.default_rng(0).choice(len(texts), min(n, len(texts)), replace=False)
    return [texts[row] for row in rows.tolist()]


def means(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Average the figures of all splits; lists and tables elementwise."""
    return {
        key: means([one[key] for one in found])
        if isinstance(found[0][key], dict)
        else np.mean([one[key] for one in found], axis=0).tolist()
        for key in found[0]
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_source_arguments(parser)
    parser.set_defaults(source=None)
    parser.add_argument("--strangers", type=int, default=3_000, help="how many are drawn")
    parser.add_argument("--splits", type=int, default=3, help="how often a fifth is held back")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    given = parser.parse_args()
    if given.source is None:
        # Retweets repeat what they repeat: the corpus is its originals.
        given.source = str(shared_data("zomato_2019") / "zomato_2019")
    return given


def main() -> None:
    """Judge assigning, and print the figures."""
    given = _arguments()
    console = Console(stderr=True)
    name, corpus = read_source(given)
    others = strangers(shared_data(STRANGERS) / STRANGERS, given.strangers)
    bench = Bench(load_profile(DEFAULT_PROFILE), given.store, console)
    whole = bench.run(corpus, "all tweets")
    splits = []
    for seed in range(given.splits):
        splits.append(bench.split(whole, others, seed))
        console.print({k: v for k, v in splits[-1].items() if isinstance(v, float)})
    found = means(splits) | {
        "tweets": len(whole.ready.tweet_ids),
        "splits": given.splits,
        "ari_by_split": [one["ari"] for one in splits],
        "ceiling_by_split": [one["ceiling_ari"] for one in splits],
        "seconds_per_1000": bench.seconds_per_1000(corpus.tweets["text"].head(200).tolist()),
    }
    if not given.json:
        print(f"{name}:")
        for key, value in found.items():
            if not isinstance(value, dict | list):
                print(f"  {key}: {value:.4g}")
    print(json.dumps(found))


if __name__ == "__main__":
    run_or_explain(main)
