"""YAML that people write, read so that every problem names its file, line and key.

Belongs here: finding the line of a key, and refusing what YAML itself lets pass (keys
given twice). Does not belong here: what a file should hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from ri_assets.errors import ConfigError

Location = tuple[int | str, ...]
T = TypeVar("T")
_DEEPEST = 12


class _Loader(yaml.SafeLoader):
    """Leaves dates as they are written, so that a wrong one is told with its line."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class YamlFile:
    """Content of a file, and where each part of it stands.

    Parameters
    ----------
    name
        Of the file, as messages tell it.
    content
        As YAML's safe loader gives it, dates as text.
    lines
        Line, from 1, of each key and entry by its path of keys and places.
    """

    name: str
    content: Any
    lines: Mapping[Location, int]

    def line(self, location: Location) -> int:
        """Line of a key; of one that is missing, the line of what should hold it."""
        while location and location not in self.lines:
            as_written = (*location[:-1], str(location[-1]))
            location = as_written if as_written in self.lines else location[:-1]
        return self.lines.get(location, 1)

    def problem(self, location: Location, said: str) -> str:
        """Say what is wrong at a place: file, line, key."""
        parts = [self._told(location[: n + 1]) for n in range(len(location))]
        key = ".".join(parts) or "the file"
        return f"{self.name}, line {self.line(location)}, {key}: {said}"

    def _told(self, location: Location) -> str:
        """Last part of a path as a reader counts: places from 1, keys as they are."""
        part = location[-1]
        is_key = (*location[:-1], str(part)) in self.lines
        return str(part if isinstance(part, str) or is_key else part + 1)


def read_yaml(text: str, name: str, expected: str, remedy: str) -> YamlFile:
    """Parse a text.

    Parameters
    ----------
    text, name
        Of the file.
    expected, remedy
        What the errors say should be there, and what to do.

    Raises
    ------
    ConfigError
        The text is no YAML, or a key is given twice. The message names file and line.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(
            f"{name}{place}: {error.problem or error.context}", expected, remedy
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # Of what YAML cannot hold at all (control characters), and of values that YAML
        # cannot make, only the first line speaks of the problem.
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(f"{name}: {said}", expected, remedy) from error
    lines: dict[Location, int] = {}
    if root is not None:
        _collect(root, (), lines, YamlFile(name, content, lines), expected)
    return YamlFile(name, content, lines)


def validated(file: YamlFile, shape: TypeAdapter[T], expected: str, remedy: str) -> T:
    """Hold the content against a shape.

    Raises
    ------
    ConfigError
        The content has another shape; every problem is told with line and key.
    """
    try:
        return shape.validate_python(file.content)
    except ValidationError as error:
        problems = "; ".join(
            file.problem(_known(problem["loc"]), said(problem["msg"], problem["input"]))
            for problem in error.errors()
        )
        raise ConfigError(problems, expected, remedy) from error


def _collect(
    node: yaml.Node,
    place: Location,
    lines: dict[Location, int],
    file: YamlFile,
    expected: str,
) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if len(place) >= _DEEPEST:  # an alias may stand inside what it names
        return
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            _collect(child, (*place, number), lines, file, expected)
    elif isinstance(node, yaml.MappingNode):
        for key_node, child in node.value:
            inner = (*place, str(key_node.value))
            if inner in lines:
                raise ConfigError(
                    f"{file.name}, line {key_node.start_mark.line + 1}, {key_node.value}: the key "
                    f"is given twice, first in line {lines[inner]}",
                    expected,
                    "keep one of the two",
                )
            lines[inner] = key_node.start_mark.line + 1
            _collect(child, inner, lines, file, expected)


def _known(location: Location) -> Location:
    """Leave out what pydantic adds: a mark for the key of a mapping itself, and for a kind."""
    return tuple(part for part in location if not re.fullmatch(r"\[\w+\]", str(part)))


def said(message: str, found: object) -> str:
    """Add to a message what was found, shortened."""
    shown = repr(found)
    longest = 60
    return f"{message}, found {shown if len(shown) <= longest else shown[:longest] + '…'}"
