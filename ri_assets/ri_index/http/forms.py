"""Forms of the answers for OpenAPI, made from the records.

Belongs here: what JSON makes of a record. Fields, types and their descriptions have
their source in the records and in the data contracts; only tweet ids differ, which are
text because many JSON readers round whole numbers above 2^53.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, create_model

from ri_assets.contracts.personas import PERSONAS_ENRICHED
from ri_assets.contracts.table import Column
from ri_assets.ri_index.records import LineageEvent, Persona, PersonaBrief, RhythmSlot, Sample, Term
from ri_assets.ri_index.results import Result, Rows
from ri_assets.ri_index.snapshot_records import CheckVerdict

TWEET_ID = "^(0|[1-9][0-9]{0,18})$"
"""Pattern of a tweet id."""

Json = dict[str, Any]

_TABLES = {table.name: table for table in PERSONAS_ENRICHED.tables}
_TABLE_OF: dict[type[Result], str] = {
    Persona: "personas_enriched",
    PersonaBrief: "personas_enriched",
    Sample: "samples",
    LineageEvent: "persona_lineage",
    RhythmSlot: "rhythm",
    Term: "terms",
}
# A figure that could not be computed has a verdict and no value.
_MAY_LACK = {(CheckVerdict, "value")}


def record_json(record: Result) -> Json:
    """Give a record as `to_dict` does, with tweet ids as text."""
    found = record.to_dict()
    if found.get("tweet_id") is not None:
        found["tweet_id"] = str(found["tweet_id"])
    return found


def rows_json(rows: Rows[Any], items: list[Any], snapshot: str | None) -> Json:
    """Give rows, or a part of them, with what `Rows` knows beside its records."""
    return {
        "snapshot": snapshot,
        "total": rows.total,
        "note": rows.note,
        "items": [record_json(item) for item in items],
    }


class RowsForm(BaseModel):
    """Rows without their records; what each field is, `Rows` says."""

    model_config = ConfigDict(extra="forbid")

    snapshot: str | None = Field(description="Id of the snapshot; null if they are of no one.")
    total: int = Field(description="How many there are, where items may be a part.", ge=0)
    note: str = Field(description="What a reader should know; may be empty.")


@cache
def form(record: Any) -> type[BaseModel]:
    """Make the form of a kind of record; no field may be left out, and none added."""
    table = _TABLES.get(_TABLE_OF.get(record, ""))
    columns = {column.name: column for column in table.columns} if table else {}
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(record).items():
        kind = _kind(name, hint, columns.get(name))
        fields[name] = (kind | None if (record, name) in _MAY_LACK else kind, ...)
    return create_model(
        record.__name__,
        __config__=ConfigDict(extra="forbid"),
        __doc__=" ".join((record.__doc__ or "").split("\n\n")[0].split()),
        **fields,
    )


@cache
def rows_form(*records: Any) -> type[BaseModel]:
    """Make the form of rows of a kind of record, or of one of several kinds."""
    name = "Or".join(record.__name__ for record in records)
    items: Any = list[reduce(or_, map(form, records))]  # type: ignore[misc]
    return create_model(
        f"{name}Rows", __base__=RowsForm, __doc__=f"Rows of {name}.", items=(items, ...)
    )


def _kind(name: str, hint: Any, column: Column | None) -> Any:
    """Give the type of a field in JSON."""
    if name == "tweet_id":
        text = "Id of the tweet, as text: many readers round long numbers."
        known = Annotated[str, Field(pattern=TWEET_ID, description=text)]
        return known | None if type(None) in get_args(hint) else known
    kind: Any = _plain(hint)
    if column is None:
        return kind
    if column.allowed:
        one_of: Any = Literal.__getitem__(column.allowed)
        kind = one_of | None if column.may_read_none else one_of
    bounds: Json = {}
    if not pa.types.is_list(column.type):
        bounds = {"ge": column.minimum, "le": column.maximum}
    return Annotated[kind, Field(description=column.description, **bounds)]


def _plain(hint: Any) -> Any:
    if get_origin(hint) is tuple:
        return list[_plain(get_args(hint)[0])]  # type: ignore[misc]
    if get_origin(hint) in {Union, UnionType}:
        return reduce(or_, map(_plain, get_args(hint)))
    if Result in getattr(hint, "__mro__", ()):
        return form(hint)
    return hint
