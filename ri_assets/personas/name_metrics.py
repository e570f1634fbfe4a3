"""Figures of the personas as a table, for checks and readers."""

from __future__ import annotations

import pandas as pd

from ri_assets.personas.naming.name_agreement import Agreement
from ri_assets.personas.privacy.guard import Screen

WITHHELD = "withheld_texts"
"""Name of the figure that counts texts that may be private and were not shown."""


_NOTE = (
    "Texts in which the detectors of the check privacy found something that the cleaner had "
    "left; the next best were shown instead ({})."
)


def figure_table(agreement: Agreement | None, screen: Screen) -> pd.DataFrame:
    """List the name agreement with what shuffled names reach, and what was withheld.

    Contract `figures`.

    Parameters
    ----------
    agreement
        None where it could not be measured, which gives no row.
    screen
        What was let through and what was withheld.
    """
    rows: list[tuple[str, float, float | None, float | None, int, str]] = (
        []
        if agreement is None
        else [
            (
                "name_agreement",
                agreement.share,
                agreement.shuffled_mean,
                agreement.shuffled_p95,
                agreement.n_members,
                "Members held out from naming whose nearest persona name is their own persona's.",
            )
        ]
    )
    rows.append((WITHHELD, *_withheld(screen)))
    return pd.DataFrame(rows, columns=["figure", "value", "null_mean", "null_p95", "n", "note"])


def _withheld(screen: Screen) -> tuple[float, None, None, int, str]:
    counts = screen.counts()
    parts = "; ".join(f"{part}: {n:,}" for part, n in counts.items()) or "none"
    return (
        float(sum(counts.values())),
        None,
        None,
        sum(counts.values()),  # how many were looked at depends on names kept from earlier runs
        _NOTE.format(parts),
    )
