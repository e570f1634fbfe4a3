"""Does the history of the personas go on from what is published now.

Two runs at once both start from the same snapshot. The second to publish would give
ids that the first has given to others; it must match its clusters again.

Belongs here: the comparison with the store. Does not belong here: whether the history
is sound in itself (`lineage`).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.checks.figures import Figure
from ri_assets.errors import AccessError, StoreError
from ri_assets.personas.lineage.published import history
from ri_assets.records.personas import PERSONA_LINEAGE
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets.store.snapshot import Snapshot


def continuity(candidates: Candidates, run_id: str) -> Figure:
    """Read the history that a run is about to publish, and compare it."""
    tables = candidates.read("personas_enriched", run_id)
    return compare(tables.by_name[PERSONA_LINEAGE.name], candidates.files)


def compare(lineage: pa.Table, files: Files) -> Figure:
    """Count runs in which a history differs from the published one.

    Zero too where the history is the published one itself: the same personas are
    published again.

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
        return Figure(float("nan"), len(mine), because=error.found)
    is_common = [a.equals(b) for a, b in zip(mine, published, strict=False)]
    is_same = current is not None and all(is_common) and len(mine) == len(published)
    # One run more than what is published; of a snapshot without history, its personas are one.
    earlier = len(published) or int(current is not None)
    is_next = last == current and all(is_common) and len(mine) == earlier + 1
    return Figure(
        0 if is_same or is_next else max(1, is_common.count(False)),
        len(mine),
        details={"published_snapshot": current, "compared_with_snapshot": last},
        because=f"ids were matched with {last or 'nothing'}, but {current or 'nothing'} is "
        "published",
    )


def _runs(lineage: pa.Table) -> list[pa.Table]:
    """Rows of each run; both tables have the types of the contract."""
    numbers = sorted(set(lineage["sequence"].to_pylist()))
    return [lineage.filter(pc.equal(lineage["sequence"], number)) for number in numbers]
