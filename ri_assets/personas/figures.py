"""Figures of the personas as a table, for checks and readers."""

from __future__ import annotations

import pandas as pd

from ri_assets.personas.agreement import Agreement


def figure_table(agreement: Agreement | None) -> pd.DataFrame:
    """List the name agreement with what shuffled names reach; contract `figures`.

    Parameters
    ----------
    agreement
        None where it could not be measured, which gives no row.
    """
    rows = (
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
    return pd.DataFrame(rows, columns=["figure", "value", "null_mean", "null_p95", "n", "note"])
