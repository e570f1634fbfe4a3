from __future__ import annotations

import ssl

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.mysql_url import MySQLTarget

SECRET = "s3cret"  # noqa: S105 - no real one


def target(url: str, **environ: str) -> MySQLTarget:
    return MySQLTarget.from_url(url, environ)


def test_all_parts_are_read() -> None:
    read = target(
        "mysql://asha:p%40ss%2F@db.example:3307/ri?ssl_verify=false&connect_timeout=3&read_timeout=9"
    )
    assert read == MySQLTarget(
        "db.example",
        3307,
        "ri",
        "asha",
        "p@ss/",
        ssl_verify="false",
        connect_seconds=3,
        read_seconds=9,
    )


def test_credentials_come_from_the_environment_where_the_url_has_none() -> None:
    environ = {"RI_MYSQL_USER": "asha", "RI_MYSQL_PASSWORD": SECRET}
    read = target("mysql://db/ri", **environ)
    assert (read.user, read.password, read.port) == ("asha", SECRET, 3306)
    assert target("mysql://ravi:own@db/ri", **environ).password == "own"  # noqa: S105


def test_neither_name_nor_repr_shows_credentials() -> None:
    read = target(f"mysql://asha:{SECRET}@db/ri")
    assert read.name == "mysql://db:3306/ri"
    assert SECRET not in repr(read)
    assert "asha" not in repr(read)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://asha:{SECRET}/x@db/ri",
        f"mysql://asha:{SECRET}#x@db/ri",
        f"mysql://asha:{SECRET}?x@db/ri",
        f"mysql://asha:x?{SECRET}=1@db/ri",
        f"mysql://asha:x@{SECRET}@db/ri",
        f"mysql://asha:{SECRET}@[db/ri",
        f"mysql://asha:{SECRET}℀@db/ri",
        f"mysql:/asha:{SECRET}@db/ri",
        f"mysql://asha:{SECRET}@db",
        f"mysql://asha:{SECRET}@db/ri?charset=latin1",
        f"mysql://asha:{SECRET}@db/ri?connect_timeout=soon",
        f"mysql://asha:{SECRET}@db/ri?ssl_verify=perhaps",
        f"mysql://asha:{SECRET}@db:99999/ri",
    ],
)
def test_no_refusal_repeats_a_password(url: str) -> None:
    with pytest.raises(SourceError) as error:
        target(url)
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_unknown_keys_are_refused_with_the_known_ones() -> None:
    with pytest.raises(SourceError, match="unknown key charset") as error:
        target("mysql://db/ri?charset=latin1")
    for key in ("ssl_ca", "ssl_verify", "connect_timeout", "read_timeout"):
        assert key in error.value.remedy


@pytest.mark.parametrize("seconds", ["0", "-1", "1.5", "", "999999999"])
def test_timeouts_are_whole_seconds(seconds: str) -> None:
    with pytest.raises(SourceError, match="read_timeout"):
        target(f"mysql://db/ri?read_timeout={seconds}")


@pytest.mark.parametrize(
    ("query", "host_checked", "certificate_checked"),
    [
        ("ssl_verify=true", True, ssl.CERT_REQUIRED),
        ("ssl_verify=ca", False, ssl.CERT_REQUIRED),
        ("ssl_verify=false", False, ssl.CERT_NONE),
    ],
)
def test_tls_checks_what_the_url_says(
    query: str, host_checked: bool, certificate_checked: ssl.VerifyMode
) -> None:
    context = target(f"mysql://db/ri?{query}").ssl_context()
    assert context is not None
    assert context.check_hostname is host_checked
    assert context.verify_mode == certificate_checked


def test_tls_is_left_to_the_server_by_default_and_checked_with_an_authority() -> None:
    assert target("mysql://db/ri").ssl_context() is None
    assert target("mysql://db/ri?ssl_ca=/ca.pem").ssl_verify == "true"


def test_certificate_file_that_is_none_is_named() -> None:
    with pytest.raises(SourceError, match=r"ssl_ca=/nowhere/ca\.pem"):
        target("mysql://db/ri?ssl_ca=/nowhere/ca.pem").ssl_context()
