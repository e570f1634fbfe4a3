"""Generated corpora of any size, with vectors that need no model.

Belongs here: tweets whose words come from the vocabularies of the bundled sample's audiences,
their replies, and an encoder that adds up a fixed random vector for every word. Does not belong
here: what is measured on them (`growth`). Such a corpus has as many groups as the sample and is
as long as real ones are; its personas mean nothing.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.environment import PROJECT
from ri_assets.pipeline.embed import DIMENSIONS, Encoder
from ri_assets.sample import LABELS_FILE
from ri_assets.sample.corpus import REPLIES_FILE, TWEETS_FILE

_SAMPLE = PROJECT / "data" / "sample"
_WORDS = (9, 24)
"""Number of words of a tweet, from and to."""
_FROM_AUDIENCE = 0.85
"""Share of a tweet's words that come from its audience; the others come from the whole sample."""
_COPIES = 0.06
"""Share of the tweets that are copies of others with one word less."""
_REPLIES_EACH = 1
_TWEETS_AN_AUTHOR = 4
_DAYS = 365
_FIRST_ID = 1_000_000


def write_corpus(folder: Path, n: int, seed: int) -> str:
    """Write `n` tweets and as many replies as a source; returns its path.

    The same size and seed give the same corpus.
    """
    rng = np.random.default_rng(seed)
    real = pd.read_parquet(_SAMPLE / TWEETS_FILE)
    with (_SAMPLE / LABELS_FILE).open(encoding="utf-8", newline="") as file:
        audience_of = {int(row["tweet_id"]): row["label"] for row in csv.DictReader(file)}
    words: dict[str, list[str]] = defaultdict(list)
    for tweet_id, text in zip(real["tweet_id"], real["text"], strict=True):
        plain = [word for word in text.lower().split() if word.isalpha()]
        words[audience_of[int(tweet_id)]] += plain
        words[""] += plain
    audiences = sorted(name for name in words if len(words[name]) > _WORDS[1] * 20)[1:]
    texts = _texts(rng, n, [np.array(words[name]) for name in audiences], np.array(words[""]))
    tweets = _posts(rng, real, texts, _FIRST_ID)
    answers = pd.read_parquet(_SAMPLE / REPLIES_FILE)
    drawn = answers["text"].to_numpy()[rng.integers(len(answers), size=n * _REPLIES_EACH)]
    replies = _posts(rng, answers, drawn.tolist(), _FIRST_ID + 10 * n)
    replies["in_reply_to_tweet_id"] = rng.choice(tweets["tweet_id"].to_numpy(), len(replies))
    folder.mkdir(parents=True, exist_ok=True)
    tweets.to_parquet(folder / TWEETS_FILE)
    replies.to_parquet(folder / REPLIES_FILE)
    return str(folder)


def _texts(
    rng: np.random.Generator,
    n: int,
    vocabularies: Sequence[NDArray[np.str_]],
    common: NDArray[np.str_],
) -> list[str]:
    texts: list[str] = []
    for _ in range(n):
        if texts and rng.random() < _COPIES:
            words = texts[int(rng.integers(len(texts)))].split()
            texts.append(" ".join(words[:-1]))
            continue
        own = vocabularies[int(rng.integers(len(vocabularies)))]
        length = int(rng.integers(*_WORDS))
        n_own = int(rng.binomial(length, _FROM_AUDIENCE))
        words = [*rng.choice(own, n_own), *rng.choice(common, length - n_own)]
        texts.append(" ".join(words[place] for place in rng.permutation(length)))
    return texts


def _posts(
    rng: np.random.Generator, real: pd.DataFrame, texts: Sequence[str], first_id: int
) -> pd.DataFrame:
    """Give posts with the columns of real ones; all but texts, authors and times are drawn."""
    n = len(texts)
    posts = real.iloc[rng.integers(len(real), size=n)].reset_index(drop=True)
    authors = rng.integers(max(n // _TWEETS_AN_AUTHOR, 1), size=n)
    start = pd.Timestamp("2025-01-01", tz="UTC")
    seconds = np.sort(rng.integers(_DAYS * 86_400, size=n))
    return posts.assign(
        tweet_id=first_id + np.arange(n),
        author_id=1 + authors,
        author_handle=[f"reader{author}" for author in authors],
        created_at=(start + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us, UTC]"),
        text=texts,
        lang="en",
        is_retweet=False,
        in_reply_to_handle=None,
    )


def embed_without_model() -> None:
    """Let every `Encoder` of this process add up random vectors of words instead of a model."""

    def _embed(_self: Encoder, texts: list[str], _done: int, _total: int) -> NDArray[np.float32]:
        vectors = np.stack(
            [np.sum([_word(word) for word in text.lower().split() or [""]], 0) for text in texts]
        )
        return np.asarray(
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32
        )

    setattr(Encoder, "_embed", _embed)  # noqa: B010 -- mypy knows no other way to replace it


@cache
def _word(word: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(DIMENSIONS, dtype=np.float32)
