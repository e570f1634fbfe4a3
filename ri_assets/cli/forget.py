"""The command `forget`: its options, and what it says it did and cannot do."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ri_assets.cli.options import OPERATE, Json, Store
from ri_assets.cli.terminal import console, print_json, safe
from ri_assets.counted import counted
from ri_assets.environment import store_location
from ri_assets.store.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ri_assets.forget.act import Forgot

app = typer.Typer()

OUT_OF_REACH = (
    "the source itself: later runs leave these people out, but their posts stay there",
    "backups and copies of the store, exported files and explorer pages that somebody has copied",
    "Dagster's records, which show some cleaned tweets: `ri-index clean` removes old runs",
    "programs that have a snapshot open: restart them (`ri-index serve` notices by itself)",
)
"""What the command cannot change, in the words in which it says so."""


@app.command(rich_help_panel=OPERATE)
def forget(
    author: Annotated[
        list[str] | None, typer.Option(help="Handle or id of an author; repeatable.")
    ] = None,
    tweet: Annotated[
        list[str] | None, typer.Option(help="Id of one tweet or reply; repeatable.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be removed; remove nothing.")
    ] = False,
    as_json: Json = False,
    store: Store = None,
) -> None:
    """Remove people from the store, and leave them out of later runs."""
    from ri_assets.forget.act import forget as act

    files = Files(store_location(store))
    done = act(files, author or (), tweet or (), datetime.now(UTC), is_dry_run=dry_run)
    if as_json:
        content = {"is_dry_run": dry_run, **asdict(done), "out_of_reach": OUT_OF_REACH}
        print_json(json.dumps(content, ensure_ascii=False))
        return
    out = console()
    for sentence in _sentences(done, is_dry_run=dry_run):
        out.print(safe(sentence), highlight=False, soft_wrap=True)


def _sentences(done: Forgot, *, is_dry_run: bool) -> Iterator[str]:
    verb = "would be removed" if is_dry_run else "removed"
    yield f"{counted(done.posts, 'tweet or reply', 'tweets and replies')} found in the store"
    for snapshot, posts in done.snapshots.items():
        what = "content" if posts == 0 else counted(posts, "post")
        yield f"snapshot {snapshot}: {what} {verb}; its manifest says so without names"
    for snapshot in done.without_raw:
        yield (
            f"snapshot {snapshot}: its raw posts are not in the store, so only posts whose ids "
            "are named, or known from elsewhere in the store, were looked for there; name others "
            "with --tweet"
        )
    if not done.snapshots:
        yield "no snapshot holds anything of them"
    if done.candidates:
        yield (
            f"{counted(done.candidates, 'candidate')} {verb}, with the draft; the "
            "next run materialises everything"
        )
    yield f"{counted(done.vectors, 'vector')} {verb} from the cache"
    if is_dry_run:
        yield "nothing was changed"
        return
    yield "later runs leave these people out and count their posts (forgotten.json, hashed)"
    for place in done.unreached:
        yield f"edit or delete {place} by hand: it may name them"
    for reach in OUT_OF_REACH:
        yield f"out of reach: {reach}"
