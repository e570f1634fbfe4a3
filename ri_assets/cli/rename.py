"""`ri-index rename`: a person's name for a persona, added to the override file."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from ri_assets.cli.terminal import console
from ri_assets.errors import ConfigError, RIError
from ri_assets.personas.naming.renames import PersonaId, Rename, add_rename, default_place
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot


def rename_persona(
    persona: str,
    name: str | None,
    by: str,
    reason: str,
    focus: str | None,
    place: str | None,
    store: str,
) -> None:
    """Append to the history, and say what holds now.

    Raises
    ------
    ConfigError
        The id or the words cannot be used, or the file is broken; it stays as it was.
    """
    told = console(stderr=True)
    entry = _checked(persona, name, by, reason, focus)
    where = place or default_place(store)
    history = add_rename(where, persona, entry)[persona]
    known = _published(store)
    if known is not None and persona not in known:
        told.print(
            f"[yellow]![/] the published snapshot has no {persona} (it has "
            f"{', '.join(sorted(known))}); the name waits until it returns",
            highlight=False,
            soft_wrap=True,
        )
    said = "its automatic name" if name is None else f"“{escape(str(entry.name))}”"
    console().print(
        f"{persona} has {said} from the next run on (entry {len(history)} in {escape(where)})",
        highlight=False,
        soft_wrap=True,
    )


def _checked(persona: str, name: str | None, by: str, reason: str, focus: str | None) -> Rename:
    try:
        TypeAdapter(PersonaId).validate_python(persona)
        return Rename(name=name, by=by, date=datetime.now(UTC).date(), reason=reason, focus=focus)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'persona'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigError(
            problems,
            "an id such as P03, a name of at most 60 characters, and who and why, each in one line",
            "`ri-index summary` lists the ids",
        ) from error


def _published(store: str) -> set[str] | None:
    """Ids of the published personas; none where nothing is published."""
    try:
        table = Snapshot(Files(store)).table("ri_index_app", columns=["persona_id"])
    except RIError:
        return None
    return set(table["persona_id"].to_pylist())
