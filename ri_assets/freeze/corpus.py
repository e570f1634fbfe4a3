"""A corpus made ready for many fits: denoised, embedded, its behaviour measured, once.

Belongs here: the stages before the fusion, run in memory. Does not belong here:
fits and figures (`trial`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import FuseSettings, Profile
from ri_assets.pipeline.behavior import behavioral_features
from ri_assets.pipeline.denoise import denoise
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fuse import fuse, text_vectors
from ri_assets.pipeline.text import body, content_without, shared_names
from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.records.table import AssetContract
from ri_assets.sources.base import Corpus
from ri_assets.store.tables import as_tables, corpus_fingerprint

Float32 = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Float32]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every fit of a corpus starts from.

    Parameters
    ----------
    name, fingerprint
        Of the corpus; the fingerprint is that of a run on it.
    n_raw
        Tweets before denoising.
    tweet_ids
        int64, shape (n,), ascending.
    text, content
        float32, shape (n, 384), unit rows: embeddings of the texts and of their content words.
    behavior
        float32, shape (n, 36); NaN if missing.
    masked
        Names that were removed before content words were embedded.
    """

    name: str
    fingerprint: str
    n_raw: int
    tweet_ids: NDArray[np.int64]
    text: Float32
    content: Float32
    behavior: Float32
    masked: tuple[str, ...] = ()

    def text_to_fuse(self, settings: FuseSettings) -> Float32:
        """Give the text vectors that a configuration fuses, float32, shape (n, 384)."""
        return text_vectors(self.text, self.content, settings)

    def fused(self, settings: FuseSettings) -> Float32:
        """Give the vectors that a configuration fuses, float32, shape (n, 420)."""
        return fuse(self.text_to_fuse(settings), self.behavior, settings)


def prepare(
    name: str, corpus: Corpus, profile: Profile, encode: Encode, engine: Engine = LOCAL
) -> Prepared:
    """Run the stages that no trial varies.

    Parameters
    ----------
    name
        Of the corpus, safe to log.
    corpus
        As its source gave it.
    profile
        Its `denoise`, `mask` and `behavior` settings are used.
    encode
        Gives unit vectors, float32 of shape (n, 384), for n texts.
    engine
        Searches for near duplicates and reads the texts.
    """
    tweets = as_tables(AssetContract(TWEETS), "", raw_tweets=corpus.tweets)
    replies = as_tables(AssetContract(REPLIES), "", raw_replies=corpus.replies)
    kept = denoise(tweets.frame(), encode, profile.denoise, engine=engine).kept
    masked = tuple(shared.name for shared in shared_names(list(kept["text"]), profile.mask))
    features = behavioral_features(kept, replies.frame(), profile.behavior, engine=engine).features
    return Prepared(
        name=name,
        fingerprint=corpus_fingerprint(tweets.by_name[TWEETS.name], replies.by_name[REPLIES.name]),
        n_raw=len(corpus.tweets),
        tweet_ids=kept["tweet_id"].to_numpy(dtype="int64"),
        text=encode([body(text) for text in kept["text"]]),
        content=encode([content_without(text, masked) for text in kept["text"]]),
        behavior=features[list(NAMES)].to_numpy(dtype="float32", na_value=np.nan),
        masked=masked,
    )
