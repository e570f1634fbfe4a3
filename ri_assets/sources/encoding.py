"""Decode text files to lines, and repair UTF-8 that was read as Latin-1 (mojibake)."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ri_assets.counted import counted, noun
from ri_assets.sources.formats import Packed

_SNIFFED_BYTES = 4096
_CHUNK_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
# In Windows-1252, accented letters are single among plain ones. In the encodings of other scripts,
# such as Cyrillic, whole words consist of such bytes.
_MOST_IN_RUNS = 0.3
_MOSTLY_ZERO, _HARDLY_ZERO = 0.3, 0.1
# A quote after a backslash that ends no field, and a doubled quote inside a field.
_ESCAPED = re.compile(rb'\\"(?![,;\t|\r\n]|$)')
_DOUBLED = re.compile(rb'[^,;\t|\r\n"]""(?!")')


def _windows() -> dict[int, int]:
    """Codes 0x80 to 0x9f of Windows-1252; the five undefined ones stay unchanged."""
    codes = range(0x80, 0xA0)
    shown = {code: bytes([code]).decode("cp1252", "ignore") for code in codes}
    return {code: ord(text) for code, text in shown.items() if text}


WINDOWS_1252 = _windows()


@dataclass(frozen=True)
class TextForm:
    """Encoding and line ends of a text file.

    Parameters
    ----------
    encoding
        Python's name of the encoding.
    is_marked
        Whether the file starts with a byte order mark.
    line_end
        End of a line: a line feed, with or without a carriage return before it, or a carriage
        return alone, as on old Macs.
    has_escapes
        Whether quotes inside fields are escaped with a backslash.
    """

    encoding: str
    is_marked: bool = False
    line_end: str = "\n"
    has_escapes: bool = False

    @property
    def note(self) -> str | None:
        """Note for the user: the encoding, if it was guessed."""
        if self.encoding == "cp1252":
            return "not UTF-8; read as Windows-1252"
        return f"read as {self.encoding.upper()}" if self.encoding.startswith("utf-16") else None


def form_of(packed: Packed) -> TextForm:
    """Scan a text file for its encoding and line ends.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    start = packed.start(_SNIFFED_BYTES)
    for mark, encoding in _MARKS:
        if start.startswith(mark) and encoding != "utf-8":
            return TextForm(encoding, is_marked=True)
    if (unmarked := _utf16_without_mark(start)) is not None:
        return TextForm(unmarked)
    counts = _Counts()
    with packed.opened() as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            counts.add(chunk)
    return counts.form(is_marked=start.startswith(codecs.BOM_UTF8))


def lines_of(packed: Packed, form: TextForm) -> Iterator[str]:
    r"""Lines of a text file, each with its end, which is ``\n`` where it was a lone ``\r``.

    Invalid UTF-8 becomes surrogates, so that only the rows with it are rejected.
    """
    errors = "surrogateescape" if form.encoding == "utf-8" else "replace"
    with packed.opened() as stream:
        text = io.TextIOWrapper(
            stream, "latin-1" if form.encoding == "cp1252" else form.encoding, errors,
            newline=form.line_end,
        )  # fmt: skip
        if form.is_marked:
            text.read(1)
        for line in text:
            whole = line.translate(WINDOWS_1252) if form.encoding == "cp1252" else line
            yield whole if form.line_end == "\n" else f"{whole.removesuffix(chr(13))}\n"


def _utf16_without_mark(start: bytes) -> str | None:
    """Detect UTF-16 of mostly Latin letters: every second byte is zero."""
    if len(start) < 2:  # noqa: PLR2004 - one character of UTF-16
        return None
    even, odd = (start[n::2].count(0) / max(1, len(start[n::2])) for n in (0, 1))
    if odd > _MOSTLY_ZERO and even < _HARDLY_ZERO:
        return "utf-16-le"
    return "utf-16-be" if even > _MOSTLY_ZERO and odd < _HARDLY_ZERO else None


class _Counts:
    """Counts over a whole file that tell its encoding and line ends."""

    def __init__(self) -> None:
        self._rest = b""
        self._n_broken = self._n_valid = self._n_high = self._n_in_runs = 0
        self._n_lines = self._n_returns = self._n_escaped = self._n_doubled = 0

    def add(self, chunk: bytes) -> None:
        data = self._rest + chunk
        cut = max(data.rfind(b"\n"), data.rfind(b"\r"), len(data) - _CHUNK_BYTES) + 1
        self._rest = data[cut:]
        self._count(data[:cut])

    def _count(self, data: bytes) -> None:
        self._n_lines += data.count(b"\n")
        self._n_returns += data.count(b"\r")
        if b'\\"' in data:
            self._n_escaped += len(_ESCAPED.findall(data))
            self._n_doubled += len(_DOUBLED.findall(data))
        if data.isascii():
            return
        for line in data.splitlines():
            if not line.isascii():
                try:
                    line.decode()
                    self._n_valid += 1
                except UnicodeDecodeError:
                    self._n_broken += 1
                    self._n_high += len(_HIGH.findall(line))
                    self._n_in_runs += sum(map(len, _HIGH_RUN.findall(line)))

    def form(self, *, is_marked: bool) -> TextForm:
        self._count(self._rest)
        line_end = "\r" if self._n_returns and not self._n_lines else "\n"
        has_escapes = self._n_escaped > self._n_doubled
        is_windows = (
            not is_marked
            and self._n_broken > self._n_valid
            and self._n_in_runs <= _MOST_IN_RUNS * self._n_high
        )
        encoding = "cp1252" if is_windows else "utf-8"
        return TextForm(encoding, is_marked, line_end, has_escapes)


# MySQL's latin1 is Windows-1252, with the five undefined codes unchanged.
_LATIN_1 = {shown: code for code, shown in WINDOWS_1252.items()}
# The first byte of a UTF-8 character, read as Latin-1; rules out most texts at once.
_FIRST_BYTES = re.compile("[\u00c2-\u00f4]")


def mended(text: str) -> str | None:
    """Repair a text whose Latin-1 bytes are valid UTF-8; None for any other text.

    This hardly happens by chance: every letter beyond ASCII would have to be part of a pair such
    as Ã©, or of a sequence of three or four. Text that was damaged twice is repaired twice.
    """
    found = None
    while _FIRST_BYTES.search(text):
        try:
            text = found = text.translate(_LATIN_1).encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
    return found


def note_on(n_rows: int, *, is_mended: bool) -> tuple[str, ...]:
    """Note for the user about rows with such texts; empty if there are none."""
    if not n_rows:
        return ()
    hold = noun(n_rows, "holds", "hold")
    found = f"{counted(n_rows, 'row')} {hold} UTF-8 that was stored as Latin-1, such as Ã© for é; "
    if is_mended:
        return (f"{found}--fix-mojibake has mended them",)
    return (f"{found}--fix-mojibake (RI_FIX_MOJIBAKE=1) mends them",)
