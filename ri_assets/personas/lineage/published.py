"""What the last published snapshot says of its personas.

Belongs here: reading it. Does not belong here: what follows from it (`lineage`).
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from ri_assets.errors import AccessError, StoreError
from ri_assets.personas.lineage.persona_ids import Previous
from ri_assets.records.personas import PARTS, PERSONA_LINEAGE
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.removed import personas_of_removed
from ri_assets.store.snapshot import Snapshot, file_name

_ASSET, _PART = "personas_enriched", PERSONA_LINEAGE.name
_PERSONA = (
    "persona_id", "name", "tweet_count", "text_centroid", "automatic_name", "hidden_note",
)  # fmt: skip
_PARTS_COLUMNS = (
    "cluster", "part_id", "persona_id", "tweet_count", "text_centroid", "automatic_name",
)  # fmt: skip


def read_previous(files: Files, base: str | None) -> Previous | None:
    """Read personas, members and history of the snapshot that a run goes on from.

    Parameters
    ----------
    files
        The store.
    base
        Snapshot that was current when the run began; None where nothing was published.

    Raises
    ------
    StoreError
        It cannot be read. Without it ids could be given twice, so no run goes on.
    """
    if base is None:
        return None
    try:
        snapshot = Snapshot(files, base)
        parts, part_members = _merged_parts(snapshot)
        return Previous(
            snapshot=snapshot.manifest.snapshot,
            members=snapshot.table(
                "ri_index_app", "tweet_personas", ["tweet_id", "persona_id"]
            ).to_pandas(),
            personas=snapshot.table(_ASSET, columns=_PERSONA).to_pandas(),
            history=history(snapshot).to_pandas(),
            taken=_taken(files),
            parts=parts,
            part_members=part_members,
        )
    except AccessError:
        raise  # nothing is wrong with the snapshot
    except StoreError as error:
        raise StoreError(
            f"personas cannot keep their ids, for the published snapshot is unreadable: "
            f"{error.found}",
            "the last published snapshot, whole",
            f"restore it, or name an older one of {files.location}/snapshots in {POINTER}; "
            "a run goes on from there",
        ) from error


def published_count(files: Files, base: str | None) -> int | None:
    """Count the clusters of the snapshot that a run goes on from; None before the first.

    They are its personas, before people merged some: a merge must not change the number of
    clusters that the next run chooses.

    One that cannot be read counts as none here: it only tips a choice between numbers that
    are equally good, and `read_previous` refuses it before ids are given.
    """
    if base is None:
        return None
    try:
        snapshot = Snapshot(files, base)
        part = PARTS.name if _has(snapshot, PARTS.name) else None
        return len(snapshot.table(_ASSET, part, ["cluster"]))
    except StoreError:
        return None


def history(snapshot: Snapshot) -> pa.Table:
    """Read a snapshot's `persona_lineage`; empty if it was published without."""
    if not _has(snapshot, _PART):
        return PERSONA_LINEAGE.schema.empty_table()
    return snapshot.table(_ASSET, _PART, PERSONA_LINEAGE.names)


def _merged_parts(snapshot: Snapshot) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Read the parts of personas and their members; nothing where people merged none."""
    if not _has(snapshot, PARTS.name):
        return None, None  # published before people could merge
    parts = snapshot.table(_ASSET, PARTS.name, _PARTS_COLUMNS).to_pandas()
    if (parts["part_id"] == parts["persona_id"]).all():
        return None, None
    part_id = dict(zip(parts["cluster"], parts["part_id"], strict=True))
    members = snapshot.table("clusters", columns=["tweet_id", "cluster"]).to_pandas()
    members = members.assign(persona_id=members["cluster"].map(part_id))
    named = parts.rename(columns={"persona_id": "part_of", "part_id": "persona_id"})
    return named.assign(name=named["automatic_name"]), members[["tweet_id", "persona_id"]]


def _has(snapshot: Snapshot, part: str) -> bool:
    return file_name(_ASSET, part) in snapshot.manifest.files


def ids_in(snapshot: Snapshot) -> frozenset[str]:
    """Ids of all personas that a snapshot has, that its history names, or that were merged."""
    tables = [snapshot.table(_ASSET, columns=["persona_id"]), history(snapshot)]
    found = {one for table in tables for one in table["persona_id"].to_pylist()}
    if _has(snapshot, PARTS.name):
        found |= set(snapshot.table(_ASSET, PARTS.name, ["part_id"])["part_id"].to_pylist())
    return frozenset(found)


def _taken(files: Files) -> frozenset[str]:
    """Ids in any snapshot: one that was published and then abandoned used up its own too."""
    taken = {*personas_of_removed(files)}
    for name in published_ids(files):
        try:
            taken |= ids_in(Snapshot(files, name))
        except AccessError:
            raise  # its ids are taken, whether or not they can be read now
        except StoreError:
            continue  # an old snapshot may be damaged or on its way out; the current one may not
    return frozenset(taken)
