"""`ri-index open`: show the explorer of a snapshot in the browser."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from ri_assets.cli.options import AsDraft, SnapshotId, Store
from ri_assets.cli.queries import SNAPSHOTS
from ri_assets.cli.terminal import console

app = typer.Typer()


@app.command("open", rich_help_panel=SNAPSHOTS)
def open_page(
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    print_path: Annotated[
        bool, typer.Option("--print-path", help="Print where the page is; open no browser.")
    ] = False,
) -> None:
    """Show the explorer in the browser."""
    path = page_path(store, snapshot, draft=draft)
    if print_path or not webbrowser.open(path.as_uri()):
        console().print(str(path), highlight=False, soft_wrap=True, markup=False)


def page_path(store: str | None, snapshot: str | None, *, draft: bool) -> Path:
    """Give the page's file on this machine; of a store elsewhere, a verified copy."""
    from ri_assets.environment import store_location
    from ri_assets.explorer.page import EXPLORER
    from ri_assets.ri_index.snapshot_reader import open_snapshot
    from ri_assets.store.files import Files

    found = open_snapshot(Files(store_location(store)), snapshot, draft=draft)
    content = found.content(EXPLORER)
    local = Path(found.files.path(found.path(EXPLORER)))
    if local.is_file():
        return local.absolute()
    copy = Path(tempfile.mkdtemp(prefix="ri-index-")) / EXPLORER
    copy.write_bytes(content)
    return copy
