"""The space of configurations: a YAML file that people edit, and profiles drawn from it.

Belongs here: which configurations are tried, in which order. Does not belong here:
any value (`space.yaml`), or what a configuration is worth (`trial`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from ri_assets.config import Profile, Settings, load_profile
from ri_assets.errors import ConfigError

SHIPPED = Path(__file__).parent / "space.yaml"

_SECTIONS = ("fuse", "reduce", "cluster")
_SHARED = ("denoise", "embed", "behavior", "gates")


class Variation(Settings):
    """A profile to start from, and other values for its settings by dotted name."""

    base: str
    vary: dict[str, list[Any]] = Field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of combinations."""
        return prod(len(values) for values in self.vary.values())

    def combination(self, number: int) -> dict[str, Any]:
        """Give a combination by its number, 0 to `size` − 1."""
        chosen = {}
        for name, values in self.vary.items():
            number, place = divmod(number, len(values))
            chosen[name] = values[place]
        return chosen


def load_space(path: Path) -> list[Variation]:
    """Read a space.

    Raises
    ------
    ConfigError
        The file is missing, is not YAML, or is not a list of entries.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        space = TypeAdapter(list[Variation]).validate_python(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(
            f"{path} is no space of configurations: {error}",
            "a YAML list of entries with `base` and `vary`",
            f"start again from a copy of {SHIPPED}",
        ) from error
    for entry in space:
        for name, values in entry.vary.items():
            section = name.partition(".")[0]
            if section not in _SECTIONS or name == "reduce.seed" or not values:
                raise ConfigError(
                    f"{path} varies {name}",
                    f"settings of {', '.join(_SECTIONS)} with at least one value, "
                    "and never reduce.seed",
                    f"take {name} out of the entry {entry.base!r}",
                )
    return space


def configurations(space: list[Variation], count: int, seed: int) -> list[Profile]:
    """Draw distinct configurations: every base first, then from each entry in turn.

    Parameters
    ----------
    space
        The entries.
    count
        Maximum number; fewer if the space has fewer.
    seed
        Random seed of the order. A longer list begins with the shorter one.

    Raises
    ------
    ConfigError
        A value is out of range, or bases differ in what all trials share.
    """
    bases = [load_profile(entry.base) for entry in space]
    for base in bases[1:]:
        for section in _SHARED:
            if getattr(base, section) != getattr(bases[0], section):
                raise ConfigError(
                    f"{base.name} and {bases[0].name} differ in {section}",
                    f"bases that agree in {', '.join(_SHARED)}, so that trials compare",
                    "search one base, or bring the profiles into agreement",
                )
    streams = [_varied(base, entry, seed) for base, entry in zip(bases, space, strict=True)]
    in_turn = (one for round_ in zip_longest(*streams) for one in round_ if one is not None)
    seen: dict[str, Profile] = {}
    for profile in chain(bases, in_turn):
        seen.setdefault(profile.hash, profile)
        if len(seen) >= count:
            break
    return list(seen.values())


def _varied(base: Profile, entry: Variation, seed: int) -> Iterator[Profile]:
    for number in np.random.default_rng(seed).permutation(entry.size):
        yield with_settings(base, entry.combination(int(number)))


def with_settings(base: Profile, chosen: dict[str, Any]) -> Profile:
    """Give a profile with other values for some settings by dotted name.

    Raises
    ------
    ConfigError
        A setting does not exist, or a value is out of range.
    """
    content = base.model_dump()
    for name, value in chosen.items():
        section, _, key = name.partition(".")
        content[section][key] = value
    try:
        profile = Profile.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(
            f"{base.name} with {chosen}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}",
            "settings and values as in the profiles that ship",
            "correct the space of configurations",
        ) from error
    return profile.model_copy(update={"name": f"{base.name}~{profile.hash[:6]}"})
