"""UTF-8 that was stored or read as Latin-1: recognised, told, and mended on request."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.encoding import mended
from ri_assets.sources.opening import open_source
from ri_assets_tests.command_line import Cli
from ri_assets_tests.mariadb import MariaDB

TEXTS = ("café à côté", "खाना देर से आया", "late again 😡🍕", "plain", "naïve — “quoted”", "Ünal")
SPOILT = 5
FIX = SourceOptions(fix_mojibake=True)


def spoilt(text: str, encoding: str = "latin-1") -> str:
    """Read UTF-8 as Latin-1, or as what MySQL and Windows mean by it."""
    if encoding == "latin-1":
        return text.encode().decode("latin-1")
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@given(st.text(max_size=50), st.sampled_from(["latin-1", "cp1252"]), st.integers(1, 3))
def test_whatever_was_spoilt_is_mended(text: str, encoding: str, times: int) -> None:
    expected = mended(text) or text  # hypothesis finds spoilt texts of its own
    for _ in range(times):
        text = spoilt(text, encoding)
    assert (mended(text) or text) == expected


@given(st.text(alphabet="abcßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿÀÉÜÑ .,!", max_size=50))
def test_letters_of_europe_are_no_mojibake(text: str) -> None:
    assert mended(text) is None


@pytest.mark.parametrize(
    "text", [*TEXTS, "SÃO PAULO", "25 °C £5 ½ ©", "Ã", "é", "“so”", "Â©", "naÃ¯ve — 😡"]
)
def test_a_text_that_is_right_or_of_two_kinds_stays(text: str) -> None:
    assert (mended(text) is None) == (text != "Â©")


@pytest.fixture
def table(mariadb: MariaDB) -> tuple[str, str]:
    """Database with a latin1 column whose bytes are UTF-8, as old programs left them; its URL."""
    database = mariadb.fresh_database()
    mariadb.execute(
        "CREATE TABLE tweets (tweet_id BIGINT, text TEXT CHARACTER SET latin1)", database
    )
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET NAMES latin1")
        for n, text in enumerate(TEXTS):
            cursor.execute(f"INSERT INTO tweets VALUES ({n}, x'{text.encode().hex()}')")  # noqa: S608
    return database, mariadb.url(database)


def read_from_file(folder: Path, options: SourceOptions) -> Corpus:
    """Read a file that a program wrote which took UTF-8 for Latin-1."""
    path = folder / "tweets.csv"
    rows = [f"{n},{spoilt(text)}" for n, text in enumerate(TEXTS)]
    path.write_text("\n".join(["tweet_id,text", *rows]), encoding="utf-8")
    return open_source(str(path), options).read()


def test_a_latin1_column_is_told_and_mended(table: tuple[str, str]) -> None:
    told = open_source(table[1], SourceOptions()).read()
    assert told.tweets["text"].tolist() != list(TEXTS)
    [note] = told.reading.notes
    assert note.startswith(f"{SPOILT} rows hold UTF-8 that was stored as Latin-1")
    assert "--fix-mojibake" in note
    fixed = open_source(table[1], FIX).read()
    assert fixed.tweets["text"].tolist() == list(TEXTS)
    assert "has mended them" in fixed.reading.notes[0]


def test_a_file_is_treated_alike(tmp_path: Path) -> None:
    [note] = read_from_file(tmp_path, SourceOptions()).reading.notes
    assert note.startswith(f"{SPOILT} rows hold UTF-8")
    assert read_from_file(tmp_path, FIX).tweets["text"].tolist() == list(TEXTS)


def test_a_right_column_is_left_alone(mariadb: MariaDB) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT, text TEXT)", database)
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO tweets VALUES (%s, %s)", [*enumerate(TEXTS)])
    for options in (SourceOptions(), FIX):
        corpus = open_source(mariadb.url(database), options).read()
        assert corpus.tweets["text"].tolist() == list(TEXTS)
        assert not corpus.reading.notes


@pytest.mark.slow
def test_check_tells_it_and_every_command_mends_it(
    cli: Cli, table: tuple[str, str], mariadb: MariaDB, tmp_path: Path
) -> None:
    told = cli("check", table[1])
    assert f"{SPOILT} rows hold UTF-8" in told.out
    assert "has mended them" in cli("check", table[1], "--fix-mojibake").out
    read_from_file(tmp_path, SourceOptions())
    url = mariadb.url(mariadb.fresh_database())
    loaded = cli("load", tmp_path / "tweets.csv", "--to", url, "--fix-mojibake")
    assert "has mended them" in loaded.out
    assert open_source(url, SourceOptions()).read().tweets["text"].tolist() == list(TEXTS)
