"""`clusters`: every kept tweet in a cluster, with the evidence that the clusters are real."""

import dagster as dg
import pandas as pd

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored, text_to_fuse
from ri_assets.personas.lineage.published import published_count
from ri_assets.pipeline import evidence
from ri_assets.pipeline.cluster import own_distance
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fit import cluster_fused
from ri_assets.pipeline.fuse import fuse
from ri_assets.quality import tables as quality_tables
from ri_assets.records.stages import CLUSTERS
from ri_assets.resources.settings import EngineResource, ProfileResource, StoreResource
from ri_assets.store.active_runs import base_of
from ri_assets.store.tables import Tables, as_tables


@dg.asset(
    description="Cluster of each tweet; noise is assigned to the nearest centroid and marked. "
    "`figures` holds coherence and stability with their null, `stability` the Jaccard index of "
    "each cluster over resampled reruns, and `count_curve` the stability at each number of "
    "clusters, by which the number was chosen. Clusters that reruns on random samples did not "
    "find again are merged into others.",
    **declared(__name__, CLUSTERS, "personas", {"scikitlearn"}),
)
def clusters(
    context: dg.AssetExecutionContext,
    umap_50d: Tables,
    embeddings: Tables,
    behavioral_features: Tables,
    profile: ProfileResource,
    store: StoreResource,
    engine: EngineResource,
) -> dg.Output[Tables]:
    """Cluster, and rerun everything to measure stability."""
    settings, files = profile.load(), store.candidates().files
    text = text_to_fuse(embeddings, settings)
    behavior = behavioral_features.matrix(NAMES)
    umap = umap_50d.vectors("umap")
    space = umap.values  # noqa: PD011, it is no frame
    fused = fuse(text.values, behavior, settings.fuse)
    context.log.info(f"clustering by {settings.cluster.method}")
    reference = cluster_fused(fused, lambda: space, settings, settings.reduce.seed)
    context.log.info("rerunning everything to choose the number of clusters and measure stability")
    found, gathered = evidence.gather(
        text.values,
        behavior,
        fused,
        reference,
        settings,
        progress=context.log.info,
        previous=published_count(files, base_of(files, context.op_execution_context.run_id)),
        engine=engine.of_run(),
    )
    chosen = found.count + len(gathered.joined)
    curve = quality_tables.curve_table(gathered, chosen)
    context.log.info(
        f"{chosen} clusters chosen; without the curve the first run makes {reference.count}"
    )
    for gone in gathered.joined:
        context.log.info(
            f"merged a cluster of {gone.tweets} tweets into another: random samples find it "
            f"again with a Jaccard index of only {gone.jaccard:.2f}"
        )
    figures = quality_tables.figure_table(quality_tables.cluster_figures(gathered, len(text)))
    stability = quality_tables.stability_table(gathered, found.labels)
    tables = as_tables(
        CLUSTERS,
        umap_50d.corpus,
        clusters=pd.DataFrame(
            {
                "tweet_id": umap.tweet_ids,
                "cluster": found.labels,
                "core_cluster": found.core_labels,
                "was_noise": found.was_noise,
                "distance": own_distance(found),
            }
        ),
        figures=figures,
        count_curve=curve,
        stability=stability,
    )
    return stored(
        tables,
        settings,
        {
            **pictured.count_curve(curve),
            "sizes_and_stability": pictured.stability(stability, figures),
            "clusters": found.count,
            "noise_share": found.was_noise.mean(),
            "figures": figures.drop(columns="note"),
        },
    )
