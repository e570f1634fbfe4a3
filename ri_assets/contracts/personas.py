"""Columns of `personas_enriched`: one row a persona, and the tables of its evidence."""

from __future__ import annotations

import pyarrow as pa

from ri_assets.contracts.figures import FIGURES
from ri_assets.contracts.table import NEEDED, AssetContract, Column, SameAs, Table

TEXT_DIMENSIONS = 384
TIERS = ("dominant", "significant", "niche")
VERDICTS = ("stable", "doubtful", "not to be trusted")
NAME_SOURCES = ("catalogue", "terms", "model", "kept", "person")
TRENDS = ("emerging", "fading", "no clear change", "unknown")

_TEXTS = pa.list_(pa.string())
_ID = Column("persona_id", pa.string(), "Id of the persona; lasts across runs.", is_own=True)
_RANK = Column("rank", pa.int64(), "Place within the persona, best first.", minimum=1)
_LIFT = (
    Column(
        "lift", pa.float64(), "Persona's figure over the corpus's; 1 is like everyone.", True, 0
    ),
    Column("lift_low", pa.float64(), "Lower end of the lift's 95 % interval.", True, 0),
    Column("lift_high", pa.float64(), "Upper end of the lift's 95 % interval.", True, 0),
)


def _share(
    name: str, description: str, nullable: bool = False, *, older: object = NEEDED
) -> Column:
    return Column(name, pa.float64(), f"{description}, 0 to 1.", nullable, 0, 1, older=older)


def _mean(name: str, description: str) -> Column:
    return Column(name, pa.float64(), f"{description}, mean of a tweet.", True, 0)


PERSONAS = Table(
    "personas_enriched",
    "one persona",
    (
        _ID,
        Column("cluster", pa.int64(), "Number of the persona's cluster in this run.", minimum=0),
        Column("name", pa.string(), "Name, unique within a run."),
        Column("focus", pa.string(), "What the persona is about, with its own terms."),
        Column("key_insight", pa.string(), "What to take from it; every sentence has its figure."),
        Column("tier", pa.int64(), "1 dominant, 2 significant, 3 niche, by share.", False, 1, 3),
        Column("tier_label", pa.string(), "The tier in a word.", allowed=TIERS),
        Column("tweet_count", pa.int64(), "Members, assigned noise included.", minimum=1),
        _share("share", "Members as a share of all tweets kept"),
        _share("share_low", "Lower end of the share's 95 % interval (Wilson)", older=None),
        _share("share_high", "Upper end of the share's 95 % interval (Wilson)", older=None),
        _share("author_share", "Distinct authors of members as a share of all distinct authors; "
               "one author may count in several personas", True),
        Column("core_count", pa.int64(), "Members that were not noise.", minimum=0),
        Column("author_count", pa.int64(), "Distinct authors; missing if unknown.", True, 1),
        Column("is_author_known", pa.bool_(), "Whether the corpus names any author; if not, "
               "every tweet counts as its own author."),
        Column("is_evidence_withheld", pa.bool_(), "Whether samples are withheld, because too few "
               "distinct authors wrote readable tweets."),
        _share("jaccard", "Members that stay together when the pipeline is rerun", True),
        Column("verdict", pa.string(), "What that says of the persona.", True, allowed=VERDICTS),
        Column("automatic_name", pa.string(), "Name by this system alone, before a person's.",
               older=SameAs("name")),
        Column("automatic_focus", pa.string(), "Focus by this system alone.",
               older=SameAs("focus")),
        Column("name_source", pa.string(), "Who found the name.", allowed=NAME_SOURCES,
               older=None),
        Column("is_catalogue_name", pa.bool_(), "Whether this run's evidence gives the name, "
               "by an entry of the catalogue."),
        Column("name_evidence", _TEXTS, "Sentences with the figures that the name rests on."),
        Column("name_cosine", pa.float64(), "Centred cosine of the members' mean text to the "
               "entry.", True, -1, 1),
        Column("top_terms", _TEXTS, "Terms that set the persona apart, best first."),
        Column("top_emoji", _TEXTS, "Emoji that set the persona apart, best first."),
        _mean("avg_word_count", "Words"),
        _mean("avg_char_count", "Characters without handles and links"),
        _share("punctuation_share", "Characters that are marks or symbols", True),
        _share("exclamation_share", "Tweets with an exclamation mark", True),
        _share("question_share", "Tweets with a question mark", True),
        _share("uppercase_share", "Letters that are capitals", True),
        _share("emoji_share", "Tweets with an emoji", True),
        _share("code_mix_share", "Tweets that mix Hindi and English", True),
        _share("complaint_share", "Tweets that use a word of complaint", older=None),
        Column("complaint_lift", pa.float64(), "That share over the corpus's.", True, 0),
        Column("complaint_lift_low", pa.float64(), "Lower end of the lift's 95 % interval.",
               True, 0),
        Column("complaint_lift_high", pa.float64(), "Upper end of the lift's 95 % interval.",
               True, 0),
        Column("is_pain_point", pa.bool_(), "Whether that interval lies above 1: members complain "
               "more than the corpus.", older=None),
        Column("complaint_words", _TEXTS, "Words of complaint that members use, most frequent "
               "first.", older=()),
        Column("trend", pa.string(), "Whether the persona's part of the conversation changed: "
               "clear only where the growth's interval excludes 1.", allowed=TRENDS,
               older="unknown"),
        Column("trend_basis", pa.string(), "Figures behind the trend, or why it is unknown.",
               older="not measured when this snapshot was published"),
        Column("growth_ratio", pa.float64(), "Tweets in the second half of the time range over "
               "those in the first, over the same of all other tweets.", True, 0),
        Column("growth_low", pa.float64(), "Lower end of the ratio's 95 % interval, joint for all "
               "personas.", True, 0),
        Column("growth_high", pa.float64(), "Upper end of the ratio's 95 % interval, joint for "
               "all personas.", True, 0),
        _mean("avg_mention_count", "Handles mentioned"),
        _share("link_share", "Tweets with a link", True),
        _share("reply_share", "Tweets that got a reply", True),
        _mean("avg_like_count", "Likes"),
        _mean("avg_retweet_count", "Retweets"),
        Column("timezone", pa.string(), "IANA zone of hours and weekdays.", is_own=True),
        Column("hourly_share", pa.list_(pa.float64()), "Share of tweets in each local hour, 24 "
               "values that sum to 1.", True),
        Column("peak_hour_local", pa.int64(), "Hour of highest lift, if chance does not explain "
               "it.", True, 0, 23),
        Column("busiest_hour_local", pa.int64(), "Hour with most tweets.", True, 0, 23),
        Column("peak_weekday_local", pa.int64(), "Weekday of highest lift, 0 is Monday, if chance "
               "does not explain it.", True, 0, 6),
        Column("busiest_weekday_local", pa.int64(), "Weekday with most tweets, 0 is Monday.",
               True, 0, 6),
        Column("do_hints", _TEXTS, "Advice for copy, each with its figure."),
        Column("dont_hints", _TEXTS, "What copy should avoid, each with its figure."),
        Column("text_centroid", pa.list_(pa.float32(), TEXT_DIMENSIONS), "Mean of the members' "
               "text vectors, not scaled to length 1."),
    ),
    ("persona_id",),
)  # fmt: skip

SAMPLES = Table(
    "samples",
    "one tweet shown as evidence",
    (
        _ID,
        _RANK,
        Column("tweet_id", pa.int64(), "Id of the tweet.", minimum=0),
        Column("text", pa.string(), "Text with placeholders for what is private."),
        Column(
            "distance", pa.float64(), "Euclidean distance to the centroid in umap_50d.", minimum=0
        ),
        Column("was_noise", pa.bool_(), "Whether the tweet was noise before assignment."),
    ),
    ("persona_id", "rank"),
)


def _terms(name: str, term: str) -> Table:
    return Table(
        name,
        f"one {term} of one persona",
        (
            _ID,
            _RANK,
            Column("term", pa.string(), f"The {term}, in the form that most tweets use."),
            Column("weight", pa.float64(), "Class-based TF-IDF less that of the rest.", minimum=0),
            _share("share", "Members that use it"),
            _share("corpus_share", "All tweets that use it"),
            Column("lift", pa.float64(), "Members' share over the corpus's.", minimum=0),
            Column("tweet_count", pa.int64(), "Members that use it.", minimum=1),
            Column("author_count", pa.int64(), "Distinct authors among them.", minimum=1),
        ),
        ("persona_id", "rank"),
    )


TERMS = _terms("terms", "term")
EMOJI = _terms("emoji", "emoji")

RHYTHM = Table(
    "rhythm",
    "one hour of the day or day of the week of one persona",
    (
        _ID,
        Column("cycle", pa.string(), "What the slot is of.", allowed=("hour", "weekday")),
        Column("slot", pa.int64(), "Local hour, or weekday from Monday as 0.", False, 0, 23),
        Column("tweet_count", pa.int64(), "Members in the slot.", minimum=0),
        _share("share", "Members in the slot"),
        _share("corpus_share", "All tweets in the slot"),
        *_LIFT,
    ),
    ("persona_id", "cycle", "slot"),
)

TRAITS = Table(
    "traits",
    "one trait of one persona",
    (
        _ID,
        Column("trait", pa.string(), "Measure of a tweet.", is_own=True),
        Column(
            "family", pa.string(), "What it is about.", allowed=("style", "interaction", "subject")
        ),
        Column("unit", pa.string(), "Unit of the two means.", is_own=True),
        Column("value", pa.float64(), "Mean of the members.", True, 0),
        Column("corpus_value", pa.float64(), "Mean of all tweets.", True, 0),
        *_LIFT,
    ),
    ("persona_id", "trait"),
)

EVENTS = ("born", "kept", "split", "merged", "retired")

PERSONA_LINEAGE = Table(
    "persona_lineage",
    "one event of one persona in one published run",
    (
        Column("sequence", pa.int64(), "Number of the run among those published, from 1.",
               minimum=1),
        Column("persona_id", pa.string(), "The persona that the event is about: of split the one "
               "that was split, of merged the one that was taken up.", is_own=True),
        Column("event", pa.string(), "What happened to it.", allowed=EVENTS),
        Column("other_persona_id", pa.string(), "Of split the part; of merged the persona that "
               "took it up; of born the earlier persona and of retired the new one that shares "
               "most tweets with it.", True, is_own=True),
        Column("basis", pa.string(), "What kept the id: shared members, or the centroid.", True,
               allowed=("members", "centroid")),
        Column("previous_snapshot", pa.string(), "Snapshot that the run was compared with.", True,
               is_own=True),
        Column("shared_tweets", pa.int64(), "Tweets that the persona before and the one after "
               "share.", True, 0),
        _share("jaccard", "Shared over united tweets, of those in both runs", True),
        Column("centroid_cosine", pa.float64(), "Centred cosine of their mean texts.", True,
               -1.000001, 1.000001),
        Column("tweets_before", pa.int64(), "Tweets of the persona before.", True, 1),
        Column("tweets_after", pa.int64(), "Tweets of the persona after.", True, 1),
        Column("name_before", pa.string(), "Its name before.", True),
        Column("name", pa.string(), "Name of the persona after.", True),
        Column("evidence_name", pa.string(), "Name that this run's evidence alone would give to "
               "the persona after; of born and kept.", True),
        Column("sentence", pa.string(), "The event in words, with its numbers."),
    ),
    ("sequence", "persona_id", "event", "other_persona_id"),
)  # fmt: skip

PERSONAS_ENRICHED = AssetContract(
    PERSONAS, (SAMPLES, TERMS, EMOJI, RHYTHM, TRAITS, PERSONA_LINEAGE, FIGURES)
)
