"""The copy of a database's rows, from which the next run takes what did not change.

It holds posts as people wrote them. `ri-index forget` removes it as a whole, and so does
`ri-index clean --raw --keep-raw 0`.

Belongs here: the files, and whether they are whole. Does not belong here: what the rows mean
(`ri_assets.sources.kept_rows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from ri_assets.errors import AccessError, StoreError
from ri_assets.records.manifest import StoredFile
from ri_assets.store.ages import changed_at, mark_used
from ri_assets.store.files import Files

FOLDER = "cache/mysql"
_ROWS, _RECEIPT = f"{FOLDER}/rows.parquet", f"{FOLDER}/receipt.json"


@dataclass(eq=False)
class SourceCopy:
    """The copy in one store.

    Parameters
    ----------
    files
        The store.
    made_by
        Digests of the code and the libraries that read rows; rows read by others are ignored.
    is_read_only
        Leave the copy as it is.
    off_because
        Why whole tables are read; set where the server cannot compute digests.
    notes
        Sentences for the log about the last read.
    """

    files: Files
    made_by: Mapping[str, str]
    is_read_only: bool = False
    off_because: str = ""
    notes: list[str] = field(default_factory=list)

    def read(self, schema: pa.Schema) -> pa.Table:
        """Read the rows; there are none without a copy, or if it is damaged or of another form.

        Such a copy is removed.

        Raises
        ------
        AccessError
            This user may not read the store.
        """
        self.notes.clear()
        if not self.files.exists(_RECEIPT):
            return schema.empty_table()
        try:
            receipt = StoredFile.model_validate(self.files.read_json(_RECEIPT))
            if self.files.sha256(_ROWS) == receipt.sha256:
                found = self.files.read_table(_ROWS)
                if found.schema.equals(schema):
                    return found
        except AccessError:
            raise
        except (StoreError, ValueError):
            pass  # said below
        self.notes.append(f"{self.files.path(FOLDER)} is damaged or of another version: not used")
        if not self.is_read_only:
            self.files.remove(FOLDER)
        return schema.empty_table()

    def write(self, rows: pa.Table) -> None:
        """Replace the copy.

        The receipt is written last. Until then, or if another run writes at the same time, it
        does not fit the rows, and nobody uses them.
        """
        if not self.is_read_only:
            self.files.write_json(_RECEIPT, self.files.write_table(_ROWS, rows).model_dump())

    def mark_used(self) -> None:
        """Let `last_used` return the time of now."""
        if not self.is_read_only:
            mark_used(self.files, _RECEIPT)


def last_used(files: Files) -> datetime | None:
    """When a run last used the copy; None if there is none."""
    times = [changed_at(files, f"{FOLDER}/{name}") for name in files.names(FOLDER)]
    return max(times, default=None)
