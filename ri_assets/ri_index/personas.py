"""Questions about personas: which there are, which meet conditions, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, TypeVar

from pydantic import Field

from ri_assets.errors import NotFoundError, QueryError
from ri_assets.records.personas import LineageEvent, Persona, PersonaBrief, RhythmSlot, Term
from ri_assets.records.record import Record
from ri_assets.ri_index.arguments import (
    Amount,
    Count,
    HourRange,
    Name,
    PersonaRef,
    PersonaRefs,
    Terms,
    find_by_name,
    find_persona,
)
from ri_assets.ri_index.questions import question, with_hidden_told
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents

T = TypeVar("T", bound=Record)


@question
def list_personas(
    contents: Contents,
    brief: Annotated[bool, Field(description="Give a few fields of each persona.")] = True,
) -> Rows[PersonaBrief | Persona]:
    """List all personas, largest first.

    Those that people hid are left out, and the `note` counts them. Each is a `PersonaBrief`,
    or a `Persona` with everything known if `brief` is false.
    """
    if brief:
        shown = [contents.briefs[persona_id] for persona_id in contents.by_id]
        return with_hidden_told(contents, Rows.of(PersonaBrief, shown))
    return with_hidden_told(contents, Rows.of(Persona, contents.personas))


@question
def get_persona(contents: Contents, persona: PersonaRef) -> Persona:
    """Get one persona, with everything known."""
    return find_persona(contents, persona)


@question
def get_personas(contents: Contents, personas: PersonaRefs) -> Rows[Persona]:
    """Get several personas, in the order given."""
    return Rows.of(Persona, [find_persona(contents, one) for one in personas])


@question
def get_persona_by_name(contents: Contents, name: Name) -> Persona:
    """Get a persona by name; an unknown name gets suggestions."""
    return find_by_name(contents, name)


@question
def filter_personas(
    contents: Contents,
    *,
    min_size: Annotated[Count | None, Field(ge=0, description="Minimum number of tweets.")] = None,
    max_size: Annotated[Count | None, Field(ge=0, description="Maximum number of tweets.")] = None,
    top_terms: Terms = None,
    peak_hour_range: HourRange = None,
    min_avg_word_count: Annotated[
        Amount | None, Field(description="Minimum words per tweet, on average.")
    ] = None,
    max_avg_word_count: Annotated[
        Amount | None, Field(description="Maximum words per tweet, on average.")
    ] = None,
) -> Rows[PersonaBrief]:
    """List the personas that meet all conditions, largest first.

    Ranges include both ends; hours may run across midnight, such as (22, 4). A term matches
    whole words of a persona's top terms. A persona whose peak hour could be chance has none,
    and matches no range of hours.

    Raises
    ------
    QueryError
        No condition is given, or two exclude each other.
    """
    tests: list[Callable[[Persona], bool]] = []
    if min_size is not None:
        tests.append(lambda p: p.tweet_count >= min_size)
    if max_size is not None:
        tests.append(lambda p: p.tweet_count <= max_size)
    if top_terms is not None:
        tests.append(lambda p: any(f" {term} " in _lines(p.top_terms) for term in top_terms))
    if peak_hour_range is not None:
        first, last = map(int, peak_hour_range)
        tests.append(lambda p: _is_between(p.peak_hour_local, first, last))
    if min_avg_word_count is not None:
        low = min_avg_word_count
        tests.append(lambda p: p.avg_word_count is not None and p.avg_word_count >= low)
    if max_avg_word_count is not None:
        high = max_avg_word_count
        tests.append(lambda p: p.avg_word_count is not None and p.avg_word_count <= high)
    if not tests:
        raise QueryError(
            "the filter has no condition",
            "one or more of min_size, max_size, top_terms, peak_hour_range, "
            "min_avg_word_count, max_avg_word_count",
            "give a condition, or list all personas",
        )
    _refuse_empty_range("size", min_size, max_size)
    _refuse_empty_range("avg_word_count", min_avg_word_count, max_avg_word_count)
    found = [p for p in contents.personas if all(test(p) for test in tests)]
    briefs = [contents.briefs[p.persona_id] for p in found]
    return with_hidden_told(contents, Rows.of(PersonaBrief, briefs))


@question
def get_persona_terms(contents: Contents, persona: PersonaRef) -> Rows[Term]:
    """List the terms that set a persona apart, best first."""
    found = _rows_of(contents, find_persona(contents, persona), "terms", Term)
    return Rows.of(Term, sorted(found, key=lambda term: term.rank))


@question
def get_persona_rhythm(contents: Contents, persona: PersonaRef) -> Rows[RhythmSlot]:
    """List a persona's hours and weekdays beside those of all tweets.

    Hours come first, then weekdays from Monday; nothing if no tweet has a time.
    """
    found = _rows_of(contents, find_persona(contents, persona), "rhythm", RhythmSlot)
    return Rows.of(RhythmSlot, sorted(found, key=lambda row: (row.cycle, row.slot)))


@question
def lineage(contents: Contents, persona: PersonaRef) -> Rows[LineageEvent]:
    """List what happened to a persona in every published run.

    Oldest first; a retired persona's id is accepted too.

    Raises
    ------
    NotFoundError
        No such persona ever existed.
    StoreError
        The snapshot keeps no history, because an earlier version published it.
    """
    columns = tuple(LineageEvent.model_fields)
    rows = contents.part("personas_enriched", "persona_lineage", columns)
    events = [LineageEvent.from_row(row) for row in rows]
    try:
        persona_id = find_persona(contents, persona).persona_id
    except NotFoundError:
        persona_id = str(persona).strip().upper()
        if persona_id not in {event.persona_id for event in events}:
            raise
    own = [one for one in events if persona_id in {one.persona_id, one.other_persona_id}]
    return Rows.of(LineageEvent, own)


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
            "a minimum that is not above the maximum",
            "swap the two",
        )


def _rows_of(contents: Contents, persona: Persona, part: str, kind: type[T]) -> list[T]:
    """Read a persona's rows of a table of evidence."""
    return [
        kind.from_row(row)
        for row in contents.part("personas_enriched", part, ["persona_id", *kind.model_fields])
        if row["persona_id"] == persona.persona_id
    ]
