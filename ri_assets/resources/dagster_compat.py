"""Dagster interfaces that are marked beta, used on purpose."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg


@contextmanager
def beta_interface() -> Iterator[None]:
    """Keep Dagster from warning a person, who reads the log of a run, of our choice.

    Data versions and dagster-pandas types are beta in Dagster 1.13; a later minor version
    may rename them, and the tests would tell.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
