"""The table of the 36 behavioural features: 8 temporal, 12 interaction, 10 style, 6 network.

Belongs here: what each feature is called, means and ranges over. The page
`docs/behavioral_features.md` is made from it. Does not belong here: its
computation (`ri_assets.pipeline.behavior`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One behavioural feature.

    Parameters
    ----------
    name, group, definition, unit
        What it is called, which of the four groups it belongs to, and what it measures.
    low, high
        Inclusive range of its values.
    needs
        Columns without which it is lacking (NaN for every tweet).
    """

    name: str
    group: str
    definition: str
    unit: str
    low: float
    high: float
    needs: tuple[str, ...]


_LOG = 25.0  # ln(1 + x) of any 64-bit count that a network can show stays far below
_TIME = ("created_at",)
FEATURES: tuple[Feature, ...] = (
    Feature("hour_sin", "temporal", "Sine of the local time of day.", "1", -1, 1, _TIME),
    Feature("hour_cos", "temporal", "Cosine of the local time of day.", "1", -1, 1, _TIME),
    Feature("weekday_sin", "temporal", "Sine of the local day of the week.", "1", -1, 1, _TIME),
    Feature("weekday_cos", "temporal", "Cosine of the local day of the week.", "1", -1, 1, _TIME),
    Feature("is_weekend", "temporal", "Written on a local Saturday or Sunday.", "0/1", 0, 1, _TIME),
    Feature("is_working_hours", "temporal", "Monday to Friday, working hours.", "0/1", 0, 1, _TIME),
    Feature("is_night", "temporal", "Written in the local night hours.", "0/1", 0, 1, _TIME),
    Feature(
        "corpus_burst_log",
        "temporal",
        "Other tweets of the corpus within the same clock hour.",
        "ln(1+n)",
        0,
        _LOG,
        _TIME,
    ),
    Feature(
        "is_addressed",
        "interaction",
        "Begins with a handle: spoken to someone, not to everyone.",
        "0/1",
        0,
        1,
        (),
    ),
    Feature("mentions_log", "interaction", "Handles in the text.", "ln(1+n)", 0, _LOG, ()),
    Feature("hashtags_log", "interaction", "Hashtags in the text.", "ln(1+n)", 0, _LOG, ()),
    Feature("links_log", "interaction", "Links in the text.", "ln(1+n)", 0, _LOG, ()),
    Feature(
        "replies_log",
        "interaction",
        "Replies that the network counted.",
        "ln(1+n)",
        0,
        _LOG,
        ("reply_count",),
    ),
    Feature(
        "retweets_log",
        "interaction",
        "Retweets that the network counted.",
        "ln(1+n)",
        0,
        _LOG,
        ("retweet_count",),
    ),
    Feature(
        "likes_log",
        "interaction",
        "Likes that the network counted.",
        "ln(1+n)",
        0,
        _LOG,
        ("like_count",),
    ),
    Feature(
        "quotes_log",
        "interaction",
        "Quotes that the network counted.",
        "ln(1+n)",
        0,
        _LOG,
        ("quote_count",),
    ),
    Feature(
        "thread_replies_log",
        "interaction",
        "Collected replies in the tweet's whole thread.",
        "ln(1+n)",
        0,
        _LOG,
        ("replies",),
    ),
    Feature(
        "thread_authors_log",
        "interaction",
        "Distinct authors other than the tweet's in its thread.",
        "ln(1+n)",
        0,
        _LOG,
        ("replies", "author_id"),
    ),
    Feature(
        "own_reply_share",
        "interaction",
        "Share of the thread's replies that the tweet's own author wrote.",
        "share",
        0,
        1,
        ("replies", "author_id"),
    ),
    Feature(
        "first_reply_hours_log",
        "interaction",
        "Hours until the first collected reply; NaN without one.",
        "ln(1+h)",
        0,
        _LOG,
        ("replies", "created_at"),
    ),
    Feature("chars_log", "style", "Characters without handles and links.", "ln(1+n)", 0, _LOG, ()),
    Feature("words_log", "style", "Words without handles and links.", "ln(1+n)", 0, _LOG, ()),
    Feature("word_chars", "style", "Mean length of a word, at most 20.", "characters", 0, 20, ()),
    Feature("upper_share", "style", "Upper-case letters among letters.", "share", 0, 1, ()),
    Feature("punctuation_share", "style", "Punctuation among characters.", "share", 0, 1, ()),
    Feature("exclamations_log", "style", "Exclamation marks.", "ln(1+n)", 0, _LOG, ()),
    Feature("questions_log", "style", "Question marks.", "ln(1+n)", 0, _LOG, ()),
    Feature("emoji_log", "style", "Emoji.", "ln(1+n)", 0, _LOG, ()),
    Feature("digit_share", "style", "Digits among characters.", "share", 0, 1, ()),
    Feature(
        "elongated_share",
        "style",
        "Words with a letter three or more times in a row (sooo).",
        "share",
        0,
        1,
        (),
    ),
    Feature(
        "followers_log",
        "network",
        "Accounts that follow the author.",
        "ln(1+n)",
        0,
        _LOG,
        ("author_followers",),
    ),
    Feature(
        "following_log",
        "network",
        "Accounts that the author follows.",
        "ln(1+n)",
        0,
        _LOG,
        ("author_following",),
    ),
    Feature(
        "statuses_log",
        "network",
        "Posts that the author ever wrote.",
        "ln(1+n)",
        0,
        _LOG,
        ("author_statuses",),
    ),
    Feature(
        "account_years_log",
        "network",
        "Age of the author's account when the tweet was written.",
        "ln(1+years)",
        0,
        _LOG,
        ("author_created_at", "created_at"),
    ),
    Feature(
        "is_verified",
        "network",
        "The author's account is verified.",
        "0/1",
        0,
        1,
        ("author_verified",),
    ),
    Feature(
        "author_tweets_log",
        "network",
        "The author's other tweets in the corpus.",
        "ln(1+n)",
        0,
        _LOG,
        ("author_id",),
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)
