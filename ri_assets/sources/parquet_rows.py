"""Parquet cut into rows.

Belongs here: Arrow types into plain values without loss. Does not belong here:
what a value means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ri_assets.contracts.raw import REPLIES
from ri_assets.errors import SourceError
from ri_assets.sources.rows import CHUNK_ROWS, Row, require_columns


def read_parquet(path: Path, columns: Sequence[str] = tuple(REPLIES.names)) -> Iterator[Row]:
    """Rows of a Parquet file, in chunks of bounded memory.

    Parameters
    ----------
    path
        The file.
    columns
        Those to read, where the file has them.

    Raises
    ------
    SourceError
        The file is damaged, or lacks an indispensable column.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            require_columns(names, str(path))
            present = [name for name in columns if name in names]
            for batch in file.iter_batches(CHUNK_ROWS, columns=present):
                yield from map(Row, _plain(batch).to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{path} cannot be read as Parquet ({str(error).splitlines()[0]})",
            "a whole Parquet file",
            "copy or export the file again; it may be cut off or damaged",
        ) from error


def _plain(batch: pa.RecordBatch) -> pa.Table:
    return pa.table([_plain_column(column) for column in batch.columns], names=batch.schema.names)


def _plain_column(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        # Arrow does not check UTF-8 on reading; as bytes, one bad text fails alone.
        return column.cast(pa.binary() if pa.types.is_string(column.type) else pa.large_binary())
    return column
