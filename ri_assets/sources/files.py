"""Files and folders as a source.

Belongs here: which files there are, and which format each is in. Does not belong here: how
a format is cut into rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import cast

from ri_assets.errors import SourceError
from ri_assets.records.posts import TWEETS
from ri_assets.sources.aliases import CONVERSATION_ID, IS_REPLY
from ri_assets.sources.base import Corpus, Reading, SourceOptions, SourceState, require_tweets
from ri_assets.sources.columns import ColumnReader
from ri_assets.sources.csv_rows import read_csv
from ri_assets.sources.encoding import form_of, lines_of
from ri_assets.sources.faults import unreadable_columns
from ri_assets.sources.json_rows import read_json
from ri_assets.sources.limits import limited_corpus
from ri_assets.sources.packed import Packed, bare_name, members_of
from ri_assets.sources.parquet_rows import read_parquet
from ri_assets.sources.rows import (
    BrokenRow,
    Gathered,
    PostGatherer,
    Row,
    is_reply,
)
from ri_assets.sources.sniff import SUFFIXES, format_of, is_data_file
from ri_assets.sources.values import ValueProblem, reader_of

_EMPTY = "{} is empty"
_KEYS = ("tweet_id", "text", "in_reply_to_tweet_id", CONVERSATION_ID, IS_REPLY)
_REPLIES = re.compile(r"replies(?![a-z])", re.IGNORECASE)
_TWEETS = re.compile(r"tweets?(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class DataFile:
    """One file of posts.

    Parameters
    ----------
    packed
        Where it is.
    replies_only
        Whether every row is a reply: the file, or a folder around it, is called `replies…`.
    """

    packed: Packed
    replies_only: bool


@dataclass(frozen=True)
class FileSource:
    """Posts in files, or in folders of them.

    Parameters
    ----------
    path
        File or folder.
    options
        What to leave out, and how to read.
    name
        What to call it in logs.
    more
        Further files or folders of the same source.
    """

    path: Path
    options: SourceOptions
    name: str
    more: tuple[Path, ...] = ()

    def read(self) -> Corpus:
        """Read and check everything; see `Source.read`."""
        tweets, replies, reading = gather_files((self.path, *self.more), self.options, self.name)
        corpus = limited_corpus(tweets, replies, self.options)
        return require_tweets(replace(corpus, reading=reading), self.name)

    def newest(self) -> SourceState:
        """Count tweets without checking more than their ids; see `Source.newest`."""
        columns = ColumnReader(self.options.column_map)
        read_id = reader_of(TWEETS.columns[0])
        n_tweets, newest = 0, None
        for file in files_of((self.path, *self.more), []):
            if file.replies_only:
                continue
            for row in _rows_of(file, columns, [], only=_KEYS):
                if is_reply(row):
                    continue
                n_tweets += 1
                tweet_id = None if isinstance(row, BrokenRow) else _id_or_none(row, read_id)
                newest = tweet_id if newest is None else max(newest, tweet_id or newest)
        return SourceState(n_tweets, newest)


def files_of(paths: Sequence[Path], notes: list[str]) -> list[DataFile]:
    """Files that paths stand for, each once.

    A folder, or a ZIP file, stands for its files and those of its folders whose names begin
    with `tweets` or `replies`; if there are none, for all its files of a known suffix.

    Parameters
    ----------
    paths
        Files or folders.
    notes
        Gets a sentence on data files in a folder that are not read.

    Raises
    ------
    SourceError
        A path does not exist, a folder holds no file of posts, or the same name in two formats.
    """
    files: dict[tuple[Path, str | None], DataFile] = {}
    for path in paths:
        for file in _in_path(path, notes):
            files.setdefault((file.packed.path.resolve(), file.packed.member), file)
    return list(files.values())


def gather_files(
    paths: Sequence[Path], options: SourceOptions, name: str
) -> tuple[Gathered, Gathered, Reading]:
    """Read and check files: tweets, then replies, then how the columns were understood.

    Raises
    ------
    SourceError
        A file cannot be read or is no data, or no column stands for the id or for the text.
    """
    gatherer, columns = PostGatherer(options), ColumnReader(options.column_map)
    notes: list[str] = []
    files = files_of(paths, notes)
    for file in files:
        gatherer.add(_rows_of(file, columns, notes), replies_only=file.replies_only)
    if notes and notes == [_EMPTY.format(file.packed.where) for file in files]:
        raise SourceError(
            notes[0], "a file with a header and rows", "export it again, or name another file"
        )
    columns.require_map(name)
    tweets, replies = gatherer.finish()
    unreadable = unreadable_columns(tweets.filled, replies.filled)
    notes.extend(gatherer.notes)
    return tweets, replies, Reading(columns.columns, columns.ignored, unreadable, tuple(notes))


def _rows_of(
    file: DataFile, columns: ColumnReader, notes: list[str], only: tuple[str, ...] | None = None
) -> Iterator[Row | BrokenRow]:
    """Rows of a file; `only` spares work where the format can leave columns unread."""
    packed = file.packed
    form = format_of(packed)
    if form is None:
        notes.append(_EMPTY.format(packed.where))
    elif form == "parquet":
        yield from read_parquet(packed, columns, only=only)
    else:
        text = form_of(packed)
        if text.note:
            notes.append(f"{packed.where}: {text.note}")
        lines = lines_of(packed, text)
        if form == "csv":
            yield from read_csv(lines, packed.where, columns, has_escapes=text.has_escapes)
        else:
            yield from read_json(lines, packed.where, columns)


def _in_path(path: Path, notes: list[str]) -> list[DataFile]:
    if path.is_file():
        return _in_file(path, path.parent, notes)
    if not path.is_dir():
        raise SourceError(
            f"{path} does not exist",
            "a file of tweets, or a folder of such files",
            "correct the path; `sample` reads the bundled sample",
        )
    names = [PurePath(file.relative_to(path)) for file in path.rglob("*") if file.is_file()]
    chosen = _chosen(names, path, notes)
    return [found for name in chosen for found in _in_file(path / name, path.parent, notes)]


def _in_file(path: Path, root: Path, notes: list[str]) -> list[DataFile]:
    """Return the file itself, or what a ZIP file holds."""
    is_of_replies = _is_of_replies(path.relative_to(root))
    members = members_of(path)
    if not members:
        return [DataFile(Packed(path), is_of_replies)]
    return [
        DataFile(Packed(path, str(name)), is_of_replies or _is_of_replies(name))
        for name in _chosen(members, path, notes)
    ]


def _chosen(names: Iterable[PurePath], where: Path, notes: list[str]) -> list[PurePath]:
    """Files of posts among those of a folder or a ZIP file, in order."""
    found = sorted(name for name in names if _is_shown(name))
    named = [name for name in found if _is_named(name)]
    if named and len(named) < len(found):
        left = ", ".join(str(name) for name in found if name not in named)
        notes.append(f"{where}: not read, because others are called tweets or replies: {left}")
    chosen = named or found
    if not chosen:
        raise SourceError(
            f"{where} holds no file of tweets",
            f"files with one of {', '.join(SUFFIXES)}, packed or not",
            "put the files there, or name a file instead of the folder",
        )
    _require_one_format(chosen, where)
    return chosen


def _is_shown(name: PurePath) -> bool:
    """Whether it is a data file, and neither it nor a folder around it is a tool's own."""
    around = name.parts[:-1]
    return is_data_file(name.name) and not any(part.startswith((".", "_")) for part in around)


def _is_named(name: PurePath) -> bool:
    return any(_TWEETS.match(part) or _REPLIES.match(part) for part in name.parts)


def _is_of_replies(name: PurePath) -> bool:
    return any(_REPLIES.match(part) for part in name.parts)


def _require_one_format(names: list[PurePath], where: Path) -> None:
    """Refuse the same name twice: it would be the same tweets, once in each format."""
    by_stem: dict[PurePath, PurePath] = {}
    for name in names:
        bare = bare_name(name.name)
        stem = name.with_name(bare.rpartition(".")[0] or bare)
        if stem in by_stem:
            raise SourceError(
                f"{where} holds {by_stem[stem].name} and {name.name}",
                "each file in one format",
                "keep one of them there, or name files instead of the folder",
            )
        by_stem[stem] = name


def _id_or_none(row: Row, read_id: Callable[[object], object]) -> int | None:
    try:
        return cast("int | None", read_id(row.values.get("tweet_id")))
    except ValueProblem:
        return None
