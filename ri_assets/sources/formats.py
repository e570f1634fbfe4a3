"""Detect how a file is packed and which format it has, from its first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, cast

import pyarrow as pa

from ri_assets.errors import SourceError
from ri_assets.sample.corpus import LABELS_FILE  # the truth beside the bundled sample

PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")

_ZIP = b"PK\x03\x04"
_LONGEST_MARK = 8
_LAYERS = 3  # a packed file in a ZIP file, and one more
_FAULTS = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Packed:
    """The bytes of one file, or of one member of a ZIP file, unpacked as they are read.

    Parameters
    ----------
    path
        The file.
    member
        Name in the ZIP file; None for a file that is none.
    """

    path: Path
    member: str | None = None

    @property
    def where(self) -> str:
        """What to call it in messages."""
        return str(self.path) if self.member is None else f"{self.path}, {self.member}"

    @property
    def name(self) -> str:
        """Name of the file itself, in small letters, without what it is packed in."""
        name = self.path.name if self.member is None else PurePosixPath(self.member).name
        return bare_name(name)

    @property
    def is_plain(self) -> bool:
        """Whether the file lies there as it is, so that a reader may jump about in it."""
        return self.member is None and not self.path.name.lower().endswith(PACKED_SUFFIXES)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it for one pass.

        Raises
        ------
        SourceError
            It cannot be read, or is damaged or encrypted.
        """
        streams: list[BinaryIO] = []
        try:
            streams.append(self.path.open("rb"))
            if self.member is not None:
                streams.append(_opened_member(streams[-1], self.member))
            for _ in range(_LAYERS):
                buffered = io.BufferedReader(cast("io.RawIOBase", streams[-1]))
                unpack = _unpacker(buffered.peek(_LONGEST_MARK)[:_LONGEST_MARK])
                streams.append(cast("BinaryIO", buffered))
                if unpack is None:
                    break
                streams.append(unpack(streams[-1]))
            yield streams[-1]
        except _FAULTS as error:
            raise _unreadable(self.where, error) from error
        finally:
            for stream in reversed(streams):
                stream.close()

    def start(self, n_bytes: int) -> bytes:
        """Return the first bytes, unpacked."""
        with self.opened() as stream:
            return stream.read(n_bytes)


def bare_name(name: str) -> str:
    """Name in small letters, without the suffixes of packing."""
    name = name.lower()
    while name.endswith(PACKED_SUFFIXES):
        name = name.rpartition(".")[0]
    return name


def members_of(path: Path) -> list[PurePosixPath]:
    """Names of the files in a ZIP file, in order; none where the file is no ZIP file.

    Raises
    ------
    SourceError
        The file cannot be read, or is a spreadsheet.
    """
    try:
        with path.open("rb") as stream:
            if not stream.read(len(_ZIP)).startswith(_ZIP):
                return []
            with zipfile.ZipFile(stream) as archive:
                names = sorted(name for name in archive.namelist() if not name.endswith("/"))
    except _FAULTS as error:
        raise _unreadable(str(path), error) from error
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise spreadsheet(str(path))
    return [PurePosixPath(name) for name in names]


def _unreadable(where: str, error: Exception) -> SourceError:
    return SourceError(
        f"{where} cannot be read ({(str(error) or 'it is damaged').splitlines()[0]})",
        "a whole file without a password, that this user may read",
        "check its permissions, or copy it again; it may be cut off or damaged",
    )


def spreadsheet(where: str) -> SourceError:
    """Say that a spreadsheet is not read."""
    return SourceError(
        f"{where} is a spreadsheet or an office document",
        "a text file (CSV, JSON) or Parquet",
        "save it as 'CSV UTF-8', id columns formatted as text, or their last digits are lost",
    )


def _opened_member(stream: BinaryIO, member: str) -> BinaryIO:
    try:
        return cast("BinaryIO", zipfile.ZipFile(stream).open(member))
    except RuntimeError as error:  # a password, or a method that Python does not know
        raise OSError(str(error)) from error


class _Zstandard(io.RawIOBase):
    """A stream that Arrow unpacks, as Python's readers want it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._unpacked = pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._unpacked.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _unpacker(mark: bytes) -> Callable[[BinaryIO], BinaryIO] | None:
    if mark.startswith(b"\x1f\x8b"):
        return lambda stream: cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    if mark.startswith(b"BZh"):
        return lambda stream: cast("BinaryIO", bz2.BZ2File(stream))
    if mark.startswith(b"\xfd7zXZ\x00"):
        return lambda stream: cast("BinaryIO", lzma.LZMAFile(stream))
    if mark.startswith(b"\x28\xb5\x2f\xfd"):
        return lambda stream: cast("BinaryIO", _Zstandard(stream))
    return None


Format = Literal["parquet", "csv", "json"]

SUFFIXES = (".parquet", ".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".js")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json", ".js")
_SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")
_SNIFFED_BYTES = 4096
# Of the many .js files of an X data archive, these hold tweets.
_ARCHIVED_TWEETS = re.compile(r"tweets?(-part\d+)?\.js")
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"<!doctype", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
    (b"sqlite format 3", "an SQLite database"),
    (b"%pdf", "a PDF file"),
    (b"rdx", "an R data file"),
)
_JSON_START = re.compile(r"\s*(\{|\[|window\.\w+|(?:var|const) \w+ = [\[{])")


def is_data_file(name: str) -> bool:
    """Whether the name is that of a file with posts, packed or not."""
    name = name.lower()
    if name.startswith((".", "_")) or name == LABELS_FILE:
        return False
    bare = bare_name(name)
    if bare.endswith(".js"):
        return bool(_ARCHIVED_TWEETS.fullmatch(bare))
    return bare.endswith(SUFFIXES) or name.endswith(".zip")


def format_of(packed: Packed) -> Format | None:
    """Format of a file; None where the file is empty.

    Parameters
    ----------
    packed
        The file. Its name decides only where the content leaves it open.

    Raises
    ------
    SourceError
        The file is something else.
    """
    start = packed.start(_SNIFFED_BYTES)
    if start.startswith(b"PAR1"):
        return "parquet"
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not plain:
        return None
    seen = next((what for mark, what in _REFUSED if plain.startswith(mark)), None)
    if seen == "spreadsheet" or packed.name.endswith(_SPREADSHEETS):
        raise spreadsheet(packed.where)
    if packed.name.endswith(".parquet"):
        seen = seen or "no Parquet"
    elif seen is None and _is_binary(start):
        seen = "neither text nor Parquet"
    if seen is not None:
        raise SourceError(
            f"{packed.where} holds {seen}",
            "CSV, JSON or Parquet, packed or not",
            "export the tweets again in one of these formats, or name another file",
        )
    if _JSON_START.match(_as_text(start)) or packed.name.endswith(_JSON_SUFFIXES):
        return "json"  # JSON lines may begin with a broken line
    return "csv"


def _as_text(start: bytes) -> str:
    """Latin letters of a text in UTF-8 or UTF-16: enough to see how it begins."""
    marks = b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"
    for mark in marks:
        start = start.removeprefix(mark)
    return start.replace(b"\0", b"").decode("latin-1")


def _is_binary(start: bytes) -> bool:
    """Whether zero bytes stand where neither UTF-16 nor UTF-32 has them."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return False
    n_even, n_odd = start[::2].count(0), start[1::2].count(0)
    return min(n_even, n_odd) > len(start) // 100 and max(n_even, n_odd) > 0
