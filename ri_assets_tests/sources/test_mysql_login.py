"""MySQL 8's default login, without TLS: what is sent, and what is said if it fails."""

from __future__ import annotations

import sys
import tomllib
import traceback

import pytest
from packaging.requirements import Requirement
from pymysql import _auth

from ri_assets.environment import PROJECT
from ri_assets.errors import SourceError
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql import MySQLSource
from ri_assets.sources.mysql_login import login_handlers
from ri_assets.sources.mysql_session import connected
from ri_assets.sources.mysql_url import MySQLTarget
from ri_assets_tests.mariadb import MariaDB
from ri_assets_tests.sources.listeners import HOST, listener
from ri_assets_tests.sources.mysql8 import MySQL8

PASSWORD = "grün-und-lang:k3ep"  # noqa: S105 - of a server of this test
TWEETS = (
    ("tweet_id", "text"),
    [("11", "my parcel is late again 🍕"), ("12", "खाना देर से आया, who answers here?")],
)


def source(port: int, password: str = PASSWORD) -> MySQLSource:
    target = MySQLTarget(HOST, port, "ri", "asha", password)
    return MySQLSource(target, SourceOptions(keep_all=True))


def failure(server: MySQL8, password: str = PASSWORD) -> SourceError:
    """What a login raises; neither the traceback nor the network may hold the password."""
    with listener(server.serve) as port, pytest.raises(SourceError) as error:
        source(port, password).read()
    assert password not in "".join(traceback.format_exception(error.value))
    assert password.encode() not in server.heard
    return error.value


def test_who_installs_the_mysql_source_gets_what_the_login_needs() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [pymysql] = [r for r in map(Requirement, project["dependencies"]) if r.name == "pymysql"]
    assert pymysql.extras == {"rsa"}
    assert "1.1.3" not in pymysql.specifier  # by default it does not use TLS


def test_a_table_is_read_after_a_full_login_and_then_after_a_fast_one() -> None:
    server = MySQL8(PASSWORD, TWEETS)
    with listener(server.serve) as port:
        for _ in range(2):
            read = source(port).read().tweets
            assert read["tweet_id"].tolist() == [11, 12]
            assert read["text"].tolist() == [text for _, text in TWEETS[1]]
    assert server.logins == ["full", "fast"]
    assert b"START TRANSACTION" in server.heard  # it did listen
    assert PASSWORD.encode() not in server.heard


def test_a_wrong_password_is_refused_at_the_first_attempt() -> None:
    server = MySQL8(PASSWORD)
    error = failure(server, "another-one")
    assert server.logins == ["refused"]
    assert "refuses the user or the password" in error.found
    assert "RI_MYSQL_PASSWORD" in error.expected
    assert "RSA" not in error.remedy  # it had a key


@pytest.mark.parametrize(
    ("key", "found"),
    [(b"\x07what", "sent no public key"), (b"\x01what", "not one in PEM form")],
    ids=["no key", "not a key"],
)
def test_a_server_that_sends_no_public_key(key: bytes, found: str) -> None:
    server = MySQL8(PASSWORD, key=key)
    error = failure(server)
    assert found in error.found
    assert "ssl_verify=false" in error.remedy
    assert "RSA keys" in error.remedy


def test_a_server_without_rsa_keys_refuses_even_the_right_password() -> None:
    error = failure(MySQL8(PASSWORD, key=None))
    assert "refuses the user or the password" in error.found
    assert "the server may have no RSA keys" in error.remedy


@pytest.mark.parametrize("method", ["mysql_clear_password", "dialog"])
def test_a_server_that_asks_for_the_password_in_clear_gets_none(method: str) -> None:
    error = failure(MySQL8(PASSWORD, asks_for=method.encode()))
    assert "in clear, without TLS" in error.found
    assert "ssl_ca=FILE" in error.remedy


@pytest.mark.parametrize(
    "method", ["authentication_kerberos_client", "authentication_ldap_sasl", "mysql_old_password"]
)
def test_a_login_method_that_pymysql_lacks_is_named(method: str) -> None:
    error = failure(MySQL8(PASSWORD, asks_for=method.encode()))
    assert f"the login method {method}" in error.found
    assert "caching_sha2_password" in error.remedy


def test_without_cryptography_the_remedy_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_auth, "_have_cryptography", False)
    error = failure(MySQL8(PASSWORD))
    assert "needs the Python package cryptography" in error.found
    assert error.remedy == "install it with: python -m pip install 'pymysql[rsa]'"


def test_a_package_that_another_login_needs_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_auth, "_nacl_bindings", False)
    monkeypatch.setitem(sys.modules, "nacl", None)
    error = failure(MySQL8(PASSWORD, asks_for=b"client_ed25519"))
    assert "needs the Python package pynacl" in error.found
    assert "pymysql[ed25519]" in error.remedy


def test_with_tls_a_password_in_clear_is_allowed(mariadb: MariaDB) -> None:
    """MariaDB has no such login without PAM, so only the rule is asked."""
    target = MySQLTarget.from_url(mariadb.url(mariadb.fresh_database(), "ssl_verify=false"), {})
    with connected(target) as connection:
        assert login_handlers(target)["mysql_clear_password"](connection) is None
