"""`ri-index run --waive`: gates that the person at the terminal sets aside."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from ri_assets.errors import ConfigError
from ri_assets.quality.publication import split_waivers
from ri_assets.resources.settings import WaiversResource


def waivers_of(given: Sequence[str], by: str | None) -> WaiversResource:
    """Read the options, and refuse what may not be waived before anything starts.

    Parameters
    ----------
    given
        ``gate=reason``, as typed.
    by
        Who waives; without it, the user of this machine.

    Raises
    ------
    ConfigError
        A waiver cannot be used, or `by` has nothing to sign.
    """
    reasons = split_waivers(given)
    if by is not None and not reasons:
        raise ConfigError(
            "--waived-by without --waive",
            "a gate that is waived",
            'add --waive retention="why", or leave --waived-by out',
        )
    found = WaiversResource(gates=reasons, by=_user() if by is None and reasons else by or "")
    found.load()
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return ""
