"""Which snapshots a store holds."""

from __future__ import annotations

from ri_assets.errors import StoreError
from ri_assets.records.snapshots import SnapshotInfo
from ri_assets.ri_index.results import Rows
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id, published_ids
from ri_assets.store.snapshot import Snapshot


def list_snapshots(files: Files) -> Rows[SnapshotInfo]:
    """List what is published, oldest first; one that cannot be read says why in `problem`."""
    ids = published_ids(files)
    current = current_id(files)
    return Rows.of(SnapshotInfo, [_info(files, name, name == current) for name in ids])


def _info(files: Files, name: str, is_current: bool) -> SnapshotInfo:
    try:
        snapshot = Snapshot(files, name)
    except StoreError as error:
        return SnapshotInfo(
            snapshot=name,
            published_at="",
            profile="",
            source="",
            corpus="",
            is_current=is_current,
            problem=error.found,
        )
    missing = snapshot.missing()
    return SnapshotInfo(
        snapshot=name,
        published_at=snapshot.manifest.published_at,
        profile=snapshot.manifest.profile,
        source=snapshot.manifest.source,
        corpus=snapshot.manifest.corpus,
        is_current=is_current,
        problem=f"lacks {', '.join(missing)}" if missing else None,
    )
