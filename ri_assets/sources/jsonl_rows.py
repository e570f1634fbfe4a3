"""JSON lines cut into rows, in whichever layout each line is.

Belongs here: lines, and which layout one is in. Does not belong here: the
layouts of the X API (see `x_api`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from ri_assets.sources import x_v1, x_v2
from ri_assets.sources.rows import BrokenRow, Row


def read_jsonl(lines: Iterable[bytes]) -> Iterator[Row | BrokenRow]:
    r"""Rows of a file with one JSON object a line; blank lines are skipped.

    Each line may have the native columns, be a page or a tweet of the X API v2, or a tweet
    of the API v1.1. A line that cannot be read counts as one row.

    Parameters
    ----------
    lines
        The file, cut after each ``\n``.
    """
    for line in lines:
        if line.strip():
            yield from _rows_of_line(line)


def _rows_of_line(line: bytes) -> Iterator[Row | BrokenRow]:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raw = line.decode("utf-8", "backslashreplace")
        yield BrokenRow(
            "invalid_utf8", "the line is not valid UTF-8; write the source in UTF-8", raw
        )
        return
    text = text.strip()
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        detail = "the line is no whole JSON value; write one object a line, and the file to its end"
        yield BrokenRow("truncated_json", detail, text)
        return
    posts = list(_posts(content))
    for post in posts:
        yield Row(post, text if len(posts) == 1 else None)
    if not posts and not _is_empty_page(content):
        detail = "a line needs tweet_id and text, or a tweet or page as the X API gives it"
        yield BrokenRow("not_a_post", detail, text)


def _posts(content: object) -> Iterator[Mapping[str, object]]:
    if not isinstance(content, dict):
        return
    if "tweet_id" in content:
        yield content
    elif isinstance(content.get("data"), list | dict):
        yield from x_v2.posts_of_page(content)
    elif "id_str" in content or "full_text" in content or "user" in content:
        yield x_v1.post_of(content)
    elif "id" in content and "text" in content:
        yield x_v2.post_of(content)


def _is_empty_page(content: object) -> bool:
    """Whether it is a page of a search that found nothing."""
    return (
        isinstance(content, dict) and isinstance(content.get("meta"), dict) and "id" not in content
    )
