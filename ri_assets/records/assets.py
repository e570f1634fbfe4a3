"""The contract of every asset, in the order in which data flows."""

from __future__ import annotations

from ri_assets.records.assigning import ASSIGNING
from ri_assets.records.personas import PERSONAS_ENRICHED, PersonaBrief
from ri_assets.records.posts import RAW_REPLIES, RAW_TWEETS
from ri_assets.records.quality import FIGURES
from ri_assets.records.stages import (
    BEHAVIORAL_FEATURES,
    CLUSTERS,
    DENOISED_TWEETS,
    EMBEDDINGS,
    UMAP_50D,
)
from ri_assets.records.table import AssetContract, Table
from ri_assets.records.tweet_personas import AssignedTweet, MappedTweet

RI_INDEX_APP = AssetContract(
    Table("ri_index_app", "one persona, as applications list it", PersonaBrief, ("persona_id",)),
    (
        Table("tweet_personas", "one kept tweet", AssignedTweet, ("tweet_id",)),
        Table("tweet_map", "one kept tweet on the map", MappedTweet, ("tweet_id",)),
        FIGURES,
        *ASSIGNING,
    ),
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
