"""A small corpus from the bundled sample, and the profile that clusters it in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

import ri_assets

SMALL_PROFILE = Path(__file__).with_name("small.yaml")
SAMPLE = Path(ri_assets.__file__).parents[1] / "data" / "sample"
AUDIENCES = (
    "tech_builders",
    "india_watchers",
    "conversational_commerce",
    "counterfeit_warriors",
)


def small_tweets(of_each: int = 40, audiences: tuple[str, ...] = AUDIENCES) -> pd.DataFrame:
    """Give the first tweets of some planted audiences, by ascending id."""
    tweets = pd.read_parquet(SAMPLE / "tweets.parquet")
    planted = pd.read_csv(SAMPLE / "planted_labels.csv").set_index("tweet_id")["label"]
    label = tweets["tweet_id"].map(planted)
    parts = [tweets[label == audience].head(of_each) for audience in audiences]
    return pd.concat(parts).sort_values("tweet_id", ignore_index=True)


def replies_to(tweets: pd.DataFrame) -> pd.DataFrame:
    """Give the sample's direct replies to some of its tweets."""
    replies = pd.read_parquet(SAMPLE / "replies.parquet")
    found = replies[replies["in_reply_to_tweet_id"].isin(tweets["tweet_id"])]
    return found.reset_index(drop=True)


def write_folder(folder: Path, tweets: pd.DataFrame, replies: pd.DataFrame | None = None) -> Path:
    """Write a source folder of Parquet files."""
    folder.mkdir()
    tweets.to_parquet(folder / "tweets.parquet", index=False)
    if replies is not None:
        replies.to_parquet(folder / "replies.parquet", index=False)
    return folder


def profile_with(folder: Path, **changes: Any) -> Path:
    """Write the small profile with other settings, such as ``gates={"retention_min": 1}``."""
    content = yaml.safe_load(SMALL_PROFILE.read_text(encoding="utf-8"))
    for section, values in changes.items():
        if isinstance(values, dict):
            content[section] |= values
        else:
            content[section] = values
    path = folder / "profile.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path
