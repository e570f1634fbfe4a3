from __future__ import annotations

import pandas as pd
import pytest

from ri_assets.quality.lineage import history_breaches

PERSONAS = pd.DataFrame({"persona_id": ["P01", "P03"], "name": ["Chasers", "Builders"]})
HISTORY = pd.DataFrame(
    [
        (1, "P01", "born", "Chasers"),
        (1, "P02", "born", "Watchers"),
        (2, "P01", "kept", "Chasers"),
        (2, "P02", "retired", None),
        (2, "P02", "merged", "Chasers"),
        (2, "P03", "born", "Builders"),
    ],
    columns=["sequence", "persona_id", "event", "name"],
)


def with_row(*row: object) -> pd.DataFrame:
    return pd.concat([HISTORY, pd.DataFrame([row], columns=HISTORY.columns)])


def test_a_sound_history_has_no_breach() -> None:
    assert history_breaches(PERSONAS, HISTORY) == []


@pytest.mark.parametrize(
    ("personas", "history", "breach"),
    [
        (pd.concat([PERSONAS, PERSONAS.head(1)]), HISTORY, "P01 is the id of two personas"),
        (PERSONAS.head(1), HISTORY, "P03 is in the history, but no persona"),
        (PERSONAS, HISTORY[:-1], "P03 is neither born nor kept in this run"),
        (
            PERSONAS.assign(name=["Chasers", "Else"]),
            HISTORY,
            "P03 has one name in the history and another in the personas",
        ),
        (PERSONAS, HISTORY.drop(index=3), "P02 is neither kept nor retired in run 2"),
        (PERSONAS, with_row(2, "P01", "retired", None), "P01 has two fates in run 2"),
        (PERSONAS, with_row(2, "P09", "retired", None), "P09 goes on in run 2, but was not there"),
        (
            PERSONAS,
            HISTORY.assign(sequence=HISTORY["sequence"].replace(2, 3)),
            "the runs are numbered 1 to 3 with gaps",
        ),
    ],
)
def test_each_breach_is_told(personas: pd.DataFrame, history: pd.DataFrame, breach: str) -> None:
    assert any(found.startswith(breach) for found in history_breaches(personas, history))


@pytest.mark.parametrize("event", ["born", "kept"])
def test_a_retired_id_that_comes_back_is_told(event: str) -> None:
    later = pd.DataFrame(
        [(3, "P01", "kept", "Chasers"), (3, "P03", "kept", "Builders"), (3, "P02", event, "New")],
        columns=HISTORY.columns,
    )
    personas = pd.concat([PERSONAS, pd.DataFrame({"persona_id": ["P02"], "name": ["New"]})])
    found = history_breaches(personas, pd.concat([HISTORY, later]))
    assert len(found) == 1
    assert found[0].startswith("P02 ")
