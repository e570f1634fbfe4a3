"""A post, and the stored table that posts become.

Belongs here: rows in the shape of `ri_assets.records.posts`, and the figures
that the network counts. Does not belong here: what posts say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from ri_assets.records.table import Table
from ri_assets.sample.people import Author
from ri_assets.sample.portable_random import Dice

_UNSEEN_SHARE = 0.08


@dataclass(frozen=True)
class Post:
    """One tweet or reply."""

    tweet_id: int
    author: Author
    created_at: datetime
    text: str
    lang: str
    in_reply_to_handle: str | None = None
    in_reply_to_tweet_id: int | None = None


def _row(post: Post, n_answers: int) -> dict[str, object]:
    dice = Dice("counts", post.tweet_id)
    # The network also counts replies of accounts that are private or gone.
    n_unseen = dice.between(1, 3) if dice.chance(_UNSEEN_SHARE) else 0
    reach = (1 + post.author.followers) ** 0.35 * (1 + n_answers)
    return {
        "tweet_id": post.tweet_id,
        "author_id": post.author.author_id,
        "author_handle": post.author.handle,
        "author_followers": post.author.followers,
        "author_following": post.author.following,
        "author_statuses": post.author.statuses,
        "author_created_at": post.author.created_at,
        "author_verified": post.author.is_verified,
        "created_at": post.created_at,
        "text": post.text,
        "lang": post.lang,
        "reply_count": n_answers + n_unseen,
        "retweet_count": int(dice.lognormal(0.06 * reach, 1.2)),
        "like_count": int(dice.lognormal(0.3 * reach, 1.2)),
        "quote_count": int(dice.lognormal(0.01 * reach, 1.2)),
        "is_retweet": False,
        "source_app": post.author.app,
        "in_reply_to_handle": post.in_reply_to_handle,
        "in_reply_to_tweet_id": post.in_reply_to_tweet_id,
    }


def answers(replies: Sequence[Post]) -> Counter[int]:
    """Count how many collected replies each post has, by its id."""
    return Counter(r.in_reply_to_tweet_id for r in replies if r.in_reply_to_tweet_id is not None)


def stored(posts: Sequence[Post], n_answers: Counter[int], table: Table) -> pa.Table:
    """Store posts as a table of this contract, in ascending order of `tweet_id`."""
    rows = [_row(p, n_answers[p.tweet_id]) for p in sorted(posts, key=lambda p: p.tweet_id)]
    return pa.table(
        {name: [row[name] for row in rows] for name in table.names}, schema=table.schema
    )
