"""CSV cut into rows, one bad row at a time.

Belongs here: quotes, line ends, bytes that are no UTF-8. Does not belong here:
what a value means.

pandas is not used because it reads ids with gaps as floats, ends a row at a lone
carriage return, and gives up on a whole file for one bad row.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ri_assets.sources.rows import BrokenRow, Row, require_columns

# The csv module ends a row at a lone carriage return. It is hidden behind a code point that
# no decoded text can hold: a surrogate outside the range that `surrogateescape` uses.
_HIDDEN_CR = "\udc0d"
_LONE_CR = re.compile(r"\r(?!\n)")
_EXPECTED = (
    "a row needs the {} fields of the header; quote fields with commas, quotes or line breaks"
)


def read_csv(lines: Iterable[bytes], where: str) -> Iterator[Row | BrokenRow]:
    r"""Rows of a CSV file with a header, UTF-8 with or without a byte order mark.

    A row with too few or too many fields, or with a quote that never ends, is broken; the
    next line starts afresh, so that one stray quote does not swallow the rows after it.

    Parameters
    ----------
    lines
        The file, cut after each ``\n``.
    where
        What to call the file in messages.

    Raises
    ------
    SourceError
        The header lacks an indispensable column.
    """
    records = _Records(lines)
    header = records.next()
    names = [name.strip() for name in header.fields or []] if header else []
    require_columns(names, where)
    while record := records.next():
        if record.fields is None or len(record.fields) not in (0, len(names)):
            raw = records.restart_after_first_line()
            yield BrokenRow("broken_row", _EXPECTED.format(len(names)), raw)
        elif record.fields:  # a blank line has none
            yield Row(dict(zip(names, record.fields, strict=True)), record.raw)


@dataclass(frozen=True, slots=True)
class _Record:
    fields: list[str] | None
    raw: str


class _Records:
    """Cuts lines into records, and can go back to the second line of the last one."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()
        self._taken: list[str] = []
        self._ends_in_crlf: bool | None = None

    def next(self) -> _Record | None:
        """Next record; its fields are None where the quotes do not close; None at the end."""
        self._taken = []
        fields: list[str] | None
        try:
            fields = [_shown_cr(field) for field in next(csv.reader(self._feed(), strict=True))]
        except StopIteration:
            return None
        except csv.Error:
            fields = None
        return _Record(fields, _shown_cr("".join(self._taken)))

    def restart_after_first_line(self) -> str:
        """Give all but the first line of the last record back, and return that first one."""
        self._ahead.extendleft(reversed(self._taken[1:]))
        return _shown_cr(self._taken[0])

    def _feed(self) -> Iterator[str]:
        while True:
            if not self._ahead:
                line = next(self._lines, None)
                if line is None:
                    return
                self._ahead.append(self._decoded(line))
            self._taken.append(self._ahead.popleft())
            yield self._taken[-1]

    def _decoded(self, line: bytes) -> str:
        text = line.decode("utf-8", "surrogateescape")
        if self._ends_in_crlf is None:
            self._ends_in_crlf = text.endswith("\r\n")
            text = text.removeprefix("\ufeff")
        # In a file whose lines end in \n alone, every carriage return is part of a value.
        return (
            _LONE_CR.sub(_HIDDEN_CR, text) if self._ends_in_crlf else text.replace("\r", _HIDDEN_CR)
        )


def _shown_cr(text: str) -> str:
    return text.replace(_HIDDEN_CR, "\r")
