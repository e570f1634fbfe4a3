"""Where the store lies if nobody says otherwise, and what its URL must not hold."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ri_assets.errors import ConfigError

# A password may hold a slash that was not percent-encoded.
_PASSWORD = re.compile(r"[a-zA-Z][\w+.-]*://[^/@:]*:[^@]*@")
DEFAULT_STORE = str(Path(__file__).parents[2] / "data" / "store")


def store_location(given: str | None) -> str:
    """Give the location that was named, else that of `RI_STORE`, else the default.

    Raises
    ------
    ConfigError
        It is a URL with a password in it.
    """
    return without_password(given or os.environ.get("RI_STORE") or DEFAULT_STORE)


def without_password(location: str) -> str:
    """Hand on a path or URL of a setting; one with a password in it is refused.

    Dagster records settings, and logs name them.

    Raises
    ------
    ConfigError
        The URL holds a password. It is not repeated.
    """
    if _PASSWORD.match(location):
        scheme = location.partition("://")[0]
        raise ConfigError(
            f"a {scheme}:// URL in the settings holds a password",
            "URLs without one, because settings are recorded and shown",
            f"take user:password@ out of it, and set FSSPEC_{scheme.upper()}_USERNAME and "
            f"FSSPEC_{scheme.upper()}_PASSWORD, or what else the store reads credentials from",
        )
    return location
