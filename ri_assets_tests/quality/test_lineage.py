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
).assign(basis=None)


def with_row(*row: object, history: pd.DataFrame = HISTORY) -> pd.DataFrame:
    added = dict(zip(HISTORY.columns, row, strict=False))
    return pd.DataFrame([*history.to_dict("records"), added])


MERGED = with_row(2, "P02", "merged", None, "person")
"""P02 ended in run 2 because a person merged it."""


def test_only_a_persona_that_a_person_merged_may_be_restored() -> None:
    personas = pd.DataFrame(
        {"persona_id": ["P01", "P02", "P03"], "name": ["Chasers", "Watchers", "Builders"]}
    )
    third: list[tuple[object, ...]] = [
        (3, "P01", "kept", "Chasers"), (3, "P03", "kept", "Builders"),
        (3, "P02", "restored", "Watchers"),
    ]  # fmt: skip
    found = {}
    for name, history in (("by a person", MERGED), ("by the run", HISTORY)):
        for row in third:
            history = with_row(*row, history=history)  # noqa: PLW2901
        found[name] = history_breaches(personas, history)
    assert found["by a person"] == []
    assert found["by the run"] == ["P02 is restored in run 3, but no person had merged it"]


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
        columns=HISTORY.columns[:4],
    ).assign(basis=None)
    personas = pd.concat([PERSONAS, pd.DataFrame({"persona_id": ["P02"], "name": ["New"]})])
    found = history_breaches(personas, pd.concat([HISTORY, later]))
    assert len(found) == 1
    assert found[0].startswith("P02 ")
