"""Every `RI_…` variable of the environment, read in one place.

The command line, the Dagster code location, its sensor and the HTTP server all call
`Environment.from_env`, so that a variable means the same everywhere. A blank variable counts as
unset. `docs/operations.md` lists the variables.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ri_assets.engines import LOCAL_NAME, engine_named
from ri_assets.errors import ConfigError

T = TypeVar("T", int, None)
PROJECT = Path(__file__).parents[1]
DEFAULT_PROFILE = "frozen-2026-11"
DEFAULT_SOURCE = "sample"
DEFAULT_STORE = str(PROJECT / "data" / "store")
DEFAULT_SCHEDULE = "0 4 * * 1"
VARIABLES = (
    "RI_ALERT_COMMAND",
    "RI_ALERT_TOKEN",
    "RI_ALERT_WEBHOOK",
    "RI_CATALOGUE",
    "RI_DEBUG",
    "RI_ENGINE",
    "RI_EXCLUDE_RETWEETS",
    "RI_FIX_MOJIBAKE",
    "RI_HTTP_TOKEN",
    "RI_HTTP_TOKEN_FILE",
    "RI_KEEP_ALL",
    "RI_KEEP_CACHE_DAYS",
    "RI_KEEP_CANDIDATES",
    "RI_KEEP_RAW",
    "RI_KEEP_RUN_DAYS",
    "RI_KEEP_SNAPSHOTS",
    "RI_LLM_KEY",
    "RI_LLM_MODEL",
    "RI_LLM_URL",
    "RI_LOG",
    "RI_MAP",
    "RI_MYSQL_PASSWORD",
    "RI_MYSQL_USER",
    "RI_NAMES",
    "RI_PROFILE",
    "RI_RAY_ADDRESS",
    "RI_SCHEDULE",
    "RI_SOURCE",
    "RI_STORE",
    "RI_TIMEZONE",
    "RI_UI_URL",
)
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_ALIKE = 0.85  # difflib's ratio of a misspelt name, such as one without an underscore
# A password may hold a slash that was not percent-encoded.
_PASSWORD = re.compile(r"[a-zA-Z][\w+.-]*://[^/@:]*:[^@]*@")

NAMES_FILE = "names.yaml"
"""Name of the override file in a store, unless `RI_NAMES` names another file."""


@dataclass(frozen=True)
class Retention:
    """What `ri-index clean` keeps.

    Parameters
    ----------
    snapshots
        Number of the newest snapshots.
    candidates
        Number of the newest candidates that nothing needs any more.
    cache_days
        Days since vectors, or the copy of a database, were last used.
    run_days
        Days since a run of Dagster ended.
    raw
        Number of the newest snapshots that keep their raw posts; None: all keep them. With 0, no
        unused candidate and no copy of a database stays either, because they hold raw posts too.
    """

    snapshots: int = 10
    candidates: int = 3
    cache_days: int = 90
    run_days: int = 90
    raw: int | None = None


@dataclass(frozen=True)
class Alerting:
    """Where the sensor `alerts` reports what failed; any part may hold a secret.

    Parameters
    ----------
    command
        Program with its arguments, run without a shell; empty if unset.
    webhook
        Address that receives a POST; empty if unset.
    token
        Bearer token for the webhook; None if unset.
    ui_url
        Address of the Dagster UI, for links to runs; empty if unset.
    """

    command: tuple[str, ...] = field(default=(), repr=False)
    webhook: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)
    ui_url: str = ""


@dataclass(frozen=True)
class Environment:
    """What the variables say; secrets are not part of `repr`.

    Parameters
    ----------
    source, profile, store
        What to read, how to work, and where results go; with the project's defaults.
    keep_all, column_map, timezone, fix_mojibake
        How to read the source. `column_map` holds pairs such as ``text=content``.
    catalogue, names, llm_url, llm_model, llm_key
        How personas get their names; empty means the default.
    mysql_user, mysql_password
        Credentials for a MySQL URL without any.
    http_token, http_token_file
        Bearer token of `ri-index serve`, or the file that holds it. None if unset; a blank
        token is kept, so that the server can refuse it.
    retention
        What `ri-index clean` keeps.
    engine, ray_address
        Where a run computes, and ``host:port`` of the head of the Ray cluster.
    schedule
        Cron expression, in UTC, of the schedule that reruns everything.
    alerting
        Where failed runs and checks are reported.
    is_log_json
        Write standard error as JSON, one object a line.
    is_debug
        Show Dagster's log and tracebacks.
    """

    source: str = DEFAULT_SOURCE
    profile: str = DEFAULT_PROFILE
    store: str = DEFAULT_STORE
    keep_all: bool = False
    column_map: tuple[str, ...] = ()
    timezone: str | None = None
    fix_mojibake: bool = False
    catalogue: str = ""
    names: str = ""
    llm_url: str = ""
    llm_model: str = ""
    llm_key: str | None = field(default=None, repr=False)
    mysql_user: str = field(default="", repr=False)
    mysql_password: str = field(default="", repr=False)
    http_token: str | None = field(default=None, repr=False)
    http_token_file: str | None = None
    retention: Retention = Retention()
    engine: str = LOCAL_NAME
    ray_address: str = ""
    schedule: str = DEFAULT_SCHEDULE
    alerting: Alerting = Alerting()
    is_log_json: bool = False
    is_debug: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Environment:
        """Read the environment.

        Raises
        ------
        ConfigError
            A switch is neither true nor false, a variable contradicts another, or a name is
            almost that of a variable. Values are not repeated, except those of switches.
        """
        _require_known_names(environ)
        _require_no_contradiction(environ)
        return cls(
            source=environ.get("RI_SOURCE") or DEFAULT_SOURCE,
            profile=environ.get("RI_PROFILE") or DEFAULT_PROFILE,
            store=environ.get("RI_STORE") or DEFAULT_STORE,
            keep_all=bool(_switch(environ, "RI_KEEP_ALL")),
            column_map=tuple(filter(str.strip, environ.get("RI_MAP", "").split(","))),
            timezone=environ.get("RI_TIMEZONE") or None,
            fix_mojibake=bool(_switch(environ, "RI_FIX_MOJIBAKE")),
            catalogue=environ.get("RI_CATALOGUE", ""),
            names=environ.get("RI_NAMES", ""),
            llm_url=environ.get("RI_LLM_URL", ""),
            llm_model=environ.get("RI_LLM_MODEL", ""),
            llm_key=environ.get("RI_LLM_KEY") or None,
            mysql_user=environ.get("RI_MYSQL_USER", ""),
            mysql_password=environ.get("RI_MYSQL_PASSWORD", ""),
            http_token=environ.get("RI_HTTP_TOKEN"),
            http_token_file=environ.get("RI_HTTP_TOKEN_FILE") or None,
            retention=Retention(
                snapshots=_number(environ, "RI_KEEP_SNAPSHOTS", Retention.snapshots),
                candidates=_number(environ, "RI_KEEP_CANDIDATES", Retention.candidates),
                cache_days=_number(environ, "RI_KEEP_CACHE_DAYS", Retention.cache_days),
                run_days=_number(environ, "RI_KEEP_RUN_DAYS", Retention.run_days),
                raw=_number(environ, "RI_KEEP_RAW", None, least=0),
            ),
            engine=engine_named(environ.get("RI_ENGINE", "")),
            ray_address=environ.get("RI_RAY_ADDRESS", "").strip(),
            schedule=environ.get("RI_SCHEDULE", "").strip() or DEFAULT_SCHEDULE,
            alerting=Alerting(
                command=_arguments("RI_ALERT_COMMAND", environ.get("RI_ALERT_COMMAND", "")),
                webhook=_address("RI_ALERT_WEBHOOK", environ.get("RI_ALERT_WEBHOOK", "")),
                token=environ.get("RI_ALERT_TOKEN", "").strip() or None,
                ui_url=_address("RI_UI_URL", environ.get("RI_UI_URL", ""), is_shown=True).rstrip(
                    "/"
                ),
            ),
            is_log_json=_is_json("RI_LOG", environ.get("RI_LOG", "")),
            is_debug=bool(_switch(environ, "RI_DEBUG")),
        )


def is_variable_set(name: str) -> bool:
    """Whether a variable is set to something; Dagster then records its name, not its value."""
    return bool(os.environ.get(name))


def is_value_of_a_variable(text: str) -> bool:
    """Whether a text came from the environment, where Dagster doesn't record it."""
    return text in os.environ.values()


def store_location(given: str | None) -> str:
    """Return the given location, else that of `RI_STORE`, else the default.

    Raises
    ------
    ConfigError
        The location is a URL with a password.
    """
    return without_password(given or Environment.from_env().store)


def without_password(location: str) -> str:
    """Return a path or URL unchanged; refuse a URL with a password.

    Dagster records settings, and logs show them.

    Raises
    ------
    ConfigError
        The URL holds a password. The message doesn't repeat it.
    """
    if _PASSWORD.match(location):
        scheme = location.partition("://")[0]
        raise ConfigError(
            f"a {scheme}:// URL in the settings holds a password",
            "a URL without a password, because settings are recorded and shown",
            f"remove user:password@ from it, and set FSSPEC_{scheme.upper()}_USERNAME and "
            f"FSSPEC_{scheme.upper()}_PASSWORD, or whatever the store reads credentials from",
        )
    return location


def _switch(environ: Mapping[str, str], name: str) -> bool | None:
    """Read a variable that turns something on; None if it is unset."""
    text = environ.get(name, "").strip().lower()
    if text and text not in _TRUE | _FALSE:
        raise ConfigError(
            f"the variable {name} is {environ[name]!r}",
            "1, true, yes or on; or 0, false, no or off",
            f"set {name}=1, or unset it",
        )
    return text in _TRUE if text else None


def _number(environ: Mapping[str, str], name: str, default: T, least: int = 1) -> int | T:
    """Read a variable that holds a whole number."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        raise ConfigError(
            f"the variable {name} is {environ[name]!r}",
            f"a whole number of at least {least}",
            f"set {name}={least if default is None else default}, or unset it",
        )
    return int(text)


def _arguments(name: str, text: str) -> tuple[str, ...]:
    """Split a command as a shell does; the error doesn't repeat it."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ConfigError(
            f"the variable {name} cannot be split into arguments: {error}",
            "a program and its arguments, quoted as in a shell",
            f"close the quotation marks in {name}",
        ) from None


def _address(name: str, text: str, *, is_shown: bool = False) -> str:
    """Read an address of HTTP; the error doesn't repeat it, because it may hold a secret.

    One that is shown to people must not hold a user or a password.
    """
    address = text.strip()
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        is_usable &= not (is_shown and parts.username is not None)
    except ValueError:  # such as a port that is no number
        is_usable = False
    if address and (not is_usable or not address.isascii() or not address.isprintable()):
        raise ConfigError(
            f"the variable {name} is not an address that can be used",
            "an address such as https://host/path, percent-encoded where needed",
            f"correct {name}, or unset it",
        )
    return address


def _is_json(name: str, text: str) -> bool:
    """Read the form of the log."""
    form = text.strip().lower()
    if form not in {"", "text", "json"}:
        raise ConfigError(
            f"the variable {name} is {text!r}", "text or json", f"set {name}=json, or unset it"
        )
    return form == "json"


def _require_known_names(environ: Mapping[str, str]) -> None:
    for name in environ:
        if not name.startswith("RI_") or name in VARIABLES:
            continue
        if meant := difflib.get_close_matches(name, VARIABLES, n=1, cutoff=_ALIKE):
            raise ConfigError(
                f"there is no variable {name}", f"the name {meant[0]}", f"rename or unset {name}"
            )


def _require_no_contradiction(environ: Mapping[str, str]) -> None:
    """Refuse what `RI_EXCLUDE_RETWEETS` can no longer say; excluding retweets is the default."""
    excludes = _switch(environ, "RI_EXCLUDE_RETWEETS")
    if excludes is False or (excludes and _switch(environ, "RI_KEEP_ALL")):
        raise ConfigError(
            "RI_EXCLUDE_RETWEETS is off"
            if not excludes
            else "RI_EXCLUDE_RETWEETS and RI_KEEP_ALL are both on",
            "RI_KEEP_ALL=1 to keep retweets and automated posts; without it they are excluded",
            "unset RI_EXCLUDE_RETWEETS",
        )
