"""Posts of the sample: who writes them, when, and the table they are stored in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from ri_assets.records.table import Table
from ri_assets.sample.audiences import AccountFigures, PlantedAudience, WritingHours, names
from ri_assets.sample.portable_random import PortableRandom

ZONE = ZoneInfo("Asia/Kolkata")
FIRST_DAY = datetime(2025, 8, 4, tzinfo=ZONE)
N_DAYS = 84

# Relative number of posts in each local hour, over all audiences.
_HOURLY = (
    *(1.6, 0.9, 0.5, 0.3, 0.3, 0.5, 1.0, 1.9, 3.0, 4.1, 5.0, 5.3),
    *(5.2, 5.1, 5.2, 5.3, 5.2, 5.1, 5.0, 5.1, 5.3, 5.2, 4.3, 2.9),
)
_PEAK_HEIGHT = 9.0
_SATURDAY = 5
_EPOCH_MS = 1_288_834_974_657


def _hour_weights(clock: WritingHours) -> list[float]:
    weights = []
    for hour, common in enumerate(_HOURLY):
        away = abs(hour - clock.peak_hour)
        away = min(away, 24 - away)
        bump = _PEAK_HEIGHT * math.exp(-0.5 * (away / clock.width) ** 2)
        # Every audience sleeps: its peak is damped at hours when nobody writes.
        weights.append(common + bump * min(1.0, common / 3.0))
    return weights


def moment(clock: WritingHours, rng: PortableRandom) -> datetime:
    """Draw the time of a tweet of this audience, in UTC, to the second."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(N_DAYS)]
    day = days[rng.weighted([clock.weekend if d.weekday() >= _SATURDAY else 1.0 for d in days])]
    hour = rng.weighted(_hour_weights(clock))
    return (day + timedelta(hours=hour, seconds=rng.between(0, 3599))).astimezone(UTC)


def later(time: datetime, median_minutes: float, rng: PortableRandom) -> datetime:
    """Draw a time at most three days after `time`, to the second."""
    minutes = min(3 * 1440.0, rng.lognormal(median_minutes, 1.1))
    return time + timedelta(seconds=30 + int(60 * minutes))


def snowflake(time: datetime, rng: PortableRandom) -> int:
    """Make an id that ascends with time: milliseconds, then 22 random bits."""
    milliseconds = int(time.timestamp()) * 1000 + rng.between(0, 999)
    return (max(0, milliseconds - _EPOCH_MS) << 22) | rng.between(0, (1 << 22) - 1)


_AUTHORS_PER_TWEET = 0.72
_MAX_HANDLE = 15
_BYSTANDERS = AccountFigures(
    followers=160, following=300, statuses=2600, age_years=6.0, verified=0.03
)
_BRANDS = AccountFigures(
    followers=48_000, following=90, statuses=310_000, age_years=9.0, verified=1.0
)


@dataclass(frozen=True)
class Author:
    """One account, as it appears on each of its posts."""

    author_id: int
    handle: str
    followers: int
    following: int
    statuses: int
    created_at: datetime
    is_verified: bool
    app: str


class Register:
    """Creates unique handles."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def handle(self, rng: PortableRandom) -> str:
        """Create a new handle of at most fifteen characters."""
        while True:
            parts = rng.pick(names().first), rng.pick(names().second)
            digits = str(rng.between(1, 9999)) if rng.chance(0.6) else ""
            handle = rng.pick(("", "_", "_")).join(parts).replace("__", "_") + digits
            if len(handle) <= _MAX_HANDLE and handle not in self._taken:
                self._taken.add(handle)
                return handle


def _account(handle: str, people: AccountFigures, app: str, rng: PortableRandom) -> Author:
    age_days = min(5500, max(20, int(365 * rng.lognormal(people.age_years, 0.5))))
    created_at = FIRST_DAY - timedelta(days=age_days, seconds=rng.between(0, 86_399))
    followers = int(rng.lognormal(people.followers, 1.3))
    return Author(
        author_id=snowflake(created_at, rng),
        handle=handle,
        followers=followers,
        following=int(rng.lognormal(people.following, 0.9)),
        statuses=max(1, int(rng.lognormal(people.statuses, 1.1))),
        created_at=created_at.astimezone(UTC),
        is_verified=rng.chance(people.verified),
        app=app,
    )


def authors_of(audience: PlantedAudience, register: Register) -> list[Author]:
    """Create the accounts of one audience, the most frequent writers first."""
    rng = PortableRandom(audience.name, "authors")
    return [
        _account(register.handle(rng), audience.people, rng.pick(names().apps), rng)
        for _ in range(round(_AUTHORS_PER_TWEET * audience.size))
    ]


def bystanders(count: int, register: Register) -> list[Author]:
    """Create accounts that only reply."""
    rng = PortableRandom("bystanders")
    return [
        _account(register.handle(rng), _BYSTANDERS, rng.pick(names().apps), rng)
        for _ in range(count)
    ]


def brands(handles: Sequence[str]) -> dict[str, Author]:
    """Create the accounts of the brands that reply, by handle."""
    return {
        handle: _account(handle, _BRANDS, "Helpdesk Console", PortableRandom("brand", handle))
        for handle in handles
    }


def returning(authors: Sequence[Author], rng: PortableRandom) -> Author:
    """Draw one of the authors; the first ones are more likely than the rest."""
    return authors[int(len(authors) * rng.uniform() ** 1.25)]


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
    rng = PortableRandom("counts", post.tweet_id)
    # The network also counts replies of private and deleted accounts.
    n_unseen = rng.between(1, 3) if rng.chance(_UNSEEN_SHARE) else 0
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
        "retweet_count": int(rng.lognormal(0.06 * reach, 1.2)),
        "like_count": int(rng.lognormal(0.3 * reach, 1.2)),
        "quote_count": int(rng.lognormal(0.01 * reach, 1.2)),
        "is_retweet": False,
        "source_app": post.author.app,
        "in_reply_to_handle": post.in_reply_to_handle,
        "in_reply_to_tweet_id": post.in_reply_to_tweet_id,
    }


def answers(replies: Sequence[Post]) -> Counter[int]:
    """Count the collected replies of each post, by its id."""
    return Counter(r.in_reply_to_tweet_id for r in replies if r.in_reply_to_tweet_id is not None)


def stored(posts: Sequence[Post], n_answers: Counter[int], table: Table) -> pa.Table:
    """Convert posts to a table of this contract, sorted by `tweet_id`."""
    rows = [_row(p, n_answers[p.tweet_id]) for p in sorted(posts, key=lambda p: p.tweet_id)]
    return pa.table(
        {name: [row[name] for row in rows] for name in table.names}, schema=table.schema
    )
