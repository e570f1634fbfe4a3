"""Corrections in words: for the card, the lineage, the summary and messages.

Belongs here: who did what, when and why, as a sentence. A sentence whose words may be private
leaves out the reason and who gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ri_assets.personas.corrections.entries import Correction, Corrections
from ri_assets.personas.corrections.merges import Corrected
from ri_assets.personas.privacy.guard import Passes, everything


def signed(said: str, entry: Correction, passes: Passes = everything) -> str:
    """Add to what was done who did it, when and why.

    Examples
    --------
    >>> from ri_assets.personas.corrections.entries import Hide
    >>> entry = Hide(hidden=True, by="Asha", date="2026-11-27", reason="a bot")
    >>> signed("P09 was hidden", entry)
    'P09 was hidden by Asha on 2026-11-27: a bot'
    """
    whole = f"{said} by {entry.by} on {entry.date.isoformat()}: {entry.reason}"
    if passes(whole):
        return whole
    return f"{said} by a person (name and reason may be private)"


@dataclass(frozen=True)
class ToldByPeople:
    """What the lineage says of corrections; every text is a sentence without its full stop.

    Parameters
    ----------
    merged
        Persona that took a part up, and the sentence, by the part's id.
    restored
        By the id of a persona that is one of its own again.
    hidden, shown
        By the id of a persona that this run hides, or shows again.
    unapplied
        By the id of a persona whose correction applied before, or was new, and no longer does.
    """

    merged: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    restored: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    unapplied: Mapping[str, str] = field(default_factory=dict)


def tell(
    corrected: Corrected, corrections: Corrections, passes: Passes = everything
) -> ToldByPeople:
    """Put into words what the corrections of people changed since the snapshot before."""
    previous = corrected.ids.previous
    before = {} if previous is None else previous.part_of
    was_hidden: set[str] = set()
    if previous is not None and "hidden_note" in previous.personas:
        is_hidden = previous.personas["hidden_note"].notna()
        was_hidden = set(previous.personas.loc[is_hidden, "persona_id"])
    alive = set(corrected.ids.ids.values())
    unapplied = {
        one: signed(f"{why}; so it changes nothing that {_done(one, corrections)}", entry, passes)
        for one, why in corrected.idle.items()
        if corrected.was_known(one)
        and (entry := corrections.merges.get(one) or corrections.hidden.get(one)) is not None
    }
    return ToldByPeople(
        merged={
            part: (into, _merged(part, into, corrections, passes))
            for part, into in corrected.merged.items()
            if before.get(part) != into
        },
        restored={
            part: _undone(f"the merge of {part} into {into} was taken back", part, corrections,
                          passes)
            for part, into in before.items()
            if part != into and part in alive
        },
        hidden={
            one: hidden_note(one, corrections, passes) for one in corrected.hidden - was_hidden
        },
        shown={
            one: _undone(f"{one} was made visible again", one, corrections, passes)
            for one in (was_hidden & alive) - corrected.hidden
        },
        unapplied=unapplied,
    )  # fmt: skip


def with_corrections(
    personas: pd.DataFrame,
    corrected: Corrected,
    corrections: Corrections,
    passes: Passes = everything,
) -> pd.DataFrame:
    """Fill the columns `corrections` and `hidden_note` of the contract `PERSONAS`."""
    merged: dict[str, list[str]] = {}
    for part, into in sorted(corrected.merged.items()):
        merged.setdefault(into, []).append(_merged(part, into, corrections, passes))
    notes = {one: hidden_note(one, corrections, passes) for one in corrected.hidden}
    ids = personas["persona_id"]
    return personas.assign(
        corrections=pd.Series([merged.get(one, []) for one in ids], ids.index, dtype=object),
        hidden_note=pd.Series([notes.get(one) for one in ids], ids.index, dtype=object),
    )


def hidden_note(persona_id: str, corrections: Corrections, passes: Passes = everything) -> str:
    """Say that a persona is hidden, by whom and why."""
    return signed(f"{persona_id} was hidden", corrections.hidden[persona_id], passes)


def _merged(part: str, into: str, corrections: Corrections, passes: Passes) -> str:
    return signed(f"{part} was merged into {into}", corrections.merges[part], passes)


def _undone(said: str, persona_id: str, corrections: Corrections, passes: Passes) -> str:
    entry = corrections.undone.get(persona_id)
    return (
        f"{said}: no entry holds for it any more" if entry is None else signed(said, entry, passes)
    )


def _done(persona_id: str, corrections: Corrections) -> str:
    merge = corrections.merges.get(persona_id)
    if merge is None:
        return f"{persona_id} was hidden"
    return f"{persona_id} was merged into {merge.merged_into}"
