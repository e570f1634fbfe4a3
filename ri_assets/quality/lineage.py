"""Whether the ids of personas are sound, in themselves and after what is published now.

Belongs here: the checks `lineage` (the stored tables alone) and `continuity` (the comparison
with the store). Does not belong here: how ids are given
(`ri_assets.personas.lineage.persona_ids`).
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.errors import AccessError, StoreError
from ri_assets.personas.lineage.published import history
from ri_assets.quality.metrics import Figure
from ri_assets.records.personas import PERSONA_LINEAGE
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets.store.snapshot import Snapshot

_ALIVE = ("born", "kept", "restored")


def history_breaches(personas: pd.DataFrame, lineage: pd.DataFrame) -> list[str]:
    """List the rules of ids that are broken.

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
    found += [f"{i} is in the history, but no persona" for i in sorted(set(told) - set(listed))]
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
    merged: set[str] = set()
    for sequence in sequences:
        rows = lineage[lineage["sequence"] == sequence]
        born, kept, restored, retired = (
            rows.loc[rows["event"] == event, "persona_id"] for event in (*_ALIVE, "retired")
        )
        found += [
            f"{i} has two fates in run {sequence}"
            for i in _repeated(pd.concat([born, kept, restored, retired]))
        ]
        found += [f"{i} is born again in run {sequence}" for i in sorted(ever & set(born))]
        found += [
            f"{i} is restored in run {sequence}, but no person had merged it"
            for i in sorted({*restored} - merged)
        ]
        by_people = rows.loc[rows["basis"] == "person"]
        merged |= set(by_people.loc[by_people["event"] == "merged", "persona_id"])
        merged -= {*restored}
        ended = {*kept, *retired}
        found += [
            f"{i} is neither kept nor retired in run {sequence}" for i in sorted(before - ended)
        ]
        found += [
            f"{i} goes on in run {sequence}, but was not there before"
            for i in sorted(ended - before)
        ]
        before = {*born, *kept, *restored}
        ever |= before
    return found


def _repeated(ids: pd.Series[str]) -> list[str]:
    return sorted(set(ids[ids.duplicated()]))


def continuity(candidates: Candidates, run_id: str) -> Figure:
    """Compare the history that a run is about to publish with the published one."""
    tables = candidates.read("personas_enriched", run_id)
    return compare(tables.by_name[PERSONA_LINEAGE.name], candidates.files)


def compare(lineage: pa.Table, files: Files) -> Figure:
    """Count runs in which a history differs from the published one.

    The published history itself counts as no difference: the same personas are published
    again. Two runs at once both start from the same snapshot; the second to publish would give
    ids that the first has given to others, so it must match its clusters again.

    Parameters
    ----------
    lineage
        Table `persona_lineage` of the run.
    files
        The store.
    """
    mine = _runs(lineage)
    last = mine[-1]["previous_snapshot"][0].as_py()
    published = []
    try:
        current = current_id(files)
        if current is not None:
            published = _runs(history(Snapshot(files, current)))
    except AccessError:
        raise
    except StoreError as error:
        return Figure("continuity", None, len(mine), facts={"why": error.found})
    is_common = [a.equals(b) for a, b in zip(mine, published, strict=False)]
    is_same = current is not None and all(is_common) and len(mine) == len(published)
    # One run more than what is published; a snapshot without history counts as one run.
    earlier = len(published) or int(current is not None)
    is_next = last == current and all(is_common) and len(mine) == earlier + 1
    is_sound = is_same or is_next
    found = f"ids were matched with {last or 'nothing'}, but {current or 'nothing'} is published"
    return Figure(
        "continuity",
        0 if is_sound else max(1, is_common.count(False)),
        len(mine),
        facts={} if is_sound else {"found": found},
        details={"published_snapshot": current, "compared_with_snapshot": last},
    )


def _runs(lineage: pa.Table) -> list[pa.Table]:
    """Rows of each run; both tables have the types of the contract."""
    numbers = sorted(set(lineage["sequence"].to_pylist()))
    return [lineage.filter(pc.equal(lineage["sequence"], number)) for number in numbers]
