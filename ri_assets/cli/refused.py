"""What `ri-index run` says when nothing was published: why, what held, and where to look.

Belongs here: the words at the end of a refused or broken run. Does not belong here: the
decision (`ri_assets.quality.publication`).
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.console import Console

from ri_assets.cli.columns import without_outcome
from ri_assets.cli.terminal import print_problem, safe
from ri_assets.quality.checks import CHECKS, gate_names
from ri_assets.quality.judge import statement
from ri_assets.ri_index.overview import show_verdicts

if TYPE_CHECKING:
    from ri_assets.run import RunOutcome


def show_refused(console: Console, outcome: RunOutcome, store: str | None) -> bool:
    """Say why a run published nothing, and whether a check is the reason.

    Parameters
    ----------
    store
        Store as given on the command line, so that the commands shown can be typed as they are.

    Returns
    -------
    bool
        True where a blocking check refused the run; false where a step broke down by itself.
    """
    if outcome.verdicts:
        show_verdicts(console, outcome.verdicts)
    against = [verdict for verdict in outcome.verdicts if verdict.stops_publication]
    # With few tweets left by a gate that failed, clustering has too few: that is no cause.
    breaks = [f for f in outcome.failures if not (against and f.is_about_clustering)]
    is_refused = not breaks
    for failure in breaks:
        print_problem(console, "error", failure.message)
    for verdict in against:
        print_problem(console, "blocked", f"{verdict.check}: {without_outcome(verdict.message)}")
    if is_refused:
        print_problem(console, "result", f"not published: {_why(outcome)}")
        _look(console, outcome, store)
        waivable = [v.check for v in against if v.check in gate_names()]
        if waivable and len(waivable) == len(against):
            options = " ".join(f'--waive {gate}="why"' for gate in waivable)
            _say(console, f'To publish all the same, run again with {options} --waived-by "name".')
    _say(console, "Nothing was published; an earlier snapshot, if any, stays as it was.")
    return is_refused


def _why(outcome: RunOutcome) -> str:
    return statement(outcome.verdicts) or outcome.publication or "the run ended early"


def _look(console: Console, outcome: RunOutcome, store: str | None) -> None:
    """Say which groups held, and how to read them; or why there is nothing to read."""
    if outcome.held:
        _say(console, f"held: {outcome.held}")
    if outcome.draft is not None:
        at = "" if store is None else f" --store {shlex.quote(store)}"
        _say(console, f"look at the draft: ri-index personas --draft{at}")
        return
    reasons = [f.message.splitlines()[0] for f in outcome.failures if f.is_about_clustering]
    stopping = {(check.asset, check.name) for check in CHECKS if check.stops_downstream}
    reasons += [
        f"the check {verdict.check} of {verdict.asset} failed, which stops everything downstream"
        for verdict in outcome.verdicts
        if verdict.stops_publication and (verdict.asset, verdict.check) in stopping
    ]
    for reason in reasons:
        _say(console, f"There is no draft: {reason}")


def _say(console: Console, text: str) -> None:
    console.print(safe(text), highlight=False, soft_wrap=True)
