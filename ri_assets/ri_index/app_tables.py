"""The tables of `ri_index_app`: personas as applications list them, and each tweet's persona."""

from __future__ import annotations

import pandas as pd

from ri_assets.contracts.index import LISTED


def persona_list(personas: pd.DataFrame) -> pd.DataFrame:
    """Choose the columns that applications list; contract `ri_index_app`."""
    return personas[list(LISTED)]


def tweet_personas(clusters: pd.DataFrame, personas: pd.DataFrame) -> pd.DataFrame:
    """Give the persona of each tweet; contract `tweet_personas`, rows as in `clusters`."""
    ids = dict(zip(personas["cluster"], personas["persona_id"], strict=True))
    found = clusters.assign(persona_id=clusters["cluster"].map(ids))
    return found[["tweet_id", "persona_id", "was_noise", "distance"]]
