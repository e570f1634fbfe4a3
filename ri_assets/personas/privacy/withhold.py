"""The last look at what personas show: a text that may be private never reaches a table.

Belongs here: what takes the place of a text that slipped through, such as a name that an
earlier run gave before its word became somebody's handle. Does not belong here: choosing
the next best, which whoever chooses texts does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from ri_assets.personas.privacy.guard import Passes, Screen
from ri_assets.records.record import Column
from ri_assets.records.table import AssetContract

IN_PLACE = "(withheld: it may be private)"
"""What stands where a text must be and none may be shown."""


def withhold(
    contract: AssetContract, frames: Mapping[str, pd.DataFrame], screen: Screen
) -> dict[str, pd.DataFrame]:
    """Take the texts out of an asset's tables that may not be shown.

    Of a list the text is left out; where a text may be missing, it then is; else
    `IN_PLACE` stands there.

    Parameters
    ----------
    contract
        Columns of the asset.
    frames
        Its tables by name; those of no contract stay as they are.
    screen
        Says what may be shown, and counts what is withheld by table.
    """
    found = dict(frames)
    for table in contract.tables:
        if table.name not in found:
            continue
        passes = screen.of(table.name)
        for column in table.columns:
            if column.is_free_text and column.name in found[table.name]:
                found[table.name] = _screened(found[table.name], column, passes)
    return found


def _screened(frame: pd.DataFrame, column: Column, passes: Passes) -> pd.DataFrame:
    values = [_shown(value, column, passes) for value in frame[column.name]]
    return frame.assign(**{column.name: pd.Series(values, index=frame.index, dtype=object)})


def _shown(value: Any, column: Column, passes: Passes) -> Any:
    if pa.types.is_list(column.type):
        return value if value is None else [text for text in value if passes(text)]
    if not isinstance(value, str) or passes(value):
        return value
    return None if column.nullable else IN_PLACE
