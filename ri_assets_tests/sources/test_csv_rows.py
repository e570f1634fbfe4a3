from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import SourceError
from ri_assets.sources.csv_rows import read_csv
from ri_assets.sources.rows import BrokenRow, Row


def rows(data: bytes) -> list[Row | BrokenRow]:
    return list(read_csv(io.BytesIO(data), "here.csv"))


def texts(data: bytes) -> list[object]:
    return [row.values["text"] for row in rows(data) if isinstance(row, Row)]


def broken(data: bytes) -> list[str]:
    return [row.raw for row in rows(data) if isinstance(row, BrokenRow)]


def test_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert texts(b"\xef\xbb\xbftweet_id,text\n1,hi\n") == ["hi"]


def test_quoted_line_breaks_stay_in_the_field() -> None:
    assert texts(b'tweet_id,text\n1,"a\nb"\n2,"c\r\nd"\n') == ["a\nb", "c\r\nd"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("quote", [b"", b'"'])
def test_lone_carriage_return_neither_breaks_nor_vanishes(end: bytes, quote: bytes) -> None:
    data = end.join(
        [b"tweet_id,text,lang", b"1," + quote + b"a\rb" + quote + b",en", b"2,c,en", b""]
    )
    assert texts(data) == ["a\rb", "c"]
    assert not broken(data)


def test_carriage_return_before_the_line_end_is_data_where_lines_end_in_lf() -> None:
    assert texts(b"tweet_id,text\n1,a\r\n2,b\n") == ["a\r", "b"]


def test_blank_lines_are_no_rows() -> None:
    assert texts(b"tweet_id,text\n\n1,a\n\n\n2,b") == ["a", "b"]


def test_wrong_number_of_fields_breaks_one_row() -> None:
    data = b"tweet_id,text\n1,a\n2,b,c\n3\n4,d\n"
    assert texts(data) == ["a", "d"]
    assert broken(data) == ["2,b,c\n", "3\n"]


@pytest.mark.parametrize("stray", [b'2,"never closed\n', b'2,"closed" too early\n'])
def test_stray_quote_does_not_swallow_the_rows_after_it(stray: bytes) -> None:
    data = b"tweet_id,text\n1,a\n" + stray + b'3,c\n4,"d, e"\n5,f\n'
    assert texts(data) == ["a", "c", "d, e", "f"]
    assert broken(data) == [stray.decode()]


def test_a_row_longer_than_any_post_is_broken() -> None:
    data = b"tweet_id,text\n1," + b"x" * 200_000 + b"\n2,b\n"
    assert texts(data) == ["b"]
    assert len(broken(data)) == 1


def test_header_without_the_indispensable_names_what_there_is() -> None:
    with pytest.raises(SourceError, match="no column tweet_id; its columns are id, text, lang"):
        rows(b"id,text,lang\n1,a,en\n")


def test_semicolons_show_in_the_message() -> None:
    with pytest.raises(SourceError, match="its columns are tweet_id;text"):
        rows(b"tweet_id;text\n1;a\n")


def test_file_without_header_shows_no_tweet() -> None:
    with pytest.raises(SourceError, match="looks like data") as error:
        rows(b"1005577757262025429,asha_88,call me on 98765 43210\n")
    assert "asha" not in str(error.value)


def test_column_without_name_is_ignored() -> None:
    assert texts(b",tweet_id,text\n0,1,a\n") == ["a"]


def test_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(SourceError, match="text twice"):
        rows(b"tweet_id,text,text\n1,a,b\n")


@given(st.lists(st.text(min_size=1, max_size=20), max_size=8))
def test_every_text_survives_when_all_fields_are_quoted(values: list[str]) -> None:
    quoted = ['"' + value.replace('"', '""') + '"' for value in values]
    data = "\n".join(["tweet_id,text", *(f"{i},{text}" for i, text in enumerate(quoted))])
    assert texts(data.encode()) == values
