from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ri_assets.config import load_profile
from ri_assets.quality.checks import checks_of
from ri_assets.quality.drift import Standing, drift, moves
from ri_assets.quality.judge import judge
from ri_assets.store.files import Files

GATES, SETTINGS = load_profile("report").gates, load_profile("report").drift
CHECK = next(check for check in checks_of("clusters") if check.name == "drift")
NAMES = {0: "P01 Trackers", 1: "P02 Builders", 2: "P03 Watchers"}


def standing(labels: list[int], *, first_id: int = 1, name: str = "before") -> Standing:
    ids = np.arange(first_id, first_id + len(labels))
    groups = pd.DataFrame({"tweet_id": ids, "group": np.array(labels, dtype=np.int32)})
    return Standing(
        name=name,
        config_hash="c0",
        corpus="f0",
        source="sample",
        figures={"coherence": 0.90, "resample_ari": 0.80},
        groups=groups,
        group_names={group: NAMES[group] for group in sorted(set(labels))},
        jaccards=dict.fromkeys(sorted(set(labels)), 0.7),
    )


BEFORE = standing([0] * 10 + [1] * 10 + [2] * 10)


def test_the_first_run_passes_and_says_why() -> None:
    figure = drift(BEFORE, None, SETTINGS)
    verdict = judge(CHECK, figure, GATES, "")
    assert verdict.is_passed
    assert verdict.message == "Passed: no earlier snapshot to compare with."


def test_the_same_again_does_not_drift() -> None:
    figure = drift(replace(BEFORE, name="now"), BEFORE, SETTINGS)
    assert figure.value == 0
    assert judge(CHECK, figure, GATES, "").is_passed


def test_other_numbers_for_the_same_groups_are_no_move() -> None:
    now = standing([2] * 10 + [0] * 10 + [1] * 10, name="now")
    assert [move.jaccard for move in moves(now, BEFORE)] == [1, 1, 1]
    assert drift(now, BEFORE, SETTINGS).value == 0


@pytest.mark.parametrize(
    ("figure", "fall", "is_notable"),
    [
        ("resample_ari", 0.09, False),
        ("resample_ari", 0.11, True),
        ("resample_ari", -0.3, False),
        ("coherence", 0.04, False),
        ("coherence", 0.06, True),
    ],
)
def test_a_notable_fall_warns_with_both_values(figure: str, fall: float, is_notable: bool) -> None:
    fallen = {**BEFORE.figures, figure: BEFORE.figures[figure] - fall}
    verdict = judge(CHECK, drift(replace(BEFORE, figures=fallen), BEFORE, SETTINGS), GATES, "")
    assert verdict.is_passed is not is_notable
    assert not verdict.is_blocking
    if is_notable:
        before = {
            "coherence": "coherence fell from 0.9 to 0.84",
            "resample_ari": "resample ARI fell",
        }
        assert before[figure] in verdict.message
        assert verdict.message.startswith("Warning: notable changes since before: 1; ")


def test_the_message_says_which_persona_moved() -> None:
    # Of the second persona four tweets in ten stay together; the rest joins the first.
    now = standing([0] * 16 + [1] * 4 + [2] * 10, name="now")
    figure = drift(now, BEFORE, SETTINGS)
    found = {move.persona: move.jaccard for move in moves(now, BEFORE)}
    assert found == pytest.approx({NAMES[0]: 10 / 16, NAMES[1]: 0.4, NAMES[2]: 1.0})
    assert figure.value == 1
    assert figure.facts["changes"] == "P02 Builders changed: it overlaps 40% with P02 Builders"


def test_only_tweets_of_both_runs_are_compared() -> None:
    now = standing([0] * 10 + [1] * 10, first_id=11, name="now")
    assert [(m.persona, m.jaccard) for m in moves(now, BEFORE)] == [(NAMES[1], 1), (NAMES[2], 1)]
    assert moves(standing([0] * 5, first_id=500), BEFORE) == []


def test_changed_configuration_corpus_and_source_are_named() -> None:
    now = replace(BEFORE, config_hash="c1", corpus="f1", source="elsewhere")
    says = str(drift(now, BEFORE, SETTINGS).facts["context"])
    assert "configuration changed from c0 to c1" in says
    assert "the corpus changed: 30 of 30 earlier tweets are in it" in says
    assert "source changed from sample to elsewhere" in says
    assert drift(BEFORE, BEFORE, SETTINGS).facts["context"] == ""


def test_a_store_without_a_snapshot_has_no_standing(tmp_path: Path) -> None:
    assert Standing.published(Files(str(tmp_path)), None) is None
