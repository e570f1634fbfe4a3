"""Is the history of the personas sound: does it keep what ids promise.

Belongs here: what the stored tables alone can say. Does not belong here: how ids are
given (`ri_assets.personas.lineage.persona_ids`), or what is published (`continuity`).
"""

from __future__ import annotations

import pandas as pd

_ALIVE = ("born", "kept")


def history_breaches(personas: pd.DataFrame, lineage: pd.DataFrame) -> list[str]:
    """Say in what ids break their promise.

    Parameters
    ----------
    personas
        Columns persona_id and name of the run.
    lineage
        Table `persona_lineage` of the run.
    """
    return [*_of_this_run(personas, lineage), *_of_the_history(lineage)]


def _of_this_run(personas: pd.DataFrame, lineage: pd.DataFrame) -> list[str]:
    last = lineage[lineage["sequence"] == lineage["sequence"].max()]
    alive = last[last["event"].isin(_ALIVE)]
    found = [f"{i} is the id of two personas" for i in _repeated(personas["persona_id"])]
    listed = dict(zip(personas["persona_id"], personas["name"], strict=True))
    told = dict(zip(alive["persona_id"], alive["name"], strict=True))
    found += [f"{i} is neither born nor kept in this run" for i in sorted(set(listed) - set(told))]
    found += [f"{i} is told of, but no persona" for i in sorted(set(told) - set(listed))]
    found += [
        f"{i} has one name in the history and another in the personas"
        for i in sorted(set(told) & set(listed))
        if told[i] != listed[i]
    ]
    return found


def _of_the_history(lineage: pd.DataFrame) -> list[str]:
    sequences = sorted(set(lineage["sequence"].astype(int)))
    found = []
    if sequences != list(range(1, len(sequences) + 1)):
        found.append(f"the runs are numbered {sequences[0]} to {sequences[-1]} with gaps")
    before: set[str] = set()
    ever: set[str] = set()
    for sequence in sequences:
        rows = lineage[lineage["sequence"] == sequence]
        born, kept, retired = (
            rows.loc[rows["event"] == event, "persona_id"] for event in (*_ALIVE, "retired")
        )
        found += [
            f"{i} has two fates in run {sequence}"
            for i in _repeated(pd.concat([born, kept, retired]))
        ]
        found += [f"{i} is born again in run {sequence}" for i in sorted(ever & set(born))]
        ended = {*kept, *retired}
        found += [
            f"{i} is neither kept nor retired in run {sequence}" for i in sorted(before - ended)
        ]
        found += [
            f"{i} goes on in run {sequence}, but was not there before"
            for i in sorted(ended - before)
        ]
        before = {*born, *kept}
        ever |= before
    return found


def _repeated(ids: pd.Series[str]) -> list[str]:
    return sorted(set(ids[ids.duplicated()]))
