"""`umap_50d`: the fused vectors of text and behaviour, reduced to 50 dimensions."""

import dagster as dg

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored, text_to_fuse
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fit import reduce_fused
from ri_assets.pipeline.fuse import Fusion
from ri_assets.records.stages import UMAP_50D
from ri_assets.resources.settings import ProfileResource
from ri_assets.store.tables import Tables, Vectors, as_tables


@dg.asset(
    description="UMAP of the 420-d fused vectors (text and behaviour by the profile's weights), "
    "with exact neighbours where the corpus is small enough, on one thread, so that it repeats.",
    **declared(__name__, UMAP_50D, "features", {"numpy"}),
)
def umap_50d(
    context: dg.AssetExecutionContext,
    embeddings: Tables,
    behavioral_features: Tables,
    profile: ProfileResource,
) -> dg.Output[Tables]:
    """Fuse and reduce."""
    settings = profile.load()
    text = text_to_fuse(embeddings, settings)
    behavior = behavioral_features.matrix(NAMES)
    fusion = Fusion.fit(text.values, behavior, settings.fuse)
    fused = fusion.transform(text.values, behavior)
    context.log.info(f"reducing {fused.shape[1]} to {settings.reduce.n_components} dimensions")
    space = reduce_fused(fused, settings, settings.reduce.seed)
    tables = as_tables(UMAP_50D, embeddings.corpus, umap_50d=Vectors(text.tweet_ids, space))
    return stored(
        tables,
        settings,
        {
            "space": pictured.space(space),
            "fused_dimensions": fused.shape[1],
            "text_weight": 1 - fusion.weight,
            "umap": settings.reduce.model_dump(),
        },
    )
