"""The contract of every asset, in the order in which data flows."""

from __future__ import annotations

from ri_assets.contracts.index import RI_INDEX_APP
from ri_assets.contracts.personas import PERSONAS_ENRICHED
from ri_assets.contracts.raw import RAW_REPLIES, RAW_TWEETS
from ri_assets.contracts.stages import (
    BEHAVIORAL_FEATURES,
    CLUSTERS,
    DENOISED_TWEETS,
    EMBEDDINGS,
    UMAP_50D,
)

CONTRACTS = {
    contract.main.name: contract
    for contract in (
        RAW_TWEETS,
        RAW_REPLIES,
        DENOISED_TWEETS,
        EMBEDDINGS,
        BEHAVIORAL_FEATURES,
        UMAP_50D,
        CLUSTERS,
        PERSONAS_ENRICHED,
        RI_INDEX_APP,
    )
}
ASSETS = tuple(CONTRACTS)
