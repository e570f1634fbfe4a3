"""Options that commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from ri_assets.cli.terminal import console
from ri_assets.errors import RIError
from ri_assets.ri_index.index import RIIndex


def _is_default(is_given: bool) -> bool:
    if is_given:
        console(stderr=True).print(
            "--exclude-retweets is the default now; --keep-all keeps retweets"
        )
    return is_given


Store = Annotated[
    str | None,
    typer.Option("--store", help="Folder or fsspec URL with the results \\[env: RI_STORE]."),
]
SnapshotId = Annotated[
    str | None, typer.Option("--snapshot", help="Snapshot id; without it, the current one.")
]
AsDraft = Annotated[
    bool,
    typer.Option("--draft", help="Read what the last run found although it was not published."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON for programs.")]
KeepAll = Annotated[
    bool, typer.Option("--keep-all", help="Keep retweets and automated posts \\[env: RI_KEEP_ALL].")
]
ExcludeRetweets = Annotated[
    bool,
    typer.Option("--exclude-retweets", hidden=True, callback=_is_default),
]
ColumnMap = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="OURS=THEIRS", help="Name a column, as in text=content \\[env: RI_MAP]."
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        "--timezone", metavar="ZONE", help="Zone of times without one \\[env: RI_TIMEZONE]."
    ),
]
FixMojibake = Annotated[
    bool,
    typer.Option(
        "--fix-mojibake", help="Mend UTF-8 that was stored as Latin-1 \\[env: RI_FIX_MOJIBAKE]."
    ),
]


def personas_here(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Complete ids of the personas in the store that the line names; none where it cannot."""
    given = context.params
    try:
        ri = RIIndex.open(
            given.get("snapshot"), store=given.get("store"), draft=bool(given.get("draft"))
        )
        found = ri.list_personas()
    except (RIError, OSError):  # a shell that completes has nowhere to tell it
        return []
    return [
        (p.persona_id, p.name)
        for p in found
        if p.persona_id.casefold().startswith(incomplete.casefold())
    ]


Who = Annotated[
    str,
    typer.Argument(
        metavar="PERSONA",
        help="Id, name, or rank by size from 0.",
        autocompletion=personas_here,
    ),
]
Several = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PERSONA…",
        help="Ids, names, or ranks by size from 0; none means all.",
        autocompletion=personas_here,
    ),
]
