"""User and password of a MySQL URL: where they come from, and that they are found again."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql_url import MySQLTarget, holds_password, without_credentials
from ri_assets.sources.opening import open_source
from ri_assets_tests.mariadb import PASSWORD, USER, MariaDB

SECRET = "s3cret"  # noqa: S105 - no real one
ENVIRONMENT = {"RI_MYSQL_USER": "env", "RI_MYSQL_PASSWORD": "env-pw"}


def option_file(folder: Path, content: str) -> str:
    path = folder / "ri.cnf"
    path.write_text(content, encoding="utf-8")
    return f"option_file={path}"


def credentials(url: str, **environ: str) -> tuple[str, str]:
    target = MySQLTarget.from_url(url, environ)
    return target.user, target.password


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("mysql://asha:p%40s%2Fs@db:33/one?read_timeout=9", "mysql://db:33/one?read_timeout=9"),
        ("mysql://asha@[::1]/two", "mysql://[::1]/two"),
        ("MySQL://:pw@Db.Example/three", "mysql://Db.Example/three"),
        ("mysql://db/four", "mysql://db/four"),
    ],
)
def test_a_url_loses_its_credentials_and_they_are_found_again(url: str, clean: str) -> None:
    given = credentials(url)
    assert without_credentials(url) == clean
    assert credentials(clean) == given
    assert not holds_password(clean)
    assert holds_password(url) == bool(given[1])


def test_what_a_url_lacks_comes_from_elsewhere(tmp_path: Path) -> None:
    file = option_file(tmp_path, "[client]\nuser = file\npassword = file-pw\n")
    assert credentials(f"mysql://h/a?{file}", **ENVIRONMENT) == ("file", "file-pw")
    assert credentials(f"mysql://own@h/a?{file}", **ENVIRONMENT) == ("own", "file-pw")
    assert credentials(f"mysql://own:pw@h/a?{file}", **ENVIRONMENT) == ("own", "pw")
    file = option_file(tmp_path, "[client]\npassword = file-pw\n")
    assert credentials(f"mysql://h/a?{file}", **ENVIRONMENT) == ("env", "file-pw")
    without_credentials("mysql://first:first-pw@h/remembered")
    assert credentials("mysql://h/remembered", **ENVIRONMENT) == ("first", "first-pw")
    assert credentials("mysql://h/another", **ENVIRONMENT) == ("env", "env-pw")


def test_an_option_file_is_read_as_mysql_reads_it(tmp_path: Path) -> None:
    content = (
        "# of the whole firm\n[mysqld]\nuser=server\npassword=server\n"
        "[client]\nuser='asha'\npassword=\"p#a;s %(x)s=s\"\nhost=elsewhere\nssl\n"
        "[mysql]\nuser=ravi\n"
    )
    target = MySQLTarget.from_url(f"mysql://h/a?{option_file(tmp_path, content)}", {})
    assert (target.user, target.password, target.host) == ("ravi", "p#a;s %(x)s=s", "h")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (f"user=asha\npassword={SECRET}\n", "is no option file"),
        (f"[mysqld]\nuser=asha\npassword={SECRET}\n", "neither a user nor a password"),
        ("", "neither a user nor a password"),
        ("[client]\nuser\npassword\n", "neither a user nor a password"),
    ],
)
def test_an_option_file_without_credentials_is_told(
    tmp_path: Path, content: str, found: str
) -> None:
    file = option_file(tmp_path, content)
    with pytest.raises(SourceError, match=found) as error:
        credentials(f"mysql://h/a?{file}")
    assert file in error.value.found
    assert "[client]" in error.value.expected
    assert SECRET not in "".join(traceback.format_exception(error.value))


def test_an_option_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        credentials(f"mysql://h/a?option_file={tmp_path / 'gone.cnf'}")


def test_a_server_takes_the_credentials_of_an_option_file(mariadb: MariaDB, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT, text TEXT)", database)
    mariadb.execute("INSERT INTO tweets VALUES (7, 'seven')", database)
    file = option_file(tmp_path, f"[client]\nuser={USER}\npassword={PASSWORD}\n")
    url = f"mysql://127.0.0.1:{mariadb.port}/{database}?{file}"
    assert open_source(url, SourceOptions()).newest().newest_tweet_id == 7
