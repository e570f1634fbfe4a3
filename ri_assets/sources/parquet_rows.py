"""Parquet cut into rows.

Belongs here: Arrow types into plain values without loss. Does not belong here:
what a value means.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ri_assets.errors import SourceError
from ri_assets.sources.columns import ColumnReader
from ri_assets.sources.packed import Packed
from ri_assets.sources.rows import CHUNK_ROWS, Row


def read_parquet(
    packed: Packed, columns: ColumnReader, *, only: tuple[str, ...] | None = None
) -> Iterator[Row]:
    """Rows of a Parquet file in native columns, in chunks of bounded memory.

    Parameters
    ----------
    packed
        The file; where it is packed, it is unpacked in memory, for Parquet begins at its end.
    columns
        Says which column is which; fields of structs are joined by dots.
    only
        Native columns and clues to read; None reads all that are known.

    Raises
    ------
    SourceError
        The file is damaged, no column stands for the id or for the text, or two could.
    """
    try:
        with pq.ParquetFile(_seekable(packed)) as file:
            names = _flat_names(file.schema_arrow)
            layout = columns.layout(names, packed.where)
            columns.require_post(layout, names, packed.where)
            if only is not None:
                layout = layout.limited(only)
            for batch in file.iter_batches(CHUNK_ROWS, columns=layout.used):
                table = _plain(batch, layout.used)
                for values in table.to_pylist():
                    row, is_reply = layout.native(values)
                    yield Row(row, None, is_reply)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{packed.where} cannot be read as Parquet ({str(error).splitlines()[0]})",
            "a whole Parquet file",
            "copy or export the file again; it may be cut off or damaged",
        ) from error


def _seekable(packed: Packed) -> Path | BinaryIO:
    if packed.is_plain:
        return packed.path
    with packed.opened() as stream:
        return io.BytesIO(stream.read())


def _flat_names(schema: pa.Schema) -> tuple[str, ...]:
    names: list[str] = []
    for field in schema:
        names += _names_in(field, "")
    return tuple(names)


def _names_in(field: pa.Field, prefix: str) -> list[str]:
    name = prefix + field.name
    if not pa.types.is_struct(field.type):
        return [name]
    return [inner for one in field.type for inner in _names_in(one, f"{name}.")]


def _plain(batch: pa.RecordBatch, names: list[str]) -> pa.Table:
    table = pa.Table.from_batches([batch])
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    table = table.select(names).combine_chunks()
    return pa.table([_plain_column(column) for column in table.columns], names=names)


def _plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        # Arrow does not check UTF-8 on reading; as bytes, one bad text fails alone.
        as_bytes = column.cast(pa.large_binary())
        try:
            return as_bytes.cast(pa.large_string())
        except pa.ArrowInvalid:
            return as_bytes
    return column
