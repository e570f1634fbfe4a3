"""Types of arguments, each with its bounds and help, and finding the persona that one names."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, SupportsIndex

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from ri_assets.errors import NotFoundError
from ri_assets.records.personas import Persona
from ri_assets.ri_index.questions import Wire
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.snapshot import file_name

_ASSET, _LINEAGE = "personas_enriched", "persona_lineage"
_LARGEST_ID = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")
_HOURS = re.compile(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*")


class HasPersonaId(Protocol):
    """A record that is about a persona."""

    @property
    def persona_id(self) -> str:
        """Id of the persona."""


def _whole(given: object) -> object:
    """Take whole numbers of any kind, 5.0 from JSON too; truth values are not numbers."""
    if isinstance(given, bool):
        raise ValueError("a number")  # noqa: TRY004 - pydantic reports a ValueError
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return operator.index(given) if isinstance(given, SupportsIndex) else given


def _number(given: object) -> object:
    if isinstance(given, bool):
        raise ValueError("a number")  # noqa: TRY004 - pydantic reports a ValueError
    return given


def _reference(given: object) -> object:
    """Turn a rank or a record into the text that names its persona."""
    if hasattr(given, "persona_id"):
        return given.persona_id
    if isinstance(given, SupportsIndex) and not isinstance(given, bool):
        return str(operator.index(given))
    if not isinstance(given, str):
        raise ValueError("a persona's id, its name, its rank by size, or its record")  # noqa: TRY004 - pydantic reports it
    return given


def _listed(given: object, info: ValidationInfo) -> object:
    """Take one value for a list of one, and any iterable for a list; JSON has lists."""
    if _is_json(info):
        return given
    if isinstance(given, Iterable) and not isinstance(given, str):
        return list(given)
    return [given] if isinstance(given, str | SupportsIndex) else given


def _tweet_number(given: object, info: ValidationInfo) -> int:
    if _is_json(info) and not isinstance(given, str):
        raise ValueError("digits as text, because JSON readers round long numbers")
    if isinstance(given, str) and _DIGITS.fullmatch(given.strip()):
        given = int(given)
    if isinstance(given, SupportsIndex) and not isinstance(given, bool):
        number = operator.index(given)
        if 0 <= number <= _LARGEST_ID:
            return number
    raise ValueError(f"a whole number from 0 to {_LARGEST_ID}, or its digits as text")


def _is_json(info: ValidationInfo) -> bool:
    """Whether the arguments are a body of JSON, which is read strictly."""
    return bool(info.config and info.config.get("strict"))


def _term(given: str) -> str:
    if not given.strip():
        raise ValueError("a term with a word in it")
    return " ".join(given.casefold().split())


def _hour_range(given: object) -> object:
    """Take 9-17 as text too; HTTP gives every argument of several values as a list."""
    text = given[0] if isinstance(given, list | tuple) and len(given) == 1 else given
    parts = _HOURS.fullmatch(text) if isinstance(text, str) else None
    return given if parts is None else [int(parts[1]), int(parts[2])]


_Text = Annotated[str, Field(min_length=1, max_length=100)]
_PersonaText = Annotated[_Text, BeforeValidator(_reference)]
_TweetNumber = Annotated[
    int,
    BeforeValidator(_tweet_number),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,19}$", "maxLength": 50}),
]
_Hour = Annotated[int, Field(ge=0, le=23)]

Count = Annotated[int, BeforeValidator(_whole)]
"""A whole number; numpy's count too."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False), BeforeValidator(_number)]
"""A finite number from 0 on."""

PersonaRef = Annotated[
    str | SupportsIndex | HasPersonaId,
    Wire(_PersonaText),
    Field(description="Id, name, or rank by size (0 is the largest)."),
]
"""A persona's id or name, its rank by size (0 is the largest), or a record of it."""

PersonaRefs = Annotated[
    Iterable[str | SupportsIndex | HasPersonaId],
    Wire(Annotated[list[_PersonaText], BeforeValidator(_listed)]),
    Field(description="Ids, names, or ranks by size."),
]
"""Several personas."""

TweetId = Annotated[SupportsIndex | str, Wire(_TweetNumber), Field(description="Id of the tweet.")]
"""A tweet's id as a number or as digits."""

TweetIds = Annotated[
    Iterable[SupportsIndex | str] | SupportsIndex | str,
    Wire(Annotated[list[_TweetNumber], BeforeValidator(_listed)]),
    Field(description="Ids of tweets."),
]
"""Ids of several tweets."""

Terms = Annotated[
    str | Iterable[str] | None,
    Wire(
        Annotated[
            list[Annotated[_Text, AfterValidator(_term)]],
            Field(min_length=1, max_length=50),
            BeforeValidator(_listed),
        ]
    ),
    Field(description="Terms to look for; one match is enough."),
]
"""A term or several; without case and extra spaces once checked."""

HourRange = Annotated[
    tuple[int, int] | str | None,
    Wire(Annotated[list[_Hour], Field(min_length=2, max_length=2), BeforeValidator(_hour_range)]),
    Field(description="First and last local hour, such as 9-17 or 22-4."),
]
"""Two hours, both included; the first may be the later one."""

Name = Annotated[_Text, Field(description="Name; case, spaces and punctuation are ignored.")]
SnapshotName = Annotated[_Text, Field(description="Id of a snapshot.")]
Top = Annotated[Count, Field(ge=1, le=1000, description="Maximum number to return.")]
Method = Literal["language", "style", "size"]


def find_persona(contents: Contents, given: object) -> Persona:
    """Find a persona by what names it.

    Parameters
    ----------
    given
        An id or a name (case, spaces and punctuation are ignored), or the digits of a rank by
        size (0 is the largest).

    Raises
    ------
    NotFoundError
        No persona has that id, name or rank; the error suggests similar names. Of one that
        people hid or merged it says so.
    """
    text = str(given)
    wanted = _folded(text)
    for persona in contents.by_id.values():
        if wanted and wanted in {_folded(persona.persona_id), _folded(persona.name)}:
            return persona
    _refuse_hidden(contents, wanted)
    if _DIGITS.fullmatch(text.strip()):
        return _ranked(contents, int(text))
    raise _unknown(contents, text)


def _refuse_hidden(contents: Contents, wanted: str) -> None:
    """Say of a hidden persona who hid it and why."""
    for persona in contents.hidden:
        if wanted and wanted in {_folded(persona.persona_id), _folded(persona.name)}:
            raise NotFoundError(
                str(persona.hidden_note),
                f"a persona that is shown: {_all(contents)}",
                f"show it again with `ri-index undo {persona.persona_id}`, or name another",
            )


def find_by_name(contents: Contents, name: str) -> Persona:
    """Find a persona by its name alone; raises as `find_persona`."""
    for persona in contents.by_id.values():
        if _folded(name) and _folded(name) == _folded(persona.name):
            return persona
    _refuse_hidden(contents, _folded(name))
    raise _unknown(contents, name)


def _folded(name: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(char for char in name.casefold() if char.isalnum())


def _ranked(contents: Contents, rank: int) -> Persona:
    if rank >= len(contents.personas):
        raise NotFoundError(
            f"there is no persona of rank {rank}",
            f"0 (the largest) to {len(contents.personas) - 1}, or an id or name: {_all(contents)}",
            "name one of these",
        )
    return contents.personas[rank]


def _unknown(contents: Contents, given: str) -> NotFoundError:
    # Names only: an id that resembles another is not a typing error, and says nothing of a name.
    known = {_folded(p.name): p.name for p in contents.personas}
    wanted = _folded(given)
    # Part of a name is similar too, which difflib alone does not see.
    parts = [key for key in known if len(wanted) > 2 and wanted in key]  # noqa: PLR2004
    if (told := _end_of(contents, given)) is not None:
        return NotFoundError(told, f"one of {_all(contents)}", "name one of these")
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    near = dict.fromkeys(known[key] for key in (*parts, *close))
    return NotFoundError(
        f"there is no persona {given!r}",
        f"one of {_all(contents)}",
        f"did you mean {' or '.join(map(repr, near))}?" if near else "name one of these",
    )


def _end_of(contents: Contents, given: str) -> str | None:
    """Say how a persona ended that the snapshot knows as retired; None for any other."""
    if file_name(_ASSET, _LINEAGE) not in contents.snapshot.manifest.files:
        return None  # published before snapshots had a lineage
    rows = contents.part(_ASSET, _LINEAGE, ("sequence", "persona_id", "event", "sentence"))
    ends = [
        (row["sequence"], row["sentence"])
        for row in rows
        if row["event"] == "retired" and _folded(row["persona_id"]) == _folded(given)
    ]
    return max(ends)[1].rstrip(".") if ends else None


def _all(contents: Contents) -> str:
    return ", ".join(f"{p.persona_id} {p.name}" for p in contents.personas)
