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
from ri_assets.pipeline.bounds import SAMPLE_LIMIT
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.pipeline.out_of_sample import drawn_rows
from ri_assets.store.tables import Vectors

Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]


# Fewer members, where a cluster has more, would describe it badly.
_FEWEST = 200


@dataclass(frozen=True, eq=False)
class Everyone:
    """All tweets by ascending id: what is counted, and when they were written."""

    clusters: pd.DataFrame
    labels: Int64
    vectors: Float32
    authors: Authors
    times: pd.Series[pd.Timestamp]


@dataclass(frozen=True, eq=False)
class PersonaCorpus:
    """The tweets whose words are read, by ascending id, and what every step reads of them."""

    everyone: Everyone
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
    authors = read_authors(tweets)
    everyone = Everyone(clusters, labels, embeddings.values, authors, _times(tweets))
    read = _read_rows(labels, profile.reduce.seed)
    tweets = tweets.iloc[read].reset_index(drop=True)
    clusters = clusters.iloc[read].reset_index(drop=True)
    labels = labels[read]
    settings = profile.enrich
    guard = guard or build_guard(
        (tweets, replies),
        settings.brands,
        settings.min_authors,
        recogniser_of(settings),
    )
    texts = guard.clean_all(tweets["text"].tolist(), engine)
    return PersonaCorpus(
        everyone=everyone,
        tweets=tweets,
        clusters=clusters,
        labels=labels,
        vectors=everyone.vectors[read],
        texts=texts,
        authors=Authors(authors.codes[read], authors.is_known),
        vocabulary=build_vocabulary(texts, tweets["text"].tolist()),
        is_held=held_out(embeddings.tweet_ids[read], labels),
        screen=Screen(guard),
        settings=settings,
        timezone=profile.behavior.timezone,
    )


def _read_rows(labels: Int64, seed: int) -> NDArray[np.intp]:
    """Draw the tweets whose words are read; all, if a small cluster would have too few."""
    drawn = drawn_rows(len(labels), SAMPLE_LIMIT, seed)
    sizes = np.bincount(labels)
    left = np.bincount(labels[drawn], minlength=len(sizes))
    is_enough = bool((left >= np.minimum(sizes, _FEWEST)).all())
    return drawn if is_enough else np.arange(len(labels))


def _times(tweets: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """When each tweet was written, in UTC; all missing where the corpus has no times."""
    if "created_at" in tweets:
        return pd.to_datetime(tweets["created_at"], utc=True)
    return pd.Series(pd.NaT, index=tweets.index, dtype="datetime64[us, UTC]")


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
