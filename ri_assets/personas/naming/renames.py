"""Names that a person gives, in place of automatic ones.

Belongs here: what a rename does to a name. Does not belong here: names from evidence (`namers`),
or the override file (`ri_assets.personas.corrections`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from ri_assets.personas.corrections.entries import Rename
from ri_assets.personas.naming.namers import Name
from ri_assets.personas.privacy.guard import Passes, everything

Renames = Mapping[str, Rename]
"""The last rename of each persona id."""


@dataclass(frozen=True)
class GivenNames:
    """Names with the renames applied, and what could not be applied.

    Parameters
    ----------
    names
        By cluster, as before, with the names of people in place.
    unknown
        Ids of the file that no persona of this run has; they may be retired.
    withheld
        Ids whose given name or focus may not be shown, so that the automatic name stays.
    """

    names: dict[int, Name]
    unknown: tuple[str, ...]
    withheld: tuple[str, ...] = ()


def give_names(
    names: Mapping[int, Name],
    ids: Mapping[int, str],
    renames: Renames,
    passes: Passes = everything,
) -> GivenNames:
    """Put the names of people in place of automatic ones.

    An automatic name that a person gave to another persona is told apart by its id.

    Parameters
    ----------
    names
        Automatic names by cluster.
    ids
        Persona id of every cluster.
    renames
        As `Corrections` holds them.
    passes
        Whether a name, a focus or a reason may be shown.
    """
    held = {key: last for key, last in renames.items() if last.name is not None}
    refused = {
        key
        for key, last in held.items()
        if not all(map(passes, filter(None, (last.name, last.focus, last.reason))))
    }
    unknown = tuple(sorted(held.keys() - set(ids.values())))
    held = {key: last for key, last in held.items() if key not in refused}
    taken = {str(held[key].name).casefold() for cluster in names if (key := ids[cluster]) in held}
    given = {
        cluster: _renamed(name, held.get(ids[cluster]), ids[cluster], taken)
        for cluster, name in names.items()
    }
    return GivenNames(given, unknown, tuple(sorted(refused & set(ids.values()))))


def _renamed(name: Name, rename: Rename | None, persona_id: str, taken: Collection[str]) -> Name:
    if rename is None:
        if name.name.casefold() in taken:
            return replace(name, name=f"{name.name} ({persona_id})")
        return name
    said = (
        f"named by a person on {rename.date.isoformat()}: {rename.reason}; "
        f"the evidence alone says “{name.name}”"
    )
    return replace(
        name,
        name=str(rename.name),
        focus=rename.focus or name.focus,
        evidence=(said, *name.evidence),
        source="person",
    )
