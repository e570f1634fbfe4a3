"""The records that answers consist of.

Belongs here: their fields, with units. Does not belong here: how they are computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ri_assets.ri_index.results import Result


@dataclass(frozen=True)
class PersonaBrief(Result):
    """A persona in one line; fields as in the contract `ri_index_app`."""

    persona_id: str
    name: str
    focus: str
    key_insight: str
    tier: int
    tier_label: str
    tweet_count: int
    share: float
    author_count: int | None
    jaccard: float | None
    verdict: str | None
    top_terms: tuple[str, ...]
    peak_hour_local: int | None
    busiest_hour_local: int | None
    avg_word_count: float | None


@dataclass(frozen=True)
class Persona(PersonaBrief):
    """A whole persona; fields as in the contract `personas_enriched`, but for its vector."""

    cluster: int
    core_count: int
    share_low: float | None
    share_high: float | None
    author_share: float | None
    is_author_known: bool
    is_evidence_withheld: bool
    automatic_name: str
    automatic_focus: str
    name_source: str | None
    is_catalogue_name: bool
    name_evidence: tuple[str, ...]
    name_cosine: float | None
    top_emoji: tuple[str, ...]
    avg_char_count: float | None
    punctuation_share: float | None
    exclamation_share: float | None
    question_share: float | None
    uppercase_share: float | None
    emoji_share: float | None
    code_mix_share: float | None
    avg_mention_count: float | None
    link_share: float | None
    reply_share: float | None
    avg_like_count: float | None
    avg_retweet_count: float | None
    complaint_share: float | None
    complaint_lift: float | None
    complaint_lift_low: float | None
    complaint_lift_high: float | None
    is_pain_point: bool | None
    complaint_words: tuple[str, ...]
    trend: str
    trend_basis: str
    growth_ratio: float | None
    growth_low: float | None
    growth_high: float | None
    timezone: str
    hourly_share: tuple[float, ...] | None
    peak_weekday_local: int | None
    busiest_weekday_local: int | None
    do_hints: tuple[str, ...]
    dont_hints: tuple[str, ...]


@dataclass(frozen=True)
class TweetPersona(Result):
    """The persona of one tweet; persona, name, noise mark and distance are None without one.

    `distance` is Euclidean, in umap_50d, to the centroid of the persona's cluster.
    """

    tweet_id: int
    persona_id: str | None
    name: str | None
    was_noise: bool | None
    distance: float | None


@dataclass(frozen=True)
class PersonaTweet(Result):
    """One tweet of a persona; `text` is cleaned, and None if not asked for or withheld."""

    tweet_id: int
    was_noise: bool
    distance: float
    text: str | None


@dataclass(frozen=True)
class Sample(Result):
    """One tweet shown as evidence, cleaned; `rank` 1 is the most typical."""

    rank: int
    tweet_id: int
    text: str
    distance: float
    was_noise: bool


@dataclass(frozen=True)
class Term(Result):
    """A term that sets a persona apart; fields as in the part `terms` of `personas_enriched`."""

    rank: int
    term: str
    weight: float
    share: float
    corpus_share: float
    lift: float
    tweet_count: int
    author_count: int


@dataclass(frozen=True)
class RhythmSlot(Result):
    """An hour or a weekday of a persona; fields as in the part `rhythm` of `personas_enriched`."""

    cycle: str
    slot: int
    tweet_count: int
    share: float
    corpus_share: float
    lift: float | None
    lift_low: float | None
    lift_high: float | None


@dataclass(frozen=True)
class Audience(Result):
    """Several personas together, each author counted once (`audience.py`).

    Parameters
    ----------
    tweet_count, share
        Their tweets, and as a share of all tweets with a persona, 0 to 1.
    author_count, author_share
        Distinct authors, and as a share of all distinct authors; None if the corpus names none.
    tweets_per_author
        Mean; None if no author is known.
    reply_share
        Share of the tweets that got a reply, 0 to 1; None if the corpus does not know.
    reply_design_effect
        Variance of that share, authors being drawn, over that of as many unrelated tweets.
    first_tweet_at, last_tweet_at
        ISO 8601 in UTC; None if no tweet has a time.
    """

    personas: tuple[str, ...]
    tweet_count: int
    share: float
    author_count: int | None
    author_share: float | None
    tweets_per_author: float | None
    reply_share: float | None
    reply_design_effect: float | None
    first_tweet_at: str | None
    last_tweet_at: str | None


@dataclass(frozen=True)
class Similar(Result):
    """A persona beside another.

    Parameters
    ----------
    method
        language, style or size.
    similarity
        1 is the same; its range depends on the method (`similar.py`).
    why
        The evidence in words: shared terms, the traits that differ most, or the two sizes.
    """

    persona_id: str
    name: str
    tweet_count: int
    method: str
    similarity: float
    why: str


@dataclass(frozen=True)
class Match(Result):
    """A persona that a text is near to; `score` is a centred cosine, −1 to 1."""

    persona_id: str
    name: str
    tweet_count: int
    score: float
    top_terms: tuple[str, ...]


@dataclass(frozen=True)
class Coverage(Result):
    """What part of the tweets a persona is; shares are of all kept tweets, 0 to 1."""

    persona_id: str
    name: str
    tweet_count: int
    share: float
    cumulative_share: float
    noise_count: int


@dataclass(frozen=True)
class SummaryStats(Result):
    """The snapshot in figures: counts, shares 0 to 1, sizes in tweets."""

    snapshot: str
    published_at: str
    profile: str
    source: str
    corpus: str
    raw_tweets: int
    raw_replies: int
    rejected_tweets: int
    dropped_tweets: int
    kept_tweets: int
    tweets_with_persona: int
    retention: float
    coverage: float
    noise_share: float
    personas: int
    largest_persona: int
    median_persona: float
    smallest_persona: int
    size_ratio: float
    stable_personas: int


@dataclass(frozen=True)
class TraitPair(Result):
    """One trait of two personas, and of the whole corpus."""

    trait: str
    family: str
    unit: str
    a: float | None
    b: float | None
    corpus: float | None


@dataclass(frozen=True)
class Comparison(Result):
    """Two personas side by side; their similarity by each method (`similar.py`)."""

    a: PersonaBrief
    b: PersonaBrief
    language: float
    style: float
    size: float
    shared_terms: tuple[str, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    traits: tuple[TraitPair, ...]


@dataclass(frozen=True)
class LineageEvent(Result):
    """What happened to a persona in one published run; fields as in `persona_lineage`.

    `event` is born, kept, split, merged or retired; `sentence` says it with its numbers.
    """

    sequence: int
    persona_id: str
    event: str
    other_persona_id: str | None
    basis: str | None
    previous_snapshot: str | None
    shared_tweets: int | None
    jaccard: float | None
    centroid_cosine: float | None
    tweets_before: int | None
    tweets_after: int | None
    name_before: str | None
    name: str | None
    sentence: str


@dataclass(frozen=True)
class ExportedFile(Result):
    """An export that was written: its name, where, its size, and whose snapshot it is."""

    name: str
    path: str
    bytes: int
    snapshot: str
