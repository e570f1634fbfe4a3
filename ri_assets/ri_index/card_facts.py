"""The stored figures that a persona's card is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ri_assets.personas.effects import Effect, find_effects
from ri_assets.personas.trust import halves_of
from ri_assets.records.answers import Comparison, Overlap, Similar
from ri_assets.records.personas import Persona, RhythmSlot, Sample, Term
from ri_assets.ri_index.authors import get_persona_overlap
from ri_assets.ri_index.personas import get_persona_rhythm, get_persona_terms
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.similarity import compare, find_similar_personas
from ri_assets.ri_index.tweets import get_tweet_samples

if TYPE_CHECKING:
    import pandas as pd

    from ri_assets.ri_index.snapshot_reader import Contents

N_SHOWN = 3
N_PERIODS = 12
Z = 1.96


@dataclass(frozen=True)
class Course:
    """A persona's part of the conversation over time.

    Parameters
    ----------
    first, last
        Days of the first and the last tweet of the corpus, in UTC.
    shares
        Its share of the tweets in each of `N_PERIODS` equally long periods, 0 to 1; NaN where
        nobody wrote.
    """

    first: date
    last: date
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Reach:
    """How many accounts follow the authors, each author counted once.

    The numbers keep two significant digits, so that none is that of one account.

    Parameters
    ----------
    low, median, high
        Quartiles among the authors whose number is known.
    everyone
        Median among the authors of the whole corpus.
    """

    low: int
    median: int
    high: int
    everyone: int


@dataclass(frozen=True)
class CardFacts:
    """The stored figures that a card is made of.

    Parameters
    ----------
    persona
        The persona.
    terms, rhythm, samples
        Its rows of these tables, in order; of samples, the first few.
    samples_note
        Why samples are missing; empty if none is.
    effects
        Traits by which each persona differs from the median persona, by persona id.
    nearest
        The persona most like it by language; None if there is no other.
    comparison
        This persona and the nearest side by side.
    halves
        Personas from which words hardly tell this one.
    course
        Its part of the conversation over time; None without times.
    returning_share
        Authors who wrote several of its tweets, 0 to 1; None if no author is known, or if so
        few wrote at all that they may not be counted.
    reach
        Followers of its authors; None if they are known of fewer than may be counted.
    shared
        The persona with which it shares most authors against chance; None if it shares clearly
        more with none, or too few to tell.
    """

    persona: Persona
    terms: Sequence[Term] = ()
    rhythm: Sequence[RhythmSlot] = ()
    samples: Sequence[Sample] = ()
    samples_note: str = ""
    effects: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)
    nearest: Similar | None = None
    comparison: Comparison | None = None
    halves: Sequence[Persona] = ()
    course: Course | None = None
    returning_share: float | None = None
    reach: Reach | None = None
    shared: Overlap | None = None

    @property
    def own_effects(self) -> Mapping[str, Effect]:
        """Traits by which this persona differs from the median persona."""
        return self.effects.get(self.persona.persona_id, {})


def read_facts(contents: Contents, persona: Persona) -> CardFacts:
    """Read what a card needs from a snapshot."""
    own = persona.persona_id
    samples: Rows[Sample] = get_tweet_samples(contents, own, N_SHOWN)
    similar: Rows[Similar] = find_similar_personas(contents, own, "language", 1)
    nearest = similar[0] if len(similar) else None
    columns = ("persona_id", "trait", "value", "lift", "lift_low", "lift_high")
    traits: list[dict[str, Any]] = contents.part("personas_enriched", "traits", columns)
    return CardFacts(
        persona,
        terms=get_persona_terms(contents, own).items,
        rhythm=get_persona_rhythm(contents, own).items,
        samples=samples.items,
        samples_note=samples.note,
        effects=find_effects(traits, "persona_id"),
        nearest=nearest,
        comparison=None if nearest is None else compare(contents, own, nearest.persona_id),
        halves=_halves(contents, persona),
        course=_course(contents, own),
        returning_share=_returning_share(contents, own),
        reach=_reach(contents, own),
        shared=_most_shared(contents, own),
    )


def _most_shared(contents: Contents, persona_id: str) -> Overlap | None:
    found = [pair for pair in get_persona_overlap(contents, persona_id) if _is_beyond_chance(pair)]
    return max(found, key=lambda pair: pair.lift, default=None)


def _is_beyond_chance(pair: Overlap) -> bool:
    """Whether so many shared authors are rarer by chance than 1 in 40 (normal approximation)."""
    a, b, mean = pair.author_count, pair.other_author_count, pair.expected_authors
    everyone = a * b / mean
    variance = mean * (everyone - a) * (everyone - b) / (everyone * max(everyone - 1, 1))
    return pair.shared_authors > mean + Z * sqrt(variance)


def _is_member(contents: Contents, persona_id: str) -> NDArray[np.bool_]:
    lookup = contents.lookup
    found: NDArray[np.bool_] = lookup.persona == lookup.personas.index(persona_id)
    return found


def _course(contents: Contents, persona_id: str) -> Course | None:
    times = contents.posts.frame["created_at"]
    known = times.notna().to_numpy()
    if not known.any() or times.min() == times.max():
        return None
    place = (times[known] - times.min()) / (times.max() - times.min()) * N_PERIODS
    period = np.minimum(place.to_numpy(dtype=np.float64), N_PERIODS - 1).astype(np.int64)
    everyone = np.bincount(period, minlength=N_PERIODS)
    own = np.bincount(period[_is_member(contents, persona_id)[known]], minlength=N_PERIODS)
    shares = np.where(everyone > 0, own / np.maximum(everyone, 1), np.nan)
    return Course(times.min().date(), times.max().date(), tuple(shares.tolist()))


def _returning_share(contents: Contents, persona_id: str) -> float | None:
    authors = contents.authors
    if not authors.is_known:
        return None
    codes = authors.codes[_is_member(contents, persona_id)]
    counts = np.unique(codes, return_counts=True)[1]
    if len(counts) < contents.profile.enrich.min_authors:
        return None
    return float((counts > 1).mean())


def _reach(contents: Contents, persona_id: str) -> Reach | None:
    """Count each author's followers as they were at the author's last tweet."""
    codes, counts = contents.authors.codes, contents.posts.frame["author_followers"]
    is_known = contents.authors.is_known & (codes >= 0) & counts.notna().to_numpy()
    own = _followers(codes, counts, is_known & _is_member(contents, persona_id))
    if len(own) < max(1, contents.profile.enrich.min_authors):
        return None
    low, median, high = np.quantile(own, (0.25, 0.5, 0.75))
    everyone = np.median(_followers(codes, counts, is_known))
    return Reach(*(_two_digits(float(one)) for one in (low, median, high, everyone)))


def _followers(
    codes: NDArray[np.int64], counts: pd.Series[int], chosen: NDArray[np.bool_]
) -> NDArray[np.float64]:
    found = counts[chosen].groupby(codes[chosen]).last()
    return np.asarray(found, dtype=np.float64)


def _two_digits(value: float) -> int:
    return int(float(f"{value:.2g}"))


def _halves(contents: Contents, persona: Persona) -> list[Persona]:
    found = halves_of(
        (one.persona_id, one.nearest_persona_id, one.is_distinct) for one in contents.personas
    )[persona.persona_id]
    return [other for other in contents.personas if other.persona_id in found]
