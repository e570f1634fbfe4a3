"""One finding of the doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ri_assets.errors import RIError

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what was found.

    Parameters
    ----------
    part
        What was looked at, in one word.
    state
        A problem stops a run or a reader; a warning does not, or not yet.
    found
        What was found.
    remedy
        What to do, with the command; empty if nothing needs to be done.
    """

    part: str
    state: State
    found: str
    remedy: str = ""


def looked_at(part: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Look at one part; an error that the user can fix is a finding too."""
    try:
        yield from look()
    except RIError as error:
        yield Finding(part, "problem", error.found, f"{error.remedy} (expected: {error.expected})")
    except OSError as error:
        yield Finding(part, "problem", str(error), "give this user the right to read it")
