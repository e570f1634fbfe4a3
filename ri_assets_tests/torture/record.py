"""What a campaign counts, and how much of each fault the full and the short form bring about."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Result:
    """Counts of one campaign.

    Parameters
    ----------
    campaign
        Its name.
    injected, survived
        Faults, and those after which everything promised still held.
    rows_in, rows_accounted
        Rows of the sources that were read, and those found in one of the tables.
    bytes_lost
        Bytes of published files that were missing or changed at any look.
    facts
        What else was measured, such as memory.
    faults
        What did not hold, in words.
    seconds
        How long it took.
    """

    campaign: str
    injected: int
    survived: int
    rows_in: int = 0
    rows_accounted: int = 0
    bytes_lost: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every promise held."""
        return (
            self.injected == self.survived
            and self.rows_in == self.rows_accounted
            and not self.bytes_lost
            and not self.faults
        )

    @property
    def line(self) -> str:
        """What a person reads."""
        told = (
            f"{self.campaign}: {self.injected:,} faults injected, {self.survived:,} survived; "
            f"{self.rows_in:,} rows in, {self.rows_accounted:,} accounted for; "
            f"{self.bytes_lost:,} bytes lost; {self.seconds:.0f} s"
        )
        facts = [f"  {name}: {value}" for name, value in self.facts.items()]
        return "\n".join([told, *facts, *(f"  FAULT: {fault}" for fault in self.faults)])

    def as_json(self) -> dict[str, int | float]:
        """Give the counts for the last line."""
        return {
            "injected": self.injected,
            "survived": self.survived,
            "rows_in": self.rows_in,
            "rows_accounted": self.rows_accounted,
            "bytes_lost": self.bytes_lost,
            "seconds": round(self.seconds, 1),
        }


class Tally:
    """Counts while a campaign goes on."""

    def __init__(self, campaign: str, minutes: float) -> None:
        self._campaign = campaign
        self._began = time.monotonic()
        self._ends = self._began + 60 * minutes
        self.injected = self.survived = self.rows_in = self.rows_accounted = 0
        self.bytes_lost = 0
        self.facts: dict[str, object] = {}
        self.faults: list[str] = []

    @property
    def is_over(self) -> bool:
        """Whether the time of the campaign is over."""
        return time.monotonic() > self._ends

    @property
    def seconds_left(self) -> float:
        """Seconds until then; not negative."""
        return max(0.0, self._ends - time.monotonic())

    def fault(self, *problems: str) -> None:
        """Count one injected fault, which was survived if there is no problem."""
        self.injected += 1
        self.survived += not problems
        self.faults += problems

    def rows(self, n_in: int, n_accounted: int) -> None:
        """Count rows of a source, and where they went."""
        self.rows_in += n_in
        self.rows_accounted += n_accounted

    def note(self, name: str, value: object) -> None:
        """Record a figure; a number is added to what is there."""
        if isinstance(value, int) and isinstance(known := self.facts.get(name, 0), int):
            value += known
        self.facts[name] = value

    def result(self) -> Result:
        """Give the counts."""
        return Result(
            self._campaign,
            self.injected,
            self.survived,
            self.rows_in,
            self.rows_accounted,
            self.bytes_lost,
            self.facts,
            tuple(self.faults),
            time.monotonic() - self._began,
        )


@dataclass(frozen=True)
class Counts:
    """How many faults each campaign brings about, and its minutes at most.

    The defaults are those of `make torture`.
    """

    stage_kills: int = 182
    whole_kills: int = 20
    kills_a_rerun: int = 5
    kill_minutes: float = 11.5
    full_stages: tuple[str, ...] = ()
    disk_minutes: float = 3.5
    publications: int = 60
    races: int = 15
    pairs_of_runs: int = 2
    together_minutes: float = 3
    mysql_rows: int = 300_000
    mysql_minutes: float = 3.5
    hostile_rows: int = 100_000
    mutations: int = 150
    large_file: int = 1_000_000_000
    input_minutes: float = 4
    text_works: int = 10_000
    clients: int = 200
    text_minutes: float = 3.5
    is_whole: bool = True

    def within(self, minutes: float) -> Counts:
        """Give the same counts in another time for all campaigns together."""
        limits = {name: value for name, value in vars(self).items() if name.endswith("_minutes")}
        share = minutes / sum(limits.values())
        return replace(self, **{name: value * share for name, value in limits.items()})


SHORT = Counts(
    stage_kills=4,
    whole_kills=0,
    kill_minutes=1,
    full_stages=("denoised_tweets",),
    disk_minutes=1,
    publications=12,
    races=2,
    pairs_of_runs=0,
    together_minutes=1,
    mysql_rows=10_000,
    mysql_minutes=1,
    hostile_rows=2_500,
    mutations=12,
    large_file=10_000_000,
    input_minutes=1,
    text_works=8,
    clients=60,
    text_minutes=1,
    is_whole=False,
)
"""A minute and a half in all, for the slow tests."""
