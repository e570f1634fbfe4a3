"""Split JSON files into rows: one object per line, arrays, or objects over many lines.

Belongs here: where an object starts and ends, and which layout it has. Does not belong here:
the layouts of the X API (see `x_api`), and names of columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ri_assets.errors import SourceError
from ri_assets.sources.columns import NATIVE, ColumnReader, shown_names
from ri_assets.sources.rows import BrokenRow, Row
from ri_assets.sources.x_api import mapping, v1_post, v2_post, v2_posts_of_page

_DEEPEST = 3
_CHUNK_CHARS = 1 << 16
_ASSIGNMENT = re.compile(r"\s*(?:window\.|var |const |export )[\w. \[\]\"']*=\s*")
_BLANKS = re.compile(r"[\s,;]*")
_DECODER = json.JSONDecoder()
_NOT_A_POST = "a post needs tweet_id and text, by these or by another tool's names; {}"


def read_json(lines: Iterable[str], where: str, columns: ColumnReader) -> Iterator[Row | BrokenRow]:
    r"""Read the rows of a JSON file, in native columns.

    With one value a line, a line that cannot be read is set aside alone; blank lines are
    skipped. An array is cut into its elements as it is read. Each object may have native
    columns or those of another tool, be a page or a tweet of the X API v2, a tweet of the
    API v1.1, or one of the X data archive, with `window.YTD… =` before it or not.

    Parameters
    ----------
    lines
        The file, cut after each ``\n``.
    where
        What to call the file in messages.
    columns
        Says which key is which column.

    Raises
    ------
    SourceError
        An array is cut off or damaged, or two keys could be meant by one column.
    """
    given = iter(lines)
    first = next((line for line in given if line.strip()), "")
    second = next((line for line in given if line.strip()), "")
    rest = chain((first, second), given)
    if _is_one_value_a_line(first, second):
        for line in rest:
            if line.strip():
                yield from _rows_of_line(line.strip(), where, columns)
    else:
        for content in _values(rest, where):
            yield from _rows_of(content, None, where, columns)


def _is_one_value_a_line(first: str, second: str) -> bool:
    """Whether each line is a value: the first is complete, or the second starts another."""
    if _ASSIGNMENT.match(first):
        return False
    if _is_whole(first):
        return not first.lstrip().startswith("[") or bool(second)
    if first.lstrip().startswith("["):
        return False
    # A broken first line, unless an object goes on over several lines.
    return second.lstrip().startswith("{") or not first.lstrip().startswith("{")


def _is_whole(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _rows_of_line(text: str, where: str, columns: ColumnReader) -> Iterator[Row | BrokenRow]:
    if any("\udc80" <= char <= "\udcff" for char in text):
        detail = "the line is not valid UTF-8; write the source in UTF-8"
        yield BrokenRow("invalid_utf8", detail, text)
        return
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        detail = "the line is no whole JSON value; write one object a line, and the file to its end"
        yield BrokenRow("truncated_json", detail, text)
        return
    yield from _rows_of(content, text, where, columns)


def _values(lines: Iterator[str], where: str) -> Iterator[object]:
    """Values of a file, and the elements of an array, one at a time in memory."""
    text = _Text(lines)
    text.skip(_ASSIGNMENT)
    n_values = 0
    is_in_array = False
    while text.skip(_BLANKS):
        if text.head in "[]":
            if is_in_array == (text.head == "["):
                yield text.value(where, n_values)
            else:
                is_in_array = not is_in_array
                text.drop()
            continue
        yield text.value(where, n_values)
        n_values += 1
    if is_in_array:
        raise _cut_off(where, n_values)


class _Text:
    """A buffer of the text, filled as needed."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._ahead = ""
        self._at = 0

    @property
    def head(self) -> str:
        return self._ahead[self._at]

    def drop(self) -> None:
        self._at += 1

    def skip(self, pattern: re.Pattern[str]) -> bool:
        """Skip what the pattern matches, and say whether anything follows."""
        while True:
            match = pattern.match(self._ahead, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._ahead):
                return True
            if not self._more(_CHUNK_CHARS):
                return False

    def value(self, where: str, n_before: int) -> object:
        """Read the next value; the buffer doubles until the value is complete."""
        wanted = _CHUNK_CHARS
        while True:
            try:
                found, end = _DECODER.raw_decode(self._ahead, self._at)
            except (ValueError, RecursionError):
                if not self._more(wanted):
                    raise _cut_off(where, n_before) from None
                wanted *= 2
            else:
                # A number at the end of the buffer may be incomplete.
                self._at = end
                return found

    def _more(self, wanted: int) -> bool:
        parts = [self._ahead[self._at :]]
        n_read = 0
        for line in self._lines:
            parts.append(line)
            n_read += len(line)
            if n_read >= wanted:
                break
        self._ahead, self._at = "".join(parts), 0
        return n_read > 0


def _cut_off(where: str, n_read: int) -> SourceError:
    return SourceError(
        f"{where} is no whole JSON after its first {n_read:,} values",
        "one JSON array, or one object a line",
        "copy or export the file again; it may be cut off or damaged"
        " (with one object a line, a damaged line is set aside alone)",
    )


def _rows_of(
    content: object, raw: str | None, where: str, columns: ColumnReader
) -> Iterator[Row | BrokenRow]:
    if parts := _parts(content):
        for part in parts:
            yield from _rows_of(part, raw if len(parts) == 1 else None, where, columns)
    elif not isinstance(content, dict):
        yield BrokenRow("not_a_post", _NOT_A_POST.format("this is no object"), _shown(content, raw))
    elif tweets := _tweets_of_page(content):
        for tweet, post in zip(tweets, v2_posts_of_page(content), strict=True):
            yield _known(tweet, post, raw if len(tweets) == 1 else None, where, columns)
    elif _is_v1(content):
        yield _known(content, v1_post(content), raw, where, columns)
    elif _is_v2(content):
        yield _known(content, v2_post(content), raw, where, columns)
    elif not _is_empty_page(content):
        yield _found(content, raw, where, columns)


def _shown(content: object, raw: str | None) -> str:
    return json.dumps(content, ensure_ascii=False) if raw is None else raw


def _parts(content: object) -> Sequence[object]:
    """Objects inside a value; empty if it is a post, a page, or not an object."""
    if isinstance(content, list):
        return content if all(isinstance(one, dict) for one in content) else []
    if not isinstance(content, dict):
        return []
    if isinstance(content.get("tweet"), dict):
        return [content["tweet"]]
    return _listed(content) or _records_of_columns(content)


def _found(
    content: Mapping[str, object], raw: str | None, where: str, columns: ColumnReader
) -> Row | BrokenRow:
    flat = _flat(content)
    layout = columns.layout(tuple(flat), where)
    if not layout.has_post:
        detail = _NOT_A_POST.format(shown_names(list(content)))
        return BrokenRow("not_a_post", detail, _shown(content, raw))
    values, is_reply = layout.native(flat)
    return Row(values, raw, is_reply)


def _known(
    tweet: Mapping[str, object],
    post: dict[str, object],
    raw: str | None,
    where: str,
    columns: ColumnReader,
) -> Row:
    """Row from a layout of the X API; `column_map` takes precedence."""
    flat = _flat(tweet)
    layout = columns.layout(tuple(flat), where)
    values, _ = layout.native(flat)
    given = {name: values.get(name) for name in columns.column_map if name in NATIVE}
    return Row({**post, **given}, raw)


def _flat(content: Mapping[str, object], prefix: str = "", depth: int = 1) -> dict[str, object]:
    """Join the keys of nested objects with dots."""
    flat: dict[str, object] = {}
    for key, value in content.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            flat.update(_flat(value, f"{prefix}{key}.", depth + 1))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _listed(content: Mapping[str, object]) -> list[dict[str, object]]:
    """Objects under the only key of a search result, or of a table written by pandas."""
    for key in ("statuses", "tweets", "results", "items", "data"):
        found = content.get(key)
        if isinstance(found, list) and found and all(isinstance(one, dict) for one in found):
            return [] if key == "data" and _is_v2_page(found) else found
    return []


def _is_v2_page(data: list[dict[str, object]]) -> bool:
    return all("id" in tweet and "tweet_id" not in tweet and "user" not in tweet for tweet in data)


def _tweets_of_page(content: Mapping[str, object]) -> list[dict[str, object]]:
    """Tweets of a page of the X API v2."""
    data = content.get("data")
    tweets = [data] if isinstance(data, dict) and "id" in data else data
    is_whole = isinstance(tweets, list) and all(isinstance(tweet, dict) for tweet in tweets)
    return list(tweets) if is_whole and isinstance(tweets, list) else []


def _is_empty_page(content: Mapping[str, object]) -> bool:
    """Whether it is a page of a search that found nothing."""
    return isinstance(content.get("meta"), dict) and "id" not in content


def _is_v1(content: Mapping[str, object]) -> bool:
    user = mapping(content.get("user"))
    return (
        "screen_name" in user
        or "id_str" in user
        or any(isinstance(content.get(k), dict) for k in ("retweeted_status", "extended_tweet"))
    )


def _is_v2(content: Mapping[str, object]) -> bool:
    if "id" not in content or "text" not in content or "tweet_id" in content:
        return False
    return (
        any(key in content for key in ("public_metrics", "referenced_tweets", "note_tweet"))
        or "edit_history_tweet_ids" in content
        or "username" in mapping(content.get("author"))
    )


def _records_of_columns(content: Mapping[str, object]) -> list[dict[str, object]]:
    """Rows of a frame that pandas wrote by columns: `{"text": {"0": …, "1": …}, …}`."""
    rows = [value for value in content.values() if isinstance(value, dict)]
    if len(rows) < 2 or len(rows) != len(content) or "0" not in rows[0]:  # noqa: PLR2004 - id, text
        return []
    return [{name: mapping(column).get(key) for name, column in content.items()} for key in rows[0]]
