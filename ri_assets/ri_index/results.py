"""What a question answers: a record, or several as an immutable sequence, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, overload

from pydantic import create_model

from ri_assets.records.frames import frame_of
from ri_assets.records.record import Record, column
from ri_assets.records.snapshots import DraftInfo

if TYPE_CHECKING:
    import pandas as pd

    from ri_assets.records.shown import Part

T = TypeVar("T", bound=Record)


@dataclass(frozen=True, repr=False)
class Rows(Sequence[T], Generic[T]):
    """Records in order, immutable; behaves like a tuple of them.

    Parameters
    ----------
    kind
        Class of the records.
    items
        The records.
    total
        How many there are in the snapshot, where `items` may be a part of them.
    note
        What a reader should know, such as why nothing is shown; may be empty.
    """

    kind: type[T]
    items: tuple[T, ...]
    total: int
    note: str = ""

    @classmethod
    def of(
        cls, kind: type[T], items: Sequence[T], total: int | None = None, note: str = ""
    ) -> Rows[T]:
        """Make a sequence; without a total, it is whole."""
        return cls(kind, tuple(items), len(items) if total is None else total, note)

    def with_note(self, more: str) -> Rows[T]:
        """Give the same rows with more in the note."""
        return replace(self, note="; ".join(filter(None, (self.note, more))))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __repr__(self) -> str:
        from ri_assets.records.notebook import as_text

        return as_text(self._parts())

    def _repr_html_(self) -> str:
        """Give what a notebook shows."""
        from ri_assets.records.notebook import as_html

        return as_html(self._parts())

    def _parts(self) -> Iterator[Part]:
        from ri_assets.records.shown import parts_of_list

        return parts_of_list(self.kind, self.items, self.total, self.note)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Give each record's fields as JSON knows them."""
        return [item.to_dict() for item in self.items]

    def to_json(self, indent: int | None = None) -> str:
        """Give one JSON array."""
        return json.dumps(self.to_dicts(), ensure_ascii=False, allow_nan=False, indent=indent)

    def to_frame(self) -> pd.DataFrame:
        """Give a frame, a row for each record; lists are texts joined with ``" | "``.

        An empty one has the columns too.
        """
        return frame_of(self.items, self.kind)

    def to_answer(self, snapshot: str | None) -> dict[str, Any]:
        """Give what HTTP answers: the records, and what is known of the list."""
        return {
            "snapshot": snapshot,
            "total": self.total,
            "note": self.note,
            "items": [item.to_answer() for item in self.items],
        }


@cache
def rows_model(*kinds: type[Record]) -> type[Record]:
    """Make the model of what `Rows.to_answer` gives of one of several kinds of records."""
    name = "Or".join(kind.__name__ for kind in kinds)
    items: Any = list[reduce(or_, kinds)]  # type: ignore[misc]
    return create_model(
        f"{name}Rows",
        __base__=Record,
        __doc__=f"Rows of {name}.",
        snapshot=Annotated[str | None, column("Id of the snapshot; null for a list of snapshots.")],
        total=Annotated[int, column("How many there are, where items may be a part.", ge=0)],
        note=Annotated[str, column("What a reader should know; may be empty.")],
        items=items,
    )


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
