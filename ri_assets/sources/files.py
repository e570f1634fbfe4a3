"""Files and folders as a source.

Belongs here: finding files and choosing the reader for each. Does not belong here: splitting
a format into rows.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import cast

import ri_assets
from ri_assets.errors import SourceError
from ri_assets.records.posts import TWEETS
from ri_assets.sources.aliases import CONVERSATION_ID, IS_REPLY
from ri_assets.sources.base import Corpus, SourceOptions, SourceState, require_tweets
from ri_assets.sources.columns import ColumnReader
from ri_assets.sources.encoding import form_of, lines_of
from ri_assets.sources.formats import (
    SUFFIXES,
    Packed,
    bare_name,
    format_of,
    is_data_file,
    members_of,
)
from ri_assets.sources.gatherer import PostGatherer, is_reply
from ri_assets.sources.json_rows import read_json
from ri_assets.sources.left_out import limited_corpus
from ri_assets.sources.reading import Reading, unreadable_columns
from ri_assets.sources.rows import BrokenRow, Gathered, Row
from ri_assets.sources.tabular_rows import read_csv, read_parquet
from ri_assets.sources.values import ValueProblem, reader_of

SAMPLE = "sample"


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
        The file.
    replies_only
        Whether every row is a reply: the name of the file, or of a folder, starts with
        `replies`.
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
        Name for logs.
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
        """Count tweets, checking only their ids; see `Source.newest`."""
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
    """List the files of paths, each once.

    For a folder or a ZIP file, these are the files whose name, or whose folder's name, starts
    with `tweets` or `replies`; if there are none, all files with a known suffix.

    Parameters
    ----------
    paths
        Files or folders.
    notes
        Receives a note about data files in a folder that are not read.

    Raises
    ------
    SourceError
        A path doesn't exist, a folder has no data files, or the same name in two formats.
    """
    files: dict[tuple[Path, str | None], DataFile] = {}
    for path in paths:
        for file in _in_path(path, notes):
            files.setdefault((file.packed.path.resolve(), file.packed.member), file)
    return list(files.values())


def gather_files(
    paths: Sequence[Path], options: SourceOptions, name: str
) -> tuple[Gathered, Gathered, Reading]:
    """Read and check files; return tweets, replies, and how the columns were understood.

    Raises
    ------
    SourceError
        A file cannot be read, has another format, or lacks a column for id or text.
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
    """Read the rows of a file; `only` limits the columns, if the format allows it."""
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
    """Return the file itself, or the members of a ZIP file."""
    is_of_replies = _is_of_replies(path.relative_to(root))
    members = members_of(path)
    if not members:
        return [DataFile(Packed(path), is_of_replies)]
    return [
        DataFile(Packed(path, str(name)), is_of_replies or _is_of_replies(name))
        for name in _chosen(members, path, notes)
    ]


def _chosen(names: Iterable[PurePath], where: Path, notes: list[str]) -> list[PurePath]:
    """Choose the data files of a folder or a ZIP file, sorted."""
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
    """Whether this is a data file, and no hidden or temporary one."""
    around = name.parts[:-1]
    return is_data_file(name.name) and not any(part.startswith((".", "_")) for part in around)


def _is_named(name: PurePath) -> bool:
    return any(_TWEETS.match(part) or _REPLIES.match(part) for part in name.parts)


def _is_of_replies(name: PurePath) -> bool:
    return any(_REPLIES.match(part) for part in name.parts)


def _require_one_format(names: list[PurePath], where: Path) -> None:
    """Refuse the same name in two formats: it would be the same tweets twice."""
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


def local_paths(spec: str) -> list[Path]:
    """Files or folders that a string names, including `sample`; a pattern may name several.

    Raises
    ------
    SourceError
        The string is not a path, or the path does not exist.
    """
    if spec == SAMPLE:
        return [_sample_path()]
    if not spec or "://" in spec:
        raise SourceError(
            f"the source begins with {spec.partition('://')[0]}://"
            if spec
            else "no source is named",
            "sample, the path of a file or folder, or mysql://host:port/database",
            "name one of these three",
        )
    path = Path(spec).expanduser()
    if path.exists():
        return [path]
    if found := sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - it may be absolute
        return [Path(one) for one in found]
    raise SourceError(
        # With an @ it may be a URL without scheme, including a password.
        f"{'the source' if '@' in spec else spec} does not exist",
        "sample, the path of a file or folder, or mysql://host:port/database",
        "correct the path; `sample` reads the bundled sample",
    )


def _sample_path() -> Path:
    path = Path(ri_assets.__file__).parents[1] / "data" / SAMPLE
    if not path.is_dir():
        raise SourceError(
            f"the bundled sample is not at {path}",
            "data/sample beside the package, as in a checkout of the repository",
            "install from a checkout in editable mode, or name files of your own",
        )
    return path
