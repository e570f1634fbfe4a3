"""How a record presents itself: as a frame, in a notebook and in a Python shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

if TYPE_CHECKING:
    import pandas as pd


class Presented:
    """Base of `Record`: what follows from its declaration alone."""

    main_table: ClassVar[str | None] = None
    """Field that `to_frame` gives, in a record that mostly consists of tables."""

    def to_frame(self, part: str | None = None) -> pd.DataFrame:
        """Give a frame without lists in its cells (see `ri_assets.records.frames`).

        Parameters
        ----------
        part
            Field of this record that holds a table; default: its main table if it has one,
            else a frame of one row, with a column for each field.
        """
        from ri_assets.records.frames import frame_of_one

        return frame_of_one(cast("Any", self), part)

    def __repr__(self) -> str:
        """Give tables as a shell shows them, and any other record as pydantic writes it."""
        if self.main_table is None:
            return super().__repr__()
        from ri_assets.records.notebook import as_text
        from ri_assets.records.shown import parts_of

        return as_text(parts_of(cast("Any", self)))

    def __str__(self) -> str:
        return super().__str__() if self.main_table is None else repr(self)

    def _repr_html_(self) -> str:
        """Give what a notebook shows."""
        from ri_assets.records.notebook import as_html
        from ri_assets.records.shown import parts_of

        return as_html(parts_of(cast("Any", self)))
