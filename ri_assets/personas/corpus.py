"""The corpus as every step of enrichment reads it.

Belongs here: aligning tweets, clusters and vectors, and what is computed once for all
steps. Does not belong here: any step itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.config import EnrichSettings, Profile
from ri_assets.errors import CorpusError
from ri_assets.personas.naming.name_agreement import held_out
from ri_assets.personas.privacy.author_ids import Authors, read_authors
from ri_assets.personas.privacy.guard import Guard, Screen, build_guard
from ri_assets.personas.privacy.recogniser import recogniser_of
from ri_assets.personas.text.lexicon import brand_words, is_word
from ri_assets.personas.text.vocabulary import Vocabulary, build_vocabulary, common_handle_words
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.store.tables import Vectors

Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PersonaCorpus:
    """The tweets by ascending id, with what every step reads of them."""

    tweets: pd.DataFrame
    clusters: pd.DataFrame
    labels: Int64
    vectors: Float32
    texts: list[str]
    """Cleaned of what is private."""
    authors: Authors
    vocabulary: Vocabulary
    is_held: NDArray[np.bool_]
    """Members that take no part in naming."""
    screen: Screen
    settings: EnrichSettings
    timezone: str

    @property
    def times(self) -> pd.Series[pd.Timestamp]:
        """When each tweet was written, in UTC; all missing where the corpus has no times."""
        if "created_at" in self.tweets:
            return pd.to_datetime(self.tweets["created_at"], utc=True)
        return pd.Series(pd.NaT, index=self.tweets.index, dtype="datetime64[us, UTC]")

    def texts_of(self, is_chosen: NDArray[np.bool_]) -> list[str]:
        """Give the cleaned texts of some tweets."""
        return [self.texts[row] for row in np.flatnonzero(is_chosen)]

    @property
    def brands(self) -> frozenset[str]:
        """Words of brands, which name no subject: those under discussion, and known ones."""
        known = brand_words(self.screen.guard.brands)
        return common_handle_words(self.tweets["text"].tolist()) | {
            word for word in known if not is_word(word)
        }


def read_corpus(
    tweets: pd.DataFrame,
    clusters: pd.DataFrame,
    embeddings: Vectors,
    replies: pd.DataFrame,
    ids: Mapping[int, str],
    profile: Profile,
    guard: Guard | None,
    engine: Engine = LOCAL,
) -> PersonaCorpus:
    """Bring the frames of one run together; see `ri_assets.personas.enrich.enrich`."""
    tweets, clusters = _aligned(tweets, clusters, embeddings, ids)
    labels = clusters["cluster"].to_numpy(dtype=np.int64)
    settings = profile.enrich
    guard = guard or build_guard(
        (tweets, replies),
        settings.brands,
        settings.min_authors,
        recogniser_of(settings),
    )
    texts = guard.clean_all(tweets["text"].tolist(), engine)
    return PersonaCorpus(
        tweets=tweets,
        clusters=clusters,
        labels=labels,
        vectors=embeddings.values,
        texts=texts,
        authors=read_authors(tweets),
        vocabulary=build_vocabulary(texts, tweets["text"].tolist()),
        is_held=held_out(embeddings.tweet_ids, labels),
        screen=Screen(guard),
        settings=settings,
        timezone=profile.behavior.timezone,
    )


def _aligned(
    tweets: pd.DataFrame, clusters: pd.DataFrame, embeddings: Vectors, ids: Mapping[int, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames by ascending tweet_id, like the embeddings, with places 0 to n − 1."""
    tweets = tweets.sort_values("tweet_id", ignore_index=True)
    clusters = clusters.sort_values("tweet_id", ignore_index=True)
    for name, frame in (("tweets", tweets), ("clusters", clusters)):
        if not np.array_equal(frame["tweet_id"].to_numpy(dtype=np.int64), embeddings.tweet_ids):
            raise CorpusError(
                f"{name} ({len(frame)}) and embeddings ({len(embeddings)}) differ in tweet_id",
                "the same tweets in both",
                "materialise denoised_tweets, embeddings and clusters again in one run",
            )
    if missing := sorted(set(clusters["cluster"]) - set(ids)):
        raise CorpusError(
            f"clusters without persona id: {', '.join(map(str, missing))}",
            "an id for every cluster, and no noise (-1) after assignment",
            "assign noise and match the clusters to personas before they are enriched",
        )
    return tweets, clusters
