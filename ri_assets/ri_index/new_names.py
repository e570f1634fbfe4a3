"""What people corrected since a snapshot was published, shown in its answers at once.

Belongs here: which entries of the override file are newer than the snapshot, and how names and
hiding are laid over its personas. Merges are work for a run; here they are only announced. Does
not belong here: the file itself (`ri_assets.personas.corrections`). Nothing here changes a
published file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ri_assets.environment import NAMES_FILE, Environment
from ri_assets.errors import StoreError
from ri_assets.records.personas import Persona
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets.store.snapshot import Snapshot

if TYPE_CHECKING:
    from ri_assets.personas.corrections.entries import Corrections, Rename
    from ri_assets.personas.privacy.guard import Passes


def latest_corrections(snapshot: Snapshot) -> Corrections | None:
    """Read the override file as it is now, for the current snapshot; None if nothing is there.

    Older snapshots and drafts show what they were written with, so nothing is read for them.

    Raises
    ------
    ConfigError
        The file has a fault; the message names file, line and key.
    """
    files, given = snapshot.files, Environment.from_env().names
    if snapshot.is_draft or not _is_current(files, snapshot.manifest.snapshot):
        return None
    if not given and not files.exists(NAMES_FILE):
        return None
    # They load pandas.
    from ri_assets.personas.corrections.entries import Corrections
    from ri_assets.personas.corrections.override_file import default_place, read_overrides

    return Corrections.of(read_overrides(given or default_place(files.location)))


def with_hidden(
    personas: Sequence[Persona],
    corrections: Corrections,
    published_at: str,
    passes: Callable[[], Passes],
) -> list[Persona]:
    """Hide personas, or show them again, as people asked since they were published.

    Parameters are those of `with_new_names`.
    """
    since, found = _day(published_at), []
    for one in personas:
        hide = corrections.hidden.get(one.persona_id)
        shown = corrections.undone.get(one.persona_id)
        if one.hidden_note is None and hide is not None and hide.date >= since:
            from ri_assets.personas.corrections.sentences import hidden_note

            said = hidden_note(one.persona_id, corrections, passes())
            found.append(one.model_copy(update={"hidden_note": said}))
        elif one.hidden_note is not None and hide is None and shown and shown.date >= since:
            found.append(one.model_copy(update={"hidden_note": None}))
        else:
            found.append(one)
    return found


def next_merges(personas: Iterable[Persona], corrections: Corrections, published_at: str) -> str:
    """Say which personas the next run merges; empty if none."""
    since, known = _day(published_at), {one.persona_id for one in personas}
    told = [
        f"{part} into {merge.merged_into}"
        for part, merge in sorted(corrections.merges.items())
        if merge.date >= since and {part, merge.merged_into} <= known
    ]
    return f"the next run merges {', '.join(told)}" if told else ""


def with_new_names(
    personas: Sequence[Persona],
    renames: Mapping[str, Rename],
    published_at: str,
    passes: Callable[[], Passes],
) -> list[Persona]:
    """Give personas the names that people gave since they were published.

    An entry counts if its date is not before the day of publication: the run knew older ones.
    As in a run, a name, a focus or a reason that may be private is not used, and a name that
    is taken gets the persona's id behind it.

    Parameters
    ----------
    renames
        The last rename of each persona id; ids of no persona are ignored.
    published_at
        When the snapshot was published, ISO 8601 in UTC.
    passes
        Gives the question whether a text may be shown; called only if there is a new name,
        because it takes seconds.
    """
    since = _day(published_at)
    changed = {
        one.persona_id: last
        for one in personas
        if (last := renames.get(one.persona_id)) is not None
        and last.date >= since
        and not _is_applied(one, last)
    }
    if not changed:
        return list(personas)
    may_be_shown = passes()
    changed = {
        key: last
        for key, last in changed.items()
        if all(map(may_be_shown, filter(None, (last.name, last.focus, last.reason))))
    }
    given = {str(last.name).casefold() for last in changed.values() if last.name is not None}
    kept = {one.name.casefold() for one in personas if one.persona_id not in changed}
    found = []
    for one in personas:
        last = changed.get(one.persona_id)
        if last is None:
            found.append(_apart(one, given))
        elif last.name is None:
            found.append(_apart(_automatic(one, last), given | kept))
        else:
            found.append(_renamed(one, last))
    return found


def note_on(newly_named: Mapping[str, Persona], rows: Iterable[object]) -> str:
    """Say which rows show a name that the published snapshot lacks; empty if none does.

    Parameters
    ----------
    newly_named
        Personas with such names, by id.
    """
    shown = {
        key
        for row in rows
        if (key := str(getattr(row, "persona_id", ""))) in newly_named
        and getattr(row, "name", None) == newly_named[key].name
    }
    if not shown:
        return ""
    return f"named by people since the snapshot was published: {', '.join(sorted(shown))}"


def _day(moment: str) -> dt.date:
    """Day of publication: the run knew what people corrected before."""
    return dt.datetime.fromisoformat(moment).astimezone(dt.UTC).date()


def _is_current(files: Files, snapshot: str) -> bool:
    try:
        return current_id(files) == snapshot
    except StoreError:  # a damaged pointer; a snapshot can still be opened by its id
        return False


def _is_applied(persona: Persona, last: Rename) -> bool:
    """Whether the run that published the persona did what the entry says."""
    if last.name is None:
        return persona.name_source != "person"
    shown = (persona.name, persona.focus)
    return shown == (last.name, last.focus or persona.automatic_focus)


def _renamed(persona: Persona, last: Rename) -> Persona:
    said = (
        f"named by a person on {last.date.isoformat()}, after the snapshot was published: "
        f"{last.reason}; the published name is “{persona.name}”"
    )
    return persona.model_copy(
        update={
            "name": last.name,
            "focus": last.focus or persona.automatic_focus,
            "name_source": "person",
            "is_catalogue_name": False,
            "name_evidence": (said, *persona.name_evidence),
        }
    )


def _automatic(persona: Persona, last: Rename) -> Persona:
    said = (
        f"a person took the automatic name back on {last.date.isoformat()}, after the snapshot "
        f"was published: {last.reason}; the published name is “{persona.name}”"
    )
    return persona.model_copy(
        update={
            "name": persona.automatic_name,
            "focus": persona.automatic_focus,
            "name_source": None,
            "name_evidence": (said, *persona.name_evidence),
        }
    )


def _apart(persona: Persona, taken: set[str]) -> Persona:
    if persona.name.casefold() not in taken:
        return persona
    return persona.model_copy(update={"name": f"{persona.name} ({persona.persona_id})"})
