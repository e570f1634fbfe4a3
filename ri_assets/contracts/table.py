"""What a column and a table are, and their Arrow form."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")


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
    """

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None
    is_own: bool = False

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


@dataclass(frozen=True)
class AssetContract:
    """The main table of an asset, and the further tables that it writes beside it."""

    main: Table
    parts: tuple[Table, ...] = field(default=())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The main table first."""
        return (self.main, *self.parts)
