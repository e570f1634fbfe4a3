"""Reading a database with the copy that a store keeps of it, and comparing two reads."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pandas as pd

from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets.store.files import Files
from ri_assets.store.source_copy import SourceCopy

CODE = {"code": "1"}
FOREIGN = (
    "CREATE TABLE {} (id INT PRIMARY KEY, tweet_id TEXT, text TEXT, author_id TEXT,"
    " author_handle TEXT, created_at TEXT, like_count TEXT, in_reply_to_tweet_id TEXT)"
)


def read(url: str, store: object = None, **options: Any) -> tuple[Corpus, list[str]]:
    """Read with the copy in a store, or whole; give the notes too."""
    code = options.pop("code", CODE)
    copy = None if store is None else SourceCopy(Files(str(store)), code)
    corpus = open_source(url, SourceOptions(keep_all=True, copy=copy, **options)).read()
    return corpus, [] if copy is None else copy.notes


def assert_same(one: Corpus, other: Corpus) -> None:
    """Compare everything that a read gives."""
    for field in fields(Corpus):
        ours, theirs = (getattr(corpus, field.name) for corpus in (one, other))
        if isinstance(ours, pd.DataFrame):
            pd.testing.assert_frame_equal(ours, theirs, obj=field.name)
        else:
            assert ours == theirs, field.name


def n_fetched(notes: list[str]) -> int:
    """Rows of both tables that were fetched."""
    found = [re.fullmatch(r"table \w+: ([\d,]+) of [\d,]+ rows were fetched", n) for n in notes]
    assert all(found), notes
    return sum(int(match[1].replace(",", "")) for match in found if match)
