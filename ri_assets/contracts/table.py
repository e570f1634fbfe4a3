"""What a column and a table are, their Arrow form, and what an older file without a column means.

Belongs here: reading a stored table as its contract has it. Does not belong here: the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from ri_assets.errors import StoreError

TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Needed:
    """An older file without the column cannot be read."""


@dataclass(frozen=True)
class SameAs:
    """An older file without the column reads as if it repeated another one."""

    column: str


NEEDED = Needed()


@dataclass(frozen=True)
class Column:
    """One column of a stored table.

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
    is_own
        Whether a text is this system's or its profile's (an id, the name of a figure, a time
        zone), so that it tells of nobody.
    older
        What a snapshot reads as that was published before the column existed: a value, None for
        "not known", `SameAs` another column, or `NEEDED`. A nullable column reads as missing.
    """

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None
    is_own: bool = False
    older: object = NEEDED

    @property
    def is_needed(self) -> bool:
        """Whether no file can be read without the column."""
        return self.older == NEEDED and not self.nullable

    @property
    def may_read_none(self) -> bool:
        """Whether a reader may meet None: in a missing value, or for an older file."""
        return self.nullable or self.older is None

    @property
    def is_free_text(self) -> bool:
        """Whether a value, or one in a list, is text that may rest on what people wrote."""
        kind = self.type
        while pa.types.is_list(kind) or pa.types.is_large_list(kind):
            kind = kind.value_type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        return bool(is_text and self.allowed is None and not self.is_own)


@dataclass(frozen=True)
class Table:
    """Columns in stored order, the key, and what one row is.

    Rows are stored in ascending order of the key, and no two have the same unless
    `is_key_unique` is false.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    is_key_unique: bool = True

    @property
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
        """Give the columns asked for; one that an older file lacks reads as its `older`.

        Parameters
        ----------
        stored
            The table as an earlier version may have written it.
        names
            Wanted columns, in this order.
        where
            What the table is of, for the error.

        Raises
        ------
        StoreError
            A column is missing without which the table cannot be read.
        """
        known = {column.name: column for column in self.columns}
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

    def _older(self, stored: pa.Table, column: Column) -> pa.Array | pa.ChunkedArray:
        if isinstance(column.older, SameAs):
            return stored[column.older.column]
        value = None if column.older == NEEDED else column.older
        return pa.array([value] * stored.num_rows, type=column.type)


@dataclass(frozen=True)
class AssetContract:
    """The main table of an asset, and the further tables that it writes beside it."""

    main: Table
    parts: tuple[Table, ...] = field(default=())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The main table first."""
        return (self.main, *self.parts)
