"""User and password of a MySQL URL: taken out of it, and found again when a connection is made.

Belongs here: where credentials come from, and that nothing but this process's memory keeps
those of a URL. Does not belong here: the other parts of the URL (see `mysql_url`).
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote

from pymysql.optionfile import Parser

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
    """A user and a password; neither is part of `repr`.

    Parameters
    ----------
    user, password
        Empty where nothing says.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def completed(self, other: Credentials) -> Credentials:
        """Take from others what these lack."""
        return Credentials(self.user or other.user, self.password or other.password)


# What URLs held, by host, port and database. Dagster records every string that it builds a
# resource from, so a URL must not be the place where a password waits for its connection.
_OF_URLS: dict[tuple[str, int, str], Credentials] = {}


def in_url(parts: SplitResult) -> Credentials:
    """Give the credentials that a URL holds, if any."""
    return Credentials(unquote(parts.username or ""), unquote(parts.password or ""))


def remember(place: tuple[str, int, str], given: Credentials) -> None:
    """Keep the credentials of a URL for later connections of this process.

    Parameters
    ----------
    place
        Host, port and database.
    given
        What the URL held.
    """
    if given != Credentials():
        _OF_URLS[place] = given


def remembered(place: tuple[str, int, str]) -> Credentials:
    """Give what an earlier URL for the same host, port and database held."""
    return _OF_URLS.get(place, Credentials())


def in_environment(environ: Mapping[str, str] = os.environ) -> Credentials:
    """Give what `RI_MYSQL_USER` and `RI_MYSQL_PASSWORD` say."""
    return Credentials(environ.get(USER_VARIABLE, ""), environ.get(PASSWORD_VARIABLE, ""))


def in_option_file(name: str | None) -> Credentials:
    """Give `user` and `password` of a MySQL option file; nothing else of it is read.

    Parameters
    ----------
    name
        Its path; None where the URL names none.

    Raises
    ------
    SourceError
        It cannot be read, or it has neither. No line of it is repeated.
    """
    if name is None:
        return Credentials()
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
    """Say that a password came by way of a record, where no care of ours can take it back."""
    return SourceError(
        "the configuration of this run holds a MySQL password, and Dagster has recorded it",
        "a URL without user and password in the launchpad and in run configurations",
        f"change the password, because others may have read it; then {ELSEWHERE}",
    )
