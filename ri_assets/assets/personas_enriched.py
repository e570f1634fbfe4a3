"""`personas_enriched`: clusters with names, fingerprints, evidence and hints."""

import dagster as dg

from ri_assets import personas
from ri_assets.assets.common import declared, stored
from ri_assets.contracts.personas import PERSONAS_ENRICHED
from ri_assets.personas import enrich, figures
from ri_assets.resources.settings import ProfileResource, StoreResource
from ri_assets.store.tables import Tables, as_tables


@dg.asset(
    description="One row a persona: name from evidence, focus, fingerprints read against the "
    "corpus, stability in words, do and don't hints. `samples` holds tweets cleaned of personal "
    "data; `terms`, `emoji`, `rhythm` and `traits` hold the figures behind the words.",
    **declared(
        PERSONAS_ENRICHED,
        "personas",
        {"pandas"},
        personas,
    ),
)
def personas_enriched(
    context: dg.AssetExecutionContext,
    clusters: Tables,
    denoised_tweets: Tables,
    raw_replies: Tables,
    embeddings: Tables,
    profile: ProfileResource,
    store: StoreResource,
) -> dg.Output[Tables]:
    """Enrich every cluster."""
    settings = profile.load()
    labels = clusters.frame()
    result = enrich.enrich(
        denoised_tweets.frame(),
        labels,
        embeddings.vectors("embedding"),
        raw_replies.frame(),
        clusters.frame("stability"),
        settings,
        ids={cluster: f"P{cluster + 1:02d}" for cluster in sorted(set(labels["cluster"]))},
        encode=store.encoder(settings, context.log.info).encode,
    )
    tables = as_tables(
        PERSONAS_ENRICHED,
        clusters.corpus,
        personas_enriched=result.personas,
        samples=result.samples,
        terms=result.terms,
        emoji=result.emoji,
        rhythm=result.rhythm,
        traits=result.traits,
        figures=figures.figure_table(result.agreement),
    )
    listed = result.personas[["persona_id", "name", "tweet_count", "share", "verdict"]]
    return stored(
        tables,
        settings,
        {
            "personas": listed,
            "samples": len(result.samples),
        },
    )
