"""What a draft says about itself: why it was not published, and which ids are provisional."""

from __future__ import annotations

from collections.abc import Iterator

from ri_assets.records.snapshots import DraftInfo
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.snapshot import Draft


def draft_info(contents: Contents) -> DraftInfo | None:
    """Describe a draft; None for a published snapshot."""
    draft = contents.snapshot
    if not isinstance(draft, Draft):
        return None
    return DraftInfo(
        draft=draft.manifest.snapshot,
        written_at=draft.written_at,
        why=draft.why,
        provisional_ids=tuple(_new_ids(contents)),
    )


def _new_ids(contents: Contents) -> Iterator[str]:
    """Ids that this run gave for the first time."""
    told = contents.part(
        "personas_enriched", "persona_lineage", ("sequence", "event", "persona_id")
    )
    last = max((row["sequence"] for row in told), default=0)
    for row in told:
        if row["sequence"] == last and row["event"] == "born":
            yield row["persona_id"]
