from __future__ import annotations

import pytest

from ri_assets.personas.trust import badge, halves_of


@pytest.mark.parametrize(
    ("stability", "jaccard", "halves", "said"),
    [
        (
            "stable",
            0.914,
            [],
            "STABLE: you can rely on this group (stability in reruns 0.91 of 1).",
        ),
        (None, None, [], "NOT MEASURED: nothing says that this group comes back in a rerun."),
        (
            "doubtful",
            0.6,
            ["P02 Bakers", "P05 Cooks"],
            (
                "DOUBTFUL: check it before you rely on it (stability in reruns 0.60 of 1). Report "
                "it together with P02 Bakers and P05 Cooks: words hardly tell them apart."
            ),
        ),
    ],
)
def test_a_badge_says_how_sure_a_group_is(
    stability: str | None, jaccard: float | None, halves: list[str], said: str
) -> None:
    assert badge(stability, jaccard, halves) == said


def test_halves_are_seen_from_either_side_and_only_where_measured() -> None:
    found = halves_of(
        [
            ("P01", "P02", False),
            ("P02", "P03", True),
            ("P03", "P02", None),
            ("P04", "P01", False),
            ("P05", None, None),
        ]
    )
    assert found == {"P01": ["P02", "P04"], "P02": ["P01"], "P03": [], "P04": ["P01"], "P05": []}
