"""A number with its noun in a text for people: "1 tweet", "1,618 tweets"."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """Give a number with its noun; `many` is the plural where it is not `one` with an s."""
    return f"{number:,} {noun(number, one, many)}"


def noun(number: int, one: str, many: str | None = None) -> str:
    """Give the noun alone, in the singular or the plural."""
    return one if number == 1 else many or f"{one}s"
