"""JSON Schema (2020-12) of records as exports hold them: strict, with every field required."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from ri_assets.records.record import TWEET_ID, Column, columns_of

Schema = dict[str, Any]


def object_schema(columns: Iterable[Column], more: Mapping[str, Schema] | None = None) -> Schema:
    """Give the schema of an object with these columns, and with more properties after them."""
    properties = {column.name: value_schema(column) for column in columns} | dict(more or {})
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def value_schema(column: Column) -> Schema:
    """Give the schema of a column's value."""
    if column.name == "tweet_id":
        text = f"{column.description} As text: many readers round long numbers."
        return {"type": "string", "pattern": TWEET_ID, "description": text}
    found = _type(column.type, column)
    bounds = {
        "minimum": column.minimum,
        "maximum": column.maximum,
        "pattern": column.pattern,
        "format": column.format,
        "minItems" if found["type"] == "array" else "minLength": column.min_length,
    }
    found |= {name: bound for name, bound in bounds.items() if bound is not None}
    if column.allowed is not None:
        [*values] = column.allowed
        one = {"const": values[0]} if len(values) == 1 else {"enum": values}
        found |= {"enum": [*values, None]} if column.nullable else one
    if column.nullable:
        found["type"] = [found["type"], "null"]
    return {**found, "description": column.description}


def _type(kind: pa.DataType, column: Column) -> Schema:
    if pa.types.is_list(kind):
        return {"type": "array", "items": _type(kind.value_type, column)}
    if column.record is not None:
        return object_schema(columns_of(column.record))
    for is_kind, name in (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_string, "string"),
    ):
        if is_kind(kind):
            return {"type": name}
    raise TypeError(f"no JSON form for {kind}")
