"""The whole sample: 1,618 tweets, 4,682 replies, and what was planted.

Belongs here: how kept tweets, duplicates, short tweets and replies come
together. Does not belong here: reading the sample, which the sources do.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.sample.audiences import Audience, audiences, short_texts
from ri_assets.sample.clock import later, moment, snowflake
from ri_assets.sample.compose import Text, kept_texts
from ri_assets.sample.conversation import Crowd, conversation
from ri_assets.sample.duplicates import N_EXACT, N_NEAR, nearly_same, same
from ri_assets.sample.people import Author, Register, authors_of, brands, bystanders, returning
from ri_assets.sample.portable_random import Dice
from ri_assets.sample.posts import Post, answers, stored

TWEETS_FILE, REPLIES_FILE = "tweets.parquet", "replies.parquet"
LABELS_FILE = "planted_labels.csv"

_N_BYSTANDERS = 900
_VISITOR_SHARE = 0.05
_COPY_MINUTES = 300.0
_LANG_MISREAD_SHARE = 0.03
_FIRST_HANDLE = re.compile(r"@(\w+)")


@dataclass(frozen=True)
class Corpus:
    """What `build` makes.

    Parameters
    ----------
    tweets, replies
        Tables of the contracts `TWEETS` and `REPLIES`.
    labels
        By `tweet_id`: the audience of a tweet that denoising keeps, or the rule
        (`exact_duplicate`, `near_duplicate`, `short`) that drops it.
    """

    tweets: pa.Table
    replies: pa.Table
    labels: dict[int, str]


@dataclass(frozen=True)
class _Planted:
    post: Post
    audience: Audience
    label: str


class _Builder:
    def __init__(self) -> None:
        register = Register()
        self.everyone = {audience.name: audience for audience in audiences()}
        self.authors = {a.name: authors_of(a, register) for a in audiences()}
        handles = sorted({handle for a in audiences() for handle in a.handles})
        self.crowd = Crowd(self.authors, bystanders(_N_BYSTANDERS, register), brands(handles))

    def _author(self, audience: Audience, dice: Dice) -> Author:
        home = audience.name
        if dice.chance(_VISITOR_SHARE):
            home = dice.pick(audience.neighbours)
        return returning(self.authors[home], dice)

    def _tweet(self, audience: Audience, text: Text, label: str, dice: Dice) -> _Planted:
        time = moment(audience.clock, dice)
        addressed = _FIRST_HANDLE.match(text.text)
        post = Post(
            tweet_id=snowflake(time, dice),
            author=self._author(audience, dice),
            created_at=time,
            text=text.text,
            lang=dice.pick(("in", "und", "tl")) if dice.chance(_LANG_MISREAD_SHARE) else text.lang,
            in_reply_to_handle=addressed[1] if addressed else None,
        )
        return _Planted(post, audience, label)

    def kept(self) -> list[_Planted]:
        return [
            self._tweet(audience, text, audience.name, Dice(audience.name, "post", number))
            for audience in audiences()
            for number, text in enumerate(kept_texts(audience, self.everyone))
        ]

    def short(self) -> list[_Planted]:
        return [
            self._tweet(
                Dice("short home", number).pick(audiences()),
                Text(text, "en"),
                "short",
                Dice("short", number),
            )
            for number, text in enumerate(short_texts())
        ]

    def _copy(self, original: _Planted, text: str, label: str, dice: Dice) -> _Planted:
        source = original.post
        is_own = dice.chance(0.55)
        time = later(source.created_at, _COPY_MINUTES, dice)
        addressed = _FIRST_HANDLE.match(text)
        post = Post(
            tweet_id=snowflake(time, dice),
            author=source.author if is_own else self._author(original.audience, dice),
            created_at=time,
            text=text,
            lang=source.lang,
            in_reply_to_handle=addressed[1] if addressed else None,
        )
        return _Planted(post, original.audience, label)

    def copies(self, kept: list[_Planted]) -> list[_Planted]:
        originals = Dice("originals").shuffled(kept)
        exact = originals[: N_EXACT - 20]
        exact += exact[:20]  # some are copied twice
        near = originals[N_EXACT : N_EXACT + N_NEAR]
        copied = []
        for number, original in enumerate(exact):
            dice = Dice("exact", number)
            text = same(original.post.text, dice)
            copied.append(self._copy(original, text, "exact_duplicate", dice))
        for number, original in enumerate(near):
            dice = Dice("near", number)
            text = nearly_same(original.post.text, dice)
            copied.append(self._copy(original, text, "near_duplicate", dice))
        return copied


def build() -> Corpus:
    """Make the sample; the same on every machine and at every call."""
    builder = _Builder()
    kept = builder.kept()
    dropped = builder.copies(kept) + builder.short()
    replies = conversation(
        [(p.post, p.audience, True) for p in kept] + [(p.post, p.audience, False) for p in dropped],
        builder.crowd,
    )
    n_answers = answers(replies)
    planted = sorted(kept + dropped, key=lambda p: p.post.tweet_id)
    return Corpus(
        tweets=stored([p.post for p in planted], n_answers, TWEETS),
        replies=stored(replies, n_answers, REPLIES),
        labels={p.post.tweet_id: p.label for p in planted},
    )


def write(folder: Path) -> None:
    """Make the sample and write its three files into `folder`, which is made if need be.

    No asset reads `planted_labels.csv`: it is there to judge what they find.
    """
    corpus = build()
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(corpus.tweets, folder / TWEETS_FILE, compression="zstd")
    pq.write_table(corpus.replies, folder / REPLIES_FILE, compression="zstd")
    with (folder / LABELS_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("tweet_id", "label"))
        writer.writerows(corpus.labels.items())
