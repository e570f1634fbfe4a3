"""Several personas as one audience: tweets, and authors counted once.

Belongs here: what cannot be added up from the personas, because one author may write in
several of them, and one author's tweets are alike. No author is named in what it gives.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ri_assets.errors import QueryError
from ri_assets.records.answers import Audience
from ri_assets.records.personas import Persona
from ri_assets.ri_index.snapshot_reader import Contents


def audience(contents: Contents, personas: Sequence[Persona]) -> Audience:
    """Count personas together; one that is given twice counts once.

    Raises
    ------
    QueryError
        There is no persona.
    """
    chosen = tuple(dict.fromkeys(persona.persona_id for persona in personas))
    if not chosen:
        raise QueryError("the audience has no persona", "one persona or more", "name a persona")
    lookup, authors = contents.lookup, contents.authors
    is_member = np.isin(lookup.persona, [lookup.personas.index(one) for one in chosen])
    n_authors = len(np.unique(authors.codes[is_member])) if authors.is_known else None
    replied = _replied(contents)[is_member]
    known = ~np.isnan(replied)
    times = contents.posts["created_at"][is_member].dropna()
    return Audience(
        personas=chosen,
        tweet_count=int(is_member.sum()),
        share=float(is_member.mean()),
        author_count=n_authors,
        author_share=None if n_authors is None else n_authors / len(np.unique(authors.codes)),
        tweets_per_author=None if n_authors is None else float(is_member.sum() / n_authors),
        reply_share=float(replied[known].mean()) if known.any() else None,
        reply_design_effect=_design_effect(replied[known], authors.codes[is_member][known])
        if authors.is_known
        else None,
        first_tweet_at=times.min().isoformat() if len(times) else None,
        last_tweet_at=times.max().isoformat() if len(times) else None,
    )


def _replied(contents: Contents) -> NDArray[np.float64]:
    """Whether each tweet got a reply, as the trait `reply_share` has it; NaN where unknown."""
    posts = contents.posts
    if contents.count("raw_replies"):
        return posts["is_answered"].to_numpy(dtype=np.float64)
    counts = posts["reply_count"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(counts), np.nan, counts > 0)


def _design_effect(values: NDArray[np.float64], author: NDArray[np.int64]) -> float | None:
    """Variance of a mean when authors are drawn, over that of as many unrelated values.

    The mean is a ratio of two sums over authors, whose variance is linearised (Cochran,
    Sampling Techniques, 1977, section 6.3). None where it cannot be told.
    """
    _, place = np.unique(author, return_inverse=True)
    n, n_authors = len(values), int(place.max(initial=-1)) + 1
    spread = float(values.var()) if n else 0.0
    if n_authors < 2 or spread == 0:  # noqa: PLR2004
        return None
    residual = np.bincount(place, weights=values - values.mean())
    variance = n_authors / (n_authors - 1) * float((residual**2).sum()) / n**2
    return variance / (spread / n)
