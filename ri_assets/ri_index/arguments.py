"""What people may give: persona ids, names, ranks, tweet ids, counts, terms.

Belongs here: reading one argument, and the error where it cannot be meant. Does
not belong here: answering.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Mapping, Sequence
from typing import Protocol, SupportsIndex

from ri_assets.errors import NotFoundError, QueryError
from ri_assets.records.personas import Persona


class HasPersonaId(Protocol):
    """A record that is about a persona."""

    @property
    def persona_id(self) -> str:
        """Id of the persona."""


PersonaRef = str | SupportsIndex | HasPersonaId
"""A persona's id or name, its rank by size (0 is the largest), or a record of it."""

_MOST = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")


def find_persona(personas: Mapping[str, Persona], given: object) -> Persona:
    """Find a persona.

    Parameters
    ----------
    personas
        All personas by id, largest first.
    given
        An id or a name (case and spacing are forgiven), a rank by size as a number or as
        digits (0 is the largest), or a persona.

    Raises
    ------
    NotFoundError
        No persona is called so; the message names those that nearly are.
    QueryError
        It is nothing that can name a persona.
    """
    if isinstance(given, str):
        wanted = folded(given)
        for persona in personas.values():
            if wanted and wanted in {folded(persona.persona_id), folded(persona.name)}:
                return persona
        if _DIGITS.fullmatch(given.strip()):
            return _ranked(personas, int(given))
        raise _unknown(personas, given)
    if hasattr(given, "persona_id"):
        return find_persona(personas, str(given.persona_id))
    return _ranked(personas, whole("a persona", given, "an id, a name, or a rank by size"))


def find_by_name(personas: Mapping[str, Persona], name: object) -> Persona:
    """Find a persona by its name alone; case, spaces and punctuation are forgiven."""
    if not isinstance(name, str):
        raise QueryError(
            f"the name is {name!r}", "a text", "use get_persona for ids and ranks by size"
        )
    for persona in personas.values():
        if folded(name) and folded(name) == folded(persona.name):
            return persona
    raise _unknown(personas, name)


def folded(name: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(char for char in name.casefold() if char.isalnum())


def tweet_number(given: object) -> int:
    """Read a tweet id: a whole number, or its digits as text.

    Raises
    ------
    QueryError
        It is neither, or larger than an id can be.
    """
    if isinstance(given, str):
        if not _DIGITS.fullmatch(given.strip()):
            raise _no_tweet_id(given)
        number = int(given)
    else:
        number = whole("a tweet id", given, "a whole number, or its digits as text")
    if not 0 <= number <= _MOST:
        raise _no_tweet_id(given)
    return number


def count(name: str, given: object, least: int = 1) -> int:
    """Read a number of things.

    Raises
    ------
    QueryError
        It is no whole number, or below the least that makes sense.
    """
    number = whole(name, given, f"a whole number from {least} on")
    if number < least:
        raise QueryError(
            f"{name} is {number}", f"a whole number from {least} on", f"ask for {least} or more"
        )
    return number


def whole(name: str, given: object, expected: str) -> int:
    """Read a whole number; truth values and fractions are none."""
    if not isinstance(given, bool) and isinstance(given, SupportsIndex):
        return operator.index(given)
    raise QueryError(
        f"{name} is {given!r}, a {type(given).__name__}", expected, "correct the argument"
    )


def number(name: str, given: object, least: float = 0.0) -> float:
    """Read a number that may have a fraction.

    Raises
    ------
    QueryError
        It is none, or below the least that makes sense.
    """
    if isinstance(given, bool) or not isinstance(given, int | float) or not given >= least:
        raise QueryError(
            f"{name} is {given!r}", f"a number from {least:g} on", "correct the argument"
        )
    return float(given)


def terms(given: object) -> tuple[str, ...]:
    """Read terms: one text, or several.

    Raises
    ------
    QueryError
        There is none, or one is no text or empty.
    """
    if isinstance(given, str):
        found: Sequence[object] = [given]
    elif isinstance(given, Sequence | set | frozenset):
        found = list(given)
    else:
        found = [given]
    if not found:
        raise QueryError("top_terms is empty", "one term or more", "name a term, or leave it out")
    for term in found:
        if not isinstance(term, str) or not term.strip():
            raise QueryError(
                f"the term {term!r} is no text with a word in it",
                "terms as texts, such as ['delivery', 'refund']",
                "correct the term; get_persona(…).top_terms shows what there is",
            )
    return tuple(" ".join(str(term).casefold().split()) for term in found)


def hours(given: object) -> tuple[int, int]:
    """Read a range of hours, both ends included; the first may be the later one.

    Raises
    ------
    QueryError
        It is no pair of hours from 0 to 23.
    """
    remedy = "give for example (9, 17), or (22, 4) across midnight"
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) != 2:  # noqa: PLR2004
        raise QueryError(f"peak_hour_range is {given!r}", "a pair of hours", remedy)
    first, last = (whole("an hour of peak_hour_range", hour, "0 to 23") for hour in given)
    for hour in (first, last):
        if hour not in range(24):
            raise QueryError(f"an hour of peak_hour_range is {hour}", "0 to 23", remedy)
    return first, last


def _ranked(personas: Mapping[str, Persona], rank: int) -> Persona:
    if not 0 <= rank < len(personas):
        raise NotFoundError(
            f"there is no persona of rank {rank}",
            f"0 (the largest) to {len(personas) - 1}, or an id or name: {_all(personas)}",
            "name one of these",
        )
    return list(personas.values())[rank]


def _unknown(personas: Mapping[str, Persona], given: str) -> NotFoundError:
    # Names only: an id like another one is no slip of the pen, and says nothing of a name.
    known = {folded(p.name): p for p in personas.values()}
    # A part of a name is near too, which difflib alone does not see.
    parts = [key for key in known if len(folded(given)) > 2 and folded(given) in key]  # noqa: PLR2004
    near = dict.fromkeys(known[k].name for k in (*parts, *_close(folded(given), known)))
    return NotFoundError(
        f"there is no persona {given!r}",
        f"one of {_all(personas)}",
        f"did you mean {' or '.join(repr(name) for name in near)}?"
        if near
        else "name one of these",
    )


def _close(name: str, known: Mapping[str, Persona]) -> list[str]:
    return difflib.get_close_matches(name, known, n=3, cutoff=0.6)


def _all(personas: Mapping[str, Persona]) -> str:
    return ", ".join(f"{p.persona_id} {p.name}" for p in personas.values())


def _no_tweet_id(given: object) -> QueryError:
    return QueryError(
        f"{given!r} is no tweet id",
        f"a whole number from 0 to {_MOST}, or its digits as text",
        "copy the digits after /status/ in the tweet's address",
    )
