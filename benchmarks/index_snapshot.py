"""Write a snapshot of synthetic tweets with the project's own contracts and store.

`python -m benchmarks.index_snapshot STORE TWEETS`. Personas differ in size as real ones
do, texts are of a Zipf vocabulary and of real lengths, a tenth of the raw tweets was
dropped. Tables that the index never reads (vectors, features) are left out.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.index_ids import dropped_id, tweet_id
from ri_assets.config import Profile, load_profile
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.personas.privacy.guard import corpus_guard
from ri_assets.pipeline.denoise import RULES
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.manifest import Manifest
from ri_assets.records.table import Table
from ri_assets.ri_index.app_tables import (
    files_for_readers,
    persona_list,
    raw_names,
    tweet_personas,
)
from ri_assets.ri_index.exports.delivery import export_candidate
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.publishing import publish
from ri_assets.store.tables import Tables, as_tables

READ = (
    "raw_tweets",
    "raw_replies",
    "denoised_tweets",
    "clusters",
    "personas_enriched",
    "ri_index_app",
)
_PERSONAS, _VOCABULARY, _REPLIES, _SAMPLES, _TERMS = 12, 20_000, 1000, 10, 10
_NOISE_SHARE = 0.15
_TRAITS = ("word_count", "emoji_share", "question_share", "uppercase_share", "exclamation_share")


def filled(table: Table, n: int, **known: Any) -> pd.DataFrame:
    """Give `n` rows of a table: the columns that are known, and something valid in the others."""
    columns = {}
    for column in table.columns:
        if column.name in known:
            columns[column.name] = known[column.name]
        elif column.nullable:
            columns[column.name] = pd.Series([None] * n, dtype=object)
        elif column.allowed:
            columns[column.name] = [column.allowed[0]] * n
        elif column.record is not None:
            columns[column.name] = [[]] * n
        elif pa.types.is_list(column.type):
            columns[column.name] = [[f"some {column.name}"]] * n
        elif pa.types.is_string(column.type):
            columns[column.name] = [f"some {column.name}"] * n
        else:
            least = column.minimum if column.minimum is not None else 0
            columns[column.name] = np.full(n, max(least, 0), dtype=column.type.to_pandas_dtype())
    return pd.DataFrame(columns, index=range(n))


def texts(n: int, rng: np.random.Generator) -> list[str]:
    """Write texts of a Zipf vocabulary, about 30 words each, with a handle in some."""
    words = np.array([f"word{rank}" for rank in range(_VOCABULARY)])
    lengths = rng.gamma(6.0, 5.0, n).astype(int).clip(5, 60)
    drawn = words[np.minimum(rng.zipf(1.3, lengths.sum()) - 1, _VOCABULARY - 1)].tolist()
    ends = np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    handles = [f"@user{n} " if n % 4 == 0 else "" for n in rng.integers(20_000, size=n).tolist()]
    return [
        handle + " ".join(drawn[a:b]) for handle, a, b in zip(handles, starts, ends, strict=True)
    ]


def posts(ids: NDArray[np.int64], rng: np.random.Generator) -> dict[str, Any]:
    """Columns of the posts with these ids."""
    n = len(ids)
    return {
        "tweet_id": ids,
        "author_id": rng.integers(1, max(10, n // 2), size=n),
        "created_at": pd.Timestamp("2026-01-01", tz="UTC")
        + pd.to_timedelta(np.sort(rng.integers(0, 300 * 86_400, size=n)), unit="s"),
        "text": texts(n, rng),
        "like_count": rng.poisson(5, n),
        "retweet_count": rng.poisson(1, n),
    }


def personas(cluster: NDArray[np.int64], was_noise: NDArray[np.bool_], rng: Any) -> pd.DataFrame:
    """Give the personas of the clusters, with terms, traits of style and vectors of their own."""
    sizes = np.bincount(cluster, minlength=_PERSONAS)
    core = np.bincount(cluster[~was_noise], minlength=_PERSONAS)
    hours = [None if n % 3 == 0 else int(rng.integers(24)) for n in range(_PERSONAS)]
    return filled(
        CONTRACTS["personas_enriched"].main,
        _PERSONAS,
        persona_id=[f"P{n + 1:02d}" for n in range(_PERSONAS)],
        name=[f"Persona {n + 1}" for n in range(_PERSONAS)],
        cluster=np.arange(_PERSONAS),
        corrections=[[]] * _PERSONAS,
        tweet_count=sizes,
        core_count=core,
        share=sizes / sizes.sum(),
        author_count=pd.Series(np.maximum(1, sizes // 2), dtype="Int64"),
        is_author_known=[True] * _PERSONAS,
        jaccard=rng.uniform(0.5, 1, _PERSONAS),
        stability=["stable"] * _PERSONAS,
        top_terms=[[f"word {n * 7 + rank}" for rank in range(_TERMS)] for n in range(_PERSONAS)],
        avg_word_count=rng.uniform(15, 60, _PERSONAS),
        peak_hour_local=pd.Series(hours, dtype="Int64"),
        text_centroid=list(rng.standard_normal((_PERSONAS, 384)).astype(np.float32)),
    )


def _intake(table: Table, rows: int) -> pd.DataFrame:
    return filled(table, 1, n_read=[rows], n_accepted=[rows])


def content(tweets: int, seed: int) -> dict[str, dict[str, pd.DataFrame]]:
    """Give the tables of every asset that the index reads, by asset and table."""
    rng = np.random.default_rng(seed)
    kept = np.array([tweet_id(place) for place in range(tweets)], dtype=np.int64)
    gone = np.array([dropped_id(place) for place in range(0, tweets, 9)], dtype=np.int64)
    weights = 1 / np.arange(1, _PERSONAS + 1) ** 0.8
    cluster = rng.choice(_PERSONAS, size=tweets, p=weights / weights.sum())
    cluster[:_PERSONAS] = np.arange(_PERSONAS)  # none is empty, however few the tweets
    was_noise = rng.random(tweets) < _NOISE_SHARE
    distance = rng.gamma(4.0, 0.4, tweets) * np.where(was_noise, 1.5, 1.0)
    of_tweet = filled(
        CONTRACTS["clusters"].main,
        tweets,
        tweet_id=kept,
        cluster=cluster,
        core_cluster=np.where(was_noise, -1, cluster),
        was_noise=was_noise,
        distance=distance,
    )
    found = personas(cluster, was_noise, rng)
    raw = posts(np.concatenate([kept, gone]), rng)
    by_name = {asset: {t.name: t for t in CONTRACTS[asset].tables} for asset in READ}
    enriched, denoised = by_name["personas_enriched"], by_name["denoised_tweets"]
    parts = filled(
        enriched["parts"],
        _PERSONAS,
        part_id=found["persona_id"],
        text_centroid=found["text_centroid"],
        **found[["cluster", "persona_id", "tweet_count", "automatic_name"]],
    )
    ids = found["persona_id"].repeat(_SAMPLES)
    traits = [(p, t) for p in found["persona_id"] for t in _TRAITS]
    everything = filled(by_name["raw_tweets"]["raw_tweets"], len(kept) + len(gone), **raw)
    return {
        "raw_tweets": {
            "raw_tweets": everything,
            "intake": _intake(by_name["raw_tweets"]["intake"], len(everything)),
        },
        "raw_replies": {
            "raw_replies": filled(
                by_name["raw_replies"]["raw_replies"],
                _REPLIES,
                tweet_id=np.arange(1, _REPLIES + 1),
            ),
            "intake": _intake(by_name["raw_replies"]["intake"], _REPLIES),
        },
        "denoised_tweets": {
            "denoised_tweets": everything.head(tweets),
            "dropped": filled(
                denoised["dropped"], len(gone), tweet_id=gone, rule=[RULES[0]] * len(gone)
            ),
        },
        "clusters": {
            "clusters": of_tweet,
            "figures": filled(by_name["clusters"]["figures"], 1, figure=["coherence"]),
        },
        "personas_enriched": {
            "personas_enriched": found,
            "parts": parts,
            "samples": filled(
                enriched["samples"],
                len(ids),
                persona_id=ids.to_numpy(),
                rank=np.tile(np.arange(1, _SAMPLES + 1), _PERSONAS),
                tweet_id=kept[: len(ids)],
            ),
            "traits": filled(
                enriched["traits"],
                len(traits),
                persona_id=[p for p, _ in traits],
                trait=[t for _, t in traits],
                family=["style"] * len(traits),
                value=rng.uniform(0, 1, len(traits)),
            ),
        },
        "ri_index_app": {
            "ri_index_app": persona_list(found),
            "tweet_personas": tweet_personas(of_tweet, parts),
        },
    }


def write_snapshot(store: str, tweets: int, profile: Profile, seed: int = 0) -> Manifest:
    """Write a snapshot with so many kept tweets, and publish it."""
    candidates, run_id = Candidates(Files(store)), f"synthetic-{tweets}-{seed}"
    written: dict[str, Tables] = {}
    for asset, given in content(tweets, seed).items():
        contract = CONTRACTS[asset]
        empty = {t.name: pd.DataFrame(columns=t.names) for t in contract.tables}
        written[asset] = as_tables(contract, f"synthetic {tweets} {seed}", **(empty | given))
        candidates.write(
            asset,
            run_id,
            written[asset],
            [],
            config_hash=profile.hash,
            profile=profile.name,
            source="synthetic",
        )
    guard = corpus_guard(
        written["raw_tweets"].by_name["raw_tweets"],
        written["raw_replies"].by_name["raw_replies"],
        profile.enrich.brands,
        profile.enrich.min_authors,
    )
    beside = files_for_readers(
        written["ri_index_app"].by_name["tweet_personas"],
        written["denoised_tweets"].by_name["denoised_tweets"],
        written["raw_replies"].by_name["raw_replies"],
        profile,
        guard,
    )
    return publish(
        candidates,
        run_id,
        READ,
        beside,
        export_candidate(candidates, run_id, profile.enrich.min_authors),
        raw=raw_names(),
    )


if __name__ == "__main__":
    write_snapshot(sys.argv[1], int(sys.argv[2]), load_profile(DEFAULT_PROFILE))
