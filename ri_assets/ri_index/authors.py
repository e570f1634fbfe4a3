"""Questions about authors: how many wrote in several personas, and which personas share them.

Belongs here: counts of distinct authors. No answer names an author. Does not belong here: who
counts as one author (`ri_assets.personas.privacy.author_ids`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ri_assets.personas.overlap import overlaps, united_authors
from ri_assets.records.answers import Audience, Overlap
from ri_assets.ri_index.arguments import PersonaRef, PersonaRefs, find_persona
from ri_assets.ri_index.questions import question
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents

NO_AUTHOR_KNOWN = "the corpus names no author, so overlap cannot be counted"
TOO_FEW_SHARED = "{} of {} pairs are left out: fewer than {} authors wrote in both personas"


@question
def get_audience(
    contents: Contents,
    personas: Annotated[
        PersonaRefs | None,
        Field(min_length=1, description="Ids, names, or ranks by size; default: all."),
    ] = None,
) -> Audience:
    """Count the tweets and distinct authors of several personas together.

    This cannot be added up from the personas: one author may write in several of them, and
    tweets of one author resemble each other. No author is named. The number of authors of
    several personas is up to `min_authors` - 1 too high, so that subtracting answers never tells
    that two personas share fewer authors than that.
    """
    given = contents.personas if personas is None else [find_persona(contents, p) for p in personas]
    chosen = tuple(dict.fromkeys(persona.persona_id for persona in given))
    lookup, authors = contents.lookup, contents.authors
    is_member = np.isin(lookup.persona, [lookup.personas.index(one) for one in chosen])
    everyone = len(np.unique(authors.codes))
    n_authors = _authors(contents, chosen, is_member, everyone) if authors.is_known else None
    replied = _replied(contents)[is_member]
    known = ~np.isnan(replied)
    times = contents.posts.frame["created_at"][is_member].dropna()
    return Audience(
        personas=chosen,
        tweet_count=int(is_member.sum()),
        share=float(is_member.mean()),
        author_count=n_authors,
        author_share=None if n_authors is None else n_authors / everyone,
        tweets_per_author=None if n_authors is None else float(is_member.sum() / n_authors),
        reply_share=float(replied[known].mean()) if known.any() else None,
        reply_design_effect=_design_effect(replied[known], authors.codes[is_member][known])
        if authors.is_known
        else None,
        first_tweet_at=times.min().isoformat() if len(times) else None,
        last_tweet_at=times.max().isoformat() if len(times) else None,
    )


@question
def get_persona_overlap(
    contents: Contents,
    persona: Annotated[
        PersonaRef | None,
        Field(description="Id, name, or rank by size; only its pairs. Default: all pairs."),
    ] = None,
) -> Rows[Overlap]:
    """List pairs of personas by their number of shared authors.

    Most shared authors come first. Every pair comes once; if a persona is given, it is the
    first of each pair. A pair with fewer shared authors than the profile's `min_authors` is
    left out, and the `note` counts such pairs. Tweets without a known author are ignored. No
    author is named.
    """
    lookup, authors = contents.lookup, contents.authors
    if not authors.is_known:
        return Rows.of(Overlap, [], note=NO_AUTHOR_KNOWN)
    least = contents.profile.enrich.min_authors
    found = overlaps(
        {one.persona_id: one.name for one in contents.personas},
        lookup.personas,
        lookup.persona,
        authors,
        least,
        None if persona is None else find_persona(contents, persona).persona_id,
    )
    n_pairs = len(found.pairs) + found.n_left_out
    note = TOO_FEW_SHARED.format(found.n_left_out, n_pairs, least) if found.n_left_out else ""
    return Rows.of(Overlap, found.pairs, note=note)


def _authors(
    contents: Contents, chosen: Sequence[str], is_member: NDArray[np.bool_], everyone: int
) -> int:
    """Count the authors of several personas together, without telling small overlaps."""
    lookup, codes = contents.lookup, contents.authors.codes
    places = [lookup.personas.index(one) for one in chosen]
    counts = [len(np.unique(codes[lookup.persona == place])) for place in places]
    united = len(np.unique(codes[is_member]))
    if len(chosen) == 1 or united == everyone:
        return united
    return united_authors(counts, united, everyone, contents.profile.enrich.min_authors)


def _replied(contents: Contents) -> NDArray[np.float64]:
    """Whether each tweet got a reply, as the trait `reply_share` counts it; NaN if unknown."""
    posts = contents.posts
    if posts.has_replies:
        return posts.frame["is_answered"].to_numpy(dtype=np.float64)
    counts = posts.frame["reply_count"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(counts), np.nan, counts > 0)


def _design_effect(values: NDArray[np.float64], author: NDArray[np.int64]) -> float | None:
    """Variance of a mean when authors are drawn, over that of as many unrelated values.

    The mean is a ratio of two sums over authors, whose variance is linearised (Cochran,
    Sampling Techniques, 1977, section 6.3). None if it cannot be computed.
    """
    _, place = np.unique(author, return_inverse=True)
    n, n_authors = len(values), int(place.max(initial=-1)) + 1
    spread = float(values.var()) if n else 0.0
    if n_authors < 2 or spread == 0:  # noqa: PLR2004
        return None
    residual = np.bincount(place, weights=values - values.mean())
    variance = n_authors / (n_authors - 1) * float((residual**2).sum()) / n**2
    return variance / (spread / n)
