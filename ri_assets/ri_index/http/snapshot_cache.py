"""Open snapshots, so that a question pays for opening only once.

Belongs here: which snapshot answers, also after a new one was published. Does not
belong here: questions.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from ri_assets.errors import NotFoundError
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id, is_published, published_ids
from ri_assets.store.snapshot import Snapshot

_KEPT = 4


class Indexes:
    """The snapshots of one store; several threads may ask at once.

    Parameters
    ----------
    location
        Folder or fsspec URL of the store.
    """

    def __init__(self, location: str) -> None:
        # In full, so that errors can be told without it.
        self.files = Files(location if "://" in location else str(Path(location).absolute()))
        self._open: OrderedDict[str, Contents] = OrderedDict()
        self._lock = Lock()

    def contents(self, snapshot: str | None = None) -> Contents:
        """Give a snapshot by its id, or the one that is current at this moment.

        Raises
        ------
        NotFoundError
            A snapshot of that id was named, and there is none.
        StoreError
            Nothing is published, or the snapshot is not whole.
        """
        name = current_id(self.files) if snapshot is None else snapshot
        with self._lock:
            kept = self._open.get(name or "")
            if kept is not None:
                self._open.move_to_end(kept.snapshot.manifest.snapshot)
        if kept is not None and self.files.exists(f"{kept.snapshot.folder}/manifest.json"):
            return kept
        if snapshot is not None:
            self._need(snapshot)
        # Not kept where it fails: a copy that is still under way may be whole next time.
        found = Contents(Snapshot(self.files, name))
        with self._lock:
            self._open[found.snapshot.manifest.snapshot] = found
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
        return found

    def _need(self, snapshot: str) -> None:
        if not is_published(self.files, snapshot):
            known = published_ids(self.files)
            raise NotFoundError(
                f"there is no snapshot {snapshot!r}",
                f"one of {', '.join(known)}" if known else "a store with a published snapshot",
                "correct the id (/snapshots lists them), or leave it out for the current one",
            )
