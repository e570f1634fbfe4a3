"""What questions about personas and tweets are answered with, beside the personas themselves."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ri_assets.records.personas import Persona, PersonaBrief, Trait
from ri_assets.records.record import Record, TweetId, column, count, share
from ri_assets.records.tweet_personas import AssignedTweet


# fmt: off
class TweetPersona(Record, fields_of=AssignedTweet):
    """The persona of one tweet; persona, name, noise mark and distance are null without one."""

    tweet_id: TweetId
    persona_id: str | None
    name: Annotated[str | None, column("Name of the persona.", header="persona")]
    was_noise: bool | None
    distance: float | None


class PersonaTweet(Record, fields_of=AssignedTweet):
    """One tweet of a persona."""

    tweet_id: TweetId
    was_noise: bool
    distance: float
    text: Annotated[str | None, column(
        "Its text, cleaned; null if not asked for or withheld.", header="text")]


class Assignment(Record):
    """The persona of a tweet that the run never saw."""

    row: Annotated[int, column("Place among the tweets given, from 0.", ge=0, header="row")]
    tweet_id: Annotated[TweetId | None, column("As given; null for a text.", header="tweet")]
    persona_id: Annotated[str | None, column(
        "The persona; null where nothing fits, and then `reason` says why.", header="id",
        cell=lambda a: a.persona_id or "none")]
    name: Annotated[str | None, column("Name of the persona.", header="persona")]
    confidence: Annotated[float, share(
        "Probability that the persona is the one that the run would have given; lowered towards "
        "0 where the text is unlike the corpus", unit=None, header="confidence")]
    familiarity: Annotated[float, share(
        "Share of the corpus's own tweets that are no more like it than this text", unit=None,
        header="familiarity")]
    nearest_id: Annotated[str | None, column(
        "The nearest persona, fitting or not; null for a text without words.")]
    runner_up_id: Annotated[str | None, column(
        "The second nearest persona; null for a text without words.")]
    basis: Annotated[Literal["tweet", "text"], column(
        "`tweet` where its time was given, `text` where the text was all there was.",
        header="by")]
    reason: Annotated[str, column("In words, why this persona or none.", header="why")]


class Audience(Record):
    """Several personas together, each author counted once."""

    personas: Annotated[tuple[str, ...], column("Ids of the personas.")]
    tweet_count: Annotated[int, count("Their tweets.")]
    share: Annotated[float, share("Those as a share of all tweets with a persona")]
    author_count: Annotated[int | None, count(
        "Distinct authors; of several personas up to `min_authors` - 1 too high. Null if the "
        "corpus names none.")]
    author_share: Annotated[float | None, share("Those as a share of all distinct authors")]
    tweets_per_author: Annotated[float | None, column("Mean; null if no author is known.", ge=0)]
    reply_share: Annotated[float | None, share(
        "Tweets that got a reply; null if the corpus does not know")]
    reply_design_effect: Annotated[float | None, column(
        "Variance of that share, authors being drawn, over that of as many unrelated tweets.",
        ge=0)]
    first_tweet_at: Annotated[str | None, column(
        "Earliest tweet, ISO 8601 in UTC; null if no tweet has a time.")]
    last_tweet_at: Annotated[str | None, column(
        "Latest tweet, ISO 8601 in UTC; null if no tweet has a time.")]


class Overlap(Record, fields_of=Persona):
    """Two personas, and how many authors wrote in both."""

    persona_id: str
    name: str
    other_persona_id: Annotated[str, column("Id of the other persona.", header="other")]
    other_name: Annotated[str, column("Name of the other persona.", header="other persona")]
    author_count: Annotated[int, count("Distinct known authors of the persona.", ge=1)]
    other_author_count: Annotated[int, count("Distinct known authors of the other one.", ge=1)]
    shared_authors: Annotated[int, count(
        "Distinct known authors who wrote in both.", ge=1, header="authors in both")]
    author_share: Annotated[float, share(
        "Those as a share of the persona's authors", header="of its authors")]
    other_author_share: Annotated[float, share(
        "Those as a share of the other one's authors", header="of the other's")]
    expected_authors: Annotated[float, column(
        "Authors in both by chance: the mean if each persona had drawn its authors at random "
        "from all known ones (hypergeometric).", ge=0, unit="mean", header="by chance")]
    lift: Annotated[float, column(
        "Authors in both over those expected by chance; 1 is chance.", ge=0, header="lift")]


class Similar(Record, fields_of=Persona):
    """A persona, and how similar it is to another."""

    persona_id: str
    name: str
    tweet_count: int
    method: Annotated[str, column("language, style or size.")]
    similarity: Annotated[float, column(
        "1 is the same; the range depends on the method.", header="score")]
    why: Annotated[str, column(
        "Evidence in words: shared terms, the traits that differ most, or the two sizes.",
        header="why")]


class Match(Record, fields_of=Persona):
    """A persona that a text is near to."""

    persona_id: str
    name: str
    tweet_count: int
    score: Annotated[float, column("Centred cosine, -1 to 1.", header="score")]
    top_terms: tuple[str, ...]


class Coverage(Record, fields_of=Persona):
    """What part of the tweets a persona is."""

    persona_id: str
    name: str
    tweet_count: int
    share: float
    cumulative_share: Annotated[float, column(
        "Share of this persona and all larger ones, 0 to 1.", ge=0, unit="share",
        header="so far")]
    noise_count: Annotated[int, count(
        "Members that were noise before assignment.", header="of them noise")]


class TraitPair(Record, fields_of=Trait):
    """One trait of two personas, and of the whole corpus."""

    trait: str
    family: str
    unit: str
    a: Annotated[float | None, column("Mean of persona a.", header="a")]
    b: Annotated[float | None, column("Mean of persona b.", header="b")]
    corpus: Annotated[float | None, column("Mean of all tweets.", header="all tweets")]


class Comparison(Record):
    """Two personas side by side."""

    main_table: ClassVar[str] = "traits"

    a: Annotated[PersonaBrief, column("The first persona.")]
    b: Annotated[PersonaBrief, column("The second persona.")]
    language: Annotated[float, column("Similarity by language, -1 to 1.")]
    style: Annotated[float, column("Similarity by style, 0 to 1.")]
    size: Annotated[float, column("Similarity by size, 0 to 1.")]
    shared_terms: Annotated[tuple[str, ...], column("Top terms of both.")]
    only_a: Annotated[tuple[str, ...], column("Top terms of a alone.")]
    only_b: Annotated[tuple[str, ...], column("Top terms of b alone.")]
    traits: Annotated[tuple[TraitPair, ...], column("Every trait of the two.")]
# fmt: on
