"""The whole sample: 1,618 tweets, 4,682 replies, and what was planted.

Kept tweets, duplicates, short tweets and replies are combined here. `ri_assets.sources` reads the
sample.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ri_assets.records.posts import REPLIES, TWEETS
from ri_assets.sample import LABELS_FILE
from ri_assets.sample.audiences import PlantedAudience, audiences, short_texts
from ri_assets.sample.compose import Crowd, Text, conversation, kept_texts
from ri_assets.sample.portable_random import PortableRandom
from ri_assets.sample.posts import (
    Author,
    Post,
    Register,
    answers,
    authors_of,
    brands,
    bystanders,
    later,
    moment,
    returning,
    snowflake,
    stored,
)
from ri_assets.sample.sentences import N_EXACT, N_NEAR, nearly_same, same

TWEETS_FILE, REPLIES_FILE = "tweets.parquet", "replies.parquet"

_N_BYSTANDERS = 900
_VISITOR_SHARE = 0.05
_COPY_MINUTES = 300.0
_LANG_MISREAD_SHARE = 0.03
_FIRST_HANDLE = re.compile(r"@(\w+)")


@dataclass(frozen=True)
class SampleCorpus:
    """Result of `build`.

    Parameters
    ----------
    tweets, replies
        Tables of the contracts `TWEETS` and `REPLIES`.
    labels
        By `tweet_id`: the audience of a tweet that denoising should keep, or the rule
        (`exact_duplicate`, `near_duplicate`, `short`) that should drop it.
    """

    tweets: pa.Table
    replies: pa.Table
    labels: dict[int, str]


@dataclass(frozen=True)
class _Planted:
    post: Post
    audience: PlantedAudience
    label: str


class _Builder:
    def __init__(self) -> None:
        register = Register()
        self.everyone = {audience.name: audience for audience in audiences()}
        self.authors = {a.name: authors_of(a, register) for a in audiences()}
        handles = sorted({handle for a in audiences() for handle in a.handles})
        self.crowd = Crowd(self.authors, bystanders(_N_BYSTANDERS, register), brands(handles))

    def _author(self, audience: PlantedAudience, rng: PortableRandom) -> Author:
        home = audience.name
        if rng.chance(_VISITOR_SHARE):
            home = rng.pick(audience.neighbours)
        return returning(self.authors[home], rng)

    def _tweet(
        self, audience: PlantedAudience, text: Text, label: str, rng: PortableRandom
    ) -> _Planted:
        time = moment(audience.clock, rng)
        addressed = _FIRST_HANDLE.match(text.text)
        post = Post(
            tweet_id=snowflake(time, rng),
            author=self._author(audience, rng),
            created_at=time,
            text=text.text,
            lang=rng.pick(("in", "und", "tl")) if rng.chance(_LANG_MISREAD_SHARE) else text.lang,
            in_reply_to_handle=addressed[1] if addressed else None,
        )
        return _Planted(post, audience, label)

    def kept(self) -> list[_Planted]:
        return [
            self._tweet(
                audience, text, audience.name, PortableRandom(audience.name, "post", number)
            )
            for audience in audiences()
            for number, text in enumerate(kept_texts(audience, self.everyone))
        ]

    def short(self) -> list[_Planted]:
        return [
            self._tweet(
                PortableRandom("short home", number).pick(audiences()),
                Text(text, "en"),
                "short",
                PortableRandom("short", number),
            )
            for number, text in enumerate(short_texts())
        ]

    def _copy(self, original: _Planted, text: str, label: str, rng: PortableRandom) -> _Planted:
        source = original.post
        is_own = rng.chance(0.55)
        time = later(source.created_at, _COPY_MINUTES, rng)
        addressed = _FIRST_HANDLE.match(text)
        post = Post(
            tweet_id=snowflake(time, rng),
            author=source.author if is_own else self._author(original.audience, rng),
            created_at=time,
            text=text,
            lang=source.lang,
            in_reply_to_handle=addressed[1] if addressed else None,
        )
        return _Planted(post, original.audience, label)

    def copies(self, kept: list[_Planted]) -> list[_Planted]:
        originals = PortableRandom("originals").shuffled(kept)
        exact = originals[: N_EXACT - 20]
        exact += exact[:20]  # some are copied twice
        near = originals[N_EXACT : N_EXACT + N_NEAR]
        copied = []
        for number, original in enumerate(exact):
            rng = PortableRandom("exact", number)
            text = same(original.post.text, rng)
            copied.append(self._copy(original, text, "exact_duplicate", rng))
        for number, original in enumerate(near):
            rng = PortableRandom("near", number)
            text = nearly_same(original.post.text, rng)
            copied.append(self._copy(original, text, "near_duplicate", rng))
        return copied


def build() -> SampleCorpus:
    """Generate the sample; the result is the same on every machine."""
    builder = _Builder()
    kept = builder.kept()
    dropped = builder.copies(kept) + builder.short()
    replies = conversation(
        [(p.post, p.audience, True) for p in kept] + [(p.post, p.audience, False) for p in dropped],
        builder.crowd,
    )
    n_answers = answers(replies)
    planted = sorted(kept + dropped, key=lambda p: p.post.tweet_id)
    return SampleCorpus(
        tweets=stored([p.post for p in planted], n_answers, TWEETS),
        replies=stored(replies, n_answers, REPLIES),
        labels={p.post.tweet_id: p.label for p in planted},
    )


def write(folder: Path) -> None:
    """Generate the sample and write its three files to `folder`, which is created if needed.

    No asset reads `planted_labels.csv`; it is only used to evaluate the result.
    """
    corpus = build()
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(corpus.tweets, folder / TWEETS_FILE, compression="zstd")
    pq.write_table(corpus.replies, folder / REPLIES_FILE, compression="zstd")
    with (folder / LABELS_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("tweet_id", "label"))
        writer.writerows(corpus.labels.items())
