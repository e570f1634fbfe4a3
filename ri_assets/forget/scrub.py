"""What the content of one file looks like without some people.

Each function returns what it is given, equal, if it holds nothing of them.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ri_assets.forget.people import People, is_by
from ri_assets.personas.text.lexicon import is_word
from ri_assets.sources.forgotten import MENTION, with_plain_words

_LONG_ID = re.compile(r"(?<![\w.])\d{6,}(?!\w)")
_SHORTEST_QUOTE = 20
_REFERENCES = ("in_reply_to_tweet_id", "duplicate_of")
_FEATURES, _STARTS, _TERMS = "features", "term_starts", "terms"


class Scrubber:
    """Removes people from texts, tables and JSON.

    Parameters
    ----------
    people
        Whom to remove.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        numbers = {*people.author_ids, *people.tweet_ids}
        self._numbers = {str(number) for number in numbers}
        self._ids = pa.array(people.tweet_ids, pa.int64())
        # A handle that is a word stays where it stands without @: it is the word there.
        bare = [one for one in people.handles if not is_word(one)]
        self._mention = _any_of(people.handles, "@")
        self._bare = _any_of(bare, "")
        self._quotes = sorted(
            (text for text in people.texts if len(text) >= _SHORTEST_QUOTE), key=len, reverse=True
        )

    def text(self, text: str) -> str:
        """Remove handles, ids and whole texts of theirs from a text that the system wrote."""
        for quote in self._quotes:
            if quote in text:
                text = text.replace(quote, "")
        return self.post(text)

    def post(self, text: str) -> str:
        """Remove handles and ids from a post of somebody else, which may repeat their words."""
        if self._mention is not None:
            text = self._mention.sub(MENTION, text)
        if self._bare is not None:
            text = self._bare.sub(MENTION.removeprefix("@"), text)
        return _LONG_ID.sub(lambda found: "0" if found[0] in self._numbers else found[0], text)

    def table(self, table: pa.Table) -> pa.Table:
        """Remove their rows from a table, and mentions of them from the others."""
        kept = table.filter(pc.invert(self._is_theirs(table)))
        is_of_posts = "author_id" in table.column_names
        for place, field in enumerate(kept.schema):
            column = kept.column(place)
            changed = self._column(field, column, is_of_posts=is_of_posts)
            if changed is not column:
                kept = kept.set_column(place, field, changed)
        return kept

    def _is_theirs(self, table: pa.Table) -> pa.ChunkedArray:
        names = table.column_names
        found = pa.chunked_array([np.zeros(len(table), dtype=bool)])
        if "tweet_id" in names and pa.types.is_integer(table["tweet_id"].type):
            found = pc.or_(found, pc.is_in(table["tweet_id"], value_set=self._ids))
        if {"author_id", "author_handle"} <= set(names):
            found = pc.or_(found, pc.fill_null(is_by(table, self.people), fill_value=False))
        if "raw" in names:  # rows that could not be read, in the form of their source
            texts = (with_plain_words(raw or "") for raw in table["raw"].to_pylist())
            pairs = zip(texts, table["tweet_id"].to_pylist(), strict=True)
            hit = [self.text(text) != text or i in self._numbers for text, i in pairs]
            found = pc.or_(found, pa.chunked_array([pa.array(hit, pa.bool_())]))
        return found

    def _column(
        self, field: pa.Field, column: pa.ChunkedArray, *, is_of_posts: bool
    ) -> pa.ChunkedArray:
        if field.name in _REFERENCES:
            gone = pc.is_in(column, value_set=self._ids)
            return pc.if_else(gone, None, column) if pc.any(gone).as_py() else column
        if field.name == "in_reply_to_handle":
            gone = pc.is_in(
                pc.utf8_lower(column), value_set=pa.array(self.people.handles, pa.string())
            )
            gone = pc.fill_null(gone, fill_value=False)
            return pc.if_else(gone, None, column) if pc.any(gone).as_py() else column
        if not _holds_text(field.type):
            return column
        before = column.to_pylist()
        if is_of_posts:
            after = [one if one is None else self.post(one) for one in before]
        else:
            after = [self.value(one) for one in before]
        if after == before:
            return column
        if not field.nullable:
            after = ["" if one is None else one for one in after]
        return pa.chunked_array([pa.array(after, field.type)])

    def value(self, value: Any) -> Any:
        """Remove them from what JSON or a row holds; their own objects leave the lists."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                key: (None if key == "sample" and one in self.people.texts else self.value(one))
                for key, one in value.items()
            }
        if isinstance(value, list):
            kept = [one for one in value if not self._is_their_own(one)]
            return [self.value(one) for one in kept]
        return value

    def _is_their_own(self, value: Any) -> bool:
        """Whether an entry of a list is one of their posts or texts."""
        if isinstance(value, dict):
            if "tweet_id" in value:
                return str(value["tweet_id"]) in self._numbers
            return value.get("text") in self.people.texts
        if isinstance(value, str):
            return value in self._quotes or value.lower() in self.people.handles
        return False

    def page_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Remove them from the data of an explorer page."""
        tweets = data["tweets"]
        changed: dict[str, Any] = self.value({**data, "tweets": {}})
        texts = {**tweets, "texts": [], "columns": {}}
        return changed | {"tweets": self.value(texts) | self._drawn(tweets)}

    def _drawn(self, tweets: dict[str, Any]) -> dict[str, Any]:
        """Tweets of the map without theirs; texts are in the order of the columns."""
        columns, n = tweets["columns"], len(tweets["texts"])
        ids = np.frombuffer(b64decode(columns["id"]), "<i8")
        keeps = ~np.isin(ids, list(self.people.tweet_ids))
        texts = [
            text if text is None else self.text(text)
            for text, keep in zip(tweets["texts"], keeps, strict=True)
            if keep
        ]
        changed = {
            name: _packed(_rows(b64decode(content), n, name)[..., keeps, :])
            for name, content in columns.items()
            if name not in {_STARTS, _TERMS}
        }
        starts = np.frombuffer(b64decode(columns[_STARTS]), "<u4")
        lengths = np.diff(starts)
        places = np.frombuffer(b64decode(columns[_TERMS]), "<u2")[np.repeat(keeps, lengths)]
        new_starts = np.concatenate([[0], np.cumsum(lengths[keeps])]).astype("<u4")
        return {
            "drawn": int(keeps.sum()),
            "total": tweets["total"] - int((~keeps).sum()),
            "with_text": sum(text is not None for text in texts),
            "texts": texts,
            "columns": changed | {_STARTS: _packed(new_starts), _TERMS: _packed(places)},
        }

    def mapping(self, text: str) -> str:
        """Remove them from `tweet_persona_mapping.json`, which has one tweet a line."""
        content = json.loads(text)
        tweets = [one for one in content["tweets"] if not self._is_their_own(one)]
        if len(tweets) == len(content["tweets"]):
            return text
        head = _json({**content, "tweet_count": len(tweets), "tweets": []}).removesuffix("]}")
        return head + "\n" + ",\n".join(map(_json, tweets)) + "\n]}\n"


def _any_of(handles: Any, before: str) -> re.Pattern[str] | None:
    if not handles:
        return None
    listed = "|".join(sorted(map(re.escape, handles), key=len, reverse=True))
    return re.compile(rf"(?<![\w@]){before}(?:{listed})(?!\w)", re.IGNORECASE)


def _holds_text(kind: pa.DataType) -> bool:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_struct(kind):
        return True
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _holds_text(kind.value_type)


def _rows(content: bytes, n: int, name: str) -> NDArray[np.uint8]:
    """Bytes of a packed column, shape (n, bytes of a value), or (features, n, 1)."""
    flat = np.frombuffer(content, dtype=np.uint8)
    if name == _FEATURES:
        return flat.reshape(-1, n, 1)
    return flat.reshape(n, -1)


def _packed(values: NDArray[Any]) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
