"""Which assets a run takes over, because nothing that they are made from changed.

Belongs here: what the given resources, code and source amount to. Does not belong here: how that
is compared with what earlier runs wrote (`ri_assets.store.unchanged`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ri_assets.personas.privacy.recogniser import recogniser_of
from ri_assets.quality.checks import checks_of
from ri_assets.records.assets import ASSETS
from ri_assets.resources.settings import (
    NamingResource,
    ProfileResource,
    SourceResource,
    StoreResource,
    WaiversResource,
)
from ri_assets.sources.base import Corpus
from ri_assets.sources.description import raw_tables
from ri_assets.store.active_runs import latest_runs
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.origin import (
    forgotten_origin,
    index_origin,
    model_origin,
    personas_origin,
    rows_origin,
)
from ri_assets.store.unchanged import Origin, Takeover, common_origin, takeover

DECIDING = ("profile", "source", "store", "naming", "waivers")
"""Names of the resources that decide what a run makes."""


def takeover_of(
    repository: dg.RepositoryDefinition, given: Mapping[str, Any], corpus: Corpus
) -> Takeover:
    """Decide which assets a run must make.

    Parameters
    ----------
    repository
        With the assets as the code defines them.
    given
        Resources of the run by name: those of `DECIDING`, and perhaps others.
    corpus
        The source as it reads now.
    """
    profile: ProfileResource = given["profile"]
    source: SourceResource = given["source"]
    store: StoreResource = given["store"]
    naming: NamingResource = given["naming"]
    waivers: WaiversResource = given["waivers"]
    candidates, settings = store.candidates(), profile.load()
    if not latest_runs(candidates.files):  # a first run finds errors of the model stage by stage
        return everything("this is the first run on the store")
    graph = repository.asset_graph
    model = store.encoder(settings, _say_nothing).identity
    recogniser = recogniser_of(settings.enrich)
    forgotten = forgotten_origin(candidates.files)
    tweets, replies = raw_tables(corpus)
    own = {
        "raw_tweets": rows_origin(tweets, forgotten),
        "raw_replies": rows_origin(replies, forgotten),
        "denoised_tweets": model_origin(model),
        "embeddings": model_origin(model),
        "personas_enriched": personas_origin(
            naming.load(store.location, _say_nothing).digest, recogniser
        ),
        "ri_index_app": index_origin(recogniser),
    }
    origin = Origin(
        made_from={
            asset: common_origin(graph.get(dg.AssetKey(asset)).code_version) | own.get(asset, {})
            for asset in ASSETS
        },
        config_hash=settings.hash,
        source=source.open().name,
        waivers=waivers.load(),
        needs={
            asset: [check.name for check in checks_of(asset) if check.stops_downstream]
            for asset in ASSETS
        },
        has_vectors=EmbeddingCache(candidates.files).holds(model),
    )
    return takeover(candidates, origin)


def everything(why: str) -> Takeover:
    """Take nothing over, for a reason."""
    return Takeover(stale=tuple(ASSETS), taken=(), published=None, why=why)


def nothing_new(snapshot: str) -> str:
    """Say that a run would make what is published already."""
    return f"nothing new since snapshot {snapshot}"


def _say_nothing(_: str) -> None:
    """Report nothing."""
