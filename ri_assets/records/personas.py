"""Personas and their evidence: the tables of `personas_enriched`, as stored and as answered."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

import pyarrow as pa

from ri_assets.records.display import slot_name, stability
from ri_assets.records.quality import FIGURES
from ri_assets.records.record import (
    Column,
    Record,
    SameAs,
    TweetId,
    column,
    count,
    share,
    stored_only,
    vector,
)
from ri_assets.records.table import AssetContract, Table

TEXT_DIMENSIONS = 384

Tier = Literal["dominant", "significant", "niche"]
TIERS: tuple[Tier, ...] = get_args(Tier)
StabilityClass = Literal["stable", "doubtful", "not to be trusted"]
NameSource = Literal["catalogue", "terms", "model", "kept", "person"]
Trend = Literal["emerging", "fading", "no clear change", "unknown"]
Event = Literal[
    "born", "kept", "split", "merged", "retired", "restored", "hidden", "shown", "unapplied"
]
EVENTS: tuple[Event, ...] = get_args(Event)
Texts = tuple[str, ...]


def _mean(description: str, **marks: Any) -> Any:
    return column(f"{description}, mean of a tweet.", ge=0, unit="mean", **marks)


# fmt: off
class LanguageShare(Record):
    """A language, and how many texts are in it."""

    language: Annotated[str, column("Name of the language, or `undetermined`.", is_own=True)]
    share: Annotated[float, share("Texts in it, of those with four letters or more")]


class Persona(Record):
    """A persona, with everything known of it."""

    persona_id: Annotated[str, column(
        "Id of the persona; lasts across runs.", is_own=True, header="id")]
    cluster: Annotated[int, column("Number of the persona's cluster in this run.", ge=0)]
    name: Annotated[str, column("Name, unique within a run.", header="persona")]
    focus: Annotated[str, column("What the persona is about, with its own terms.")]
    key_insight: Annotated[str, column(
        "What to take from it; every sentence has its figure.")]
    tier: Annotated[int, column("1 dominant, 2 significant, 3 niche, by share.", ge=1, le=3)]
    tier_label: Annotated[Tier, column("The tier in a word.")]
    tweet_count: Annotated[int, count(
        "Members, assigned noise included.", ge=1, header="tweets")]
    share: Annotated[float, share("Members as a share of all tweets kept", header="share")]
    share_low: Annotated[float | None, share(
        "Lower end of the share's 95% interval (Wilson)", older=None)]
    share_high: Annotated[float | None, share(
        "Upper end of the share's 95% interval (Wilson)", older=None)]
    author_share: Annotated[float | None, share(
        "Distinct authors of members as a share of all distinct authors; one author may count in "
        "several personas")]
    core_count: Annotated[int, count("Members that were not noise.")]
    author_count: Annotated[int | None, count("Distinct authors; missing if unknown.", ge=1)]
    is_author_known: Annotated[bool, column(
        "Whether the corpus names any author; if not, every tweet counts as its own author.")]
    is_evidence_withheld: Annotated[bool, column(
        "Whether samples are withheld, because too few distinct authors wrote readable tweets.")]
    jaccard: Annotated[float | None, share(
        "Members that stay together when the pipeline is rerun", unit=None,
        header="stability", cell=lambda p: stability(p.jaccard, p.stability))]
    stability: Annotated[StabilityClass | None, column(
        "What that says of the persona.", was="verdict")]
    nearest_persona_id: Annotated[str | None, column(
        "The persona most like it by language.", is_own=True)]
    told_apart: Annotated[float | None, share(
        "Balanced accuracy with which words tell held-out members from those of that persona; "
        "0.5 is chance", unit=None)]
    is_distinct: Annotated[bool | None, column(
        "Whether that reaches `gates.distinct_min`; if not, the two are halves of one.")]
    automatic_name: Annotated[str, column(
        "Name by this system alone, before a person's.", older=SameAs("name"))]
    automatic_focus: Annotated[str, column(
        "Focus by this system alone.", older=SameAs("focus"))]
    name_source: Annotated[NameSource | None, column("Who found the name.", older=None)]
    is_catalogue_name: Annotated[bool, column(
        "Whether this run's evidence gives the name, by an entry of the catalogue.")]
    name_evidence: Annotated[Texts, column(
        "Sentences with the figures that the name rests on.")]
    name_cosine: Annotated[float | None, column(
        "Centred cosine of the members' mean text to the entry.", ge=-1, le=1)]
    top_terms: Annotated[Texts, column(
        "Terms that set the persona apart, best first.", header="top terms")]
    top_emoji: Annotated[Texts, column("Emoji that set the persona apart, best first.")]
    avg_word_count: Annotated[float | None, _mean("Words", header="words")]
    avg_char_count: Annotated[float | None, _mean("Characters without handles and links")]
    punctuation_share: Annotated[float | None, share("Characters that are marks or symbols")]
    exclamation_share: Annotated[float | None, share("Tweets with an exclamation mark")]
    question_share: Annotated[float | None, share("Tweets with a question mark")]
    uppercase_share: Annotated[float | None, share("Letters that are capitals")]
    emoji_share: Annotated[float | None, share("Tweets with an emoji")]
    code_mix_share: Annotated[float | None, share("Tweets that mix Hindi and English")]
    languages: Annotated[tuple[LanguageShare, ...], column(
        "Languages of the members' tweets, most frequent first.", older=())]
    complaint_share: Annotated[float | None, share(
        "Tweets that use a word of complaint", older=None)]
    complaint_lift: Annotated[float | None, column("That share over the corpus's.", ge=0)]
    complaint_lift_low: Annotated[float | None, column(
        "Lower end of the lift's 95% interval.", ge=0)]
    complaint_lift_high: Annotated[float | None, column(
        "Upper end of the lift's 95% interval.", ge=0)]
    is_pain_point: Annotated[bool | None, column(
        "Whether that interval lies above 1: members complain more than the corpus.", older=None)]
    complaint_words: Annotated[Texts, column(
        "Words of complaint that members use, most frequent first.", older=())]
    trend: Annotated[Trend, column(
        "Whether the persona's part of the conversation changed: clear only where the growth's "
        "interval excludes 1.", older="unknown")]
    trend_basis: Annotated[str, column(
        "Figures behind the trend, or why it is unknown.",
        older="not measured when this snapshot was published")]
    growth_ratio: Annotated[float | None, column(
        "Tweets in the second half of the time range over those in the first, over the same of "
        "all other tweets.", ge=0)]
    growth_low: Annotated[float | None, column(
        "Lower end of the ratio's 95% interval, joint for all personas.", ge=0)]
    growth_high: Annotated[float | None, column(
        "Upper end of the ratio's 95% interval, joint for all personas.", ge=0)]
    avg_mention_count: Annotated[float | None, _mean("Handles mentioned")]
    link_share: Annotated[float | None, share("Tweets with a link")]
    reply_share: Annotated[float | None, share("Tweets that got a reply")]
    avg_like_count: Annotated[float | None, _mean("Likes")]
    avg_retweet_count: Annotated[float | None, _mean("Retweets")]
    timezone: Annotated[str, column("IANA zone of hours and weekdays.", is_own=True)]
    hourly_share: Annotated[tuple[float, ...] | None, column(
        "Share of tweets in each local hour, 24 values that sum to 1.", unit="share")]
    peak_hour_local: Annotated[int | None, column(
        "Hour of highest lift, if chance does not explain it.", ge=0, le=23, unit="hour",
        header="peak")]
    busiest_hour_local: Annotated[int | None, column(
        "Hour with most tweets.", ge=0, le=23, unit="hour")]
    peak_weekday_local: Annotated[int | None, column(
        "Weekday of highest lift, 0 is Monday, if chance does not explain it.", ge=0, le=6)]
    busiest_weekday_local: Annotated[int | None, column(
        "Weekday with most tweets, 0 is Monday.", ge=0, le=6)]
    do_hints: Annotated[Texts, column("Advice for copy, each with its figure.")]
    dont_hints: Annotated[Texts, column("What copy should avoid, each with its figure.")]
    corrections: Annotated[Texts, column(
        "Merges by people that hold for it, each with who, when and why.", older=())]
    hidden_note: Annotated[str | None, column(
        "Who hid the persona, when and why; missing if it is shown.")]
    text_centroid: ClassVar[Column] = vector(
        TEXT_DIMENSIONS, "Mean of the members' text vectors, not scaled to length 1.")
# fmt: on


class PersonaBrief(Record, fields_of=Persona):
    """A persona in one line, as applications list it."""

    persona_id: str
    name: str
    focus: str
    key_insight: str
    tier: int
    tier_label: Tier
    tweet_count: int
    share: float
    author_count: int | None
    jaccard: float | None
    stability: StabilityClass | None
    top_terms: Texts
    peak_hour_local: int | None
    busiest_hour_local: int | None
    avg_word_count: float | None


# fmt: off
def _persona_id() -> Column:
    found: Column = stored_only(
        pa.string(), "Id of the persona; lasts across runs.", is_own=True)
    return found


class Sample(Record):
    """One tweet shown as evidence, cleaned."""

    persona_id: ClassVar[Column] = _persona_id()
    rank: Annotated[int, column("Place within the persona, best first.", ge=1, header="rank")]
    tweet_id: Annotated[TweetId, column("Id of the tweet.", ge=0, header="tweet")]
    text: Annotated[str, column(
        "Text with placeholders for what is private.", header="text")]
    distance: Annotated[float, column(
        "Euclidean distance to the centroid in umap_50d.", ge=0)]
    was_noise: Annotated[bool, column(
        "Whether the tweet was noise before assignment.", header="was noise")]


class Term(Record):
    """A term or an emoji that sets a persona apart."""

    persona_id: ClassVar[Column] = _persona_id()
    rank: Annotated[int, column("Place within the persona, best first.", ge=1, header="rank")]
    term: Annotated[str, column(
        "The term or emoji, in the form that most tweets use.", header="term")]
    weight: Annotated[float, column(
        "Class-based TF-IDF less that of the rest.", ge=0, header="weight")]
    share: Annotated[float, share("Members that use it", header="share")]
    corpus_share: Annotated[float, share("All tweets that use it", header="of all tweets")]
    lift: Annotated[float, column("Members' share over the corpus's.", ge=0, header="lift")]
    tweet_count: Annotated[int, count(
        "Members that use it; of over 50,000 tweets, those in a random sample of 50,000.",
        ge=1, header="tweets")]
    author_count: Annotated[int, count("Distinct authors among them.", ge=1, header="authors")]


class RhythmSlot(Record):
    """An hour of the day or a day of the week of a persona."""

    persona_id: ClassVar[Column] = _persona_id()
    cycle: Annotated[Literal["hour", "weekday"], column("What the slot is of.", header="cycle")]
    slot: Annotated[int, column(
        "Local hour, or weekday from Monday as 0.", ge=0, le=23, header="slot",
        cell=lambda s: slot_name(s.cycle, s.slot))]
    tweet_count: Annotated[int, count("Members in the slot.", header="tweets")]
    share: Annotated[float, share("Members in the slot", header="share")]
    corpus_share: Annotated[float, share("All tweets in the slot", header="of all tweets")]
    lift: Annotated[float | None, column(
        "Persona's figure over the corpus's; 1 is like everyone.", ge=0, header="lift")]
    lift_low: Annotated[float | None, column(
        "Lower end of the lift's 95% interval.", ge=0, header="from")]
    lift_high: Annotated[float | None, column(
        "Upper end of the lift's 95% interval.", ge=0, header="to")]


class Trait(Record):
    """One trait of one persona."""

    persona_id: ClassVar[Column] = _persona_id()
    trait: Annotated[str, column("Measure of a tweet.", is_own=True, header="trait")]
    family: Annotated[Literal["style", "interaction", "subject"], column("What it is about.")]
    unit: Annotated[str, column("Unit of the two means.", is_own=True, header="unit")]
    value: Annotated[float | None, column("Mean of the members.", ge=0)]
    corpus_value: Annotated[float | None, column("Mean of all tweets.", ge=0)]
    lift: Annotated[float | None, column(
        "Persona's figure over the corpus's; 1 is like everyone.", ge=0)]
    lift_low: Annotated[float | None, column("Lower end of the lift's 95% interval.", ge=0)]
    lift_high: Annotated[float | None, column("Upper end of the lift's 95% interval.", ge=0)]


class Part(Record):
    """One cluster of the run, and the persona that it is part of."""

    cluster: Annotated[int, column("The cluster.", ge=0)]
    part_id: ClassVar[Column] = stored_only(
        pa.string(), "Id that the cluster has if people merge nothing; lasts across runs.",
        is_own=True)
    persona_id: ClassVar[Column] = stored_only(
        pa.string(), "Persona that it is part of; another one only if people merged the two.",
        is_own=True)
    tweet_count: Annotated[int, count("Tweets in it, assigned noise included.", ge=1)]
    automatic_name: Annotated[str, column(
        "Name that it had, or would have, as a persona of its own.")]
    text_centroid: ClassVar[Column] = vector(
        TEXT_DIMENSIONS, "Mean of the members' text vectors, not scaled to length 1.")


class LineageEvent(Record):
    """What happened to a persona in one published run."""

    sequence: Annotated[int, column(
        "Number of the run among those published, from 1.", ge=1, header="run")]
    persona_id: Annotated[str, column(
        "The persona that the event is about: of split the one that was split, of merged the one "
        "that was taken up.", is_own=True, header="id")]
    event: Annotated[Event, column("What happened to it.", header="event")]
    other_persona_id: Annotated[str | None, column(
        "Of split the part; of merged the persona that took it up; of born the earlier persona "
        "and of retired the new one that shares most tweets with it, or that a person merged it "
        "into; of unapplied the persona that it should be merged into.", is_own=True)]
    basis: Annotated[Literal["members", "centroid", "person"] | None, column(
        "What decided: shared members or the centroid, where an id was kept; a person, where the "
        "event is somebody's correction.")]
    previous_snapshot: Annotated[str | None, column(
        "Snapshot that the run was compared with.", is_own=True)]
    shared_tweets: Annotated[int | None, count(
        "Tweets that the persona before and the one after share.")]
    jaccard: Annotated[float | None, share(
        "Shared over united tweets, of those in both runs", unit=None)]
    centroid_cosine: Annotated[float | None, column(
        "Centred cosine of their mean texts.", ge=-1.000001, le=1.000001)]
    tweets_before: Annotated[int | None, count("Tweets of the persona before.", ge=1)]
    tweets_after: Annotated[int | None, count("Tweets of the persona after.", ge=1)]
    name_before: Annotated[str | None, column("Its name before.")]
    name: Annotated[str | None, column("Name of the persona after.")]
    evidence_name: ClassVar[Column] = stored_only(
        pa.string(), "Name that this run's evidence alone would give to the persona after; of "
        "born and kept.", nullable=True)
    sentence: Annotated[str, column(
        "The event in words, with its numbers.", header="what happened")]
# fmt: on


PERSONAS = Table("personas_enriched", "one persona", Persona, ("persona_id",))
SAMPLES = Table("samples", "one tweet shown as evidence", Sample, ("persona_id", "rank"))
TERMS = Table("terms", "one term of one persona", Term, ("persona_id", "rank"))
EMOJI = Table("emoji", "one emoji of one persona", Term, ("persona_id", "rank"))
RHYTHM = Table(
    "rhythm",
    "one hour of the day or day of the week of one persona",
    RhythmSlot,
    ("persona_id", "cycle", "slot"),
)
TRAITS = Table("traits", "one trait of one persona", Trait, ("persona_id", "trait"))
PARTS = Table("parts", "one cluster of the run", Part, ("cluster",))
PERSONA_LINEAGE = Table(
    "persona_lineage",
    "one event of one persona in one published run",
    LineageEvent,
    ("sequence", "persona_id", "event", "other_persona_id"),
)

PERSONAS_ENRICHED = AssetContract(
    PERSONAS, (SAMPLES, TERMS, EMOJI, RHYTHM, TRAITS, PARTS, PERSONA_LINEAGE, FIGURES)
)
