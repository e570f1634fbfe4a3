"""Leave out people who asked to be forgotten, before anything of them is kept.

Their posts and unreadable rows are removed and only counted. Mentions of them in posts of others
are replaced, and answers to them no longer name what they answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from ri_assets.pipeline.text import HANDLE
from ri_assets.sources.rows import Gathered
from ri_assets.store.forgotten import Forgotten

MENTION = "@forgotten_account"
"""What stands in a text instead of the handle of somebody who asked to be forgotten."""

_WORD = re.compile(r"\w+")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")


def without_forgotten(
    tweets: Gathered, replies: Gathered, listed: Forgotten
) -> tuple[Gathered, Gathered, int, int]:
    """Remove people on the list; give the number of rows that were removed of each table.

    `n_raw` of the results counts the rows that were removed too.
    """
    kept_tweets, n_tweets, tweet_ids = _without(tweets, listed)
    kept_replies, n_replies, reply_ids = _without(replies, listed)
    answers = kept_replies.frame
    column = answers["in_reply_to_tweet_id"]
    answers.loc[column.isin(tweet_ids | reply_ids), column.name] = pd.NA
    return kept_tweets, kept_replies, n_tweets, n_replies


def _without(gathered: Gathered, listed: Forgotten) -> tuple[Gathered, int, set[int]]:
    """Remove people from one table; give the number of rows removed, and ids of their posts."""
    posts, rejected = gathered.frame, gathered.rejected
    is_theirs = is_forgotten(posts, listed)
    names_them = rejected["raw"].map(lambda raw: names_someone(raw, listed)).astype(bool)
    if len(rejected):
        names_them |= rejected["tweet_id"].map(lambda one: _has_tweet(one, listed)).astype(bool)
    kept = _masked(posts[~is_theirs].reset_index(drop=True), listed)
    left = rejected[~names_them].reset_index(drop=True)
    n_gone = int(is_theirs.sum()) + int(names_them.sum())
    ids = {int(one) for one in posts.loc[is_theirs, "tweet_id"]}
    return replace(gathered, frame=kept, rejected=left), n_gone, ids


def is_forgotten(posts: pd.DataFrame, listed: Forgotten) -> pd.Series[bool]:
    """Tell which posts are by people on the list, or are on it themselves."""
    found = _looked_up(posts["author_id"], lambda value: listed.has_author(int(value)))
    found |= _looked_up(posts["author_handle"], listed.has_handle)
    if listed.tweets:
        found |= _looked_up(posts["tweet_id"], lambda value: listed.has_tweet(int(value)))
    return found


def _masked(posts: pd.DataFrame, listed: Forgotten) -> pd.DataFrame:
    """Replace mentions of people on the list."""
    if not listed.handles and not listed.tweets:
        return posts
    handles = {one for text in posts["text"] for one in HANDLE.findall(text)}
    theirs = {handle for handle in handles if listed.has_handle(handle)}

    def mask(match: re.Match[str]) -> str:
        return MENTION if match[0] in theirs else match[0]

    found = posts.copy()
    if theirs:
        found["text"] = [HANDLE.sub(mask, text) for text in posts["text"]]
    answered = _looked_up(posts["in_reply_to_handle"], listed.has_handle)
    found.loc[answered, "in_reply_to_handle"] = None
    if "in_reply_to_tweet_id" in posts and listed.tweets:
        column = posts["in_reply_to_tweet_id"]
        found.loc[_looked_up(column, lambda one: listed.has_tweet(int(one))), column.name] = pd.NA
    return found


def _looked_up(column: pd.Series[Any], is_listed: Callable[[Any], bool]) -> pd.Series[bool]:
    """Ask once for each distinct value; a missing one is not on the list."""
    known = {value for value in column.dropna().unique() if is_listed(value)}
    return column.isin(known)


def concerns(posts: pd.DataFrame, listed: Forgotten) -> pd.Series[bool]:
    """Tell which posts are by people on the list, mention them, or answer them."""
    masked = _masked(posts, listed)
    found = is_forgotten(posts, listed) | (masked["text"] != posts["text"])
    for name in ("in_reply_to_handle", "in_reply_to_tweet_id"):
        found |= masked[name].isna() != posts[name].isna()
    return found


def with_plain_words(raw: str) -> str:
    """Rejected row, and once more without the escapes of JSON, which would begin a word."""
    return f"{raw} {_ESCAPE.sub(' ', raw)}"


def names_someone(raw: str, listed: Forgotten) -> bool:
    """Whether a text has a handle or an id of the list among its words."""
    return any(
        listed.has_handle(word) or (word.isascii() and word.isdecimal() and _is_id(word, listed))
        for word in set(_WORD.findall(with_plain_words(raw)))
    )


def _is_id(word: str, listed: Forgotten) -> bool:
    number = int(word)
    return listed.has_author(number) or listed.has_tweet(number)


def _has_tweet(text: str | None, listed: Forgotten) -> bool:
    return bool(text) and str(text).isdecimal() and listed.has_tweet(int(str(text)))
