"""Replies: brands that answer, authors who come back, strangers who join.

Belongs here: who answers whom, when and with what. Does not belong here: the
tweets that are answered.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ri_assets.sample.audiences import Audience, reply_patterns, shared
from ri_assets.sample.clock import later, snowflake
from ri_assets.sample.noise import link, roughened
from ri_assets.sample.people import Author, returning
from ri_assets.sample.phrases import Speaker
from ri_assets.sample.portable_random import Dice
from ri_assets.sample.posts import Post

N_REPLIES = 4_682

_KINDS = ("agree", "disagree", "ask", "chatter")
_KIND_WEIGHTS = (3.0, 1.2, 1.8, 1.6)
_BRAND_MINUTES, _AUTHOR_MINUTES, _STRANGER_MINUTES = 95.0, 50.0, 160.0


@dataclass(frozen=True)
class Crowd:
    """Who may reply: accounts of each audience, accounts that only reply, and brands."""

    authors: Mapping[str, Sequence[Author]]
    bystanders: Sequence[Author]
    brands: Mapping[str, Author]


def shares(weights: Sequence[float], total: int) -> list[int]:
    """Find whole numbers that sum to `total`, as near to the weights as they can be.

    The largest remainders are rounded up (Hamilton's method); equal ones in
    order of position.
    """
    exact = [total * weight / sum(weights) for weight in weights]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (counts[i] - exact[i], i))
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts


class _Thread:
    """The replies to one tweet, in the order in which they are invented."""

    def __init__(self, tweet: Post, audience: Audience, crowd: Crowd) -> None:
        self.tweet, self.audience, self.crowd = tweet, audience, crowd
        self.dice = Dice("thread", tweet.tweet_id)
        self.replies: list[Post] = []
        named = [handle for handle in audience.handles if handle in tweet.text]
        self.brand = crowd.brands[self.dice.pick(named or audience.handles)]

    def _add(self, parent: Post, author: Author, minutes: float, words: str) -> Post:
        time = later(parent.created_at, minutes, self.dice)
        reply = Post(
            tweet_id=snowflake(time, self.dice),
            author=author,
            created_at=time,
            text=f"@{parent.author.handle} {html.escape(words, quote=False)}",
            lang="en",
            in_reply_to_handle=parent.author.handle,
            in_reply_to_tweet_id=parent.tweet_id,
        )
        self.replies.append(reply)
        return reply

    def _say(self, patterns: Sequence[str]) -> str:
        given = {"link": link(self.dice)}
        for shop in shared().slots["shop"]:
            if self.brand.handle.startswith(shop):
                given["shop"] = shop
        return Speaker(shared().slots, self.dice, given).say(self.dice.pick(patterns))

    def brand_answers(self, to: Post) -> Post:
        return self._add(to, self.brand, _BRAND_MINUTES, self._say(reply_patterns().brand))

    def author_insists(self, to: Post) -> Post:
        words = roughened(self._say(reply_patterns().followup), self.audience, self.dice)
        return self._add(to, self.tweet.author, _AUTHOR_MINUTES, words)

    def stranger_joins(self) -> Post:
        is_answer_to_reply = bool(self.replies) and self.dice.chance(0.25)
        to = self.dice.pick(self.replies) if is_answer_to_reply else self.tweet
        kin = self.crowd.authors[self.audience.name]
        author = returning(kin if self.dice.chance(0.4) else self.crowd.bystanders, self.dice)
        kind = _KINDS[self.dice.weighted(_KIND_WEIGHTS)]
        words = self._say(getattr(reply_patterns(), kind))
        if kind == "disagree" or (kind != "chatter" and self.dice.chance(0.4)):
            words = f"{words} {self._say(self.dice.pick(self.audience.stories).details)}"
        return self._add(to, author, _STRANGER_MINUTES, roughened(words, self.audience, self.dice))

    def grow(self, count: int) -> list[Post]:
        """Add replies until there are `count`."""
        brand_is_awake = self.dice.chance(self.audience.style.brand_reply)
        while len(self.replies) < count:
            last = self.replies[-1] if self.replies else self.tweet
            if last.author is self.brand and self.dice.chance(0.55):
                self.author_insists(last)
            elif brand_is_awake and last.author is self.tweet.author and self.dice.chance(0.7):
                self.brand_answers(last)
            else:
                self.stranger_joins()
        return self.replies


def conversation(
    tweets: Sequence[tuple[Post, Audience, bool]], crowd: Crowd, total: int = N_REPLIES
) -> list[Post]:
    """Write the replies to all tweets.

    Parameters
    ----------
    tweets
        Each with its audience, and whether it is an original; copies and short
        tweets draw few replies.
    crowd
        Who may reply.
    total
        How many replies there are in all.
    """
    weights = [
        (1.0 if is_original else 0.2)
        * audience.style.reply_weight
        * Dice("interest", tweet.tweet_id).lognormal(1.0, 1.2)
        for tweet, audience, is_original in tweets
    ]
    return [
        reply
        for (tweet, audience, _), count in zip(tweets, shares(weights, total), strict=True)
        for reply in _Thread(tweet, audience, crowd).grow(count)
    ]
