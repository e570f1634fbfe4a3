from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import SourceError
from ri_assets.sources.columns import ColumnReader
from ri_assets.sources.json_rows import read_json
from ri_assets.sources.rows import BrokenRow, Row

NATIVE = {"tweet_id": 1005577757262025429, "text": "hi", "lang": None}


def rows(*lines: str) -> list[Row | BrokenRow]:
    return list(read_json(io.StringIO("\n".join(lines)), "here.json", ColumnReader()))


def reasons(*lines: str) -> list[str | None]:
    return [row.reason if isinstance(row, BrokenRow) else None for row in rows(*lines)]


def texts(*lines: str) -> list[object]:
    return [row.values["text"] for row in rows(*lines) if isinstance(row, Row)]


def test_native_columns_are_taken_as_they_are() -> None:
    assert rows(json.dumps(NATIVE)) == [Row(NATIVE, json.dumps(NATIVE))]


def test_blank_lines_are_skipped() -> None:
    assert reasons(json.dumps(NATIVE), "", "  ", json.dumps(NATIVE)) == [None, None]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (json.dumps(NATIVE)[:-7], "truncated_json"),
        ("[" * 100_000, "truncated_json"),
        ('{"tweet_id": ' + "9" * 5_000 + "}", "truncated_json"),
        ('{"tweet_id": 1, "text": "caf\udce9"}', "invalid_utf8"),
        ("[1, 2]", "not_a_post"),
        ("12", "not_a_post"),
        ('{"delete": {"status": {"id": 5}}}', "not_a_post"),
        ('{"errors": [{"title": "Not Found"}]}', "not_a_post"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_bad_line_is_set_aside_alone(line: str, reason: str, is_first: bool) -> None:
    good = json.dumps(NATIVE)
    # A file that begins with [ is an array.
    lines = [line, good, good] if is_first and line[0] != "[" else [good, line, good]
    assert sorted(map(str, reasons(*lines))) == sorted(map(str, [None, reason, None]))


def test_a_page_of_a_search_without_results_is_no_row() -> None:
    assert rows('{"meta": {"result_count": 0}}') == []


def test_an_object_that_is_no_post_names_its_keys_and_no_value() -> None:
    [row] = rows('{"pk": 5, "body": "call asha"}')
    assert isinstance(row, BrokenRow)
    assert "its columns are pk, body" in row.detail
    assert "asha" not in row.detail


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("before", ["", "window.YTD.tweets.part0 = ", "var tweets = "])
def test_an_array_is_cut_into_its_elements(indent: int | None, before: str) -> None:
    posts = [{**NATIVE, "text": f'[{n}] "quoted" }}'} for n in range(3)]
    array = before + json.dumps(posts, indent=indent)
    assert texts(*array.split("\n")) == [post["text"] for post in posts]


def test_an_array_longer_than_what_is_read_at_once() -> None:
    posts = [{"tweet_id": n, "text": "x" * 3_000} for n in range(100)]
    assert len(texts(json.dumps(posts))) == 100
    assert len(texts(*json.dumps(posts, indent=1).split("\n"))) == 100


def test_an_array_with_an_element_a_line() -> None:
    line = json.dumps(NATIVE)
    assert texts(f"[{line},", f"{line},", f"{line}]") == ["hi"] * 3
    assert texts("[", f"{line},", f"{line}", "]") == ["hi"] * 2


def test_an_array_a_line() -> None:
    line = json.dumps([NATIVE, NATIVE])
    assert texts(line, line) == ["hi"] * 4


def test_objects_over_many_lines_one_after_another() -> None:
    pretty = json.dumps(NATIVE, indent=2)
    assert texts(*pretty.split("\n"), *pretty.split("\n")) == ["hi", "hi"]


@pytest.mark.parametrize("key", ["statuses", "tweets", "data", "results"])
def test_an_object_around_a_list(key: str) -> None:
    whole = {"query": "x", key: [NATIVE, {"id_str": "5", "full_text": "yo", "user": {"id": 1}}]}
    assert texts(json.dumps(whole)) == ["hi", "yo"]
    assert texts(*json.dumps(whole, indent=2).split("\n")) == ["hi", "yo"]


def test_a_frame_as_pandas_writes_it_by_columns() -> None:
    assert texts('{"tweet_id": {"0": 1, "1": 2}, "text": {"0": "a", "1": "b"}}') == ["a", "b"]


@pytest.mark.parametrize("keep", [1, 40, 100, 150])
def test_an_array_that_is_cut_off_is_refused(keep: int) -> None:
    array = json.dumps([{"tweet_id": n, "text": f"text {n}"} for n in range(6)])
    with pytest.raises(SourceError, match="no whole JSON after its first") as error:
        rows(array[:keep])
    assert "cut off" in error.value.remedy


def test_archive_elements_with_and_without_their_wrapper() -> None:
    inner = {"id_str": "7", "full_text": "hi", "in_reply_to_status_id_str": "5"}
    for one in (inner, {"tweet": inner}):
        [row] = rows(json.dumps(one))
        assert isinstance(row, Row)
        assert (row.values["tweet_id"], row.values["text"], row.is_reply) == ("7", "hi", True)
        assert "is_retweet" not in row.values


def test_nested_objects_are_columns_joined_by_dots() -> None:
    [row] = rows(
        '{"id": 1, "rawContent": "hi", "user": {"username": "asha", "followersCount": 3},'
        ' "retweetedTweet": {"id": 9}, "inReplyToTweetId": null}'
    )
    assert isinstance(row, Row)
    assert (row.values["author_handle"], row.values["author_followers"]) == ("asha", 3)
    assert (row.values["is_retweet"], row.is_reply) == (True, False)


@given(
    st.lists(st.fixed_dictionaries({"tweet_id": st.integers(), "text": st.text()}), min_size=1),
    st.sampled_from([None, 1]),
)
def test_every_layout_gives_the_same_posts(
    posts: list[dict[str, object]], indent: int | None
) -> None:
    wanted = [post["text"] for post in posts]
    lines = [json.dumps(post) for post in posts]
    array = json.dumps(posts, indent=indent).split("\n")
    assert texts(*lines) == texts(*array) == wanted
