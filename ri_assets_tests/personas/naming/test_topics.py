"""What a focus says a persona writes about."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ri_assets.personas.naming.namers import N_TYPICAL, NO_SUBJECT, NamingEvidence
from ri_assets.personas.naming.subjects import Bond


def evidence(terms: list[str]) -> NamingEvidence:
    table = pd.DataFrame({"cluster": 0, "term": terms, "share": 0.5, "lift": 3.0})
    return NamingEvidence([0], {}, table, {})


@pytest.mark.parametrize(
    ("terms", "expected"),
    [([], []), (["floods", "calgary"], ["floods", "calgary"]), (list("abcdefg"), list("abcde"))],
)
def test_typical_words_are_the_best_terms(terms: list[str], expected: list[str]) -> None:
    found = evidence(terms).typical(0)
    assert found == expected
    assert len(found) <= N_TYPICAL


def test_of_another_language_short_terms_are_left_out() -> None:
    french = Bond("French", 0.9, None, 0.0, is_short=False)
    told = replace(evidence(["lac mégantic", "les", "de", "train"]), bonds={0: french})
    assert told.typical(0) == ["lac mégantic", "train"]


def test_a_focus_says_what_is_shared() -> None:
    known = evidence(["floods", "calgary"])
    assert known.focus(0, "They write about floods") == (
        "They write about floods (typical words: floods, calgary)"
    )
    assert known.focus(0, NO_SUBJECT) == ("They share no subject (typical words: floods, calgary)")
    assert evidence([]).focus(0, NO_SUBJECT) == NO_SUBJECT
