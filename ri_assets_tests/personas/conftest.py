"""A cleaner, and a small corpus of three planted audiences."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from ri_assets.personas.privacy.cleaner import Cleaner
from ri_assets.personas.text.words import words_of
from ri_assets.store.tables import Vectors

N_EACH = 60
_SUBJECTS = (
    "Where is my {} refund, the amount was deducted from my account and nobody answers",
    "My {} parcel is late again, the courier did not deliver and tracking shows nothing",
    "This {} restaurant serves wonderful quinoa and saffron, we loved every plate of it",
)
_FILLERS = ("first", "blue", "second", "large", "small", "old", "new", "green", "red", "third")


@pytest.fixture(scope="session")
def cleaner() -> Cleaner:
    return Cleaner(frozenset({"acme", "acmecare"}))


def bag_of_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors, (n, 384), that are near where texts share words; no model needed."""
    vectors = np.full((len(texts), 384), 1e-3, dtype=np.float32)
    for row, text in enumerate(texts):
        for word in words_of(text):
            vectors[row, int(hashlib.sha256(word.encode()).hexdigest(), 16) % 384] += 1
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


@dataclass(frozen=True)
class Corpus:
    tweets: pd.DataFrame
    clusters: pd.DataFrame
    embeddings: Vectors
    replies: pd.DataFrame
    stability: pd.DataFrame


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """180 tweets of 60 authors on three subjects; the third is written at 9 UTC, others all day."""
    rows = []
    for n in range(3 * N_EACH):
        subject = n % 3
        hour = 9 if subject == 2 else (n * 7) % 24
        rows.append(
            {
                "tweet_id": 1000 + 17 * n,
                "author_id": n // 3,
                "created_at": pd.Timestamp(2025, 3, 1 + n % 28, hour, n % 60, tz="UTC"),
                "text": f"@acme {_SUBJECTS[subject].format(_FILLERS[n % 10])} "
                f"@user_{n} call 98765{n:05d} https://t.co/x{n} {'😍' if subject == 2 else '!'}",
                "reply_count": subject,
                "like_count": n % 5,
                "retweet_count": 0,
            }
        )
    tweets = pd.DataFrame(rows)
    vectors = bag_of_words(tweets["text"].tolist())
    clusters = pd.DataFrame(
        {
            "tweet_id": tweets["tweet_id"],
            "cluster": np.arange(len(tweets)) % 3,
            "was_noise": np.arange(len(tweets)) % 4 == 0,
            "distance": (np.arange(len(tweets)) * 37 % 101) / 101,
        }
    )
    return Corpus(
        tweets=tweets,
        clusters=clusters,
        embeddings=Vectors(tweets["tweet_id"].to_numpy(), vectors),
        replies=pd.DataFrame({"in_reply_to_tweet_id": tweets["tweet_id"][::6]}),
        stability=pd.DataFrame({"cluster": [0], "jaccard": [0.8], "stability": ["stable"]}),
    )
