"""Use of Dagster interfaces that are still marked as beta."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg


@contextmanager
def beta_interface() -> Iterator[None]:
    """Suppress Dagster's beta warnings.

    Data versions and dagster-pandas types are beta in Dagster 1.13. If a later version renames
    them, the tests fail.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
