"""The search: every configuration on every corpus, the best again with more draws.

Belongs here: order, ranking, and how much time is left. Does not belong here: a single trial
(`trial`), or what is written about the winner (`frozen`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from ri_assets.freeze.trial import Ledger, Trial, attempt
from ri_assets.pipeline.engine import LOCAL, Engine

if TYPE_CHECKING:
    from ri_assets.config import Profile
    from ri_assets.freeze.corpus import Prepared
    from ri_assets.pipeline.evidence import Progress

FINAL_DRAWS = 20
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True)
class Result:
    """A configuration with its trials, one for each corpus."""

    profile: Profile
    trials: tuple[Trial, ...]

    @property
    def n_passed(self) -> int:
        """Corpora on which every blocking gate passes."""
        return sum(not trial.blockers for trial in self.trials)

    @property
    def worst_lift(self) -> float | None:
        """Lowest resample ARI above its null; None if a corpus could not be measured."""
        return min(self._lifts, default=None)

    @property
    def mean_lift(self) -> float | None:
        """The same, averaged over the corpora."""
        return fmean(self._lifts) if self._lifts else None

    @property
    def _lifts(self) -> list[float]:
        lifts = [trial.value("resample_ari_lift") for trial in self.trials]
        known = [lift for lift in lifts if lift is not None]
        return known if len(known) == len(lifts) else []

    @property
    def is_sound(self) -> bool:
        """Whether every blocking gate passes on every corpus."""
        return self.n_passed == len(self.trials)


@dataclass(frozen=True)
class Search:
    """What a search found.

    Parameters
    ----------
    screened
        Every configuration with few draws, best first.
    finalists
        The best of them with many draws, best first.
    """

    screened: tuple[Result, ...]
    finalists: tuple[Result, ...]

    @property
    def winner(self) -> Result | None:
        """The best finalist, if it passes every gate on every corpus."""
        return self.finalists[0] if self.finalists[0].is_sound else None


def ranked(results: Sequence[Result]) -> tuple[Result, ...]:
    """Order results: gates first, then the worst corpus's lift, then the mean lift.

    A lift that was not measured comes last.
    """

    def key(result: Result) -> tuple[float, ...]:
        lifts = (result.worst_lift, result.mean_lift)
        return (-result.n_passed, *(math.inf if lift is None else -lift for lift in lifts))

    return tuple(sorted(results, key=key))


def with_draws(profile: Profile, draws: int) -> Profile:
    """Give the profile with another number of draws."""
    stability = profile.stability.model_copy(update={"n_draws": draws})
    return profile.model_copy(update={"stability": stability})


def search(
    corpora: Sequence[Prepared],
    candidates: Sequence[Profile],
    *,
    draws: int,
    finalists: int,
    ledger: Ledger,
    progress: Progress,
    engine: Engine = LOCAL,
) -> Search:
    """Try every candidate on every corpus, then the best with `FINAL_DRAWS` draws.

    Parameters
    ----------
    corpora
        Give several: a choice on one corpus suits only that corpus.
    candidates
        Configurations.
    draws
        Of the first round.
    finalists
        How many go on.
    ledger
        Keeps each finished trial; those that it has are not repeated.
    progress
        Called about once a second with what runs and how much time is left.
    engine
        Runs the reruns of each trial.
    """
    first = [with_draws(profile, draws) for profile in candidates]
    last = [with_draws(profile, FINAL_DRAWS) for profile in candidates[:finalists]]
    clock = Clock(sum(map(_reruns, first + last)) * len(corpora), progress)
    screened = ranked([_result(profile, corpora, ledger, clock, engine) for profile in first])
    chosen = [with_draws(result.profile, FINAL_DRAWS) for result in screened[:finalists]]
    return Search(
        screened, ranked([_result(profile, corpora, ledger, clock, engine) for profile in chosen])
    )


def _result(
    profile: Profile, corpora: Sequence[Prepared], ledger: Ledger, clock: Clock, engine: Engine
) -> Result:
    trials = []
    for prepared in corpora:
        trial = ledger.find(profile, prepared.fingerprint)
        if trial is None:
            clock.start(f"{profile.name} on {prepared.name}")
            trial, _ = attempt(prepared, profile, clock.tell, engine=engine)
            ledger.keep(profile, trial)
            clock.finish(_reruns(profile))
        else:
            clock.skip(_reruns(profile))
        trials.append(trial)
    return Result(profile, tuple(trials))


def _reruns(profile: Profile) -> int:
    """Fits of one trial: the reference, its reruns, and two for each structureless data set."""
    settings = profile.stability
    tweets = 1 + settings.n_seeds + settings.n_draws + settings.n_choosing_draws
    return tweets + settings.n_null_seeds + 2 * settings.n_null_draws


class Clock:
    """Tells how much time is left, from the pace of the reruns so far.

    Parameters
    ----------
    total
        Reruns of the whole search.
    progress
        Called with what runs and how much time is left.
    """

    def __init__(self, total: int, progress: Progress) -> None:
        self.left, self.progress = total, progress
        self.measured, self.seconds = 0, 0.0
        self.started, self.what = 0.0, ""

    def start(self, what: str) -> None:
        """Begin a trial."""
        self.started, self.what = time.monotonic(), what
        self.tell("fitting")

    def tell(self, text: str) -> None:
        """Report what a trial does, with the time left."""
        left = ""
        if self.measured:
            pace = self.seconds / self.measured
            spent = time.monotonic() - self.started
            left = f"; about {duration(max(self.left * pace - spent, 0))} left"
        self.progress(f"{self.what}: {text}{left}")

    def finish(self, reruns: int) -> None:
        """End a trial."""
        self.seconds += time.monotonic() - self.started
        self.measured += reruns
        self.left -= reruns

    def skip(self, reruns: int) -> None:
        """Skip a trial that was finished earlier."""
        self.left -= reruns


def duration(seconds: float) -> str:
    """Write a time for a reader: ``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {rest} min"


def seldom(tell: Progress, seconds: float = 30) -> Progress:
    """Limit progress to a line every so many seconds, for a log; the first comes at once."""
    last = -seconds

    def now_and_then(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(text)

    return now_and_then
