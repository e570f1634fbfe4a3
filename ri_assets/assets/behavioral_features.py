"""`behavioral_features`: 36 named features of each kept tweet."""

import dagster as dg

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored
from ri_assets.pipeline import behavior, features
from ri_assets.records.stages import BEHAVIORAL_FEATURES
from ri_assets.resources.settings import EngineResource, ProfileResource
from ri_assets.store.tables import Tables, as_tables


@dg.asset(
    description="8 temporal, 12 interaction, 10 style and 6 network features. A feature whose "
    "columns the source lacks is missing and has no weight.",
    **declared(__name__, BEHAVIORAL_FEATURES, "features", {"pandas"}),
)
def behavioral_features(
    context: dg.AssetExecutionContext,
    denoised_tweets: Tables,
    raw_replies: Tables,
    profile: ProfileResource,
    engine: EngineResource,
) -> dg.Output[Tables]:
    """Compute the behavioural features."""
    settings = profile.load()
    result = behavior.behavioral_features(
        denoised_tweets.frame(), raw_replies.frame(), settings.behavior, engine=engine.of_run()
    )
    for name, needs in result.lacking.items():
        context.log.warning(f"{name} is missing: the source has no {' and no '.join(needs)}")
    tables = as_tables(
        BEHAVIORAL_FEATURES, denoised_tweets.corpus, behavioral_features=result.features
    )
    return stored(
        tables,
        settings,
        {
            "features": len(features.NAMES) - len(result.lacking),
            **pictured.features(result.features),
            "lacking": {name: " and ".join(needs) for name, needs in result.lacking.items()},
        },
    )
