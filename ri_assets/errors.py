"""Errors that people read: what was found, what was expected, and the remedy.

Belongs here: the one base class that the command line and the assets turn into
a clear message without a traceback. Does not belong here: errors of libraries,
which stay what they are until a module of ours knows the remedy.
"""

from __future__ import annotations

from typing import Any


class RIError(Exception):
    """A problem that its reader can mend.

    Parameters
    ----------
    found
        What was met, naming the file, column or key.
    expected
        What should have been there.
    remedy
        The next step for the reader.
    """

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        self.found, self.expected, self.remedy = found, expected, remedy
        super().__init__(f"{found}\n  expected: {expected}\n  remedy:   {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the three parts, so that the error can come from another process."""
        return _error_of, (type(self), self.found, self.expected, self.remedy)


class ConfigError(RIError):
    """A profile or a setting is unknown, misspelt or out of range."""


class SourceError(RIError):
    """A source cannot be reached or read; a rerun alone cannot help."""


class CorpusError(RIError):
    """The corpus cannot be worked on as it is."""


class NoPersonasError(CorpusError):
    """The corpus cannot be clustered (too few tweets, constant vectors, one topic, …)."""

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        super().__init__(f"these tweets cannot be clustered: {found}", expected, remedy)


class StoreError(RIError):
    """A stored asset or snapshot is missing, damaged or not publishable."""


class AccessError(StoreError):
    """Something cannot be read or written: space, rights, credentials or the network.

    Nothing is wrong with what was asked for. Once the cause is gone, the same command works.
    """


class ModelError(RIError):
    """The embedding model is missing or is not the verified one."""


class QueryError(RIError):
    """A question that cannot be answered as it was put."""


class ResourceError(RIError):
    """The machine has too little of something for what was asked; nothing was computed yet."""


class ClusterError(RIError):
    """Machines of a cluster cannot take part in a run, or ended too often."""


class BusyError(RIError):
    """More is asked at once than can be answered; asking later helps."""


class NotFoundError(QueryError):
    """A persona, a tweet or another thing that was asked for is not in the snapshot."""


class ExportError(RIError):
    """Exports cannot be written where they should go."""


class RefusedError(RIError):
    """A blocking check refused a run: its verdict, not a fault of the program.

    The traceback is hidden. The Dagster UI shows that of every error, and here it would only
    name the line that raises this one.
    """

    @property
    def __traceback__(self) -> None:
        """No traceback."""

    @__traceback__.setter
    def __traceback__(self, _: object) -> None:
        """Keep none."""


def _error_of(kind: type[RIError], found: str, expected: str, remedy: str) -> RIError:
    """Make an error of its parts; a class of its own may add to them when it is raised."""
    error = kind.__new__(kind)
    RIError.__init__(error, found, expected, remedy)
    return error
