"""Replace many files of a store together: all of them, or none.

New content is written beside the store's files first. A journal is then written, and from that
moment the change is carried out, by this process or, if it dies, by the next that looks.
"""

from __future__ import annotations

from collections.abc import Iterable

from ri_assets.store import locks
from ri_assets.store.files import Files

_FOLDER = "changing"
_JOURNAL = f"{_FOLDER}/journal.json"


def staged_place(number: int) -> str:
    """Path for the new content of one file, before it is put in place."""
    return f"{_FOLDER}/{number}"


def discard(files: Files) -> None:
    """Remove content that was written and never put in place."""
    files.remove(_FOLDER)


def put_in_place(files: Files, replaced: dict[str, str], removed: Iterable[str]) -> None:
    """Replace files by staged ones, in order, and remove others.

    Parameters
    ----------
    replaced
        Staged path of the new content, by the path of the file.
    removed
        Files and folders.
    """
    files.write_json(_JOURNAL, {"replaced": list(replaced.items()), "removed": list(removed)})
    finish_change(files)


def finish_change(files: Files) -> None:
    """Carry out a change whose journal was written; nothing happens without one."""
    if not files.exists(_JOURNAL):
        return
    with locks.publishing(files):
        if not files.exists(_JOURNAL):
            return  # another process was faster
        journal = files.read_json(_JOURNAL)
        for target, staged in journal["replaced"]:
            files.copy(staged, target)
        for place in journal["removed"]:
            files.remove(place)
        files.remove(_JOURNAL)
        files.remove(_FOLDER)
