"""The search: every configuration on every corpus, the best again with more draws.

Belongs here: order and ranking. Does not belong here: a single trial (`trial`), how much time
is left (`clock`), or what is written about the winner (`frozen`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ri_assets.config import Profile
from ri_assets.freeze.clock import Clock
from ri_assets.freeze.corpus import Prepared
from ri_assets.freeze.ledger import Ledger
from ri_assets.freeze.trial import Trial, attempt
from ri_assets.pipeline.evidence import Progress

FINAL_DRAWS = 20


@dataclass(frozen=True)
class Result:
    """A configuration with its trials, one for each corpus."""

    profile: Profile
    trials: tuple[Trial, ...]

    @property
    def n_passed(self) -> int:
        """Corpora on which every blocking gate passes."""
        return sum(not trial.obstacles for trial in self.trials)

    @property
    def worst_lift(self) -> float:
        """Resample ARI above its null, on the corpus where it is lowest."""
        return min(trial.resample_ari_lift for trial in self.trials)

    @property
    def mean_lift(self) -> float:
        """The same, averaged over the corpora."""
        return sum(trial.resample_ari_lift for trial in self.trials) / len(self.trials)

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
    """Order results: gates first, then the worst corpus's lift, then the mean lift."""
    return tuple(sorted(results, key=lambda r: (-r.n_passed, -r.worst_lift, -r.mean_lift)))


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
) -> Search:
    """Try every candidate on every corpus, then the best with `FINAL_DRAWS` draws.

    Parameters
    ----------
    corpora
        A choice on one corpus is a choice for that corpus: give several.
    candidates
        Configurations.
    draws
        Of the first round.
    finalists
        How many go on.
    ledger
        Keeps each trial as soon as it is finished; those that it has are not repeated.
    progress
        Is told about once a second what runs and how much time is left.
    """
    first = [with_draws(profile, draws) for profile in candidates]
    last = [with_draws(profile, FINAL_DRAWS) for profile in candidates[:finalists]]
    clock = Clock(sum(map(_reruns, first + last)) * len(corpora), progress)
    screened = ranked([_result(profile, corpora, ledger, clock) for profile in first])
    chosen = [with_draws(result.profile, FINAL_DRAWS) for result in screened[:finalists]]
    return Search(
        screened, ranked([_result(profile, corpora, ledger, clock) for profile in chosen])
    )


def _result(profile: Profile, corpora: Sequence[Prepared], ledger: Ledger, clock: Clock) -> Result:
    trials = []
    for prepared in corpora:
        trial = ledger.find(profile, prepared.fingerprint)
        if trial is None:
            clock.start(f"{profile.name} on {prepared.name}")
            trial, _ = attempt(prepared, profile, clock.tell)
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
