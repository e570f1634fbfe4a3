"""Which personas fit a set of conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from ri_assets.errors import QueryError
from ri_assets.records.personas import Persona
from ri_assets.ri_index import arguments


def filter_personas(
    personas: Iterable[Persona],
    *,
    min_size: int | None = None,
    max_size: int | None = None,
    top_terms: object = None,
    peak_hour_range: object = None,
    min_avg_word_count: float | None = None,
    max_avg_word_count: float | None = None,
) -> list[Persona]:
    """Keep the personas that meet every condition that is given; the order stays.

    Parameters
    ----------
    min_size, max_size
        Tweets, both included.
    top_terms
        A term or several; a persona fits if any is one of its top terms, or a word or
        run of words of one. Case is forgiven.
    peak_hour_range
        Local hours (first, last), both included; (22, 4) runs across midnight. A persona
        whose peak chance explains has none, and fits no range.
    min_avg_word_count, max_avg_word_count
        Words of a tweet on average, both included.

    Raises
    ------
    QueryError
        No condition is given, one cannot be meant, or two exclude each other.
    """
    tests: list[Callable[[Persona], bool]] = []
    if min_size is not None:
        fewest = arguments.count("min_size", min_size, 0)
        tests.append(lambda p: p.tweet_count >= fewest)
    if max_size is not None:
        most = arguments.count("max_size", max_size, 0)
        tests.append(lambda p: p.tweet_count <= most)
    if top_terms is not None:
        wanted = arguments.terms(top_terms)
        tests.append(lambda p: any(f" {term} " in _lines(p.top_terms) for term in wanted))
    if peak_hour_range is not None:
        first, last = arguments.hours(peak_hour_range)
        tests.append(lambda p: _is_between(p.peak_hour_local, first, last))
    if min_avg_word_count is not None:
        low = arguments.number("min_avg_word_count", min_avg_word_count)
        tests.append(lambda p: p.avg_word_count is not None and p.avg_word_count >= low)
    if max_avg_word_count is not None:
        high = arguments.number("max_avg_word_count", max_avg_word_count)
        tests.append(lambda p: p.avg_word_count is not None and p.avg_word_count <= high)
    if not tests:
        raise QueryError(
            "the filter has no condition",
            "one or more of min_size, max_size, top_terms, peak_hour_range, "
            "min_avg_word_count, max_avg_word_count",
            "name a condition; list_personas gives them all",
        )
    _refuse_empty_range("size", min_size, max_size)
    _refuse_empty_range("avg_word_count", min_avg_word_count, max_avg_word_count)
    return [persona for persona in personas if all(test(persona) for test in tests)]


@lru_cache(maxsize=1024)
def _lines(terms: tuple[str, ...]) -> str:
    """Give the terms without case, one a line, each word between spaces."""
    return "\n".join(f" {' '.join(term.casefold().split())} " for term in terms)


def _is_between(hour: int | None, first: int, last: int) -> bool:
    if hour is None:
        return False
    return first <= hour <= last if first <= last else hour >= first or hour <= last


def _refuse_empty_range(name: str, low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise QueryError(
            f"min_{name} {low:g} is above max_{name} {high:g}",
            "a range that holds something",
            "swap the two",
        )
