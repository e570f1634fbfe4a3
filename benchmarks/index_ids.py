"""Ids of the synthetic tweets: any can be named without a list of them."""

from __future__ import annotations

_FIRST, _STEP, _SCATTER = 1_100_000_000_000_000_000, 1_000_003, 7_919


def tweet_id(place: int) -> int:
    """Id of a kept tweet by its place; ascending, with uneven gaps."""
    return _FIRST + place * _STEP + (place * _SCATTER) % (_STEP // 2)


def dropped_id(place: int) -> int:
    """Id of a tweet that no kept one has, not far from the kept one of that place."""
    return tweet_id(place) + _STEP // 3 + 1
