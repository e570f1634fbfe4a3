"""Who is to be forgotten: their handles, ids and posts, as far as the store knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.errors import QueryError
from ri_assets.store.files import Files
from ri_assets.store.pointer import require_store
from ri_assets.store.raw_posts import kept_ids, raw_folder

_POSTS = ("raw_tweets.parquet", "raw_replies.parquet", "denoised_tweets.parquet")
_SAMPLES = "samples.parquet"
_AUTHOR = ("tweet_id", "author_id", "author_handle", "text")


@dataclass(frozen=True)
class People:
    """Everything by which people are known in a store.

    Parameters
    ----------
    handles
        In lower case, without @.
    author_ids
        Ids of the authors.
    tweet_ids
        Posts that are removed: theirs, and those that were named.
    named
        Posts that were named one by one.
    texts
        Texts of these posts, as written and as shown.
    """

    handles: frozenset[str] = frozenset()
    author_ids: frozenset[int] = frozenset()
    tweet_ids: frozenset[int] = frozenset()
    named: frozenset[int] = frozenset()
    texts: frozenset[str] = frozenset()


def find_people(files: Files, authors: Sequence[str], tweets: Sequence[str]) -> People:
    """Find everything that the store knows of some authors and posts.

    Parameters
    ----------
    authors
        Handles, with or without @, or author ids.
    tweets
        Ids of posts.

    Raises
    ------
    QueryError
        Nobody is named, or something named is neither a handle nor an id.
    StoreError
        There is no such store, or a table in it cannot be read.
    """
    found = _named(authors, tweets)
    require_store(files)
    places = list(post_tables(files))
    if authors:
        while (more := _other_names(files, places, found)) != found:
            found = more  # an account may have had several handles
    ids, texts = set(found.named), set()
    for place in places:
        theirs = _theirs(_read(files, place), found)
        ids |= set(theirs["tweet_id"].to_pylist())
        texts |= set(theirs["text"].to_pylist())
    for place in tables_named(files, _SAMPLES):
        table = files.read_table(place, ["tweet_id", "text"])
        shown = table.filter(pc.is_in(table["tweet_id"], value_set=pa.array(ids, pa.int64())))
        texts |= set(shown["text"].to_pylist())
    return replace(found, tweet_ids=frozenset(ids), texts=frozenset(texts - {None, ""}))


def _named(authors: Sequence[str], tweets: Sequence[str]) -> People:
    if not authors and not tweets:
        raise QueryError(
            "nobody is named",
            "--author with a handle or an id, or --tweet with an id; each may be repeated",
            "name who is to be forgotten",
        )
    plain = [author.strip().removeprefix("@").lower() for author in authors]
    for given, name in zip(authors, plain, strict=True):
        if not (name.isidentifier() or (name.isascii() and name.replace("_", "").isalnum())):
            raise QueryError(
                f"--author {given!r} is no handle", "letters, digits and _", "correct it"
            )
    for one in tweets:
        if not (one.isascii() and one.isdecimal()):
            raise QueryError(f"--tweet {one!r} is no id", "digits alone", "correct it")
    numbers = frozenset(int(one) for one in tweets)
    return People(
        handles=frozenset(plain),
        author_ids=frozenset(int(one) for one in plain if one.isascii() and one.isdecimal()),
        named=numbers,
    )


def _other_names(files: Files, places: Iterable[str], known: People) -> People:
    handles, ids = set(known.handles), set(known.author_ids)
    for place in places:
        rows = _by_author(_read(files, place), People(frozenset(handles), frozenset(ids)))
        handles |= {str(one).lower() for one in rows["author_handle"].to_pylist() if one}
        ids |= {int(one) for one in rows["author_id"].to_pylist() if one is not None}
    return replace(known, handles=frozenset(handles), author_ids=frozenset(ids))


def _theirs(table: pa.Table, people: People) -> pa.Table:
    named = pc.is_in(table["tweet_id"], value_set=pa.array(people.named, pa.int64()))
    if not people.handles and not people.author_ids:
        return table.filter(named)
    return pa.concat_tables([_by_author(table, people), table.filter(named)])


def _by_author(table: pa.Table, people: People) -> pa.Table:
    return table.filter(is_by(table, people))


def is_by(table: pa.Table, people: People) -> pa.ChunkedArray:
    """Tell for each row of a table of posts whether one of the people wrote it."""
    ids = pa.array(people.author_ids, pa.int64())
    handles = pa.array(people.handles, pa.string())
    by_id = pc.is_in(table["author_id"], value_set=ids)
    return pc.or_(by_id, pc.is_in(pc.utf8_lower(table["author_handle"]), value_set=handles))


def _read(files: Files, place: str) -> pa.Table:
    return files.read_table(place, _AUTHOR)


def post_tables(files: Files) -> Iterator[str]:
    """Paths of all tables with whole posts, in snapshots and candidates."""
    for name in _POSTS:
        yield from tables_named(files, name)


def tables_named(files: Files, name: str) -> Iterator[str]:
    """Paths of all tables of a name, in snapshots and candidates."""
    folders = [f"snapshots/{snapshot}" for snapshot in files.names("snapshots")]
    for folder in (*folders, *map(raw_folder, kept_ids(files))):
        for file in files.names(folder):
            if file == name or file.endswith(f".{name}"):
                yield f"{folder}/{file}"
    for run in files.names("candidate"):
        for asset in files.names(f"candidate/{run}"):
            if files.exists(place := f"candidate/{run}/{asset}/{name}"):
                yield place
