"""Which column of a source is which native column, and rows in native columns.

Belongs here: choosing columns, asking where two could be meant, and what several columns
tell together. Does not belong here: the names themselves (see `aliases`), and how a value
is written (see `values`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ri_assets.errors import SourceError
from ri_assets.records.posts import REPLIES
from ri_assets.sources.aliases import (
    CLUES,
    CONVERSATION_ID,
    DAY,
    IS_REPLY,
    OFFSET,
    RETWEET_ID,
    TIME_OF_DAY,
    TOOLS,
    UNRANKED,
    Tool,
    spelled,
)
from ri_assets.sources.values import is_empty, is_missing, is_nobody, is_number

INDISPENSABLE = ("tweet_id", "text")
NATIVE = tuple(REPLIES.names)
_ANSWERED = "in_reply_to_tweet_id"
_TRUE = {"true", "t", "1", "yes"}
_OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}")
_HANDLE = re.compile(r"@?[A-Za-z0-9_]{1,15}")
_NAMED_HANDLE = re.compile(r"['\"]?(?:screen_name|username)['\"]?\s*[:=]\s*['\"](\w+)['\"]")
_PRINTED = re.compile(r"\s*(?:[\[{(]|\w+\()")
_COLUMN_NAME = re.compile(r"([^\W\d][\w .:/#()-]{0,59})?")
_SEPARATORS = re.compile(r"[,;\t|]")
_SHOWN_NAMES = 40


@dataclass(frozen=True)
class Layout:
    """Columns of one file, or of one kind of object, by what they are.

    Parameters
    ----------
    columns
        Native column or clue to the source's columns for it, the best first.
    """

    columns: Mapping[str, tuple[str, ...]]

    @property
    def used(self) -> list[str]:
        """Columns of the source that are read."""
        return list(dict.fromkeys(name for names in self.columns.values() for name in names))

    @property
    def has_post(self) -> bool:
        """Whether there are columns for the id and the text."""
        return all(name in self.columns for name in INDISPENSABLE)

    def limited(self, only: Collection[str]) -> Layout:
        """Return a layout that reads no more than these native columns and clues."""
        return Layout({name: theirs for name, theirs in self.columns.items() if name in only})

    def native(self, values: Mapping[str, object]) -> tuple[dict[str, object], bool]:
        """Values by native column, and whether the row answers another post.

        Parameters
        ----------
        values
            Values as found, by the source's columns.
        """
        row = {name: self._first(name, values) for name in self._native}
        if DAY in self.columns:
            self._complete_time(row, values)
        self._complete_author(row)
        if RETWEET_ID in self.columns:
            self._complete_retweet(row, values)
        if answered := row.get("in_reply_to_handle"):
            row["in_reply_to_handle"] = _handle_in(answered, row.get("author_handle"))
        return row, self._answers(row, values)

    @cached_property
    def _native(self) -> list[str]:
        return [name for name in NATIVE if name in self.columns]

    def _first(self, name: str, values: Mapping[str, object]) -> object:
        columns = self.columns.get(name, ())
        if len(columns) == 1:
            return values.get(columns[0])
        found = None
        for column in columns:
            found = values.get(column)
            if not (is_empty(found) if name == "text" else is_missing(found)):
                return found
        return found

    def _complete_time(self, row: dict[str, object], values: Mapping[str, object]) -> None:
        """Put twint's day, time of day and offset together: its `created_at` differs by version."""
        day, hour, offset = (self._first(name, values) for name in (DAY, TIME_OF_DAY, OFFSET))
        if isinstance(offset, str) and _OFFSET.fullmatch(offset.strip()) and day and hour:
            row["created_at"] = f"{day} {hour}{offset.strip()}"

    def _complete_author(self, row: dict[str, object]) -> None:
        """Take a handle for the author's identity where there is no id, and the reverse."""
        handle, author = row.get("author_handle"), row.get("author_id")
        if not is_empty(handle):
            row["author_handle"] = handle = _handle_in(handle, None)
        if isinstance(author, str) and not is_missing(author) and not is_number(author):
            if is_empty(handle) and _HANDLE.fullmatch(author.strip()):
                row["author_handle"] = author
        elif "author_id" not in self.columns and not is_missing(handle):
            row["author_id"] = f"@{str(handle).strip().removeprefix('@')}"

    def _complete_retweet(self, row: dict[str, object], values: Mapping[str, object]) -> None:
        if is_missing(row.get("is_retweet")):
            row["is_retweet"] = not is_nobody(self._first(RETWEET_ID, values))

    def _answers(self, row: Mapping[str, object], values: Mapping[str, object]) -> bool:
        if _ANSWERED in self.columns:
            return not is_nobody(row.get(_ANSWERED))
        if IS_REPLY in self.columns and str(self._first(IS_REPLY, values)).casefold() in _TRUE:
            return True
        if CONVERSATION_ID not in self.columns:
            return False
        conversation, own = self._first(CONVERSATION_ID, values), row.get("tweet_id")
        # An id that was rounded would make a reply of every tweet.
        is_known = is_number(conversation) and is_number(own) and not is_nobody(conversation)
        return is_known and str(conversation).strip() != str(own).strip()


@dataclass
class ColumnReader:
    """Finds the columns of a source's files, and remembers what it found.

    Parameters
    ----------
    column_map
        Native column to the source's column, given by a person; an empty name takes none.
    """

    column_map: Mapping[str, str] = field(default_factory=dict)
    _layouts: dict[tuple[str, ...], Layout] = field(default_factory=dict)
    _used: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def layout(self, names: Sequence[str], where: str) -> Layout:
        """Columns of a file by what they are.

        Parameters
        ----------
        names
            The source's columns.
        where
            What to call the file in messages.

        Raises
        ------
        SourceError
            Two columns could be meant by one native column, or a column stands there twice.
        """
        key = tuple(names)
        if key not in self._layouts:
            self._layouts[key] = layout = _chosen(key, self.column_map, where)
            for native, theirs in layout.columns.items():
                for name in theirs:
                    self._used.setdefault(name, CLUES.get(native, native))
            self._seen.update(_tops(key))
            self._seen -= _tops(layout.used)
        return self._layouts[key]

    @property
    def columns(self) -> dict[str, str]:
        """The source's columns that are used, and the native column that each tells about."""
        return {name: self._used[name] for name in sorted(self._used)}

    @property
    def ignored(self) -> tuple[str, ...]:
        """The source's columns that are not used, in alphabetical order."""
        return tuple(sorted((self._seen - _tops(self._used)) - {""}))

    def require_post(self, layout: Layout, names: Iterable[str], where: str) -> None:
        """Check that a file has an id and a text.

        Raises
        ------
        SourceError
            Nothing stands for `tweet_id` or for `text`.
        """
        missing = [name for name in INDISPENSABLE if name not in layout.columns]
        if not missing:
            return
        asked = " ".join(f"--map {name}=COLUMN" for name in missing)
        listed = list(names)
        if not _is_header(listed):
            raise SourceError(
                f"{where} has no header: its first row looks like data",
                "a first line with the names of the columns, tweet_id and text among them",
                "write such a line above the others, as in tweet_id,text,created_at",
            )
        sought = [self.column_map.get(name) or name for name in missing]
        raise SourceError(
            f"{where} has no column {' and no column '.join(sought)}; {shown_names(listed)}",
            "a header with columns for tweet_id and text, by these or by another tool's names",
            f"say which column it is, with {asked}",
        )

    def require_map(self, where: str) -> None:
        """Check that the source has every column that a person named.

        Raises
        ------
        SourceError
            It lacks one.
        """
        asked = [name for name in self.column_map.values() if name]
        lacking = [name for name in asked if name not in self._used]
        if lacking and self._layouts:
            names = sorted({name for key in self._layouts for name in key})
            raise SourceError(
                f"{where} has no column {' and no column '.join(lacking)}; {shown_names(names)}",
                "columns of the source to the right of = in --map",
                "correct --map, as in --map text=COLUMN",
            )


def shown_names(names: Sequence[str]) -> str:
    """Names fit for a message: without a header, they would be somebody's tweet."""
    if not _is_header(names):
        return "its first row looks like data, not like a header"
    more = ", …" if len(names) > _SHOWN_NAMES else ""
    listed = ", ".join(name for name in names[:_SHOWN_NAMES])
    return f"its columns are {listed}{more}" if names else "it has no columns"


def _is_header(names: Sequence[str]) -> bool:
    parts = [part.strip() for name in names for part in _SEPARATORS.split(name)]
    return all(map(_COLUMN_NAME.fullmatch, parts))


def known_names(names: Iterable[str]) -> int:
    """How many of the names are known: the more, the likelier is it a header."""
    return sum(spelled(name) in _KNOWN for name in names)


def _chosen(names: tuple[str, ...], column_map: Mapping[str, str], where: str) -> Layout:
    by_spelling: dict[str, list[str]] = {}
    for name in names:
        by_spelling.setdefault(spelled(name), []).append(name)
    chosen: dict[str, tuple[str, ...]] = {}
    given = {theirs for theirs in column_map.values() if theirs in names}
    for native in (*NATIVE, *CLUES):
        if native in column_map:
            theirs = column_map[native]
            found = [theirs] if theirs in names else by_spelling.get(spelled(theirs), [])
            if theirs and found:
                chosen[native] = (found[0],)
        elif ranked := _ranked(native, by_spelling, given, where):
            chosen[native] = ranked
    twice = [name for found in chosen.values() for name in found if names.count(name) > 1]
    if twice:
        raise SourceError(
            f"{where} has the column {twice[0]} twice",
            "one column of each name",
            "rename one of the two in the source",
        )
    idle: set[str] = set()
    if _ANSWERED in chosen:
        idle |= {CONVERSATION_ID, IS_REPLY}
    if not all(clue in chosen for clue in (DAY, TIME_OF_DAY, OFFSET)):
        idle |= {DAY, TIME_OF_DAY, OFFSET}
    return Layout({name: theirs for name, theirs in chosen.items() if name not in idle})


def _ranked(
    native: str, by_spelling: Mapping[str, list[str]], given: set[str], where: str
) -> tuple[str, ...]:
    """Columns for a native one, the best first; a person decides between rivals."""
    lists = [
        (tool.name, tool.names[native])
        for tool in TOOLS
        if native in tool.names and _is_of(tool, by_spelling)
    ]
    present = {name for _, names in lists for name in names if name in by_spelling}
    if native in by_spelling:
        present.add(native)
    columns = {name: _exact(by_spelling[name], name) for name in present}
    columns = {name: found for name, found in columns.items() if not given.intersection(found)}
    ranking = next(
        (
            names
            for tool, names in lists
            if columns.keys() <= {*names} and (tool != UNRANKED or len(columns) == 1)
        ),
        (),
    )
    if not ranking and native in columns:
        ranking = (native,)  # other names for it stand for something else here
    is_open = len(columns) > 1 and not ranking
    if is_open or any(len(columns[name]) > 1 for name in ranking if name in columns):
        rivals = sorted(name for found in columns.values() for name in found)
        if native in CLUES:
            return ()
        raise SourceError(
            f"{where} has {len(rivals)} columns that could be {native}: {', '.join(rivals)}",
            f"one column for {native}",
            f"say which one, as in --map {native}={rivals[0]} (--map {native}= takes none)",
        )
    return tuple(columns[name][0] for name in ranking if name in columns)


def _exact(found: list[str], name: str) -> list[str]:
    return [name] if name in found else found


def _is_of(tool: Tool, by_spelling: Mapping[str, object]) -> bool:
    return not tool.marks or any(mark in by_spelling for mark in tool.marks)


def _tops(names: Iterable[str]) -> set[str]:
    """Names of what is not nested: an object is used where a part of it is."""
    return {name.partition(".")[0] for name in names}


def _handle_in(value: object, own: object) -> object:
    """Handle in what twint and snscrape print for a user or several; else the value itself."""
    if isinstance(value, str) and not _PRINTED.match(value):
        return value
    if not isinstance(value, str | list | dict):
        return value
    found = _NAMED_HANDLE.findall(value if isinstance(value, str) else repr(value))
    return next((name for name in found if name.casefold() != str(own).casefold()), None)


_KNOWN = {*NATIVE, *(name for tool in TOOLS for names in tool.names.values() for name in names)}
