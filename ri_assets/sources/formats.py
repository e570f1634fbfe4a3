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
from ri_assets.sample import LABELS_FILE

PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")

_ZIP = b"PK\x03\x04"
_LONGEST_MARK = 8
_LAYERS = 3  # a packed file in a ZIP file, and one more
_FAULTS = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Packed:
    """One file, or one member of a ZIP file, unpacked while it is read.

    Parameters
    ----------
    path
        The file.
    member
        Name in the ZIP file; None for other files.
    """

    path: Path
    member: str | None = None

    @property
    def where(self) -> str:
        """Name for messages."""
        return str(self.path) if self.member is None else f"{self.path}, {self.member}"

    @property
    def name(self) -> str:
        """Name of the file in lower case, without the suffixes of compression."""
        name = self.path.name if self.member is None else PurePosixPath(self.member).name
        return bare_name(name)

    @property
    def is_plain(self) -> bool:
        """Whether the file is not packed, so that a reader can seek in it."""
        return self.member is None and not self.path.name.lower().endswith(PACKED_SUFFIXES)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file to read it once.

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
    """Name in lower case, without the suffixes of compression."""
    name = name.lower()
    while name.endswith(PACKED_SUFFIXES):
        name = name.rpartition(".")[0]
    return name


def members_of(path: Path) -> list[PurePosixPath]:
    """Names of the files in a ZIP file, sorted; empty for other files.

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
    """Error for a spreadsheet, which is not supported."""
    return SourceError(
        f"{where} is a spreadsheet or an office document",
        "a text file (CSV, JSON) or Parquet",
        "save it as 'CSV UTF-8', id columns formatted as text, or their last digits are lost",
    )


def _opened_member(stream: BinaryIO, member: str) -> BinaryIO:
    try:
        return cast("BinaryIO", zipfile.ZipFile(stream).open(member))
    except RuntimeError as error:  # a password, or an unsupported method
        raise OSError(str(error)) from error


class _Zstandard(io.RawIOBase):
    """A stream that Arrow decompresses, with the interface of Python's readers."""

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
# The files of an X data archive that contain tweets.
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
    """Whether a file of this name may contain posts, packed or not."""
    name = name.lower()
    if name.startswith((".", "_")) or name == LABELS_FILE:
        return False
    bare = bare_name(name)
    if bare.endswith(".js"):
        return bool(_ARCHIVED_TWEETS.fullmatch(bare))
    return bare.endswith(SUFFIXES) or name.endswith(".zip")


def format_of(packed: Packed) -> Format | None:
    """Detect the format of a file; None if it is empty.

    Parameters
    ----------
    packed
        The file. Its name only matters if the content is ambiguous.

    Raises
    ------
    SourceError
        The file has another format.
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
        return "json"  # the first of several JSON lines may be broken
    return "csv"


def _as_text(start: bytes) -> str:
    """Latin letters of a text in UTF-8 or UTF-16: enough to see how it starts."""
    marks = b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"
    for mark in marks:
        start = start.removeprefix(mark)
    return start.replace(b"\0", b"").decode("latin-1")


def _is_binary(start: bytes) -> bool:
    """Whether there are zero bytes where neither UTF-16 nor UTF-32 has them."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return False
    n_even, n_odd = start[::2].count(0), start[1::2].count(0)
    return min(n_even, n_odd) > len(start) // 100 and max(n_even, n_odd) > 0
