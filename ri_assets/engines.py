"""Which engine computes: its name and address as people give them, checked and opened.

Belongs here: what the command line, the environment and Dagster's configuration share. Does not
belong here: the engines (`ri_assets.pipeline.engine`, `ri_assets.pipeline.ray_engine`), which are
imported when one is opened.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ri_assets.errors import ConfigError

if TYPE_CHECKING:
    from ri_assets.pipeline.engine import Engine

_ADDRESS = re.compile(r"(?P<host>[^\s:/@]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_INSTALL = "pip install -c constraints.txt -e '.[ray]'"

LOCAL_NAME, RAY_NAME = ENGINES = ("local", "ray")
"""This machine, which is the default, and a Ray cluster."""


@dataclass(frozen=True)
class EngineChoice:
    """An engine that was asked for.

    Parameters
    ----------
    name
        One of `ENGINES`; blank for the default.
    address
        ``host:port`` of the Ray cluster's head; not used on this machine.

    Raises
    ------
    ConfigError
        There is no such engine.
    """

    name: str = LOCAL_NAME
    address: str = ""

    def __post_init__(self) -> None:
        engine_named(self.name)

    @classmethod
    def of(
        cls, name: str | None, address: str | None, default: str, default_address: str
    ) -> EngineChoice:
        """Combine what a command line says with the environment, which fills the gaps.

        Raises
        ------
        ConfigError
            There is no such engine, or an address is given for this machine.
        """
        choice = cls(name or default, address or default_address)
        if address and not choice.is_ray:
            raise ConfigError(
                "--ray-address was given, and the engine is local",
                "the engine ray with an address",
                "add --engine ray, or leave out --ray-address",
            )
        return choice

    @property
    def is_ray(self) -> bool:
        """Whether jobs run on a Ray cluster."""
        return engine_named(self.name) == RAY_NAME

    @property
    def processes_here(self) -> int | None:
        """Processes that compute jobs on this machine; None: one for each core."""
        return 0 if self.is_ray else None

    def require(self) -> None:
        """Refuse an engine that cannot be used; nothing is connected.

        Raises
        ------
        ConfigError
            The address is missing or malformed, or Ray is not installed.
        """
        if self.is_ray:
            require_ray(self.address)

    @contextmanager
    def open(self, tell: Callable[[str], None]) -> Iterator[Engine]:
        """Give the engine; one of a cluster is connected until the context ends.

        Parameters
        ----------
        tell
            Called with a line of text about the cluster.

        Raises
        ------
        RIError
            As `ri_assets.pipeline.ray_engine.ray_engine`.
        """
        if self.is_ray:
            from ri_assets.pipeline.ray_engine import ray_engine

            with ray_engine(self.address, tell) as engine:
                yield engine
        else:
            from ri_assets.pipeline.engine import LOCAL

            yield LOCAL


def engine_named(text: str) -> str:
    """Return the engine of a name; the default for a blank one.

    Raises
    ------
    ConfigError
        There is no such engine.
    """
    name = text.strip().lower() or LOCAL_NAME
    if name not in ENGINES:
        raise ConfigError(
            f"there is no engine {text!r}",
            " or ".join(ENGINES),
            "correct --engine or RI_ENGINE, or leave it out to compute on this machine",
        )
    return name


def require_ray(address: str) -> tuple[str, int]:
    """Refuse an address that no run could use, or a Python without Ray; connect to nothing.

    Returns
    -------
    Host and port of the cluster's head.

    Raises
    ------
    ConfigError
        The address is missing or malformed, or Ray is not installed.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        raise ConfigError(
            f"the address of the Ray cluster is {address!r}"
            if address
            else "the engine is ray, and no address of a cluster was given",
            "host:port of the cluster's head, such as 10.0.0.1:6379",
            "start a head with `ray start --head --port=6379`, and give its address with "
            "--ray-address or RI_RAY_ADDRESS",
        )
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(
            "the engine is ray, and the package ray is not installed",
            "the extra `ray` on every machine of the cluster",
            f"install it with {_INSTALL}, or run with --engine local",
        )
    return found["host"].strip("[]"), int(found["port"])
