"""`mysql://` URLs and their credentials, without ever showing a password.

Belongs here: the URL, its query string, and where user and password come from. The password of
a URL is kept in the memory of this process only. Does not belong here: connections (see
`mysql_session`).
"""

from __future__ import annotations

import configparser
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ri_assets.environment import Environment
from ri_assets.errors import SourceError

USER_VARIABLE = "RI_MYSQL_USER"
PASSWORD_VARIABLE = "RI_MYSQL_PASSWORD"  # noqa: S105 - the name of a variable, not a password
OPTION_FILE_KEY = "option_file"
ELSEWHERE = (
    f"set {USER_VARIABLE} and {PASSWORD_VARIABLE}, or name a MySQL option file with "
    f"?{OPTION_FILE_KEY}=PATH in the URL"
)
# The sections that MySQL's and MariaDB's own programs read.
_SECTIONS = ("client", "client-mariadb", "mysql")


@dataclass(frozen=True)
class Credentials:
    """A user and a password; `repr` shows neither.

    Parameters
    ----------
    user, password
        Empty if unknown.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def completed(self, other: Credentials) -> Credentials:
        """Fill the gaps from others."""
        return Credentials(self.user or other.user, self.password or other.password)


# Credentials of URLs, by host, port and database. Dagster records every string of a resource's
# configuration, so a URL must not carry a password to the connection.
_OF_URLS: dict[tuple[str, int, str], Credentials] = {}


def in_url(parts: SplitResult) -> Credentials:
    """Return the credentials in a URL, if any."""
    return Credentials(unquote(parts.username or ""), unquote(parts.password or ""))


def remember(place: tuple[str, int, str], given: Credentials) -> None:
    """Remember the credentials of a URL for connections of this process.

    Parameters
    ----------
    place
        Host, port and database.
    given
        Credentials of the URL.
    """
    if given != Credentials():
        _OF_URLS[place] = given


def remembered(place: tuple[str, int, str]) -> Credentials:
    """Return the credentials of an earlier URL for the same host, port and database."""
    return _OF_URLS.get(place, Credentials())


def in_environment(environ: Mapping[str, str] = os.environ) -> Credentials:
    """Return the credentials in `RI_MYSQL_USER` and `RI_MYSQL_PASSWORD`."""
    environment = Environment.from_env(environ)
    return Credentials(environment.mysql_user, environment.mysql_password)


def in_option_file(name: str | None) -> Credentials:
    """Read `user` and `password` from a MySQL option file, and nothing else.

    Parameters
    ----------
    name
        Its path; None if the URL has none.

    Raises
    ------
    SourceError
        It cannot be read, or it has neither. The message shows no line of it.
    """
    if name is None:
        return Credentials()
    from pymysql.optionfile import Parser

    options = Parser(strict=False)
    try:
        options.read_string(Path(name).expanduser().read_text(encoding="utf-8"))
        problem = "has neither a user nor a password"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except (configparser.Error, UnicodeDecodeError):  # the cause may show the password
        problem = "is no option file"
    found = Credentials()
    for section in _SECTIONS:
        if options.has_section(section):
            filled = dict(options.items(section))  # None where a key has no =
            user, password = (
                options.get(section, key) if filled.get(key) else "" for key in ("user", "password")
            )
            found = Credentials(user, password).completed(found)
    if found == Credentials():
        raise SourceError(
            f"{OPTION_FILE_KEY}={name} of the MySQL URL {problem}",
            "a MySQL option file: a line [client], then user=… and password=…",
            f"correct the path or the file, or set {USER_VARIABLE} and {PASSWORD_VARIABLE}",
        )
    return found


def recorded_password() -> SourceError:
    """Error for a password in a run's configuration, which Dagster has already recorded."""
    return SourceError(
        "the configuration of this run holds a MySQL password, and Dagster has recorded it",
        "a URL without user and password in the launchpad and in run configurations",
        f"change the password, because others may have read it; then {ELSEWHERE}",
    )


DEFAULT_PORT = 3306
DEFAULT_CONNECT_SECONDS = 10
DEFAULT_READ_SECONDS = 300
LONGEST_SECONDS = 86_400
KEYS = ("ssl_ca", "ssl_verify", "connect_timeout", "read_timeout", OPTION_FILE_KEY)

Verify = Literal["true", "ca", "false"]
_VERIFY = ("true", "ca", "false")
_FORM = f"mysql://host:port/database?key=value, with keys among {', '.join(KEYS)}"
_ENCODE = f"percent-encode / %2F, ? %3F, # %23, @ %40 in passwords, or set {PASSWORD_VARIABLE}"


@dataclass(frozen=True)
class MySQLTarget:
    """A MySQL or MariaDB database and how to reach it.

    Parameters
    ----------
    host, port, database
        Where it is.
    user, password
        Credentials; `repr` and `name` show neither.
    ssl_ca
        File with the certificate of the authority that must have signed the server's; None
        means the authorities that the system trusts.
    ssl_verify
        `true`: TLS, with the server's certificate and host name checked; `ca`: the
        certificate alone; `false`: TLS without a check; None: TLS where the server offers
        it, unchecked. With `ssl_ca`, None means `true`.
    connect_seconds, read_seconds
        Timeout for connecting (host lookup, TCP, TLS and login together), and for an answer.
    """

    host: str
    port: int
    database: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    ssl_ca: str | None = None
    ssl_verify: Verify | None = None
    connect_seconds: int = DEFAULT_CONNECT_SECONDS
    read_seconds: int = DEFAULT_READ_SECONDS

    @property
    def name(self) -> str:
        """Host, port and database: safe to log."""
        return f"mysql://{self.host}:{self.port}/{self.database}"

    @classmethod
    def from_url(cls, url: str, environ: Mapping[str, str] = os.environ) -> MySQLTarget:
        """Parse a URL, and look up missing credentials.

        Parameters
        ----------
        url
            `mysql://[user[:password]@]host[:port]/database[?key=value&…]`, special
            characters percent-encoded. Keys: `ssl_ca`, `ssl_verify`, `connect_timeout` and
            `read_timeout` in seconds, and `option_file`, the path of a MySQL option file.
        environ
            Holds `RI_MYSQL_USER` and `RI_MYSQL_PASSWORD`. The URL, credentials that
            `without_credentials` removed from one, and the option file take precedence, in this
            order.

        Raises
        ------
        SourceError
            The URL is incomplete, a key is unknown or out of range, or the option file has
            no credentials. The message shows no part that may be a password.
        """
        parts, place = _read(url)
        settings = _settings(parts.query)
        found = in_url(parts).completed(remembered(place))
        found = found.completed(in_option_file(settings.get(OPTION_FILE_KEY)))
        found = found.completed(in_environment(environ))
        host, port, database = place
        return cls(
            host=host,
            port=port,
            database=database,
            user=found.user,
            password=found.password,
            ssl_ca=settings.get("ssl_ca"),
            ssl_verify=_verify(settings),
            connect_seconds=_seconds(settings, "connect_timeout", DEFAULT_CONNECT_SECONDS),
            read_seconds=_seconds(settings, "read_timeout", DEFAULT_READ_SECONDS),
        )

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS settings of the URL; None means whatever the server offers.

        Raises
        ------
        SourceError
            `ssl_ca` is no readable certificate file.
        """
        if self.ssl_verify is None:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ssl_ca)
        except OSError as error:
            raise SourceError(
                f"ssl_ca={self.ssl_ca} cannot be read ({error.strerror or 'no PEM certificate'})",
                "the path of a PEM file with the authority's certificate",
                "correct ssl_ca in the MySQL URL",
            ) from error
        # Self-signed certificates of the server fail strict X.509 checks.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.ssl_verify != "true":
            context.check_hostname = False
        if self.ssl_verify == "false":
            context.verify_mode = ssl.CERT_NONE
        return context


def is_mysql(spec: str) -> bool:
    """Whether a string is a MySQL URL, valid or not."""
    return spec.lower().startswith("mysql:")


def without_credentials(url: str) -> str:
    """Remove user and password from a URL; connections of this process still find them.

    Returns
    -------
    str
        The same URL, safe to record.

    Raises
    ------
    SourceError
        The URL cannot be parsed, so any part of it may be the password.
    """
    parts, place = _read(url)
    remember(place, in_url(parts))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def holds_password(spec: str) -> bool:
    """Whether a string is a MySQL URL with a password.

    Raises
    ------
    SourceError
        It is a MySQL URL that cannot be parsed.
    """
    return is_mysql(spec) and in_url(_read(spec)[0]).password != ""


def _read(url: str) -> tuple[SplitResult, tuple[str, int, str]]:
    """Give the parts of a URL, and its host, port and database."""
    parts, port = _split(url)
    database = unquote(parts.path.removeprefix("/"))
    if parts.scheme != "mysql" or not parts.hostname or not database or "/" in database:
        _refuse("the MySQL URL names no host or no database", "write both")
    return parts, (parts.hostname or "", port, database)


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts: SplitResult | None = urlsplit(url)
        port = parts.port if parts else None
    except ValueError:
        parts, port = None, None  # not chained: the cause may show part of a password
    if parts is None or port == 0:
        _refuse("the MySQL URL has no valid host and port", f"write host:port; {_ENCODE}")
    if parts.fragment or "@" in parts.query or "@" in parts.path or url.count("@") > 1:
        _refuse("the MySQL URL has a character that has a meaning in URLs", _ENCODE)
    return parts, port or DEFAULT_PORT


def _settings(query: str) -> dict[str, str]:
    settings = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(settings.keys() - set(KEYS))
    if unknown:
        _refuse(
            f"the MySQL URL has the unknown key {', '.join(unknown)}",
            f"use only {', '.join(KEYS)}; percent-encode a ? in the password as %3F",
        )
    return settings


def _verify(settings: Mapping[str, str]) -> Verify | None:
    verify = settings.get("ssl_verify", "true" if "ssl_ca" in settings else None)
    if verify is not None and verify not in _VERIFY:
        _refuse(f"ssl_verify={verify} in the MySQL URL", f"use one of {', '.join(_VERIFY)}")
    return cast("Verify | None", verify)


def _seconds(settings: Mapping[str, str], key: str, default: int) -> int:
    text = settings.get(key, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_SECONDS):
        _refuse(f"{key}={text} in the MySQL URL", f"use whole seconds from 1 to {LONGEST_SECONDS}")
    return int(text)


def _refuse(found: str, remedy: str) -> NoReturn:
    raise SourceError(found, _FORM, remedy)
