"""Which part of a Parquet file to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray


def parquet_columns(source: Any, columns: Sequence[str] | None = None) -> pa.Table:
    """Read columns of a Parquet file; all by default, or if it lacks one of them.

    Such a file is of an earlier version, which may have named or derived the column otherwise.

    Row groups are read one by one: to read vectors takes four times the memory that they need.
    """
    parquet = pq.ParquetFile(source)
    wanted = columns_in(parquet, columns)
    if parquet.num_row_groups <= 1:
        return parquet.read(wanted)
    groups = (parquet.read_row_group(group, wanted) for group in range(parquet.num_row_groups))
    return pa.concat_tables(groups)


def columns_in(parquet: pq.ParquetFile, columns: Sequence[str] | None) -> list[str] | None:
    """Give the columns to read; None for all."""
    has_all = columns is not None and set(columns) <= set(parquet.schema_arrow.names)
    return list(columns) if columns is not None and has_all else None


def groups_with(metadata: pq.FileMetaData, key: str, wanted: NDArray[np.int64]) -> list[int]:
    """Give the row groups whose range of keys contains a wanted one; `wanted` is sorted."""
    place = metadata.schema.names.index(key)
    found = []
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        held = rows.column(place).statistics
        if rows.num_rows == 0:
            continue  # an empty table has one empty group
        if (
            held is None
            or not held.has_min_max
            or np.searchsorted(wanted, held.min) < np.searchsorted(wanted, held.max, side="right")
        ):
            found.append(group)
    return found
