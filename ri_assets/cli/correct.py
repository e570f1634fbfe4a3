"""The commands by which people correct personas: rename, merge, hide, and undo.

Belongs here: their options, what they refuse, and what they say comes at once and what comes with
the next run. Does not belong here: the override file (`ri_assets.personas.corrections`).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.markup import escape

from ri_assets.cli.options import PIPELINE, Names, Store, personas_here
from ri_assets.cli.terminal import console
from ri_assets.environment import Environment, store_location
from ri_assets.errors import ConfigError, RIError
from ri_assets.ri_index.app_tables import PROFILE
from ri_assets.ri_index.arguments import find_persona
from ri_assets.ri_index.snapshot_reader import Contents, open_contents
from ri_assets.store.files import Files

if TYPE_CHECKING:
    from ri_assets.personas.corrections.entries import Correction, Corrections, Rename
    from ri_assets.records.personas import Persona

C = TypeVar("C", bound="Correction")
By = Annotated[str, typer.Option(help="Your name.")]
_FOLLOW = "exports and the explorer follow at the next run"

app = typer.Typer()


@app.command(rich_help_panel=PIPELINE)
def rename(
    persona: Annotated[str, typer.Argument(help="Id of the persona, such as P03.")],
    name: Annotated[
        str | None, typer.Argument(help="New name; without one, the automatic name returns.")
    ] = None,
    by: By = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="Reason for the new name.")] = ...,  # type: ignore[assignment]
    focus: Annotated[str | None, typer.Option(help="New description of what it is about.")] = None,
    names: Names = None,
    store: Store = None,
) -> None:
    """Rename a persona; answers show the name at once."""
    _rename(persona, name, by, reason, focus, _place(names, store), store_location(store))


@app.command(rich_help_panel=PIPELINE)
def merge(
    persona: Annotated[
        str, typer.Argument(help="Persona that stays.", autocompletion=personas_here)
    ],
    other: Annotated[
        str, typer.Argument(help="Persona to merge into it.", autocompletion=personas_here)
    ],
    by: By = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="Reason for the merge.")] = ...,  # type: ignore[assignment]
    names: Names = None,
    store: Store = None,
) -> None:
    """Merge a persona into another at the next run."""
    from ri_assets.personas.corrections.entries import Merge
    from ri_assets.personas.corrections.override_file import add_entry

    place, contents = _place(names, store), _published(store_location(store))
    into, part = find_persona(contents, persona), find_persona(contents, other)
    if into.persona_id == part.persona_id:
        raise ConfigError(
            f"{into.persona_id} cannot be merged with itself", "two personas", "name another one"
        )
    for one in (into, part):
        _refuse_merged(one, _held(place))
    entry = _entry(Merge, by, reason, merged_into=into.persona_id)
    held = _corrections(add_entry(place, part.persona_id, entry))
    _say(
        console(),
        f"the next run merges {part.persona_id} into {into.persona_id} and retires "
        f"{part.persona_id} (entry in {escape(place)}). Until then answers show both, and lists "
        f"say so. Take it back with `ri-index undo {part.persona_id}`",
    )
    _warn_of_count(contents, held)


@app.command(rich_help_panel=PIPELINE)
def hide(
    persona: Annotated[str, typer.Argument(help="Persona to hide.", autocompletion=personas_here)],
    by: By = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="Reason for hiding it.")] = ...,  # type: ignore[assignment]
    names: Names = None,
    store: Store = None,
) -> None:
    """Hide a persona from lists; its tweets still count."""
    from ri_assets.personas.corrections.entries import Hide
    from ri_assets.personas.corrections.override_file import add_entry

    place, contents = _place(names, store), _published(store_location(store))
    found = find_persona(contents, persona)
    _refuse_merged(found, _held(place))
    if len(contents.personas) == 1:
        raise ConfigError(
            f"{found.persona_id} is the only persona that is shown",
            "another one that stays",
            "show another one again with `ri-index undo` first",
        )
    add_entry(place, found.persona_id, _entry(Hide, by, reason, hidden=True))
    is_now = found.persona_id not in _published(store_location(store)).by_id
    _say(
        console(),
        f"{found.persona_id} is hidden {_when(is_now)} (entry in {escape(place)}); its "
        f"{found.tweet_count:,} tweets still count. Take it back with `ri-index undo "
        f"{found.persona_id}`",
    )


@app.command(rich_help_panel=PIPELINE)
def undo(
    persona: Annotated[str, typer.Argument(help="Id of the merged or hidden persona.")],
    by: By = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="Reason for taking it back.")] = ...,  # type: ignore[assignment]
    names: Names = None,
    store: Store = None,
) -> None:
    """Take back a merge, or show a hidden persona again."""
    from ri_assets.personas.corrections.entries import Hide, Merge
    from ri_assets.personas.corrections.override_file import add_entry

    place, location = _place(names, store), store_location(store)
    wanted, held = persona.strip().upper(), _held(place)
    if (merged := held.merges.get(wanted)) is not None:
        add_entry(place, wanted, _entry(Merge, by, reason, merged_into=None))
        try:
            is_there = wanted in _published(location).everyone_by_id
        except RIError:
            is_there = False
        what = f"the merge of {wanted} into {merged.merged_into} is taken back: " + (
            f"{wanted} stays a persona" if is_there else f"the next run restores {wanted}"
        )
    elif wanted in held.hidden:
        add_entry(place, wanted, _entry(Hide, by, reason, hidden=False))
        try:
            is_now = wanted in _published(location).by_id
        except RIError:
            is_now = False
        what = f"{wanted} is shown again {_when(is_now)}"
    else:
        known = ", ".join(sorted({*held.merges, *held.hidden})) or "none"
        raise ConfigError(
            f"{wanted} is neither merged nor hidden by an entry of {place}",
            f"one that is: {known}",
            "name the persona that was merged or hidden; `ri-index rename` without a name takes "
            "a name back",
        )
    _say(console(), f"{what} (entry in {escape(place)})")


def _rename(
    persona: str,
    name: str | None,
    by: str,
    reason: str,
    focus: str | None,
    where: str,
    store: str,
) -> None:
    """Append a name to the override file, and say which name is used next.

    Raises
    ------
    ConfigError
        The id or the name cannot be used, or the file is broken; it is left unchanged.
    """
    from ri_assets.personas.corrections.entries import PersonaId, Rename
    from ri_assets.personas.corrections.override_file import add_entry

    err = console(stderr=True)
    try:
        TypeAdapter(PersonaId).validate_python(persona)
    except ValidationError as error:
        raise _problem(error) from error
    entry = _entry(Rename, by, reason, name=name, focus=focus)
    history = add_entry(where, persona, entry)[persona]
    try:
        known = set(_published(store).everyone_by_id)
    except RIError:
        known = None
    if known is not None and persona not in known:
        _say(
            err,
            f"[yellow]![/] the published snapshot has no {persona} (it has "
            f"{', '.join(sorted(known))}); the name is kept until the persona returns",
        )
    said = "its automatic name" if name is None else f"“{escape(str(entry.name))}”"
    if known is not None and persona in known and _is_shown(store, persona, entry):
        when = f"now; {_FOLLOW}"
    else:
        when = "from the next run on, if the name may be shown"
    _say(console(), f"{persona} has {said} {when} (entry {len(history)} in {escape(where)})")


def _entry(kind: type[C], by: str, reason: str, **values: object) -> C:
    try:
        return kind.model_validate(
            {**values, "by": by, "date": datetime.now(UTC).date(), "reason": reason}
        )
    except ValidationError as error:
        raise _problem(error) from error


def _problem(error: ValidationError) -> ConfigError:
    problems = "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'persona'}: {problem['msg']}"
        for problem in error.errors()
    )
    return ConfigError(
        problems,
        "an id such as P03, a name of at most 60 characters, and who and why, each in one line",
        "`ri-index summary` lists the ids",
    )


def _is_shown(store: str, persona: str, entry: Rename) -> bool:
    """Whether answers about the current snapshot show what an entry says.

    They do not if its words may be private, or if they read another override file.
    """
    shown = _published(store).everyone_by_id[persona]
    if entry.name is None:
        return shown.name_source != "person"
    return shown.name == entry.name


def _place(names: str | None, store: str | None) -> str:
    """Where the override file is: an option, the environment, or the store."""
    from ri_assets.personas.corrections.override_file import default_place

    return names or Environment.from_env().names or default_place(store_location(store))


def _held(place: str) -> Corrections:
    from ri_assets.personas.corrections.override_file import read_overrides

    return _corrections(read_overrides(place))


def _corrections(overrides: dict[str, tuple[Correction, ...]]) -> Corrections:
    from ri_assets.personas.corrections.entries import Corrections

    return Corrections.of(overrides)


def _published(store: str) -> Contents:
    """Open the current snapshot as people correct it now."""
    return open_contents(Files(store), None, draft=False)


def _refuse_merged(persona: Persona, held: Corrections) -> None:
    merge = held.merges.get(persona.persona_id)
    if merge is not None:
        raise ConfigError(
            f"{persona.persona_id} is already merged into {merge.merged_into}, by {merge.by} "
            f"on {merge.date.isoformat()}: {merge.reason}",
            "a persona that is not merged into another",
            f"name {merge.merged_into}, or take the merge back with `ri-index undo "
            f"{persona.persona_id}`",
        )


def _when(is_now: bool) -> str:
    return f"now; {_FOLLOW}" if is_now else "from the next run on"


def _warn_of_count(contents: Contents, held: Corrections) -> None:
    """Say if the next run will have too few personas to be published."""
    left = len(contents.everyone) - len(held.merges.keys() & contents.everyone_by_id.keys())
    gates = json.loads(bytes(contents.snapshot.content(PROFILE)))["gates"]
    if left < gates["personas_min"]:
        _say(
            console(stderr=True),
            f"[yellow]![/] the next run may then have {left} personas, and the check "
            f"persona_count needs {gates['personas_min']}: it publishes nothing unless you undo "
            'the merge or run with --waive persona_count="why"',
        )


def _say(out: Console, text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)
