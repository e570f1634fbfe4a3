"""`ri_index_app`: what applications list and look up; publishes when every check has passed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dagster as dg

from ri_assets.assets.common import declared, stored, text_to_fuse
from ri_assets.checks.build import check_result, check_spec, evaluate
from ri_assets.checks.table import CHECKS, checks_of
from ri_assets.contracts.assets import ASSETS
from ri_assets.contracts.index import RI_INDEX_APP
from ri_assets.personas.guard import corpus_guard
from ri_assets.pipeline import assigner
from ri_assets.pipeline.features import NAMES
from ri_assets.resources.settings import ProfileResource, StoreResource
from ri_assets.ri_index import app_tables, assign_tables, exports, lookup
from ri_assets.ri_index.exports.candidate import export_candidate
from ri_assets.shown import shown
from ri_assets.store.snapshot import obstacles, publish
from ri_assets.store.tables import Tables, as_tables

PUBLICATION = "publication"
_KEPT_RUNS = 3


@dg.asset(
    description="One row a persona, the persona of each tweet, and what tweets are assigned by "
    "that the run never saw. When every blocking check has "
    "passed on exactly these files, they are published as an immutable snapshot by swapping one "
    "pointer; otherwise the last snapshot stays.",
    check_specs=[
        *(check_spec(check) for check in checks_of("ri_index_app")),
        dg.AssetCheckSpec(
            PUBLICATION,
            asset="ri_index_app",
            description="Whether all blocking checks passed on one run's files, so that the "
            "snapshot could be published.",
        ),
    ],
    **declared(
        RI_INDEX_APP,
        "index",
        {"pandas"},
        *(app_tables, assign_tables, assigner, lookup, exports),
    ),
)
def ri_index_app(
    context: dg.AssetExecutionContext,
    personas_enriched: Tables,
    clusters: Tables,
    embeddings: Tables,
    behavioral_features: Tables,
    profile: ProfileResource,
    store: StoreResource,
) -> Iterator[dg.Output[Tables] | dg.AssetCheckResult]:
    """Make the index, judge it, publish it."""
    settings = profile.load()
    personas = personas_enriched.frame()
    of_tweet = app_tables.tweet_personas(clusters.frame(), personas)
    text = text_to_fuse(embeddings, settings)
    learnt = assigner.learn(
        text.tweet_ids,
        text.values,
        behavioral_features.matrix(NAMES),
        of_tweet["persona_id"].to_numpy(dtype=object),
        settings,
    )
    listed = as_tables(
        RI_INDEX_APP,
        personas_enriched.corpus,
        ri_index_app=app_tables.persona_list(personas),
        tweet_personas=of_tweet,
        **assign_tables.frames_of(learnt),
    )
    tables = replace(listed, previous=personas_enriched.previous)  # ids came from there
    # The IO manager stores the output before this function goes on: what is judged and
    # published below is what lies in the store.
    yield stored(tables, settings, {})
    candidates = store.candidates()
    files = export_candidate(candidates, context.run.run_id)
    figures, verdicts = evaluate("ri_index_app", context.run.run_id, candidates, profile)
    candidates.record(candidates.receipt("ri_index_app", context.run.run_id), verdicts)
    for verdict in verdicts:
        yield check_result(verdict, figures.get(verdict.check))
    blocking = {
        asset: [c.name for c in CHECKS if c.asset == asset and c.is_blocking] for asset in ASSETS
    }
    found = obstacles(candidates, context.run.run_id, ASSETS, blocking)
    if found:
        message = f"not published: {'; '.join(found)}"
        context.log.error(message)
        metadata: dict[str, Any] = {"obstacles": [{"obstacle": obstacle} for obstacle in found]}
    else:
        guard = corpus_guard(
            candidates.read("raw_tweets", context.run.run_id).by_name["raw_tweets"],
            candidates.read("raw_replies", context.run.run_id).by_name["raw_replies"],
            settings.enrich.brands,
            settings.enrich.min_authors,
        )
        beside = app_tables.files_for_readers(tables.by_name["tweet_personas"], settings, guard)
        manifest = publish(candidates, context.run.run_id, ASSETS, beside, files)
        candidates.sweep(_KEPT_RUNS)
        message = f"published snapshot {manifest.snapshot}"
        context.log.info(message)
        metadata = {"snapshot": manifest.snapshot}
    yield dg.AssetCheckResult(
        passed=not found,
        check_name=PUBLICATION,
        asset_key="ri_index_app",
        description=message,
        metadata=shown(metadata),
    )
