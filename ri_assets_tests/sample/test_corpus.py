"""The sample is what the report describes, and what denoising must be able to find."""

from __future__ import annotations

import pandas as pd
import pytest

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.sample.corpus import Corpus
from ri_assets_tests.sample.reading import collapsed, is_short, skeleton, spoken

SIZES = {
    "tech_builders": 337,
    "india_watchers": 213,
    "conversational_commerce": 194,
    "customer_service_critics": 104,
    "counterfeit_warriors": 102,
    "ux_shoppers": 100,
    "delivery_trackers": 98,
    "payment_gateway_shoppers": 95,
    "trust_first_buyers": 93,
    "return_scrutinizers": 80,
    "platform_complainers": 38,
}
DROPPED = {"exact_duplicate": 103, "near_duplicate": 35, "short": 26}
PROMOTION = ("use code", "% off", "retweet to win", "follow and", "giveaway", "promo")


@pytest.fixture(scope="module")
def kept(tweets: pd.DataFrame) -> pd.DataFrame:
    return tweets[tweets["label"].isin(SIZES)]


def test_columns_are_the_contracts(corpus: Corpus) -> None:
    assert corpus.tweets.schema.equals(TWEETS.schema)
    assert corpus.replies.schema.equals(REPLIES.schema)
    for table, contract in ((corpus.tweets, TWEETS), (corpus.replies, REPLIES)):
        for column in contract.columns:
            assert column.nullable or table[column.name].null_count == 0


def test_counts_are_the_reports(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    assert len(tweets) == 1618
    assert len(replies) == 4682
    assert tweets["label"].value_counts().to_dict() == SIZES | DROPPED


def test_ids_are_unique_and_ascend_with_time(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    ids = pd.concat([tweets["tweet_id"], replies["tweet_id"]])
    assert ids.is_unique
    for posts in (tweets, replies):
        assert posts["tweet_id"].is_monotonic_increasing
        assert posts["created_at"].is_monotonic_increasing


def test_replies_answer_earlier_posts(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    posts = pd.concat([tweets, replies]).set_index("tweet_id")
    parents = posts.loc[replies["in_reply_to_tweet_id"]]
    assert (parents["created_at"].to_numpy() < replies["created_at"].to_numpy()).all()
    assert (parents["author_handle"].to_numpy() == replies["in_reply_to_handle"].to_numpy()).all()
    assert (parents.index.to_numpy() < replies["tweet_id"].to_numpy()).all()


def test_there_are_chains_and_returning_voices(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    is_chained = ~replies["in_reply_to_tweet_id"].isin(tweets["tweet_id"])
    assert 0.15 < is_chained.mean() < 0.5
    by_tweet_authors = replies["author_id"].isin(tweets["author_id"])
    assert 0.1 < by_tweet_authors.mean() < 0.9
    assert (replies["source_app"] == "Helpdesk Console").mean() > 0.05


def test_counted_replies_include_the_collected_ones(
    tweets: pd.DataFrame, replies: pd.DataFrame
) -> None:
    collected = replies["in_reply_to_tweet_id"].value_counts()
    for posts in (tweets, replies):
        counted = posts.set_index("tweet_id")["reply_count"]
        assert (counted >= collected.reindex(counted.index, fill_value=0)).all()


def test_exact_duplicates_are_the_planted_ones(tweets: pd.DataFrame) -> None:
    is_repeated = tweets["text"].map(collapsed).duplicated()
    assert (is_repeated == (tweets["label"] == "exact_duplicate")).all()


def test_short_tweets_are_the_planted_ones(tweets: pd.DataFrame) -> None:
    assert (tweets["text"].map(is_short) == (tweets["label"] == "short")).all()


def test_nothing_looks_like_a_retweet_or_a_promotion(tweets: pd.DataFrame) -> None:
    assert not tweets["is_retweet"].any()
    assert not tweets["text"].str.match(r"(?i)\s*rt\b").any()
    for cue in PROMOTION:
        assert not tweets["text"].str.lower().str.contains(cue, regex=False).any()
    assert tweets["text"].map(skeleton).value_counts().max() < 5


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        ("tech_builders", 30.8),
        ("india_watchers", 39.0),
        ("conversational_commerce", 26.4),
        ("ux_shoppers", 89.4),
    ],
)
def test_lengths_are_the_reports(kept: pd.DataFrame, audience: str, words: float) -> None:
    texts = kept.loc[kept["label"] == audience, "text"]
    assert texts.map(lambda text: len(spoken(text).split())).mean() == pytest.approx(words, abs=0.6)


def test_every_audience_has_many_authors_and_some_return(kept: pd.DataFrame) -> None:
    authors = kept.groupby("label")["author_id"].agg(["nunique", "size"])
    assert (authors["nunique"] > 15).all()
    assert (authors["nunique"] < authors["size"]).all()


def test_one_account_has_one_set_of_figures(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    posts = pd.concat([tweets, replies])
    figures = [column for column in posts.columns if column.startswith("author_")]
    accounts = posts[figures].drop_duplicates()
    assert accounts["author_id"].is_unique
    assert accounts["author_handle"].is_unique
    assert (posts["author_created_at"] < posts["created_at"]).all()


def test_audiences_keep_different_hours(kept: pd.DataFrame) -> None:
    hours = kept["created_at"].dt.tz_convert("Asia/Kolkata").dt.hour
    evening = (hours >= 18).groupby(kept["label"]).mean()
    assert evening["customer_service_critics"] > evening["india_watchers"] + 0.15
    assert hours.between(1, 5).mean() < 0.1


def test_it_holds_what_privacy_must_find(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    text = pd.concat([tweets["text"], replies["text"]])
    for pattern in (r"@\w+", r"https://t\.co/\w{10}", r"\w@example\.(?:com|org|net)", "&amp;"):
        assert text.str.contains(pattern).sum() >= 10
    assert text.str.contains(r"55510 \d{5}|555-01\d\d|7700 900\d{3}").sum() >= 10
    assert tweets["lang"].nunique() > 2


def test_contacts_are_obviously_fictitious(tweets: pd.DataFrame, replies: pd.DataFrame) -> None:
    text = pd.concat([tweets["text"], replies["text"]])
    hosts = text.str.extractall(r"[\w.]+@([\w.]+\.\w+)")[0]
    assert set(hosts.str.lower()) <= {"example.com", "example.org", "example.net"}
    assert not text.str.contains(r"\+91[ -]?[6-9]").any()
