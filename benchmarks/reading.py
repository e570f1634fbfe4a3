"""What benchmarks read, and the options that name it."""

from __future__ import annotations

import argparse
import os

from ri_assets.definitions import DEFAULT_STORE
from ri_assets.freeze.corpus import sampled
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a source, a part of it, and the store with the cache."""
    parser.add_argument("--source", default="sample", help="sample, a path, or mysql://…")
    parser.add_argument("--exclude-retweets", action="store_true")
    parser.add_argument("--max-tweets", type=int, help="the first so many by id")
    parser.add_argument("--sample", type=int, help="draw so many of the source's tweets")
    parser.add_argument("--seed", type=int, default=0, help="of --sample")
    parser.add_argument("--store", default=os.environ.get("RI_STORE", DEFAULT_STORE))


def read_source(given: argparse.Namespace) -> tuple[str, Corpus]:
    """Read what the options name; returns the source's name, safe to print, and the corpus."""
    source = open_source(
        given.source,
        SourceOptions(exclude_retweets=given.exclude_retweets, max_tweets=given.max_tweets),
    )
    corpus = source.read()
    if given.sample is None:
        return source.name, corpus
    return source.name, sampled(corpus, given.sample, given.seed)
