"""The catalogue of audiences that a persona may turn out to be.

Belongs here: the shape of `catalogue.yaml`, how it is read, and how many tweets
use an audience's keywords. Does not belong here: which persona gets which name,
which is `ri_assets.personas.naming.naming`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, field_validator

from ri_assets.config import Settings
from ri_assets.errors import ConfigError
from ri_assets.personas.naming.yaml_lines import Location, YamlFile, read_yaml, said
from ri_assets.personas.text.words import stem, words_of
from ri_assets.personas.traits import TRAITS

CATALOGUE_FILE = Path(__file__).parent / "catalogue.yaml"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Audience(Settings):
    """One entry of the catalogue; see the head of `catalogue.yaml`."""

    name: Line
    focus: Line
    keywords: tuple[Line, ...] = Field(min_length=1)
    insight: Line
    needs: tuple[str, ...]

    @field_validator("needs")
    @classmethod
    def _known_traits(cls, needs: tuple[str, ...]) -> tuple[str, ...]:
        known = [trait.name for trait in TRAITS]
        for trait in needs:
            if trait not in known:
                raise ValueError(f"unknown trait {trait!r}; use one of {', '.join(known)}")
        return needs

    @field_validator("keywords")
    @classmethod
    def _holds_words(cls, keywords: tuple[str, ...]) -> tuple[str, ...]:
        for keyword in keywords:
            if not _key(keyword):
                raise ValueError(f"the keyword {keyword!r} holds no word of two letters or more")
        return keywords

    @field_validator("insight")
    @classmethod
    def _fills(cls, insight: str) -> str:
        try:
            insight.format(share="", lift="")
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError(f"only {{share}} and {{lift}} are filled in, not {error}") from error
        return insight


def load_catalogue(path: Path = CATALOGUE_FILE) -> tuple[Audience, ...]:
    """Read a catalogue.

    Raises
    ------
    ConfigError
        The file cannot be read, a key is missing, unknown or out of range, or
        two audiences have one name. The message names the entry and the key.
    """
    remedy = f"compare with {CATALOGUE_FILE}"
    expected = f"a YAML list of audiences with the keys {', '.join(Audience.model_fields)}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the catalogue {path} cannot be read: {error}", "a YAML list in UTF-8", remedy
        ) from error
    file = read_yaml(text, f"the catalogue {path}", expected, remedy)
    try:
        audiences = TypeAdapter(tuple[Audience, ...]).validate_python(file.content)
    except ValidationError as error:
        problems = "; ".join(
            _problem(file, problem["loc"], said(problem["msg"], problem["input"]))
            for problem in error.errors()
        )
        raise ConfigError(problems, expected, remedy) from error
    counts = Counter(audience.name.casefold() for audience in audiences)
    for number, audience in reversed(list(enumerate(audiences))):
        if counts[audience.name.casefold()] > 1:
            raise ConfigError(
                _problem(file, (number, "name"), f"{audience.name!r} appears twice"),
                "a name of its own for every audience",
                "rename or remove one of the two",
            )
    return audiences


def keyword_uses(
    texts: Sequence[str], audiences: Sequence[Audience]
) -> tuple[NDArray[np.bool_], list[list[list[str]]]]:
    """Which tweet uses which audience's keywords.

    Returns
    -------
    uses
        bool, shape (n_tweets, n_audiences).
    found
        For each tweet and audience the keywords found, in the order of the catalogue.
    """
    keys = [[(keyword, f" {_key(keyword)} ") for keyword in a.keywords] for a in audiences]
    found = []
    for text in texts:
        spoken = f" {_key(text)} "
        found.append([[keyword for keyword, key in own if key in spoken] for own in keys])
    uses = np.array([[bool(own) for own in row] for row in found], dtype=bool)
    return uses.reshape(len(texts), len(audiences)), found


def _key(text: str) -> str:
    return " ".join(stem(word) for word in words_of(text))


def _problem(file: YamlFile, location: Location, what: str) -> str:
    """Say what is wrong where: "…, line 12, entry 3 (UX Shoppers), keywords: …"."""
    entry, *keys = location or ("the file",)
    name, content = "", file.content
    if isinstance(entry, int) and isinstance(content, list) and isinstance(content[entry], dict):
        name = f" ({content[entry].get('name', 'without name')})"
    first = f"entry {entry + 1}{name}" if isinstance(entry, int) else str(entry)
    rest = [str(key + 1 if isinstance(key, int) else key) for key in keys]
    return f"{file.name}, line {file.line(location)}, {', '.join([first, *rest])}: {what}"
