"""Answers as JSON: the one form that the command line and HTTP give."""

from __future__ import annotations

from typing import Any

from ri_assets.records.record import Record
from ri_assets.records.snapshots import DraftInfo
from ri_assets.ri_index.results import Rows


def answer_json(
    answer: Record | Rows[Any], snapshot: str | None, draft: DraftInfo | None = None
) -> dict[str, Any]:
    """Give an answer as one JSON object.

    A list is an object with `snapshot`, `total`, `note` and `items`. Tweet ids are text, because
    many JSON readers round whole numbers above 2^53. An answer from a draft says so first.

    Parameters
    ----------
    snapshot
        Id of the snapshot that a list is from; None if it is from none.
    draft
        The draft that the answer is from, if it is from one.
    """
    if not isinstance(answer, Rows):
        return marked(draft, answer.to_answer())
    mark = {} if draft is None else {"is_draft": True}
    return {
        **mark,
        "snapshot": snapshot,
        "total": answer.total,
        "note": answer.note,
        "items": [marked(draft, one.to_answer()) for one in answer],
    }


def marked(draft: DraftInfo | None, record: dict[str, Any]) -> dict[str, Any]:
    """Mark one object as a draft's; unchanged if there is no draft."""
    if draft is None:
        return record
    mark: dict[str, Any] = {"is_draft": True}
    if "persona_id" in record:
        mark["is_id_provisional"] = record["persona_id"] in draft.provisional_ids
    return {**mark, **record}
