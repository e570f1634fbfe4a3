"""What a reader of a draft must know before anything else.

Belongs here: the record, and the line that stands above a draft's answers. Does not belong
here: the draft's files (`ri_assets.store.snapshot`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ri_assets.errors import QueryError
from ri_assets.ri_index.results import Result
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Draft, Snapshot


@dataclass(frozen=True)
class DraftInfo(Result):
    """A draft, and why it is one.

    Parameters
    ----------
    draft
        Its id.
    written_at
        When the run made it (UTC).
    why
        Why it was not published, in one sentence.
    provisional_ids
        Personas that no published snapshot has: the next run may give these ids to others.
    """

    draft: str
    written_at: str
    why: str
    provisional_ids: tuple[str, ...]

    def __str__(self) -> str:
        ids = (
            f" Provisional ids: {', '.join(self.provisional_ids)}." if self.provisional_ids else ""
        )
        return f"DRAFT of {self.written_at}, not published: {self.why}.{ids}"


def open_snapshot(files: Files, snapshot: str | None, *, draft: bool) -> Snapshot:
    """Open a snapshot by its id, the current one without an id, or the draft.

    Raises
    ------
    QueryError
        A snapshot and the draft are asked for at once.
    StoreError
        There is none.
    """
    if draft and snapshot is not None:
        raise QueryError(
            f"snapshot {snapshot} and the draft at once",
            "one of the two",
            "leave --snapshot or --draft out",
        )
    return Draft(files) if draft else Snapshot(files, snapshot)


def draft_info(contents: Contents) -> DraftInfo | None:
    """Describe a draft; None where the contents are a published snapshot's."""
    draft = contents.snapshot
    if not isinstance(draft, Draft):
        return None
    return DraftInfo(
        draft.manifest.snapshot, draft.written_at, draft.why, tuple(_new_ids(contents))
    )


def marked(info: DraftInfo | None, record: dict[str, Any]) -> dict[str, Any]:
    """Mark one JSON object of an answer as a draft's; unchanged where there is none."""
    if info is None:
        return record
    mark: dict[str, Any] = {"is_draft": True}
    if "persona_id" in record:
        mark["is_id_provisional"] = record["persona_id"] in info.provisional_ids
    return {**mark, **record}


def _new_ids(contents: Contents) -> Iterator[str]:
    """Ids that this run gave for the first time."""
    told = contents.part(
        "personas_enriched", "persona_lineage", ("sequence", "event", "persona_id")
    )
    last = max((row["sequence"] for row in told), default=0)
    for row in told:
        if row["sequence"] == last and row["event"] == "born":
            yield row["persona_id"]
