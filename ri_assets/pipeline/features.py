"""The table of the 36 behavioural features: 8 temporal, 12 interaction, 10 style, 6 network.

`docs/behavioral_features.md` is made from it, and `behavior` computes the features.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One behavioural feature.

    Parameters
    ----------
    name, group, definition, unit
        Its name, which of the four groups it belongs to, and what it measures.
    low, high
        Inclusive range of its values.
    needs
        Columns that it is computed from; without them it is NaN for every tweet.
    """

    name: str
    group: str
    definition: str
    unit: str
    low: float
    high: float
    needs: tuple[str, ...]


_RANGES = {"1": (-1, 1), "0/1": (0, 1), "share": (0, 1), "characters": (0, 20)}
_LOG_RANGE = (0, 25.0)  # ln(1 + x) of any 64-bit count on a network is far below


def _group(group: str, *rows: tuple[str, ...]) -> tuple[Feature, ...]:
    """Make features of rows: name, definition, unit, and the columns it needs."""
    features = []
    for name, definition, unit, *needs in rows:
        low, high = _RANGES.get(unit, _LOG_RANGE)
        features.append(Feature(name, group, definition, unit, low, high, tuple(needs)))
    return tuple(features)


FEATURES: tuple[Feature, ...] = (
    *_group(
        "temporal",
        ("hour_sin", "Sine of the local time of day.", "1", "created_at"),
        ("hour_cos", "Cosine of the local time of day.", "1", "created_at"),
        ("weekday_sin", "Sine of the local day of the week.", "1", "created_at"),
        ("weekday_cos", "Cosine of the local day of the week.", "1", "created_at"),
        ("is_weekend", "Written on a local Saturday or Sunday.", "0/1", "created_at"),
        ("is_working_hours", "Monday to Friday, working hours.", "0/1", "created_at"),
        ("is_night", "Written in the local night hours.", "0/1", "created_at"),
        (
            "corpus_burst_log",
            "Other tweets of the corpus within the same clock hour.",
            "ln(1+n)",
            "created_at",
        ),
    ),
    *_group(
        "interaction",
        ("is_addressed", "Begins with a handle: spoken to someone, not to everyone.", "0/1"),
        ("mentions_log", "Handles in the text.", "ln(1+n)"),
        ("hashtags_log", "Hashtags in the text.", "ln(1+n)"),
        ("links_log", "Links in the text.", "ln(1+n)"),
        ("replies_log", "Replies that the network counted.", "ln(1+n)", "reply_count"),
        ("retweets_log", "Retweets that the network counted.", "ln(1+n)", "retweet_count"),
        ("likes_log", "Likes that the network counted.", "ln(1+n)", "like_count"),
        ("quotes_log", "Quotes that the network counted.", "ln(1+n)", "quote_count"),
        (
            "thread_replies_log",
            "Collected replies in the tweet's whole thread.",
            "ln(1+n)",
            "replies",
        ),
        (
            "thread_authors_log",
            "Distinct authors other than the tweet's in its thread.",
            "ln(1+n)",
            "replies",
            "author_id",
        ),
        (
            "own_reply_share",
            "Share of the thread's replies that the tweet's own author wrote.",
            "share",
            "replies",
            "author_id",
        ),
        (
            "first_reply_hours_log",
            "Hours until the first collected reply; NaN without one.",
            "ln(1+h)",
            "replies",
            "created_at",
        ),
    ),
    *_group(
        "style",
        ("chars_log", "Characters without handles and links.", "ln(1+n)"),
        ("words_log", "Words without handles and links.", "ln(1+n)"),
        ("word_chars", "Mean length of a word, at most 20.", "characters"),
        ("upper_share", "Upper-case letters among letters.", "share"),
        ("punctuation_share", "Punctuation among characters.", "share"),
        ("exclamations_log", "Exclamation marks.", "ln(1+n)"),
        ("questions_log", "Question marks.", "ln(1+n)"),
        ("emoji_log", "Emoji.", "ln(1+n)"),
        ("digit_share", "Digits among characters.", "share"),
        ("elongated_share", "Words with a letter three or more times in a row (sooo).", "share"),
    ),
    *_group(
        "network",
        ("followers_log", "Accounts that follow the author.", "ln(1+n)", "author_followers"),
        ("following_log", "Accounts that the author follows.", "ln(1+n)", "author_following"),
        ("statuses_log", "Posts that the author ever wrote.", "ln(1+n)", "author_statuses"),
        (
            "account_years_log",
            "Age of the author's account when the tweet was written.",
            "ln(1+years)",
            "author_created_at",
            "created_at",
        ),
        ("is_verified", "The author's account is verified.", "0/1", "author_verified"),
        ("author_tweets_log", "The author's other tweets in the corpus.", "ln(1+n)", "author_id"),
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)
