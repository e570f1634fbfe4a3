"""Raw rows = left out + rejected + dropped + kept, in the tables that are stored."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.pipeline.denoise import denoise
from ri_assets.quality.measure import measure
from ri_assets.records.stages import DENOISED_TWEETS
from ri_assets.resources.dagster_pandas_contract import breaches
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.description import raw_tables
from ri_assets.sources.gatherer import PostGatherer
from ri_assets.sources.left_out import limited_corpus
from ri_assets.sources.rows import Row
from ri_assets.store.tables import Tables, as_tables

PROFILE = load_profile("report")
RULES = PROFILE.denoise
IDS = st.integers(1, 40) | st.sampled_from(["x", None, "7.5"])
TEXTS = st.sampled_from(
    [
        *(f"I reviewed {place} and rated it 4/5 on @FoodApp" for place in "abcdefghij"),
        *("RT @a: hear hear", "ok", "", "my order is late again and nobody answers me"),
    ]
) | st.text(max_size=30)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "tweet_id": IDS,
            "text": TEXTS,
            "is_retweet": st.sampled_from([None, True, False]),
            "source_app": st.sampled_from([None, "FoodApp"]),
            "in_reply_to_tweet_id": st.sampled_from([None, None, 3, 9]),
        }
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(ROWS, st.none() | st.integers(1, 9), st.booleans())
def test_every_row_is_stored_in_one_place(
    rows: list[dict[str, object]], limit: int | None, keep_all: bool
) -> None:
    gatherer = PostGatherer(SourceOptions())
    gatherer.add(map(Row, rows), replies_only=False)
    corpus = limited_corpus(*gatherer.finish(), SourceOptions(keep_all, limit))
    tweets, replies = raw_tables(corpus)
    result = denoise(tweets.frame(), None, RULES)
    denoised = as_tables(
        DENOISED_TWEETS, "", denoised_tweets=result.kept, dropped=result.dropped,
        funnel=result.funnel,
    )  # fmt: skip
    stored: dict[str, Tables] = {
        "raw_tweets": tweets, "raw_replies": replies, "denoised_tweets": denoised,
    }  # fmt: skip
    for asset in stored:
        figures = measure(asset, stored.__getitem__, PROFILE, breaches)
        assert figures["contract"].value == 0, figures["contract"].facts
        assert figures["conservation"].value == 0
    n_tweets = sum(
        len(frame)
        for frame in (
            tweets.frame("left_out"),
            tweets.frame("rejected"),
            denoised.frame("dropped"),
            denoised.frame(),
        )
    )
    n_replies = sum(len(replies.frame(name)) for name in ("left_out", "rejected", "raw_replies"))
    assert n_tweets + n_replies == len(rows)
    retention = measure("denoised_tweets", stored.__getitem__, PROFILE, breaches)["retention"]
    n_judged = len(result.kept) + len(result.dropped)
    assert retention.value == (pytest.approx(len(result.kept) / n_judged) if n_judged else None)
