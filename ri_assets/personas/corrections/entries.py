"""The entries of the override file: what a person corrected, when and why.

Belongs here: their shape, and which of them hold. Does not belong here: the file itself
(`override_file`), or what an entry does to a run (`merges`, `ri_assets.personas.naming.renames`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from pydantic import Discriminator, Field, StringConstraints, Tag, TypeAdapter, field_validator

from ri_assets.config import Settings

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
PersonaId = Annotated[str, StringConstraints(pattern=r"^P\d{2,}$")]


class Correction(Settings):
    """Who corrected a persona, when and why; each kind of entry adds what it says.

    Only the last entry of a kind holds.
    """

    by: Words
    date: dt.date
    reason: Words

    @field_validator("*")
    @classmethod
    def _one_line(cls, value: object) -> object:
        if isinstance(value, str) and not value.isprintable():
            raise ValueError("it must be one line of printable text")
        return value

    @field_validator("date", mode="before")
    @classmethod
    def _whole_date(cls, value: object) -> object:
        if not isinstance(value, str | dt.date):
            raise ValueError("it must be a date such as 2026-11-23")  # noqa: TRY004 - pydantic's way
        return value


class Rename(Correction):
    """The name of a persona; None takes the automatic name back."""

    name: Annotated[
        str | None, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
    ]
    focus: Words | None = None


class Merge(Correction):
    """The persona that this one is merged into; None takes the merge back."""

    merged_into: PersonaId | None


class Hide(Correction):
    """Whether a persona is left out of lists, exports and the explorer."""

    hidden: Annotated[bool, Field(strict=True)]


KINDS: dict[str, type[Correction]] = {"name": Rename, "merged_into": Merge, "hidden": Hide}
"""Each kind of entry by the key that only it has."""


def _kind(entry: object) -> str:
    """Tell an entry's kind by its keys; in brackets, because no key of the file says it."""
    if isinstance(entry, Correction):
        return f"[{next(key for key, kind in KINDS.items() if isinstance(entry, kind))}]"
    keys = entry if isinstance(entry, Mapping) else {}
    return f"[{next((key for key in KINDS if key in keys), 'name')}]"


Entry = Annotated[
    Annotated[Rename, Tag("[name]")]
    | Annotated[Merge, Tag("[merged_into]")]
    | Annotated[Hide, Tag("[hidden]")],
    Discriminator(_kind),
]
Overrides = Mapping[str, tuple[Correction, ...]]
"""The history of each persona id, newest entry last."""

SHAPE: TypeAdapter[dict[PersonaId, tuple[Entry, ...]]] = TypeAdapter(
    dict[PersonaId, Annotated[tuple[Entry, ...], Field(min_length=1)]]
)
K = TypeVar("K", bound=Correction)


def latest(overrides: Overrides, kind: type[K]) -> dict[str, K]:
    """Give the last entry of a kind for each persona id that has one."""
    return {
        persona_id: own[-1]
        for persona_id, history in overrides.items()
        if (own := [entry for entry in history if isinstance(entry, kind)])
    }


def place_of(history: Sequence[Correction], entry: Correction) -> int:
    """Place of an entry in its history, from 0."""
    return next(n for n, one in enumerate(history) if one is entry)


@dataclass(frozen=True)
class Corrections:
    """The corrections that hold.

    Parameters
    ----------
    renames
        The last rename of each persona id; one without a name takes the automatic name back.
    merges
        By the id of the persona that is merged into another.
    hidden
        By the id of the persona that is hidden.
    undone
        Merges and hidings that were taken back: the entry that did, by the persona's id.
    """

    renames: Mapping[str, Rename] = field(default_factory=dict)
    merges: Mapping[str, Merge] = field(default_factory=dict)
    hidden: Mapping[str, Hide] = field(default_factory=dict)
    undone: Mapping[str, Correction] = field(default_factory=dict)

    @classmethod
    def of(cls, overrides: Overrides) -> Corrections:
        """Choose from a history what holds."""
        merges, hidden = latest(overrides, Merge), latest(overrides, Hide)
        back: dict[str, Correction] = {key: one for key, one in hidden.items() if not one.hidden}
        back |= {key: one for key, one in merges.items() if one.merged_into is None}
        return cls(
            renames=latest(overrides, Rename),
            merges={key: one for key, one in merges.items() if one.merged_into is not None},
            hidden={key: one for key, one in hidden.items() if one.hidden},
            undone=back,
        )


def targets(merges: Mapping[str, Merge], persona_id: str) -> Iterator[str]:
    """Give the personas that one is merged into, the nearest first; a circle ends."""
    seen = {persona_id}
    while (merge := merges.get(persona_id)) is not None:
        persona_id = str(merge.merged_into)
        if persona_id in seen:
            return
        seen.add(persona_id)
        yield persona_id


def is_in_a_circle(merges: Mapping[str, Merge], persona_id: str) -> bool:
    """Whether following the merges from a persona leads back to it."""
    return any(
        str(merges[one].merged_into) == persona_id
        for one in (persona_id, *targets(merges, persona_id))
        if one in merges
    )
