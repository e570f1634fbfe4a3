"""`embeddings`: 384-d unit vectors of each kept tweet's text, and of its content words."""

import dagster as dg
import pandas as pd

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored
from ri_assets.personas.privacy.cleaner import load_brands
from ri_assets.personas.text.lexicon import ordinary_words
from ri_assets.pipeline import text
from ri_assets.records.stages import EMBEDDINGS
from ri_assets.resources.settings import EngineResource, ProfileResource, StoreResource
from ri_assets.store.origin import model_origin
from ri_assets.store.tables import Tables, Vectors, as_tables


@dg.asset(
    description="all-MiniLM-L6-v2 embeddings of the text without handles and links, and of its "
    "content words without the names that the whole corpus shares (`masked_names`). Vectors come "
    "from a content-addressed cache: each text is embedded once, over all runs and assets.",
    **declared(
        __name__,
        EMBEDDINGS,
        "features",
        {"huggingface", "pytorch"},
        through_resources=("ri_assets.pipeline.embed",),
    ),
)
def embeddings(
    context: dg.AssetExecutionContext,
    denoised_tweets: Tables,
    profile: ProfileResource,
    store: StoreResource,
    engine: EngineResource,
) -> dg.Output[Tables]:
    """Embed the kept tweets."""
    settings = profile.load()
    encoder = store.encoder(settings, context.log.info, engine.of_run())
    kept = denoised_tweets.frame()
    ids = kept["tweet_id"].to_numpy(dtype="int64")
    # Content words without weight are not embedded, which saves half of the time.
    read = len(kept) if settings.fuse.content_weight else 0
    found = text.shared_names(list(kept["text"]), settings.mask) if read else ()
    masked = [shared.name for shared in found]
    described = text.describe_masked(
        found, load_brands() | ordinary_words() | set(settings.enrich.brands)
    )
    if described:
        context.log.info(f"names masked because the whole corpus shares them: {described}")
    vectors = encoder.encode([text.body(tweet) for tweet in kept["text"]])
    tables = as_tables(
        EMBEDDINGS,
        denoised_tweets.corpus,
        embeddings=Vectors(ids, vectors),
        content_embeddings=Vectors(
            ids[:read],
            encoder.encode([text.content_without(tweet, masked) for tweet in kept["text"][:read]]),
        ),
        masked_names=pd.DataFrame(found, columns=["name", "share", "origin"]),
    )
    return stored(
        tables,
        settings,
        {
            "nearest_neighbours": pictured.cosines(
                vectors, denoised_tweets, settings.denoise.near_duplicate_cosine
            ),
            "model": settings.embed.model,
            "model_sha256": encoder.sha256,
            "model_files_sha256": encoder.files_sha256,
            "newly_embedded": encoder.n_embedded,
            "from_cache": encoder.n_cached,
            "masked": described or "no name is shared by the whole corpus",
        },
        made_from=model_origin(encoder.identity),
    )
