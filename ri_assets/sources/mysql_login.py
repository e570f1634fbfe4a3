"""Logins at MySQL and MariaDB: which methods are allowed, and what to do if one fails.

Belongs here: what a server may ask for before it lets us in. Does not belong here: reaching the
server, and errors after the login (see `mysql_session`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR, ER

from ri_assets.errors import SourceError
from ri_assets.sources.mysql_url import ELSEWHERE, PASSWORD_VARIABLE, USER_VARIABLE, MySQLTarget

# MySQL 8's default, and the one before it that also needs an RSA key or TLS.
_SHA2 = ("caching_sha2_password", "sha256_password")
_EXTRAS = {"cryptography": "rsa", "pynacl": "ed25519"}
_CREDENTIALS = f"credentials in {USER_VARIABLE} and {PASSWORD_VARIABLE}, an option file, or the URL"
_USE_TLS = "encrypt the connection with ssl_ca=FILE or ssl_verify=false in the URL"
_OTHER_METHOD = "let an administrator choose caching_sha2_password for this user (ALTER USER)"


def login_handlers(target: MySQLTarget) -> dict[str, Callable[[Connection[Any]], Any]]:
    """Refuse login methods that would show the password to everyone on the network.

    PyMySQL sends the password as it is if a server asks for it, even without TLS, and anybody
    between us and the server can ask.

    Parameters
    ----------
    target
        The server.

    Returns
    -------
    dict
        For PyMySQL's `auth_plugin_map`. A handler that returns None leaves the login to PyMySQL.
    """

    def only_with_tls(connection: Connection[Any]) -> None:
        if not connection._secure:  # type: ignore[attr-defined] # PyMySQL has no public name
            raise SourceError(
                f"{target.name} asks for the password in clear, without TLS",
                "a connection with TLS, or a login that hides the password",
                f"{_USE_TLS}, or {_OTHER_METHOD}",
            )

    def never(_: Connection[Any]) -> None:
        raise _unknown_method(target, "mysql_old_password")

    return {
        "mysql_clear_password": only_with_tls,
        "dialog": only_with_tls,
        "mysql_old_password": never,
    }


def explained_login(
    error: BaseException, connection: Connection[Any], target: MySQLTarget
) -> SourceError | None:
    """Explain an error of the login that another attempt cannot mend.

    Parameters
    ----------
    error
        What PyMySQL raised while it connected.
    connection
        The connection, with what it knows of the server so far.
    target
        The server.

    Returns
    -------
    SourceError or None
        None if the login is not what failed.
    """
    message = str(error)
    if isinstance(error, RuntimeError):
        package = re.search(r"'([\w-]+)' package is required", message)
        return _missing(target, package[1]) if package else None
    code = error.args[0] if error.args else None
    has_key = connection.server_public_key is not None
    if code == CR.CR_AUTH_PLUGIN_CANNOT_LOAD:
        method = re.search(r"plugin '(?:b')?([\w-]+)", message)
        return _unknown_method(target, method[1] if method else "of unknown name")
    if isinstance(error, ValueError) and has_key:
        return _no_key(target, "a public key that is not one in PEM form")
    if isinstance(error, pymysql.OperationalError) and "public key" in message:
        return _no_key(target, "no public key to encrypt the password with")
    if code == ER.ACCESS_DENIED_ERROR:
        # Without RSA keys, MySQL refuses the right password with the same error.
        method_needs_key = getattr(connection, "_auth_plugin_name", "") in _SHA2
        is_secure = connection._secure  # type: ignore[attr-defined] # PyMySQL has no public name
        has_hint = method_needs_key and target.password and not is_secure and not has_key
        hint = f"; if they are right, the server may have no RSA keys: {_USE_TLS}"
        return SourceError(
            f"{target.name} refuses the user or the password",
            _CREDENTIALS,
            f"correct them, or {ELSEWHERE}; special characters in a URL are percent-encoded"
            f"{hint if has_hint else ''}",
        )
    return None


def _missing(target: MySQLTarget, package: str) -> SourceError:
    extra = _EXTRAS.get(package)
    what = f"pymysql[{extra}]" if extra else package
    return SourceError(
        f"{target.name} asks for a login that needs the Python package {package}",
        f"{package}, which is not installed here",
        f"install it with: python -m pip install '{what}'",
    )


def _unknown_method(target: MySQLTarget, method: str) -> SourceError:
    return SourceError(
        f"{target.name} asks for the login method {method}, which PyMySQL does not have",
        "caching_sha2_password, sha256_password, mysql_native_password or client_ed25519",
        _OTHER_METHOD,
    )


def _no_key(target: MySQLTarget, found: str) -> SourceError:
    return SourceError(
        f"{target.name} sent {found}",
        "the server's RSA key, which a login without TLS needs",
        f"{_USE_TLS}, or let an administrator restore the server's RSA keys",
    )
