"""Where the store lies if nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_STORE = str(Path(__file__).parents[2] / "data" / "store")


def store_location(given: str | None) -> str:
    """Give the location that was named, else that of `RI_STORE`, else the default."""
    return given or os.environ.get("RI_STORE") or DEFAULT_STORE
