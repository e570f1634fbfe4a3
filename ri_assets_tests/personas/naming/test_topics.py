"""What a focus says a persona writes about."""

from __future__ import annotations

import pandas as pd
import pytest

from ri_assets.personas.naming.namers import N_SUBJECTS, NamingEvidence


def evidence(terms: list[str]) -> NamingEvidence:
    table = pd.DataFrame({"cluster": 0, "term": terms, "share": 0.5, "lift": 3.0})
    return NamingEvidence([0], {}, table, {})


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], []),
        (["floods", "flood", "calgary"], ["floods", "calgary"]),
        (["gold", "gold membership", "promo code", "codes"], ["gold", "promo code"]),
        (list("abcdefg"), list("abcde")),
    ],
)
def test_terms_fill_what_subjects_leave_and_repeat_no_word(
    terms: list[str], expected: list[str]
) -> None:
    found = evidence(terms).topics(0)
    assert found == expected
    assert len(found) <= N_SUBJECTS
