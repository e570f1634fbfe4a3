"""What benchmarks share: what they read, the options that name it, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ri_assets.environment import DEFAULT_STORE, PROJECT
from ri_assets.errors import RIError, SourceError
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.left_out import reasons_for
from ri_assets.sources.opening import open_source


def shared_data(*needed: str) -> Path:
    """Folder of real data that the environment names, or that lies beside the checkout.

    Parameters
    ----------
    needed
        Files or folders in it, without which it is not the one.

    Raises
    ------
    SourceError
        There is none.
    """
    named = os.environ.get("RI_SHARED_DATA")
    places = [Path(named)] if named else [p / "shared" / "data" for p in PROJECT.parents]
    for place in places:
        if all((place / name).exists() for name in needed):
            return place
    raise SourceError(
        "no real data beside the checkout",
        f"a folder shared/data with {' and '.join(needed)}",
        "name it in RI_SHARED_DATA, or give --source",
    )


def run_or_explain(main: Callable[[], None]) -> None:
    """Run a benchmark; an error that a person can mend ends it without a traceback."""
    try:
        main()
    except RIError as error:
        sys.exit(f"error: {error}")


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a source, a part of it, and the store with the cache."""
    parser.add_argument("--source", default="sample", help="sample, a path, or mysql://…")
    parser.add_argument("--keep-all", action="store_true", help="retweets and automated posts too")
    parser.add_argument("--max-tweets", type=int, help="the first so many by id")
    parser.add_argument("--sample", type=int, help="draw so many of the source's tweets")
    parser.add_argument("--seed", type=int, default=0, help="of --sample")
    parser.add_argument("--store", default=os.environ.get("RI_STORE", DEFAULT_STORE))


def read_source(given: argparse.Namespace) -> tuple[str, Corpus]:
    """Read what the options name; returns the source's name, safe to print, and the corpus."""
    source = open_source(
        given.source,
        SourceOptions(keep_all=given.keep_all, max_tweets=given.max_tweets),
    )
    corpus = source.read()
    if given.sample is None:
        return source.name, corpus
    return source.name, sampled(corpus, given.sample, given.seed)


def sampled(corpus: Corpus, n: int, seed: int) -> Corpus:
    """Draw `n` tweets of a corpus at random, or all if there are fewer."""
    if n >= len(corpus.tweets):
        return corpus
    rows = np.random.default_rng(seed).choice(len(corpus.tweets), n, replace=False)
    drawn = corpus.tweets.iloc[np.sort(rows)].reset_index(drop=True)
    others = corpus.tweets.drop(corpus.tweets.index[rows])
    gone = pd.concat([corpus.left_out_tweets, reasons_for(others, "not drawn")])
    return replace(
        corpus, tweets=drawn, left_out_tweets=gone.sort_values("tweet_id", ignore_index=True)
    )
