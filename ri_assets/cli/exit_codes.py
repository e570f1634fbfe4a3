"""Exit codes of `ri-index`, for scripts."""

UNEXPECTED = 1
"""An unexpected error."""

USAGE = 2
"""Wrong usage or unusable input."""

BLOCKED = 3
"""A blocking check failed and nothing was published."""

NO_ACCESS = 4
"""Something cannot be read or written (space, rights, credentials, network)."""
