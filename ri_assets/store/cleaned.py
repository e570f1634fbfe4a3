"""What cleaning removed or kept, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ri_assets.counted import noun
from ri_assets.environment import Retention

Kind = Literal["snapshot", "raw", "candidate", "vectors", "copy", "run"]

READ_BY = "somebody is reading it"
"""Why something stays that a reader has opened."""
_THOUSAND = 1000


@dataclass(frozen=True)
class Old:
    """One thing that retention lets go.

    Parameters
    ----------
    name
        Id of the snapshot (of raw posts too) or the run, or path of the vectors or the copy.
    bytes
        Its size; 0 if that is unknown.
    """

    kind: Kind
    name: str
    bytes: int


@dataclass(frozen=True)
class Kept:
    """One old thing that stays all the same."""

    kind: Kind
    name: str
    why: str


@dataclass(frozen=True)
class Cleaning:
    """What was removed, or would be, and what stayed although it is old."""

    gone: tuple[Old, ...] = ()
    kept: tuple[Kept, ...] = ()

    def __add__(self, other: Cleaning) -> Cleaning:
        return Cleaning(self.gone + other.gone, self.kept + other.kept)


_NAMES: dict[Kind, tuple[str, str]] = {
    "snapshot": ("snapshot", "snapshots"),
    "raw": ("set of raw posts", "sets of raw posts"),
    "candidate": ("candidate", "candidates"),
    "vectors": ("file of vectors", "files of vectors"),
    "copy": ("copy of a database", "copies of a database"),
    "run": ("run of Dagster", "runs of Dagster"),
}


def sentences(found: Cleaning, retention: Retention, *, is_dry_run: bool) -> Iterator[str]:
    """Say what was removed of each kind, by which rule, and what stayed and why."""
    rules: dict[Kind, str] = {
        "snapshot": f"the newest {retention.snapshots} stay",
        "raw": "all stay"
        if retention.raw is None
        else f"the newest {retention.raw}, and those in use, stay",
        "candidate": f"the newest {retention.candidates}, and those in use, stay"
        if retention.raw != 0
        else "those in use stay",
        "vectors": f"those used in the last {retention.cache_days} days stay",
        "copy": f"one used in the last {retention.cache_days} days stays"
        if retention.raw != 0
        else "none stays",
        "run": f"those of the last {retention.run_days} days stay",
    }
    verb = "would be removed" if is_dry_run else "removed"
    for kind, (one, many) in _NAMES.items():
        gone = [old for old in found.gone if old.kind == kind]
        if not gone and (kind == "copy" or (kind == "raw" and retention.raw is None)):
            continue  # nobody asked for it, or there was none
        name = noun(len(gone), one, many)
        size = f" ({told_bytes(sum(old.bytes for old in gone))})" if gone else ""
        yield f"{len(gone) or 'no'} {name} {verb}{size}; {rules[kind]}"
    if retention.raw:
        yield (
            "the candidates that stay hold raw posts too, and so does the copy of a database; "
            "with --keep-raw 0, only those in use stay"
        )
    for kept in found.kept:
        yield f"kept although old: {_NAMES[kept.kind][0]} {kept.name}, because {kept.why}"


def told_bytes(number: int) -> str:
    """Give a size in kB, MB or GB."""
    size = number / _THOUSAND
    for unit in ("kB", "MB"):
        if size < _THOUSAND:
            return f"{size:,.1f} {unit}"
        size /= _THOUSAND
    return f"{size:,.1f} GB"
