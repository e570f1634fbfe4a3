"""Files as bytes, whatever they are packed in.

Belongs here: gzip, bzip2, xz, Zstandard and ZIP, told by their first bytes and not by the
name. Does not belong here: what the bytes mean.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import pyarrow as pa

from ri_assets.errors import SourceError

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
