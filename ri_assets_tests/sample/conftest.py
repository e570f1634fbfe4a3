"""The sample, built once for all its tests."""

from __future__ import annotations

import pandas as pd
import pytest

from ri_assets.sample.corpus import SampleCorpus, build


@pytest.fixture(scope="session")
def corpus() -> SampleCorpus:
    return build()


@pytest.fixture(scope="session")
def tweets(corpus: SampleCorpus) -> pd.DataFrame:
    """Tweets in stored order, with their planted label."""
    frame: pd.DataFrame = corpus.tweets.to_pandas()
    return frame.assign(label=frame["tweet_id"].map(corpus.labels))


@pytest.fixture(scope="session")
def replies(corpus: SampleCorpus) -> pd.DataFrame:
    frame: pd.DataFrame = corpus.replies.to_pandas()
    return frame
