"""The Dagster code location: assets, checks, jobs, schedule, sensors and resources.

Production, tests and the command line all call `build_defs`. Nothing is computed here.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ri_assets.alerts.sensor import alerts_sensor
from ri_assets.assets.behavioral_features import behavioral_features
from ri_assets.assets.clusters import clusters
from ri_assets.assets.denoised_tweets import denoised_tweets
from ri_assets.assets.embeddings import embeddings
from ri_assets.assets.personas_enriched import personas_enriched
from ri_assets.assets.raw import raw_posts
from ri_assets.assets.ri_index_app import ri_index_app
from ri_assets.assets.umap_50d import umap_50d
from ri_assets.automation import (
    dead_runs_sensor,
    new_tweets_sensor,
    weekly_clean,
    weekly_schedule,
)
from ri_assets.checks import build_checks
from ri_assets.clean_job import CLEAN_JOB, clean_job
from ri_assets.engines import LOCAL_NAME
from ri_assets.environment import (
    DEFAULT_PROFILE,
    DEFAULT_STORE,
    Environment,
    is_variable_set,
)
from ri_assets.freeze_job import freeze_job
from ri_assets.freshness import freshness_policy, require_cron
from ri_assets.liveness import marked_executor
from ri_assets.progress import json_logger, terminal_logger
from ri_assets.records.assets import ASSETS
from ri_assets.resources.parquet_io import ParquetIOManager
from ri_assets.resources.settings import (
    EngineResource,
    NamingResource,
    ProfileResource,
    SourceResource,
    StoreResource,
    WaiversResource,
)

JOB = "ri_personas"


def build_defs(overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Assemble the code location.

    Parameters
    ----------
    overrides
        Resources by name (`profile`, `source`, `store`, `naming`, `waivers`, `engine`)
        instead of those that the environment names (see `ri_assets.environment`).
    """
    given = dict(overrides or {})
    profile = given.get("profile") or ProfileResource(name=_setting("RI_PROFILE", DEFAULT_PROFILE))
    source = given.get("source") or SourceResource.from_env()
    store = given.get("store") or StoreResource(location=_setting("RI_STORE", DEFAULT_STORE))
    naming = given.get("naming") or NamingResource(
        catalogue=_setting("RI_CATALOGUE", ""),
        names=_setting("RI_NAMES", ""),
        llm_url=_setting("RI_LLM_URL", ""),
        llm_model=_setting("RI_LLM_MODEL", ""),
    )
    engine = given.get("engine") or EngineResource(
        name=_setting("RI_ENGINE", LOCAL_NAME), address=_setting("RI_RAY_ADDRESS", "")
    )
    cron = require_cron(Environment.from_env().schedule)
    # The last stage runs its own checks, because it publishes.
    checks = [build_checks(asset) for asset in ASSETS if asset != "ri_index_app"]
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Runs every asset and every check, from raw tweets to a published snapshot.",
    )
    return dg.Definitions(
        assets=[
            raw_posts,
            denoised_tweets,
            embeddings,
            behavioral_features,
            umap_50d,
            clusters,
            personas_enriched,
            ri_index_app.map_asset_specs(
                lambda spec: spec.replace_attributes(freshness_policy=freshness_policy(cron))
            ),
        ],
        asset_checks=checks,
        jobs=[job, freeze_job, clean_job],
        schedules=[weekly_schedule(JOB, cron), weekly_clean(CLEAN_JOB)],
        sensors=[new_tweets_sensor(JOB), dead_runs_sensor(), alerts_sensor()],
        resources={
            "profile": profile,
            "source": source,
            "store": store,
            "naming": naming,
            "engine": engine,
            "waivers": given.get("waivers") or WaiversResource(),
            "io_manager": ParquetIOManager(profile=profile, source=source, store=store),
        },
        executor=marked_executor,
        loggers={
            "console": dg.colored_console_logger,
            "terminal": terminal_logger,
            "json": json_logger,
        },
    )


def _setting(name: str, default: str) -> str:
    """Return the variable's name if it is set, so that its value stays out of the Dagster UI."""
    return dg.EnvVar(name) if is_variable_set(name) else default


defs = build_defs()
