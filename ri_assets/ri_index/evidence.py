"""The terms and the rhythm of a persona, as the run stored them.

Belongs here: reading the rows of one persona. Does not belong here: how the figures
come about (`ri_assets.personas`).
"""

from __future__ import annotations

from typing import TypeVar

from ri_assets.records.personas import Persona, RhythmSlot, Term
from ri_assets.records.record import Record
from ri_assets.ri_index.snapshot_reader import Contents

T = TypeVar("T", bound=Record)


def terms(contents: Contents, persona: Persona) -> list[Term]:
    """List its terms, best first."""
    return sorted(_rows(contents, persona, "terms", Term), key=lambda term: term.rank)


def rhythm(contents: Contents, persona: Persona) -> list[RhythmSlot]:
    """List its hours from 0 and then its weekdays from Monday; none where no tweet has a time."""
    rows = _rows(contents, persona, "rhythm", RhythmSlot)
    return sorted(rows, key=lambda row: (row.cycle, row.slot))


def _rows(contents: Contents, persona: Persona, part: str, kind: type[T]) -> list[T]:
    return [
        kind.from_row(row)
        for row in contents.part("personas_enriched", part, ["persona_id", *kind.model_fields])
        if row["persona_id"] == persona.persona_id
    ]
