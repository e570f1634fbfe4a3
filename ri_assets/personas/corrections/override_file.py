"""The override file: what people corrected, with its history.

Belongs here: reading it, adding an entry, and refusing what contradicts itself. Does not belong
here: the shape of an entry (`entries`).

The file is YAML: under each persona id a list of entries, newest last. Of each kind the last
entry holds.
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from fsspec.core import url_to_fs

from ri_assets.environment import NAMES_FILE
from ri_assets.errors import ConfigError
from ri_assets.personas.corrections.entries import (
    KINDS,
    SHAPE,
    Correction,
    Corrections,
    Overrides,
    Rename,
    is_in_a_circle,
    latest,
    place_of,
    targets,
)
from ri_assets.personas.naming.yaml_lines import YamlFile, read_yaml, validated
from ri_assets.store.access import told
from ri_assets.store.files import Files

HEAD = """\
# What people corrected. Under each persona id: its entries, newest last; each has by, date, reason.
# name: a name (null takes the automatic name back), focus may be left out; merged_into: the
# persona that it is merged into (null takes the merge back); hidden: true or false.
# `ri-index rename`, `merge`, `hide` and `undo` add to this file and keep this head; you may also
# edit it.
"""
_EXPECTED = (
    "persona ids such as P03, each with a list of entries (name, merged_into or hidden, with "
    "by, date, reason; focus)"
)
_REMEDY = (
    "correct that line; `ri-index rename`, `merge`, `hide` and `undo` write entries of the right "
    "shape"
)
_UNDO = "take one of them back with `ri-index undo`, or correct that line"


def default_place(store: str) -> str:
    """Where the file of a store lies: ids belong to a store, so its corrections lie in it."""
    return f"{store.rstrip('/')}/{NAMES_FILE}"


def read_overrides(place: str, *, may_be_missing: bool = True) -> dict[str, tuple[Correction, ...]]:
    """Read an override file.

    Parameters
    ----------
    place
        Path or fsspec URL.
    may_be_missing
        Whether a file that is not there stands for no corrections.

    Raises
    ------
    ConfigError
        The file cannot be read, has another shape, gives one name to two personas, or its
        merges contradict each other. The message names file, line and key.
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
    return _read(text, place)


def add_entry(place: str, persona_id: str, entry: Correction) -> dict[str, tuple[Correction, ...]]:
    """Append an entry to the history in the file, which is made where it is missing.

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
    overrides = read_overrides(place)
    overrides[persona_id] = (*overrides.get(persona_id, ()), entry)
    text = HEAD + _dumped(overrides)
    _read(text, place)
    folder, name = _split(place)
    Files(folder).write_text(name, text)
    return overrides


def _read(text: str, place: str) -> dict[str, tuple[Correction, ...]]:
    file = read_yaml(text, f"the override file {place}", _EXPECTED, _REMEDY)
    if file.content is None:
        return {}
    overrides: dict[str, tuple[Correction, ...]] = {
        key: tuple(history) for key, history in validated(file, SHAPE, _EXPECTED, _REMEDY).items()
    }
    _refuse_contradictions(overrides, file)
    _refuse_twins(overrides, file)
    return overrides


def _refuse_contradictions(overrides: Overrides, file: YamlFile) -> None:
    """Refuse merges with itself, in a circle, and of a persona that is also hidden."""
    held = Corrections.of(overrides)
    for persona_id, merge in held.merges.items():
        found = expected = ""
        into = str(merge.merged_into)
        if into == persona_id:
            found, expected = f"{persona_id} is merged into itself", "another persona"
        elif is_in_a_circle(held.merges, persona_id):
            way = " → ".join((persona_id, *targets(held.merges, persona_id), persona_id))
            found, expected = f"the merges form a circle ({way})", "a persona that stays"
        elif (hide := held.hidden.get(persona_id)) is not None:
            line = file.line((persona_id, place_of(overrides[persona_id], hide), "hidden"))
            found = f"{persona_id} is hidden (line {line})"
            expected = "a persona that is merged, or hidden, but not both"
        if found:
            at = place_of(overrides[persona_id], merge)
            raise ConfigError(file.problem((persona_id, at, "merged_into"), found), expected, _UNDO)


def _refuse_twins(overrides: Overrides, file: YamlFile) -> None:
    """One name may hold for one persona only; that of a merged persona is free."""
    first: dict[str, tuple[str, Rename]] = {}
    merged = Corrections.of(overrides).merges
    for persona_id, rename in latest(overrides, Rename).items():
        if rename.name is None or persona_id in merged:
            continue
        other, earlier = first.setdefault(rename.name.casefold(), (persona_id, rename))
        if other != persona_id:
            line = file.line((other, place_of(overrides[other], earlier), "name"))
            raise ConfigError(
                file.problem(
                    (persona_id, place_of(overrides[persona_id], rename), "name"),
                    f"{rename.name!r} is the name of {other} too (line {line})",
                ),
                "a name of its own for every persona",
                "give one of the two another name",
            )


def _dumped(overrides: Overrides) -> str:
    content: dict[str, Sequence[dict[str, object]]] = {
        key: [_entry(entry) for entry in history] for key, history in sorted(overrides.items())
    }
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
    return text


def _entry(entry: Correction) -> dict[str, object]:
    """Give an entry's keys, that of its kind first."""
    values = entry.model_dump(exclude_defaults=True)
    first = next(key for key, kind in KINDS.items() if isinstance(entry, kind))
    return {first: values.pop(first), **values}


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
