"""Stored tables: which record a row is, the key, and reading a table of an earlier version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.errors import StoreError
from ri_assets.records.record import NEEDED, Column, Record, SameAs, columns_of


@dataclass(frozen=True)
class Table:
    """A stored table.

    Rows are in ascending order of the key, and no two have the same unless `is_key_unique` is
    false.

    Parameters
    ----------
    name
        Also the name of its file.
    row
        What one row is.
    record
        Declares the columns, in stored order.
    key
        Names of the columns that identify a row.
    is_raw
        Whether its rows are posts as people wrote them, or vectors of their texts. A store keeps
        these tables apart from a snapshot's other files, so that they can be removed
        (`ri_assets.store.raw_posts`).
    """

    name: str
    row: str
    record: type[Record]
    key: tuple[str, ...]
    is_key_unique: bool = True
    is_raw: bool = False

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The record's columns that are stored, in order."""
        return tuple(column for column in columns_of(self.record) if column.is_stored)

    @cached_property
    def schema(self) -> pa.Schema:
        """Arrow schema; each field carries its description."""
        return pa.schema(
            [
                pa.field(
                    column.name,
                    column.type,
                    nullable=column.nullable,
                    metadata={"description": column.description},
                )
                for column in self.columns
            ]
        )

    @property
    def names(self) -> list[str]:
        """Column names in stored order."""
        return [column.name for column in self.columns]

    def read(self, stored: pa.Table, names: Sequence[str], where: str) -> pa.Table:
        """Give the columns asked for; one that an older file lacks reads as declared.

        Parameters
        ----------
        stored
            The table as an earlier version may have written it.
        names
            Wanted columns, in this order.
        where
            Where the table comes from, for the error.

        Raises
        ------
        StoreError
            A column is missing without which the table cannot be read.
        """
        known = {column.name: column for column in self.columns}
        renamed = {
            c.was: c.name for c in self.columns if c.was and c.name not in stored.column_names
        }
        stored = stored.rename_columns([renamed.get(n, n) for n in stored.column_names])
        lacking = [name for name in names if name not in stored.column_names]
        if needed := [name for name in lacking if name not in known or known[name].is_needed]:
            raise StoreError(
                f"the rows of {self.name} in {where} lack {', '.join(needed)}",
                "a snapshot that this version of the project published",
                "rerun the pipeline, or open a newer snapshot",
            )
        for name in lacking:
            stored = stored.append_column(name, self._older(stored, known[name]))
        return stored.select(list(names))

    def nested_problems(self, stored: pa.Table) -> list[str]:
        """Say which fields of records inside a cell are missing or out of bounds; no value."""
        found = []
        for column in self.columns:
            if column.record is not None:
                values = stored[column.name].combine_chunks()
                found += [f"{column.name}.{problem}" for problem in _problems(column, values)]
        return found

    def _older(self, stored: pa.Table, column: Column) -> pa.Array | pa.ChunkedArray:
        if isinstance(column.older, SameAs):
            return stored[column.older.column]
        value = None if column.older == NEEDED else column.older
        return pa.array([value] * stored.num_rows, type=column.type)


def _problems(column: Column, values: pa.Array) -> Iterator[str]:
    while pa.types.is_list(values.type):
        values = values.flatten()
    for part in columns_of(column.record) if column.record is not None else ():
        inside = pc.struct_field(values, part.name)
        n_missing = pc.sum(pc.is_null(inside, nan_is_null=True)).as_py() or 0
        if part.record is not None:
            yield from (f"{part.name}.{problem}" for problem in _problems(part, inside))
        elif n_missing and not part.nullable:
            yield f"{part.name}: {n_missing} values are missing"
        elif part.minimum is not None or part.maximum is not None:
            bounds = pc.min_max(inside)
            low, high = bounds["min"].as_py(), bounds["max"].as_py()
            if low is None:
                continue
            is_low = part.minimum is not None and not low >= part.minimum
            is_high = part.maximum is not None and not high <= part.maximum
            if is_low or is_high:
                yield f"{part.name}: values are not within {part.minimum} and {part.maximum}"


@dataclass(frozen=True)
class AssetContract:
    """The main table of an asset, and the further tables that it writes beside it."""

    main: Table
    parts: tuple[Table, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The main table first."""
        return (self.main, *self.parts)
