"""The version of the store's format.

Belongs here: the number, and refusing one that this version of the project does not know.
"""

from __future__ import annotations

from ri_assets.errors import StoreError
from ri_assets.store.files import Files

FORMAT = 1
"""Version of what `ri_assets.store` describes; raise it when older code would misread a store."""

PLACE = "format.json"


def require_known_format(files: Files) -> None:
    """Refuse a store of an unknown format; one without a version is older and is read.

    Raises
    ------
    StoreError
        A newer version of the project wrote it, or its version is unreadable.
    """
    if not files.exists(PLACE):
        return
    content = files.read_json(PLACE)
    found = content.get("format") if isinstance(content, dict) else None
    if not isinstance(found, int):
        raise files.damaged(PLACE, "it names no version of the format")
    if found != FORMAT:
        raise StoreError(
            f"the store {files.location} has format {found}",
            f"format {FORMAT}, which this version of the project reads and writes",
            "update ri-persona-system, or name another store with --store",
        )


def mark_format(files: Files) -> None:
    """Write the version into a store that has none."""
    if not files.exists(PLACE):
        files.write_json(PLACE, {"format": FORMAT})
