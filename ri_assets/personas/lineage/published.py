"""What the last published snapshot says of its personas.

Belongs here: reading it. Does not belong here: what follows from it (`lineage`).
"""

from __future__ import annotations

import pyarrow as pa

from ri_assets.errors import AccessError, StoreError
from ri_assets.personas.lineage.persona_ids import Previous
from ri_assets.records.personas import PERSONA_LINEAGE
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.removed import personas_of_removed
from ri_assets.store.snapshot import Snapshot, file_name

_ASSET, _PART = "personas_enriched", PERSONA_LINEAGE.name
_PERSONA = ("persona_id", "name", "tweet_count", "text_centroid", "automatic_name")


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
        return Previous(
            snapshot=snapshot.manifest.snapshot,
            members=snapshot.table(
                "ri_index_app", "tweet_personas", ["tweet_id", "persona_id"]
            ).to_pandas(),
            personas=snapshot.table(_ASSET, columns=_PERSONA).to_pandas(),
            history=history(snapshot).to_pandas(),
            taken=_taken(files),
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
    """Count the personas of the snapshot that a run goes on from; None before the first.

    One that cannot be read counts as none here: it only tips a choice between numbers that
    are equally good, and `read_previous` refuses it before ids are given.
    """
    if base is None:
        return None
    try:
        return len(Snapshot(files, base).table(_ASSET, None, ["persona_id"]))
    except StoreError:
        return None


def history(snapshot: Snapshot) -> pa.Table:
    """Read a snapshot's `persona_lineage`; empty if it was published without."""
    if file_name(_ASSET, _PART) not in snapshot.manifest.files:
        return PERSONA_LINEAGE.schema.empty_table()
    return snapshot.table(_ASSET, _PART, PERSONA_LINEAGE.names)


def ids_in(snapshot: Snapshot) -> frozenset[str]:
    """Ids of all personas that a snapshot has or that its history names."""
    tables = [snapshot.table(_ASSET, columns=["persona_id"]), history(snapshot)]
    return frozenset(one for table in tables for one in table["persona_id"].to_pylist())


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
