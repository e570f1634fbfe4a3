"""What to do next, for who types `ri-index` alone.

Belongs here: a few lines by what is in the store. Does not belong here: the help of the
commands (`cli`), or what any of them answers.
"""

from __future__ import annotations

from ri_assets.environment import store_location
from ri_assets.errors import RIError
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets.store.snapshot import Draft, Snapshot

_RUN = (
    ("ri-index run", "find the personas of the bundled sample"),
    ("ri-index check FILE", "see what a file of your own holds"),
    ("ri-index run --source FILE", "find and publish its personas"),
)
_ASK = (
    ("ri-index summary", "figures, personas and checks"),
    ("ri-index personas", "list the personas"),
)
_DRAFT = (
    ("ri-index personas --draft", "list what the refused run found"),
    ("ri-index summary --draft", "see which checks failed"),
)
_LAST = ("ri-index --help", "list all commands")


def next_steps() -> str:
    """Say in a few lines what is in the store and which commands come next.

    A store that cannot be read is part of the answer, not an error: nothing was asked of it.
    """
    try:
        location = store_location(None)
        files = Files(location)
        if published_ids(files):
            return _published(Snapshot(files))
        head = f"Nothing is published in {location} yet."
        if _has_draft(files):
            return _lines(f"{head} The last run was refused.", _DRAFT)
        return _lines(head, _RUN)
    except RIError as error:
        return f"{error}\n\n{_lines('', ())}"


def _published(snapshot: Snapshot) -> str:
    table = snapshot.table("ri_index_app", columns=["persona_id", "tweet_count"])
    rows = table.sort_by([("tweet_count", "descending"), ("persona_id", "ascending")])
    first = rows["persona_id"][0].as_py()
    manifest = snapshot.manifest
    return _lines(
        f"Snapshot {manifest.snapshot}: {table.num_rows} personas from {manifest.source}.",
        (*_ASK, (f"ri-index persona {first}", "show one, by id or name")),
    )


def _has_draft(files: Files) -> bool:
    try:
        Draft(files)
    except RIError:
        return False
    return True


def _lines(head: str, steps: tuple[tuple[str, str], ...]) -> str:
    shown = (*steps, _LAST)
    width = max(len(command) for command, _ in shown)
    body = "\n".join(f"  {command:<{width}}  {what}" for command, what in shown)
    return f"{head}\n\n{body}" if head else body
