"""What a record is: a frozen model, and the columns that its fields declare."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from inspect import get_annotations
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    Self,
    Union,
    cast,
    get_args,
    get_origin,
)

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.fields import FieldInfo

from ri_assets.records.presented import Presented

if TYPE_CHECKING:
    pass

TIMESTAMP = pa.timestamp("us", tz="UTC")

TWEET_ID = "^(0|[1-9][0-9]{0,18})$"
"""Pattern of a tweet id in JSON, where it is text: many readers round numbers above 2^53."""

TweetId = Annotated[
    int,
    PlainSerializer(str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": TWEET_ID}, mode="serialization"),
]
"""A number in Python and Parquet, text in JSON."""

_ARROW = {
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    bool: pa.bool_(),
    datetime: TIMESTAMP,
}


@dataclass(frozen=True)
class Needed:
    """A snapshot without the column cannot be read."""


@dataclass(frozen=True)
class SameAs:
    """A snapshot without the column reads as if it repeated another one."""

    column: str


NEEDED = Needed()


@dataclass(frozen=True)
class Column:
    """One field of a record, as the column of a table.

    Parameters
    ----------
    name
        Carries its unit (`delay_seconds`, `share_pct`); `is_`/`has_` for booleans.
    type
        Arrow type; vectors are fixed-size lists of float32.
    description
        One sentence, with unit and range where they are not obvious.
    nullable
        Whether a value may be missing.
    minimum, maximum
        Inclusive bounds of a number.
    allowed
        The only values that a text may take.
    pattern
        Regular expression that a text matches.
    min_length, format
        As of JSON Schema.
    is_own
        Whether a text comes from this system or its profile (an id, the name of a figure, a
        time zone), so that it reveals nothing about a person.
    older
        What a snapshot reads as that was published before the column existed: a value, None for
        "not known", `SameAs` another column, or `NEEDED`. A nullable column reads as missing.
    was
        Name of the column in older snapshots, where it had another.
    is_stored
        Whether the column is part of the stored table; answers may have more.
    unit
        `share` (0 to 1), `count`, `hour`, or None.
    header
        Heading in the terminal's list of such records; without one, the list leaves it out.
    cell
        How the terminal writes it, given the whole record; without it, by type and unit.
    record
        Kind of the records that the value consists of, if any.
    """

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    min_length: int | None = None
    format: str | None = None
    is_own: bool = False
    older: object = NEEDED
    was: str | None = None
    is_stored: bool = True
    unit: str | None = None
    header: str | None = None
    cell: Callable[[Any], object] | None = None
    record: type[Record] | None = None

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add to a field's JSON Schema what its type does not say."""
        if self.format is not None:
            schema["format"] = self.format
        if self.allowed is not None and "enum" not in schema:
            for part in schema.get("anyOf", [schema]):
                if part.get("type") == "string":
                    part.setdefault("enum", list(self.allowed))

    @property
    def is_needed(self) -> bool:
        """Whether no file can be read without the column."""
        return self.older == NEEDED and not self.nullable

    @property
    def is_free_text(self) -> bool:
        """Whether a value, or one in a list, is text that may rest on what people wrote."""
        if self.record is not None:
            return any(column.is_free_text for column in columns_of(self.record))
        kind = self.type
        while pa.types.is_list(kind) or pa.types.is_large_list(kind):
            kind = kind.value_type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        return bool(is_text and self.allowed is None and not self.is_own)


def column(
    description: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    pattern: str | None = None,
    **marks: Any,
) -> Any:
    """Declare a field of a record, in `Annotated[TYPE, column("Description.", ge=0)]`.

    Parameters
    ----------
    description, ge, le, pattern
        As of pydantic's `Field`.
    **marks
        Other parameters of `Column`: allowed, is_own, older, was, is_stored, unit, header, cell.
        `type` overrides the Arrow type that follows from the annotation.
    """
    kind = marks.pop("type", None)
    mark = Column("", kind, description, minimum=ge, maximum=le, pattern=pattern, **marks)
    return _field(mark)


def share(description: str, **marks: Any) -> Any:
    """Declare a share from 0 to 1; the description gets the range."""
    return column(f"{description}, 0 to 1.", ge=0, le=1, **{"unit": "share", **marks})


def count(description: str, ge: int = 0, **marks: Any) -> Any:
    """Declare a count of something."""
    return column(description, ge=ge, unit="count", **marks)


def stored_only(kind: pa.DataType, description: str, **marks: Any) -> Any:
    """Declare a class variable: a stored column that is no field of the answer."""
    return Column("", kind, description, **marks)


def vector(length: int, description: str) -> Any:
    """Declare a class variable: a stored vector of float32."""
    return stored_only(pa.list_(pa.float32(), length), description)


class Record(Presented, BaseModel):
    """Base of every record.

    A subclass with `fields_of=Other` takes the declaration of each field that it only names
    and types from the other record.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_serialization_defaults_required=True,
        defer_build=True,  # most records of a process are never validated
    )

    def __init_subclass__(cls, *, fields_of: type[Record] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if fields_of is None:
            return
        known = {c.name: c for c in columns_of(fields_of)}
        for name, hint in get_annotations(cls).items():
            if name in known and "Annotated" not in str(hint):
                setattr(cls, name, _field(replace(known[name], name="", type=None)))

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Make a record of a stored row, which the contract check judged: no value is validated."""
        kinds = {c.name: c.record for c in columns_of(cls) if c.name in cls.model_fields}
        found: Any = {name: _python(row[name], kinds[name]) for name in kinds}
        return cast("Self", cls.model_construct(**found))

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as JSON knows them: lists for tuples, None for what is no number."""
        found: dict[str, Any] = plain(self.model_dump())
        return found

    def to_json(self, indent: int | None = None) -> str:
        """Give one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)

    def to_answer(self) -> dict[str, Any]:
        """Give what HTTP answers: as `to_dict`, with tweet ids as text."""
        found: dict[str, Any] = plain(self.model_dump(mode="json"))
        return found


@cache
def columns_of(record: type[Record]) -> tuple[Column, ...]:
    """Give the columns that a record declares, in order; those that are only stored too."""
    found: dict[str, Column] = {}
    for base in reversed(record.__mro__):
        for name in get_annotations(base):
            if name in record.model_fields:
                found[name] = _column(name, record.model_fields[name])
            elif isinstance(mark := base.__dict__.get(name), Column):
                found[name] = replace(mark, name=name)
    return tuple(found.values())


def free_texts(column: Column, value: Any) -> Iterator[tuple[str, str]]:
    """Give the name and value of every text that may rest on what people wrote.

    Parameters
    ----------
    value
        One stored value of the column: a text, lists of texts, or rows of the column's record.
    """
    if value is None or not column.is_free_text:
        return
    if isinstance(value, list):
        for item in value:
            yield from free_texts(column, item)
    elif column.record is None:
        yield column.name, value
    else:
        for part in columns_of(column.record):
            for name, text in free_texts(part, value[part.name]):
                yield f"{column.name}.{name}", text


def plain(value: Any) -> Any:
    """Give a value as JSON knows it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _field(mark: Column) -> Any:
    return Field(
        description=mark.description,
        ge=mark.minimum,
        le=mark.maximum,
        pattern=mark.pattern,
        min_length=mark.min_length,
        json_schema_extra=mark,
    )


def _column(name: str, field: FieldInfo) -> Column:
    mark = field.json_schema_extra
    if not isinstance(mark, Column):
        mark = Column("", None, field.description or "")
    derived = _derived(field.annotation)
    if mark.type is not None:
        derived["type"] = mark.type
    if mark.older is None:
        derived["nullable"] = False  # stored it is never missing
    return replace(mark, name=name, **derived)


def _derived(hint: Any) -> dict[str, Any]:
    """Say what the type of a field says of its column."""
    origin, of = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _derived(of[0])
    if origin in {Union, UnionType}:
        [kind] = (one for one in of if one is not NoneType)
        return {**_derived(kind), "nullable": True}
    if origin is Literal:
        return {"type": pa.string(), "allowed": of}
    if origin in {tuple, Mapping}:
        item = _derived(of[origin is Mapping])
        kind = item["type"]
        return {**item, "type": pa.list_(kind) if origin is tuple else pa.map_(pa.string(), kind)}
    if isinstance(hint, type) and issubclass(hint, Record):
        fields = [pa.field(c.name, c.type, nullable=c.nullable) for c in columns_of(hint)]
        return {"type": pa.struct(fields), "record": hint}
    return {"type": _ARROW[hint]}


def _python(value: Any, kind: type[Record] | None) -> Any:
    """Give a value as a frozen record holds it."""
    if isinstance(value, list):
        return tuple(_python(item, kind) for item in value)
    return kind.from_row(value) if kind is not None and value is not None else value
