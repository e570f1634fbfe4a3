"""Tweets that show what a persona sounds like.

Belongs here: choosing evidence that is typical, varied, of different authors
and readable once it is cleaned. Does not belong here: cleaning itself.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.personas.privacy.guard import PLACEHOLDERS, Passes, everything
from ri_assets.personas.text.words import words_of

SAMPLE_COLUMNS = ("cluster", "rank", "tweet_id", "text", "distance", "was_noise")

MIN_WORDS = 5
"""A shorter text, placeholders aside, shows nothing."""
_POOL_FACTOR = 5
_RELEVANCE = 0.7


def choose_samples(
    tweets: pd.DataFrame,
    vectors: NDArray[np.float32],
    authors: NDArray[np.int64],
    n_samples: int,
    min_authors: int,
    passes: Passes = everything,
    prefers: Passes = everything,
) -> pd.DataFrame:
    """Evidence for each cluster, most typical first.

    From the members nearest to the centroid (those that were noise only where
    others do not suffice), one of each author, maximal marginal relevance
    (Carbonell and Goldstein 1998) takes tweets that are near the cluster's mean
    text and unlike those taken before.

    Parameters
    ----------
    tweets
        Columns tweet_id, text (cleaned), cluster, distance and was_noise, by ascending tweet_id.
    vectors
        float32, shape (n_tweets, d): unit text vectors.
    authors
        int64, shape (n_tweets,): one number for each distinct author.
    n_samples
        Samples of a cluster, at most.
    min_authors
        A cluster shows none if it has fewer distinct authors than this, or if
        fewer of them (or of `n_samples`, if that is less) wrote readable tweets.
    passes
        Whether a text may be shown; one that may not leaves its place to the next.
    prefers
        Whether a text is a first choice; others come only where these do not suffice.

    Returns
    -------
    DataFrame
        Columns `SAMPLE_COLUMNS`, sorted by cluster and rank, which starts at 1.
    """
    table = tweets.assign(
        author=authors,
        place=np.arange(len(tweets)),
        is_last_choice=[not prefers(text) for text in tweets["text"]],
    )
    chosen = []
    for _, members in table.groupby("cluster", sort=True):
        if members["author"].nunique() < min_authors:
            continue
        nearest = members.sort_values(["is_last_choice", "was_noise", "distance", "tweet_id"])
        pool = nearest.iloc[_showable(nearest, _POOL_FACTOR * n_samples, passes)]
        if len(pool) < min(min_authors, n_samples):
            continue
        mean = vectors[members["place"].to_numpy()].mean(axis=0)
        choice = pool["was_noise"].astype("int64") + 2 * pool["is_last_choice"].astype("int64")
        near = vectors[pool["place"].to_numpy()]
        picked = pool.iloc[_diverse(near, mean, np.asarray(choice, dtype=np.int64), n_samples)]
        chosen.append(picked.assign(rank=np.arange(1, len(picked) + 1)))
    if not chosen:
        return pd.DataFrame(columns=list(SAMPLE_COLUMNS))
    return pd.concat(chosen, ignore_index=True)[list(SAMPLE_COLUMNS)]


def _showable(ordered: pd.DataFrame, n: int, passes: Passes) -> list[int]:
    """Places of the first `n` rows that a reader may see and that show something.

    One of each author, and one of each text; what may not be shown counts for neither.
    """
    found: list[int] = []
    authors: set[int] = set()
    texts: set[str] = set()
    rows = zip(ordered["author"], ordered["text"], strict=True)
    for place, (author, text) in enumerate(rows):
        if len(found) == n:
            break
        if author in authors or text in texts or not _is_readable(text) or not passes(text):
            continue
        authors.add(author)
        texts.add(text)
        found.append(place)
    return found


def _is_readable(text: str) -> bool:
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, " ")
    return len(words_of(text)) >= MIN_WORDS


def _diverse(
    vectors: NDArray[np.float32],
    mean: NDArray[np.float32],
    choice: NDArray[np.int64],
    n_samples: int,
) -> list[int]:
    """Places of rows by maximal marginal relevance, of equals the first; lower choices first."""
    relevance = vectors @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
    # Cosines span 2, so no other row can be so much better.
    handicap = 2.0 * choice
    nearest = np.zeros(len(vectors))
    taken: list[int] = []
    for _ in range(min(n_samples, len(vectors))):
        score = _RELEVANCE * relevance - (1 - _RELEVANCE) * nearest - handicap
        score[taken] = -np.inf
        best = int(np.argmax(score))
        taken.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return taken
