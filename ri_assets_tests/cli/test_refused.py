"""The last lines of a run that published nothing."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ri_assets.cli.run import show_refused
from ri_assets.failures import Failure
from ri_assets.records.manifest import Verdict
from ri_assets.run import RunOutcome

TOO_FEW = Failure(
    "these tweets cannot be clustered: 1 tweets\n  expected: 5\n  remedy:   collect more",
    is_expected=True,
    is_about_clustering=True,
)


def failed(asset: str, check: str, value: float, threshold: str) -> Verdict:
    message = f"Failed: {value:g} is bad. What to do: do this."
    return Verdict(
        check=check,
        asset=asset,
        sha256="",
        is_passed=False,
        is_blocking=True,
        figure="why",
        value=value,
        threshold=threshold,
        baseline=None,
        n=9,
        message=message,
    )


def outcome(
    verdicts: list[Verdict],
    failures: list[Failure] | None = None,
    draft: str | None = None,
    held: str = "",
) -> RunOutcome:
    return RunOutcome("run", None, {}, failures or [], verdicts, "", draft, held)


def said(given: RunOutcome, store: str | None = None) -> tuple[str, bool]:
    file = io.StringIO()
    is_refused = show_refused(Console(file=file, width=160), given, store)
    return file.getvalue(), is_refused


RETENTION = failed("denoised_tweets", "retention", 0.46, ">= 0.85")
PRIVACY = failed("personas_enriched", "privacy", 1, "= 0")


def test_a_gate_that_failed_is_the_cause_and_the_draft_is_shown_where_it_lies() -> None:
    given = outcome([RETENTION], draft="DRAFT-1", held="7 of 10 groups came back: P01")
    text, is_refused = said(given, "/my store")
    assert is_refused
    assert "blocked: retention: 0.46 is bad. What to do: do this.\n" in text
    assert "result: not published: retention 0.46 (needs >= 0.85)\n" in text
    assert "held: 7 of 10 groups came back: P01\n" in text
    assert "read the draft: ri-index personas --draft --store '/my store'\n" in text
    assert 'run again with --waive retention="why" --waived-by "name"' in text
    assert "read the draft: ri-index personas --draft\n" in said(given)[0]


def test_too_few_tweets_after_a_failed_gate_are_a_consequence() -> None:
    text, is_refused = said(outcome([RETENTION], [TOO_FEW]))
    assert is_refused
    assert "There is no draft: these tweets cannot be clustered: 1 tweets\n" in text
    assert "remedy:" not in text


def test_too_few_tweets_without_a_failed_gate_are_the_cause() -> None:
    text, is_refused = said(outcome([], [TOO_FEW]))
    assert not is_refused
    assert "error: these tweets cannot be clustered: 1 tweets" in text
    assert "remedy:   collect more" in text
    assert "not published" not in text


def test_a_fault_of_the_program_is_never_hidden_behind_a_failed_gate() -> None:
    text, is_refused = said(outcome([RETENTION], [Failure("KeyError: 'x'", is_expected=False)]))
    assert not is_refused
    assert "error: KeyError: 'x'" in text
    assert "blocked: retention" in text


@pytest.mark.parametrize("others", [[], [RETENTION]])
def test_what_privacy_refuses_has_no_draft_and_no_waiver(others: list[Verdict]) -> None:
    text, is_refused = said(outcome([*others, PRIVACY], held="1 of 2 groups came back: cluster 0"))
    assert is_refused
    assert "check privacy of personas_enriched 1 (needs = 0)" in text
    assert "There is no draft: the check privacy of personas_enriched failed" in text
    assert "held: 1 of 2 groups came back: cluster 0" in text
    assert "--draft" not in text
    assert "--waive" not in text
