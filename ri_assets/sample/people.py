"""Who writes: invented accounts, and how often each comes back.

Belongs here: accounts and their figures. Does not belong here: what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ri_assets.sample.audiences import Audience, People, names
from ri_assets.sample.clock import FIRST_DAY, snowflake
from ri_assets.sample.portable_random import Dice

_AUTHORS_PER_TWEET = 0.72
_MAX_HANDLE = 15
_BYSTANDERS = People(followers=160, following=300, statuses=2600, age_years=6.0, verified=0.03)
_BRANDS = People(followers=48_000, following=90, statuses=310_000, age_years=9.0, verified=1.0)


@dataclass(frozen=True)
class Author:
    """One account, as it stands on every post that it wrote."""

    author_id: int
    handle: str
    followers: int
    following: int
    statuses: int
    created_at: datetime
    is_verified: bool
    app: str


class Register:
    """Hands out handles that nobody else has."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def handle(self, dice: Dice) -> str:
        """Invent a new handle of at most fifteen characters."""
        while True:
            parts = dice.pick(names().first), dice.pick(names().second)
            digits = str(dice.between(1, 9999)) if dice.chance(0.6) else ""
            handle = dice.pick(("", "_", "_")).join(parts).replace("__", "_") + digits
            if len(handle) <= _MAX_HANDLE and handle not in self._taken:
                self._taken.add(handle)
                return handle


def _account(handle: str, people: People, app: str, dice: Dice) -> Author:
    age_days = min(5500, max(20, int(365 * dice.lognormal(people.age_years, 0.5))))
    created_at = FIRST_DAY - timedelta(days=age_days, seconds=dice.between(0, 86_399))
    followers = int(dice.lognormal(people.followers, 1.3))
    return Author(
        author_id=snowflake(created_at, dice),
        handle=handle,
        followers=followers,
        following=int(dice.lognormal(people.following, 0.9)),
        statuses=max(1, int(dice.lognormal(people.statuses, 1.1))),
        created_at=created_at.astimezone(UTC),
        is_verified=dice.chance(people.verified),
        app=app,
    )


def authors_of(audience: Audience, register: Register) -> list[Author]:
    """Invent the accounts of one audience, the most frequent writers first."""
    dice = Dice(audience.name, "authors")
    return [
        _account(register.handle(dice), audience.people, dice.pick(names().apps), dice)
        for _ in range(round(_AUTHORS_PER_TWEET * audience.size))
    ]


def bystanders(count: int, register: Register) -> list[Author]:
    """Invent accounts that only ever reply."""
    dice = Dice("bystanders")
    return [
        _account(register.handle(dice), _BYSTANDERS, dice.pick(names().apps), dice)
        for _ in range(count)
    ]


def brands(handles: Sequence[str]) -> dict[str, Author]:
    """Invent the accounts of the brands that answer, by handle."""
    return {
        handle: _account(handle, _BRANDS, "Helpdesk Console", Dice("brand", handle))
        for handle in handles
    }


def returning(authors: Sequence[Author], dice: Dice) -> Author:
    """Draw one of the authors; the first few come back more often than the rest."""
    return authors[int(len(authors) * dice.uniform() ** 1.25)]
