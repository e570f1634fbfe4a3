"""What `ri-index assign` is given on the command line: texts, a file, or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ri_assets.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd

STDIN = "-"


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
    if file == STDIN:
        raw = sys.stdin.buffer.read().decode("utf-8", errors="replace")
        return raw.splitlines(), None, ""
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.opening import open_source

    corpus = open_source(file, SourceOptions()).read()
    n_rejected = len(corpus.rejected_tweets)
    note = f"{n_rejected:,} rows could not be read as tweets" if n_rejected else ""
    return corpus.tweets, corpus.replies if len(corpus.replies) else None, note
