"""What is caught on real tweets, read by a person once: see docs/research/measurements.md."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ri_assets.config import load_profile
from ri_assets.pipeline.denoise import denoise
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.left_out import left_out_tweets

RULES = load_profile("report").denoise
BY_THE_APP = r"I reviewed .+ and rated it \d(?:\.\d)?/5 on @Zomato\w* #LoveFood"


def zomato(shared_data: Path) -> pd.DataFrame:
    return pd.read_parquet(shared_data / "zomato_2019" / "tweets.parquet").sort_values("tweet_id")


def templates(tweets: pd.DataFrame) -> pd.DataFrame:
    dropped = denoise(tweets, None, RULES).dropped
    ids = dropped.loc[dropped["rule"] == "template", "tweet_id"]
    return tweets[tweets["tweet_id"].isin(ids)]


def test_one_apps_posts_and_all_retweets_are_left_out(shared_data: Path) -> None:
    tweets = zomato(shared_data).reset_index(drop=True)
    gone = left_out_tweets(tweets, SourceOptions())
    assert gone["reason"].value_counts().to_dict() == {"retweet": 4_296, "automated: Zomato": 399}
    found = tweets[tweets["tweet_id"].isin(gone.loc[gone["reason"] != "retweet", "tweet_id"])]
    assert found["text"].str.match(BY_THE_APP).all()


@pytest.mark.parametrize("source_app", [None, "unknown"])
def test_without_the_apps_name_its_frame_is_a_template(
    shared_data: Path, source_app: str | None
) -> None:
    own = zomato(shared_data).query("not is_retweet").head(1_618).assign(source_app=source_app)
    own = own.reset_index(drop=True)
    assert left_out_tweets(own, SourceOptions())["reason"].tolist() == ["retweet"]  # by hand
    by_the_app = own["text"].str.match(BY_THE_APP)
    assert by_the_app.sum() == 229
    found = templates(own)
    assert set(found["tweet_id"]) == set(own.loc[by_the_app, "tweet_id"])


@pytest.mark.parametrize("size", [800, 1_500])
def test_short_requests_alike_in_wording_stay(shared_data: Path, size: int) -> None:
    content = pd.read_json(shared_data / "clinc150" / "data_full.json", typ="series")
    texts = pd.Series([text for part in ("train", "val", "test") for text, _ in content[part]])
    drawn = texts.sample(size, random_state=1).tolist()
    frame = pd.DataFrame({"tweet_id": range(size), "text": drawn, "is_retweet": False})
    assert templates(frame.astype({"is_retweet": "boolean"})).empty


def test_retweets_without_a_mark_are_left_out_by_how_they_begin(shared_data: Path) -> None:
    raw = pd.read_parquet(shared_data / "crisislex_t26" / "tweets.parquet")
    tweets = raw.sort_values("tweet_id", ignore_index=True).assign(source_app=None)
    tweets["is_retweet"] = pd.array([None] * len(tweets), dtype="boolean")
    gone = left_out_tweets(tweets, SourceOptions())
    assert gone["reason"].value_counts().to_dict() == {"retweet": 972}
    left = tweets[~tweets["tweet_id"].isin(gone["tweet_id"])]
    assert templates(left).empty
