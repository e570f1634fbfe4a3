"""Figures of the personas as a table, for checks and readers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ri_assets.personas.agreement import Agreement


def figure_table(agreement: Agreement | None) -> pd.DataFrame:
    """List the name agreement with what shuffled names reach; contract `figures`.

    Parameters
    ----------
    agreement
        None where it could not be measured, which gives NaN.
    """
    shares = (
        (np.nan, np.nan, np.nan, 0)
        if agreement is None
        else (
            agreement.share,
            agreement.shuffled_mean,
            agreement.shuffled_p95,
            agreement.n_members,
        )
    )
    note = "Members held out from naming whose nearest persona name is their own persona's."
    return pd.DataFrame(
        [("name_agreement", *shares, note)],
        columns=["figure", "value", "null_mean", "null_p95", "n", "note"],
    )
