"""`ri-index assign`: texts, a file or standard input in, personas out."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ri_assets.cli.options import AsDraft, Json, SnapshotId, Store
from ri_assets.cli.output import answer
from ri_assets.cli.queries import TWEETS
from ri_assets.errors import QueryError
from ri_assets.ri_index.index import RIIndex

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()
_STDIN = "-"


@app.command(rich_help_panel=TWEETS)
def assign(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT…", help="One or several texts.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Tweets as `run --source` reads them (CSV, JSON lines, Parquet, a folder with "
            "replies), or - for texts on standard input, one a line.",
        ),
    ] = None,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Give the persona of tweets that the run never saw (loads the model)."""
    tweets, replies, note = to_assign(texts or [], file)
    ri = RIIndex.open(snapshot, store=store, draft=draft)
    found = ri.assign(tweets, replies)
    answer(replace(found, note="; ".join(filter(None, (found.note, note)))), as_json, ri)


def to_assign(
    texts: list[str], file: str | None
) -> tuple[list[str] | pd.DataFrame, pd.DataFrame | None, str]:
    """Read tweets, the replies to them where a folder has some, and what to say about them.

    Raises
    ------
    QueryError
        Texts and a file are given, or neither.
    SourceError
        The file is not there, or no tweets can be read from it.
    """
    if bool(texts) == bool(file):
        raise QueryError(
            "texts and a file" if texts else "neither a text nor a file",
            "one or several texts, or --file",
            "give one of the two; --file - reads texts from standard input",
        )
    if not file:
        return texts, None, ""
    if file == _STDIN:
        raw = sys.stdin.buffer.read().decode("utf-8", errors="replace")
        return raw.splitlines(), None, ""
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.opening import open_source

    corpus = open_source(file, SourceOptions(keep_all=True)).read()
    n_rejected = len(corpus.rejected_tweets)
    note = f"{n_rejected:,} rows could not be read as tweets" if n_rejected else ""
    return corpus.tweets, corpus.replies if len(corpus.replies) else None, note
