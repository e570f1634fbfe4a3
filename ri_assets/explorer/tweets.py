"""The tweets of the page, as columns of numbers, with cleaned texts for a part of them.

Belongs here: which tweets are drawn on the map, and what the page knows of each. Text leaves
this module cleaned, or not at all.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.personas.privacy.guard import Guard, Screen
from ri_assets.personas.text.vocabulary import build_vocabulary
from ri_assets.personas.text.words import complaints, words_of
from ri_assets.pipeline.features import FEATURES, NAMES

MOST_DRAWN = 50_000
"""Tweets on the map; of a larger corpus, an even random sample."""
MOST_TEXTS = 5_000
"""Tweets whose text the page holds; beyond, it would be too large to send by mail."""
_MOST_TERMS = 2_000
_STEPS = 254
MISSING_BYTE, MISSING_SHORT, MISSING_TIME = 255, 65_535, -(2**31)
WAS_NOISE, COMPLAINS = 1, 2


@dataclass(frozen=True, eq=False)
class TweetTables:
    """What the page needs of the kept tweets, all ordered by tweet id.

    Parameters
    ----------
    denoised, features, of_tweet, positions
        Arrow tables `denoised_tweets`, `behavioral_features`, `tweet_personas`, `tweet_map`.
    """

    denoised: pa.Table
    features: pa.Table
    of_tweet: pa.Table
    positions: pa.Table


def tweet_columns(
    tables: TweetTables,
    personas: Sequence[str],
    withheld: frozenset[str],
    guard: Guard,
    *,
    timezone: str,
    min_authors: int,
    most_drawn: int = MOST_DRAWN,
    most_texts: int = MOST_TEXTS,
) -> dict[str, Any]:
    """Give the tweets of the page.

    Parameters
    ----------
    personas
        Ids of the personas, in the order of the page.
    withheld
        Personas with too few authors: neither texts nor terms of their tweets are given.
    timezone
        IANA zone of the hours.
    min_authors
        A term that fewer distinct authors use is not given.
    most_drawn, most_texts
        Tweets on the map, and those with text; drawn evenly at random, the same each time.
    """
    total = tables.denoised.num_rows
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(total)[:most_drawn])
    posts: pd.DataFrame = tables.denoised.take(rows).to_pandas()
    of_tweet: pd.DataFrame = tables.of_tweet.take(rows).to_pandas()
    positions: pd.DataFrame = tables.positions.take(rows).to_pandas()
    authors = read_authors(posts)
    place = {persona: n for n, persona in enumerate(personas)}
    raw = posts["text"].fillna("").tolist()
    has_text = np.zeros(len(rows), dtype=bool)
    has_text[rng.permutation(len(rows))[:most_texts]] = True
    has_text &= ~of_tweet["persona_id"].isin(withheld).to_numpy()
    texts = [guard.shown(raw[n]) if has_text[n] else None for n in range(len(rows))]
    languages, language = _languages(posts)
    flags = WAS_NOISE * of_tweet["was_noise"].to_numpy(dtype=np.uint8) + COMPLAINS * np.array(
        [bool(complaints(words_of(text))) for text in raw], dtype=np.uint8
    )
    features = np.asarray(
        tables.features.select(list(NAMES)).take(rows).to_pandas(), dtype=np.float64
    )
    bytes_, scales = _in_bytes(features)
    terms = _terms(texts, raw, authors.codes, min_authors, guard)
    columns = {
        "x": packed(np.round((positions["x"].to_numpy() + 1) * 32_767), "<u2"),
        "y": packed(np.round((positions["y"].to_numpy() + 1) * 32_767), "<u2"),
        "persona": packed(of_tweet["persona_id"].map(place).to_numpy(), "<u2"),
        "certainty": packed(np.round(positions["certainty"].to_numpy() * _STEPS), "u1"),
        "author": packed(authors.codes, "<u4"),
        "id": packed(posts["tweet_id"].to_numpy(), "<i8"),
        "minute": packed(_minutes(posts, timezone), "<i4"),
        "words": packed(_counts(features[:, NAMES.index("words_log")]), "<u2"),
        "replies": packed(_counts(features[:, NAMES.index("replies_log")]), "<u2"),
        "flags": packed(flags, "u1"),
        "language": packed(language, "u1"),
        "features": packed(bytes_.T, "u1"),
        "term_starts": packed(terms.starts, "<u4"),
        "terms": packed(terms.places, "<u2"),
    }
    return {
        "total": total,
        "drawn": len(rows),
        "with_text": sum(text is not None for text in texts),
        "withheld_texts": int(has_text.sum()) - sum(text is not None for text in texts),
        "timezone": timezone,
        "min_authors": min_authors,
        "is_author_known": authors.is_known,
        "languages": languages,
        "features": [
            {
                "feature": feature.name,
                "group": feature.group,
                "definition": feature.definition,
                "unit": feature.unit,
                **scale,
            }
            for feature, scale in zip(FEATURES, scales, strict=True)
        ],
        "vocabulary": terms.vocabulary,
        "texts": texts,
        "columns": columns,
    }


@dataclass(frozen=True, eq=False)
class _Terms:
    vocabulary: list[str]
    starts: NDArray[np.int64]
    places: NDArray[np.int64]


def _terms(
    texts: Sequence[str | None],
    raw: Sequence[str],
    authors: NDArray[np.int64],
    min_authors: int,
    guard: Guard,
) -> _Terms:
    """Give the terms that enough authors use, and for each tweet the places of its terms."""
    rows = [n for n, text in enumerate(texts) if text is not None]
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    if not rows:
        return _Terms([], starts, np.zeros(0, dtype=np.int64))
    found = build_vocabulary([texts[n] or "" for n in rows], [raw[n] for n in rows])
    uses = found.uses.tocoo()
    pairs = np.unique(np.stack([uses.col, authors[np.array(rows)][uses.row]]), axis=1)
    used_by = np.bincount(pairs[0], minlength=len(found.terms))
    counts = np.bincount(uses.col, minlength=len(found.terms))
    passes = Screen(guard).of("terms")
    often = np.argsort(-counts, kind="stable")[: 2 * _MOST_TERMS]
    kept = [n for n in often if used_by[n] >= min_authors and passes(found.terms[n])][:_MOST_TERMS]
    place = np.full(len(found.terms), -1)
    place[kept] = np.arange(len(kept))
    keeps = place[uses.col] >= 0
    row, column = np.array(rows)[uses.row[keeps]], place[uses.col[keeps]]
    starts[1:] = np.cumsum(np.bincount(row, minlength=len(texts)))
    return _Terms([found.terms[n] for n in kept], starts, column[np.lexsort((column, row))])


def _languages(posts: pd.DataFrame) -> tuple[list[str], NDArray[np.int64]]:
    """Name the most frequent languages; all others are "other", and missing ones "unknown"."""
    given = posts["lang"].fillna("unknown").astype(str)
    names = given.value_counts().index[:12].tolist()
    if given.nunique() > len(names):
        names.append("other")
    place = {name: n for n, name in enumerate(names)}
    return names, given.map(lambda name: place.get(name, len(names) - 1)).to_numpy()


def _minutes(posts: pd.DataFrame, timezone: str) -> NDArray[np.int64]:
    """Minutes from 1970 by the clocks of a time zone, so that the page needs no zones."""
    times = pd.to_datetime(posts["created_at"], utc=True)
    local = times.dt.tz_convert(timezone).dt.tz_localize(None)
    minutes = (local - pd.Timestamp("1970-01-01")) // pd.Timedelta(minutes=1)
    return np.asarray(minutes.fillna(MISSING_TIME), dtype=np.int64)


def _counts(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.minimum(np.round(np.expm1(logs)), MISSING_SHORT - 1)
    return np.where(np.isfinite(counts), counts, MISSING_SHORT)


def _in_bytes(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], list[Mapping[str, float | None]]]:
    """Put each column on 255 steps from its least to its largest value."""
    found: NDArray[np.float64] = np.full(values.shape, MISSING_BYTE, dtype=np.float64)
    scales: list[Mapping[str, float | None]] = []
    for n, column in enumerate(values.T):
        known = np.isfinite(column)
        if not known.any():
            scales.append({"low": None, "high": None})
            continue
        low, high = float(column[known].min()), float(column[known].max())
        found[known, n] = np.round((column[known] - low) / ((high - low) or 1) * _STEPS)
        scales.append({"low": low, "high": high})
    return found, scales


def packed(values: NDArray[Any], kind: str) -> str:
    """Give numbers as base64 of little-endian bytes."""
    return b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode("ascii")
