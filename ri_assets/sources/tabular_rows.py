"""Split CSV and Parquet files into rows.

A broken row of a CSV file is set aside alone. pandas is not used for CSV because it reads ids
with gaps as floats, ends a row at a lone carriage return, and rejects a whole file for one bad
row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ri_assets.errors import SourceError
from ri_assets.sources.columns import INDISPENSABLE, ColumnReader, known_names
from ri_assets.sources.formats import Packed
from ri_assets.sources.rows import CHUNK_ROWS, BrokenRow, Row

# The csv module ends a row at a lone carriage return. It is hidden behind a code point that
# no decoded text can hold: a surrogate outside the range that `surrogateescape` uses.
_HIDDEN_CR = "\udc0d"
_LONE_CR = re.compile(r"\r(?!\n)")
_SEPARATORS = (",", "\t", ";", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_ESCAPES = re.compile(r'\\(["\\])')
_EXPECTED = (
    "a row needs the {} fields of the header; quote fields with separators, quotes or line breaks"
)


def read_csv(
    lines: Iterable[str], where: str, columns: ColumnReader, *, has_escapes: bool = False
) -> Iterator[Row | BrokenRow]:
    r"""Read the rows of a CSV file with a header, in native columns.

    The separator is the one that cuts the header into the most known names, or what a first
    line `sep=;` says. A row may leave off its last fields, as long as it has an id and a
    text. A row with too many fields, or with a quote that never ends, is broken; the next
    line starts afresh, so that one stray quote does not swallow the rows after it.

    Parameters
    ----------
    lines
        The file, cut after each ``\n``.
    where
        What to call the file in messages.
    columns
        Says which column is which.
    has_escapes
        Whether quotes inside fields have a backslash before them.

    Raises
    ------
    SourceError
        No column stands for the id or for the text, or two could.
    """
    records = _Records(lines, has_escapes=has_escapes)
    header = records.header()
    names = [name.strip() for name in header]
    layout = columns.layout(names, where)
    columns.require_post(layout, names, where)
    n_needed = 1 + max(names.index(layout.columns[name][0]) for name in INDISPENSABLE)
    while record := records.next():
        fields = _fitted(record.fields, len(names), n_needed)
        if fields is None:
            yield BrokenRow(
                "broken_row", _EXPECTED.format(len(names)), records.restart_after_first_line()
            )
        elif fields:  # a blank line has none
            values, is_reply = layout.native(dict(zip(names, fields, strict=True)))
            yield Row(values, record.raw, is_reply)


def _fitted(fields: list[str] | None, n_names: int, n_needed: int) -> list[str] | None:
    """Fields of a row in the number of the header; None where they cannot be."""
    if fields is None or len(fields) in (0, n_names):
        return fields
    while len(fields) > n_names and not fields[-1].strip():
        fields = fields[:-1]
    if n_needed <= len(fields) <= n_names:
        return fields + [""] * (n_names - len(fields))
    return None


@dataclass(frozen=True, slots=True)
class _Record:
    fields: list[str] | None
    raw: str


class _Records:
    """Cuts lines into records, and can go back to the second line of the last one."""

    def __init__(self, lines: Iterable[str], *, has_escapes: bool) -> None:
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()
        self._taken: list[str] = []
        self._ends_in_crlf: bool | None = None
        self._has_escapes = has_escapes
        self._separator = ","

    def header(self) -> list[str]:
        """Fields of the first row; the separator of all others follows from it."""
        first = self._line()
        while first is not None and not first.strip():
            first = self._line()
        if first is None:
            return []
        if match := _SEPARATOR_LINE.fullmatch(first.strip("\r\n")):
            self._separator = match.group(1)
            first = self._line() or ""
        else:
            ways = {mark: next(csv.reader([first], delimiter=mark), []) for mark in _SEPARATORS}
            self._separator = max(
                _SEPARATORS,
                key=lambda mark: (known_names(ways[mark]), len(ways[mark]), mark == ","),
            )
        self._ahead.appendleft(first)
        record = self.next()
        return record.fields or [] if record else []

    def next(self) -> _Record | None:
        """Next record; its fields are None where the quotes do not close; None at the end."""
        record = self._record(has_escapes=self._has_escapes)
        if record is None or record.fields is not None or '\\"' not in record.raw:
            return record
        # One row may be written the other way; if it is not, it is broken either way.
        self._ahead.extendleft(reversed(self._taken))
        return self._record(has_escapes=not self._has_escapes)

    def _record(self, *, has_escapes: bool) -> _Record | None:
        self._taken = []
        fields: list[str] | None
        lines = self._feed(has_escapes=has_escapes)
        try:
            found = next(csv.reader(lines, strict=True, delimiter=self._separator))
            fields = [_shown_cr(field) for field in found]
        except StopIteration:
            return None
        except csv.Error:
            fields = None
        return _Record(fields, _shown_cr("".join(self._taken)))

    def restart_after_first_line(self) -> str:
        """Give all but the first line of the last record back, and return that first one."""
        self._ahead.extendleft(reversed(self._taken[1:]))
        return _shown_cr(self._taken[0])

    def _feed(self, *, has_escapes: bool) -> Iterator[str]:
        while (line := self._line()) is not None:
            self._taken.append(line)
            yield _ESCAPES.sub(_doubled, line) if has_escapes else line

    def _line(self) -> str | None:
        if self._ahead:
            return self._ahead.popleft()
        line = next(self._lines, None)
        return None if line is None else self._prepared(line)

    def _prepared(self, text: str) -> str:
        if self._ends_in_crlf is None:
            self._ends_in_crlf = text.endswith("\r\n")
        # In a file whose lines end in \n alone, every carriage return is part of a value.
        return (
            _LONE_CR.sub(_HIDDEN_CR, text) if self._ends_in_crlf else text.replace("\r", _HIDDEN_CR)
        )


def _doubled(match: re.Match[str]) -> str:
    return '""' if match.group(1) == '"' else "\\"


def _shown_cr(text: str) -> str:
    return text.replace(_HIDDEN_CR, "\r")


def read_parquet(
    packed: Packed, columns: ColumnReader, *, only: tuple[str, ...] | None = None
) -> Iterator[Row]:
    """Rows of a Parquet file in native columns, in chunks of bounded memory.

    Parameters
    ----------
    packed
        The file; where it is packed, it is unpacked in memory, for Parquet begins at its end.
    columns
        Says which column is which; fields of structs are joined by dots.
    only
        Native columns and clues to read; None reads all that are known.

    Raises
    ------
    SourceError
        The file is damaged, no column stands for the id or for the text, or two could.
    """
    try:
        with pq.ParquetFile(_seekable(packed)) as file:
            names = _flat_names(file.schema_arrow)
            layout = columns.layout(names, packed.where)
            columns.require_post(layout, names, packed.where)
            if only is not None:
                layout = layout.limited(only)
            for batch in file.iter_batches(CHUNK_ROWS, columns=layout.used):
                table = _plain(batch, layout.used)
                for values in table.to_pylist():
                    row, is_reply = layout.native(values)
                    yield Row(row, None, is_reply)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{packed.where} cannot be read as Parquet ({str(error).splitlines()[0]})",
            "a whole Parquet file",
            "copy or export the file again; it may be cut off or damaged",
        ) from error


def _seekable(packed: Packed) -> Path | BinaryIO:
    if packed.is_plain:
        return packed.path
    with packed.opened() as stream:
        return io.BytesIO(stream.read())


def _flat_names(schema: pa.Schema) -> tuple[str, ...]:
    names: list[str] = []
    for field in schema:
        names += _names_in(field, "")
    return tuple(names)


def _names_in(field: pa.Field, prefix: str) -> list[str]:
    name = prefix + field.name
    if not pa.types.is_struct(field.type):
        return [name]
    return [inner for one in field.type for inner in _names_in(one, f"{name}.")]


def _plain(batch: pa.RecordBatch, names: list[str]) -> pa.Table:
    table = pa.Table.from_batches([batch])
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    table = table.select(names).combine_chunks()
    return pa.table([_plain_column(column) for column in table.columns], names=names)


def _plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        # Arrow does not check UTF-8 on reading; as bytes, one bad text fails alone.
        as_bytes = column.cast(pa.large_binary())
        try:
            return as_bytes.cast(pa.large_string())
        except pa.ArrowInvalid:
            return as_bytes
    return column
