"""Which tweets are on the page, and which of their texts."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ri_assets.explorer.tweets import MOST_DRAWN, TweetTables, tweet_columns
from ri_assets.personas.privacy.guard import Guard
from ri_assets.pipeline.features import NAMES


def tables(n: int, texts: list[str], authors: int) -> TweetTables:
    ids = np.arange(1, n + 1)
    posts = pd.DataFrame(
        {
            "tweet_id": ids,
            "author_id": ids % authors,
            "author_handle": [None] * n,
            "created_at": pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(ids, unit="m"),
            "text": [texts[i % len(texts)] for i in range(n)],
            "lang": ["en", None] * (n // 2) + ["en"] * (n % 2),
        }
    )
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.random((n, len(NAMES))), columns=list(NAMES)).assign(tweet_id=ids)
    of_tweet = pd.DataFrame(
        {"tweet_id": ids, "persona_id": np.where(ids % 2, "P01", "P02"), "was_noise": ids % 7 == 0}
    )
    places = pd.DataFrame(
        {"tweet_id": ids, "x": rng.uniform(-1, 1, n), "y": rng.uniform(-1, 1, n)}
    ).assign(certainty=0.75)
    frames = (posts, features, of_tweet, places)
    return TweetTables(*(pa.Table.from_pandas(f, preserve_index=False) for f in frames))


def given(n: int = 60, **changes: Any) -> dict[str, Any]:
    texts = changes.pop("texts", ["the parcel is late again", "love this shop", "no refund yet"])
    options: dict[str, Any] = {
        "withheld": frozenset(),
        "guard": Guard({"quietwombat"}, ()),
        "timezone": "Asia/Kolkata",
        "min_authors": 5,
    } | changes
    return tweet_columns(tables(n, texts, options.pop("authors", 20)), ["P01", "P02"], **options)


def numbers(found: dict[str, Any], name: str, kind: str) -> Any:
    return np.frombuffer(b64decode(found["columns"][name]), dtype=kind)


def test_a_large_corpus_is_drawn_evenly_and_says_so() -> None:
    found = given(2_000, most_drawn=500, most_texts=100)
    assert (found["total"], found["drawn"], found["with_text"]) == (2_000, 500, 100)
    ids = numbers(found, "id", "<i8")
    assert len(ids) == 500
    assert (np.diff(ids) > 0).all()
    assert 900 < ids.mean() < 1_100
    assert given(2_000, most_drawn=500, most_texts=100) == found
    assert MOST_DRAWN == 50_000


def test_a_persona_of_too_few_authors_shows_no_text_and_no_term() -> None:
    found = given(withheld=frozenset(["P02"]))
    own = numbers(found, "persona", "<u2")
    shown = np.array([text is not None for text in found["texts"]])
    assert (shown == (own == 0)).all()
    starts = numbers(found, "term_starts", "<u4")
    assert (np.diff(starts)[own == 1] == 0).all()


def test_texts_are_cleaned_and_terms_need_enough_authors() -> None:
    texts = ["@someone says quietwombat has the parcel", "a parcel for everyone", "secret glimmer"]
    found = given(texts=texts)
    everything = " ".join(filter(None, found["texts"])) + " ".join(found["vocabulary"])
    assert "quietwombat" not in everything
    assert "@someone" not in everything
    assert "parcel" in found["vocabulary"]
    alone = given(texts=texts, authors=3)
    assert alone["vocabulary"] == []


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 0), ("Asia/Kolkata", 5)])
def test_times_are_local(zone: str, hour: int) -> None:
    minutes = numbers(given(timezone=zone), "minute", "<i4")
    assert minutes[0] % 1440 // 60 == hour


def test_what_is_unknown_stays_unknown() -> None:
    found = given()
    assert "unknown" in found["languages"]
    assert numbers(found, "flags", "u1")[6] & 1 == 1
