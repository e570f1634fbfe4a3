"""`ri_index_app`: what applications list and look up; publishes when every check has passed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
import numpy as np
from numpy.typing import NDArray

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored, text_to_fuse
from ri_assets.assets.dagster_metadata import shown
from ri_assets.checks import check_result, check_spec, judge_run
from ri_assets.config import Profile
from ri_assets.environment import Environment
from ri_assets.errors import RefusedError
from ri_assets.explorer.candidate import write_explorer
from ri_assets.personas.privacy.guard import corpus_guard
from ri_assets.personas.privacy.recogniser import recogniser_of
from ri_assets.pipeline import assigner, fit, tweet_map
from ri_assets.pipeline.features import NAMES
from ri_assets.pipeline.fuse import fuse
from ri_assets.quality.checks import checks_of
from ri_assets.quality.publication import Decision, decide, held_personas, recorded
from ri_assets.records.assets import ASSETS, RI_INDEX_APP
from ri_assets.records.manifest import StoredFile, Waiver
from ri_assets.resources.parquet_io import SNAPSHOT_TAG
from ri_assets.resources.settings import ProfileResource, StoreResource, WaiversResource
from ri_assets.ri_index import app_tables, assign_tables
from ri_assets.ri_index.exports.delivery import export_candidate
from ri_assets.store.candidate import Candidates
from ri_assets.store.manifest import settled
from ri_assets.store.origin import index_origin
from ri_assets.store.pointer import OvertakenError
from ri_assets.store.publishing import publish, write_draft
from ri_assets.store.tables import Tables, as_tables

Float32 = NDArray[np.float32]

PUBLICATION = "publication"
LOOK = "ri-index personas --draft"
"""Command that shows what a refused run found."""


@dg.asset(
    description="One row a persona, the persona of each tweet, and what tweets are assigned by "
    "that the run never saw. When every blocking check has "
    "passed on exactly these files, they are published as an immutable snapshot by swapping one "
    "pointer; otherwise the last snapshot stays, and the files can be read as a draft.",
    check_specs=[
        *(check_spec(check) for check in checks_of("ri_index_app")),
        dg.AssetCheckSpec(
            PUBLICATION,
            asset="ri_index_app",
            description="Whether all blocking checks passed on one run's files or were waived, so "
            "that the snapshot could be published.",
            blocking=True,  # a run that is refused ends as a failed one
        ),
    ],
    **declared(__name__, RI_INDEX_APP, "index", {"pandas"}),
)
def ri_index_app(
    context: dg.AssetExecutionContext,
    personas_enriched: Tables,
    clusters: Tables,
    embeddings: Tables,
    behavioral_features: Tables,
    profile: ProfileResource,
    store: StoreResource,
    waivers: WaiversResource,
) -> Iterator[dg.Output[Tables] | dg.AssetCheckResult | dg.AssetObservation]:
    """Make the index, judge it, publish it."""
    settings, personas = profile.load(), personas_enriched.frame()
    recogniser = recogniser_of(settings.enrich)
    tables, points = _tables(
        personas_enriched, clusters, embeddings, behavioral_features.matrix(NAMES), settings
    )
    of_tweet = tables.frame("tweet_personas")
    # The IO manager stores the output before this function goes on: what is judged and
    # published below is what lies in the store.
    yield stored(
        tables,
        settings,
        {"map": pictured.tweet_map(points, of_tweet, personas)},
        recogniser=recogniser,
        made_from=index_origin(recogniser),
    )
    candidates, run_id = store.candidates(), context.run.run_id
    given = settled(recorded(candidates, run_id), waivers.load())
    guard = corpus_guard(
        candidates.read("raw_tweets", run_id).by_name["raw_tweets"],
        candidates.read("raw_replies", run_id).by_name["raw_replies"],
        settings.enrich.brands,
        settings.enrich.min_authors,
        recogniser,
    )
    files = export_candidate(candidates, run_id, settings.enrich.min_authors, given)
    files |= write_explorer(candidates, run_id, settings, guard)
    for verdict, figure in judge_run("ri_index_app", run_id, candidates, settings, given):
        yield check_result(verdict, figure)
    decision = decide(candidates, run_id, given)
    beside = app_tables.files_for_readers(
        tables.by_name["tweet_personas"],
        candidates.read("denoised_tweets", run_id).by_name["denoised_tweets"],
        candidates.read("raw_replies", run_id).by_name["raw_replies"],
        settings,
        guard,
    )
    models: dict[str, Any] = {
        "raw": app_tables.raw_names(),
        "model_sha256": store.encoder(settings, context.log.info).files_sha256,
        "recogniser": str(recogniser or ""),
    }
    for waiver in given:
        context.log.info(str(waiver))
    metadata: dict[str, object] = {"waivers": [vars(waiver) for waiver in given]} if given else {}
    if not decision.refused_for:
        try:
            manifest = publish(candidates, run_id, ASSETS, beside, files, given, **models)
        except OvertakenError as error:
            decision = replace(
                decision, refused_for=(error.found,), why=f"{error.found}; {error.remedy}"
            )
    if decision.refused_for:
        held = held_personas(personas)
        message = f"not published: {decision.why}. {held}"
        metadata |= {
            "why": decision.why,
            "held": held,
            "obstacles": [{"obstacle": one} for one in decision.refused_for],
        }
        if not decision.hidden_for:
            page = write_explorer(candidates, run_id, settings, guard, decision.why)
            draft = _draft(candidates, run_id, settings, beside, page, given, decision, models)
            metadata["draft"] = draft
            context.instance.add_run_tags(run_id, {SNAPSHOT_TAG: draft})
            message += f". Look at the draft: {LOOK}"
        context.log.error(message)
    else:
        message = f"published snapshot {manifest.snapshot}"
        context.log.info(message)
        context.instance.add_run_tags(run_id, {SNAPSHOT_TAG: manifest.snapshot})
        metadata |= (links := pictured.links(candidates.files.location, manifest))
        yield dg.AssetObservation("ri_index_app", description=message, metadata=shown(links))
    _sweep(context, candidates)
    yield dg.AssetCheckResult(
        passed=not decision.refused_for,
        check_name=PUBLICATION,
        asset_key="ri_index_app",
        description=message,
        metadata=shown(metadata),
    )
    if decision.refused_for:
        raise RefusedError(
            message,
            "blocking checks that pass or are waived",
            "see the failed checks of this run for what to do, and run again",
        )


def _tables(
    personas_enriched: Tables,
    clusters: Tables,
    embeddings: Tables,
    behavior: Float32,
    settings: Profile,
) -> tuple[Tables, Float32]:
    """Give the tables of the index, and the points of the map, shape (n, 2)."""
    of_tweet = app_tables.tweet_personas(clusters.frame(), personas_enriched.frame("parts"))
    text = text_to_fuse(embeddings, settings)
    own = of_tweet["persona_id"].to_numpy(dtype=object)
    learnt = assigner.learn(
        text.tweet_ids,
        text.values,
        behavior,
        own,
        settings,
        embeddings.vectors("embedding").values,
    )
    fused = fuse(text.values, behavior, settings.fuse)
    drawn = tweet_map.tweet_map(fit.clustered_space(fused, settings), settings.reduce.seed)
    tables = as_tables(
        RI_INDEX_APP,
        personas_enriched.corpus,
        ri_index_app=app_tables.persona_list(personas_enriched.frame()),
        tweet_personas=of_tweet,
        **assign_tables.frames_of(learnt),
        **app_tables.map_tables(text.tweet_ids, drawn, learnt.certainty(fused, own)),
    )
    return replace(tables, previous=personas_enriched.previous), drawn.points  # ids came from there


def _sweep(context: dg.AssetExecutionContext, candidates: Candidates) -> None:
    try:
        candidates.sweep(Environment.from_env().retention.candidates)
    except OSError as error:  # what was published stays published
        context.log.warning(f"old candidates could not be removed: {error}")


def _draft(
    candidates: Candidates,
    run_id: str,
    settings: Profile,
    beside: Mapping[str, bytes],
    page: Mapping[str, StoredFile],
    waivers: Sequence[Waiver],
    decision: Decision,
    models: Mapping[str, Any],
) -> str:
    """Make a refused run readable; give the draft's id."""
    files = export_candidate(
        candidates, run_id, settings.enrich.min_authors, waivers, is_draft=True
    ) | dict(page)
    return write_draft(
        candidates, run_id, ASSETS, beside, files, waivers, decision.why, **models
    ).snapshot
