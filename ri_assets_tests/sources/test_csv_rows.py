from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import SourceError
from ri_assets.sources.columns import ColumnReader
from ri_assets.sources.rows import BrokenRow, Row
from ri_assets.sources.tabular_rows import read_csv


def rows(data: bytes, *, has_escapes: bool = False) -> list[Row | BrokenRow]:
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape", newline="\n")
    return list(read_csv(lines, "here.csv", ColumnReader(), has_escapes=has_escapes))


def texts(data: bytes, *, has_escapes: bool = False) -> list[object]:
    found = rows(data, has_escapes=has_escapes)
    return [row.values["text"] for row in found if isinstance(row, Row)]


def broken(data: bytes) -> list[str]:
    return [row.raw for row in rows(data) if isinstance(row, BrokenRow)]


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
    with pytest.raises(SourceError, match="no column tweet_id; its columns are key, text") as error:
        rows(b"key,text,lang\n1,a,en\n")
    assert "--map tweet_id=COLUMN" in error.value.remedy


@pytest.mark.parametrize("mark", [b",", b";", b"\t", b"|"])
def test_the_separator_follows_from_the_header(mark: bytes) -> None:
    data = b"tweet_id,lang,text\n1,en,a\n".replace(b",", mark)
    assert texts(data + mark.join([b"2", b"en", b'"b' + mark + b' c"'])) == [
        "a",
        f"b{mark.decode()} c",
    ]


def test_a_separator_line_is_obeyed_and_is_no_row() -> None:
    assert texts(b"sep=;\ntweet_id;text\n1;a, b\n") == ["a, b"]
    assert texts(b'"sep=|"\r\ntweet_id|text\r\n1|a; b\r\n') == ["a; b"]


def test_commas_in_the_names_do_not_hide_semicolons() -> None:
    assert texts(b"tweet_id;text;likes, all;x, y, z\n1;a;2;3\n") == ["a"]


def test_last_fields_may_be_left_off() -> None:
    data = b"tweet_id,text,urls,place\n1,a\n2,b,http://x,\n3,c,,,,\n4\n"
    assert texts(data) == ["a", "b", "c"]
    assert broken(data) == ["4\n"]


def test_quotes_with_a_backslash() -> None:
    data = (
        b'tweet_id,text,lang\n1,"say \\"hi\\", then go",en\n'
        b'2,"5\\"",en\n3,"a \\\\",en\n4,"b\nc \\"d\\"",en\n'
    )
    assert texts(data, has_escapes=True) == ['say "hi", then go', '5"', "a \\", 'b\nc "d"']


def test_a_row_written_the_other_way_is_read_too() -> None:
    data = b'tweet_id,text\n1,"say ""hi"", C:\\"\n2,"say \\"hi\\" there"\n3,"c"\n'
    assert texts(data) == ['say "hi", C:\\', 'say "hi" there', "c"]
    assert texts(data, has_escapes=True)[1:] == ['say "hi" there', "c"]


def test_file_without_header_shows_no_tweet() -> None:
    with pytest.raises(SourceError, match="looks like data") as error:
        rows(b"1005577757262025429,asha_88,call me on 98765 43210\n")
    assert "asha" not in str(error.value)
    assert "write such a line above the others" in error.value.remedy


def test_column_without_name_is_ignored() -> None:
    assert texts(b",tweet_id,text\n0,1,a\n") == ["a"]


def test_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(SourceError, match="the column text twice"):
        rows(b"tweet_id,text,text\n1,a,b\n")


@given(st.lists(st.text(min_size=1, max_size=20), max_size=8))
def test_every_text_survives_when_all_fields_are_quoted(values: list[str]) -> None:
    quoted = ['"' + value.replace('"', '""') + '"' for value in values]
    data = "\n".join(["tweet_id,text", *(f"{i},{text}" for i, text in enumerate(quoted))])
    assert texts(data.encode()) == values
