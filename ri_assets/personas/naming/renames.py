"""Names that a person gives: the override file, with its history.

Belongs here: the shape of the file, how it is read, how a rename is added, and what it
does to a name. Does not belong here: names from evidence (`naming`).

The file is YAML: under each persona id a list of renames, newest last. The last one
holds; a rename without name takes the automatic name back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import yaml
from fsspec.core import url_to_fs
from pydantic import Field, StringConstraints, TypeAdapter, field_validator

from ri_assets.config import Settings
from ri_assets.environment import NAMES_FILE
from ri_assets.errors import ConfigError
from ri_assets.personas.naming.namers import Name
from ri_assets.personas.naming.yaml_lines import YamlFile, read_yaml, validated
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.store.access import told
from ri_assets.store.files import Files

HEAD = """\
# Names that people gave to personas. Under each persona id: its renames, newest last.
# `ri-index rename` adds to this file and keeps this head; you may also edit it.
# name: null takes the automatic name back; focus may be left out.
"""
_EXPECTED = "persona ids such as P03, each with a list of renames (name, by, date, reason; focus)"
_REMEDY = "correct that line; `ri-index rename` writes entries of the right shape"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
PersonaId = Annotated[str, StringConstraints(pattern=r"^P\d{2,}$")]


class Rename(Settings):
    """One entry of the override file: what a person called a persona, when and why."""

    name: Annotated[
        str | None, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
    ]
    by: Words
    date: dt.date
    reason: Words
    focus: Words | None = None

    @field_validator("name", "focus", "by", "reason")
    @classmethod
    def _one_line(cls, text: str | None) -> str | None:
        if text is not None and not text.isprintable():
            raise ValueError("it must be one line of printable text")
        return text

    @field_validator("date", mode="before")
    @classmethod
    def _whole_date(cls, value: object) -> object:
        if not isinstance(value, str | dt.date):
            raise ValueError("it must be a date such as 2026-11-23")  # noqa: TRY004 - pydantic's way
        return value


Renames = Mapping[str, tuple[Rename, ...]]
_SHAPE: TypeAdapter[dict[PersonaId, tuple[Rename, ...]]] = TypeAdapter(
    dict[PersonaId, Annotated[tuple[Rename, ...], Field(min_length=1)]]
)


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


def default_place(store: str) -> str:
    """Where the file of a store lies: ids belong to a store, so its names lie in it."""
    return f"{store.rstrip('/')}/{NAMES_FILE}"


def read_renames(place: str, *, may_be_missing: bool = True) -> dict[str, tuple[Rename, ...]]:
    """Read an override file.

    Parameters
    ----------
    place
        Path or fsspec URL.
    may_be_missing
        Whether a file that is not there stands for no renames.

    Raises
    ------
    ConfigError
        The file cannot be read, has another shape, or gives one name to two personas.
        The message names file, line and key.
    """
    text = _text(place)
    if text is None:
        if may_be_missing:
            return {}
        raise ConfigError(
            f"the override file {place} does not exist",
            _EXPECTED,
            "correct the path, or make the file with `ri-index rename`",
        )
    file = read_yaml(text, f"the override file {place}", _EXPECTED, _REMEDY)
    if file.content is None:
        return {}
    renames = validated(file, _SHAPE, _EXPECTED, _REMEDY)
    _refuse_twins(renames, file)
    return renames


def add_rename(place: str, persona_id: str, rename: Rename) -> dict[str, tuple[Rename, ...]]:
    """Append a rename to the history in the file, which is made where it is missing.

    Returns
    -------
    dict
        The whole history as it now stands in the file.

    Raises
    ------
    ConfigError
        The file as it was, or as it would be, is broken; it is left as it was.
    AccessError
        It cannot be written; it is left as it was.
    """
    renames = read_renames(place)
    renames[persona_id] = (*renames.get(persona_id, ()), rename)
    text = HEAD + _dumped(renames)
    file = read_yaml(text, f"the override file {place}", _EXPECTED, _REMEDY)
    written = validated(file, _SHAPE, _EXPECTED, _REMEDY)
    _refuse_twins(written, file)
    folder, name = _split(place)
    Files(folder).write_text(name, text)
    return renames


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
        As `read_renames` gives them.
    passes
        Whether a name, a focus or a reason may be shown.
    """
    held = {key: history[-1] for key, history in renames.items() if history[-1].name is not None}
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


def _refuse_twins(renames: Renames, file: YamlFile) -> None:
    """One name may hold for one persona only."""
    first: dict[str, str] = {}
    for persona_id, history in renames.items():
        name = history[-1].name
        if name is None:
            continue
        other = first.setdefault(name.casefold(), persona_id)
        if other != persona_id:
            raise ConfigError(
                file.problem(
                    (persona_id, len(history) - 1, "name"),
                    f"{name!r} is the name of {other} too "
                    f"(line {file.line((other, len(renames[other]) - 1, 'name'))})",
                ),
                "a name of its own for every persona",
                "give one of the two another name",
            )


def _dumped(renames: Renames) -> str:
    content: dict[str, Sequence[dict[str, object]]] = {
        key: [entry.model_dump(exclude_defaults=True) for entry in history]
        for key, history in sorted(renames.items())
    }
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
    return text


def _split(place: str) -> tuple[str, str]:
    folder, _, name = place.rpartition("/")
    return (folder or ("/" if place.startswith("/") else ".")), name


def _text(place: str) -> str | None:
    """Text of the file; none where there is no file."""
    try:
        fs, path = url_to_fs(place)
        with told("read the override file", place):
            return str(fs.cat_file(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(
            f"the override file {place} cannot be read: {error}", "YAML in UTF-8", _REMEDY
        ) from error
