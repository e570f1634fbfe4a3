"""Files and folders as a source.

Belongs here: which files there are, and opening them. Does not belong here: how
a format is cut into rows.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ri_assets.contracts.raw import REPLIES, TWEETS
from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions, SourceState, require_tweets
from ri_assets.sources.csv_rows import read_csv
from ri_assets.sources.jsonl_rows import read_jsonl
from ri_assets.sources.limits import limited_corpus
from ri_assets.sources.parquet_rows import read_parquet
from ri_assets.sources.rows import BrokenRow, Gathered, PostGatherer, Row, is_reply
from ri_assets.sources.sniff import SUFFIXES, check_content, format_of, has_known_suffix
from ri_assets.sources.values import ValueProblem, reader_of

_SNIFFED_BYTES = 512


@dataclass(frozen=True)
class DataFile:
    """One file of posts.

    Parameters
    ----------
    path
        Where it is.
    replies_only
        Whether every row is a reply: the file is called `replies.*`.
    """

    path: Path
    replies_only: bool


@dataclass(frozen=True)
class FileSource:
    """Posts in one file, or in a folder with `tweets.*` and, if there are any, `replies.*`.

    Parameters
    ----------
    path
        File or folder.
    options
        What to leave out.
    name
        What to call it in logs.
    """

    path: Path
    options: SourceOptions
    name: str

    def read(self) -> Corpus:
        """Read and check everything; see `Source.read`."""
        tweets, replies = gather_files(files_of(self.path))
        return require_tweets(limited_corpus(tweets, replies, self.options), self.name)

    def newest(self) -> SourceState:
        """Count tweets without checking more than their ids; see `Source.newest`."""
        n_tweets, newest = 0, None
        read_id = reader_of(TWEETS.columns[0])
        for file in files_of(self.path):
            if file.replies_only:
                continue
            for row in _rows_of(file.path, ("tweet_id", "in_reply_to_tweet_id")):
                if is_reply(row):
                    continue
                n_tweets += 1
                tweet_id = _id_or_none(row, read_id)
                newest = tweet_id if newest is None else max(newest, tweet_id or newest)
        return SourceState(n_tweets, newest)


def files_of(path: Path) -> list[DataFile]:
    """Files that a path stands for, tweets first.

    Raises
    ------
    SourceError
        The path does not exist, or the folder does not hold exactly one file of tweets and
        at most one of replies (a folder with replies alone is accepted).
    """
    if path.is_file():
        return [_data_file(path)]
    if not path.is_dir():
        raise SourceError(
            f"{path} does not exist",
            "a file of tweets, or a folder with tweets.* and replies.*",
            "correct the path; `sample` reads the bundled sample",
        )
    found = {
        stem: [file for file in sorted(path.iterdir()) if _stem(file) == stem and _is_data(file)]
        for stem in ("tweets", "replies")
    }
    for stem, files in found.items():
        if len(files) > 1:
            raise SourceError(
                f"{path} holds {' and '.join(file.name for file in files)}",
                f"one file called {stem}.*",
                "keep one of them in the folder, or name a file instead of the folder",
            )
    files = [*found["tweets"], *found["replies"]]
    if not files:
        raise SourceError(
            f"{path} holds neither tweets.* nor replies.*",
            f"tweets.* and, if there are any, replies.*, with one of {', '.join(SUFFIXES)}",
            "put the files there under these names, or name a file instead of the folder",
        )
    return [_data_file(file) for file in files]


def gather_files(files: Iterable[DataFile]) -> tuple[Gathered, Gathered]:
    """Read and check files: tweets, then replies.

    Raises
    ------
    SourceError
        A file is not what its name says, is damaged, or lacks an indispensable column.
    """
    gatherer = PostGatherer()
    for file in files:
        gatherer.add(_rows_of(file.path), replies_only=file.replies_only)
    return gatherer.finish()


def _rows_of(
    path: Path, columns: tuple[str, ...] = tuple(REPLIES.names)
) -> Iterator[Row | BrokenRow]:
    """Rows of a file; `columns` spares work where the format can leave others unread."""
    form = format_of(path)
    try:
        with _opened(path) as file:
            check_content(path, file.read(_SNIFFED_BYTES))
            file.seek(0)
            if form == "csv":
                yield from read_csv(file, str(path))
            elif form == "jsonl":
                yield from read_jsonl(file)
            else:
                yield from read_parquet(path, columns)
    except (EOFError, OSError, zlib.error) as error:
        raise SourceError(
            f"{path} cannot be read ({error})",
            "a whole file that this user may read",
            "check its permissions, or copy it again; it may be cut off or damaged",
        ) from error


def _opened(path: Path) -> BinaryIO:
    if path.suffix.lower() == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _data_file(path: Path) -> DataFile:
    return DataFile(path, replies_only=_stem(path) == "replies")


def _stem(path: Path) -> str:
    return path.name.split(".")[0].lower()


def _is_data(path: Path) -> bool:
    return path.is_file() and has_known_suffix(path)


def _id_or_none(row: Row | BrokenRow, read_id: Callable[[object], object]) -> int | None:
    if isinstance(row, BrokenRow):
        return None
    try:
        return cast("int | None", read_id(row.values.get("tweet_id")))
    except ValueProblem:
        return None
