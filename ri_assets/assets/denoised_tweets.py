"""`denoised_tweets`: the tweets that the five rules keep, and every drop with its reason."""

import dagster as dg

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored
from ri_assets.pipeline import denoise
from ri_assets.pipeline.memory import available_memory, require_memory
from ri_assets.records.stages import DENOISED_TWEETS
from ri_assets.resources.settings import EngineResource, ProfileResource, StoreResource
from ri_assets.sources.description import require_workable
from ri_assets.store.origin import model_origin
from ri_assets.store.tables import Tables, as_tables


@dg.asset(
    description="Tweets that no denoise rule dropped. Dropped ones are in the table `dropped` "
    "with rule, score and the tweet that they repeat; `funnel` counts them by rule.",
    **declared(
        __name__,
        DENOISED_TWEETS,
        "denoise",
        {"pandas"},
        through_resources=("ri_assets.pipeline.embed",),
    ),
)
def denoised_tweets(
    context: dg.AssetExecutionContext,
    raw_tweets: Tables,
    profile: ProfileResource,
    store: StoreResource,
    engine: EngineResource,
) -> dg.Output[Tables]:
    """Denoise the raw tweets."""
    settings = profile.load()
    require_workable(raw_tweets.frame(), settings)
    require_memory(
        len(raw_tweets.frame()), settings, available_memory(), engine.of_run().processes_here
    )
    encoder = store.encoder(settings, context.log.info, engine.of_run())
    result = denoise.denoise(
        raw_tweets.frame(), encoder.encode, settings.denoise, engine=engine.of_run()
    )
    tables = as_tables(
        DENOISED_TWEETS,
        raw_tweets.corpus,
        denoised_tweets=result.kept,
        dropped=result.dropped,
        funnel=result.funnel,
    )
    n_raw = len(raw_tweets.frame())
    return stored(
        tables,
        settings,
        {
            "retention": len(result.kept) / max(n_raw, 1),
            "funnel": result.funnel,
            "funnel_picture": pictured.funnel(raw_tweets, result.funnel),
            "newly_embedded": encoder.n_embedded,
            "from_cache": encoder.n_cached,
        },
        made_from=model_origin(encoder.identity),
    )
