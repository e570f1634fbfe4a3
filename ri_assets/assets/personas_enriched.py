"""`personas_enriched`: clusters with names, fingerprints, evidence and hints."""

from dataclasses import replace

import dagster as dg

from ri_assets.assets import pictured
from ri_assets.assets.common import declared, stored
from ri_assets.personas import enrich
from ri_assets.personas.corrections import merges, sentences
from ri_assets.personas.lineage import lineage_events, persona_ids, published
from ri_assets.personas.privacy.guard import corpus_guard, withhold
from ri_assets.personas.privacy.recogniser import recogniser_of
from ri_assets.quality.tables import figure_table, persona_figures
from ri_assets.records.personas import PERSONAS_ENRICHED
from ri_assets.resources.settings import (
    EngineResource,
    NamingResource,
    ProfileResource,
    StoreResource,
)
from ri_assets.store.active_runs import base_of
from ri_assets.store.origin import personas_origin
from ri_assets.store.tables import Tables, as_tables


@dg.asset(
    description="One row a persona: name from evidence, focus, fingerprints read against the "
    "corpus, stability in words, do and don't hints. Ids and names last: clusters are matched "
    "with the last published personas, and `persona_lineage` says what became of each. `samples` "
    "holds tweets cleaned of personal data; `terms`, `emoji`, `rhythm` and `traits` hold the "
    "figures behind the words.",
    **declared(
        __name__,
        PERSONAS_ENRICHED,
        "personas",
        {"pandas"},
        through_resources=("ri_assets.pipeline.embed", "ri_assets.personas.naming.llm_namer"),
    ),
)
def personas_enriched(
    context: dg.AssetExecutionContext,
    clusters: Tables,
    denoised_tweets: Tables,
    raw_replies: Tables,
    embeddings: Tables,
    raw_tweets: Tables,
    profile: ProfileResource,
    store: StoreResource,
    naming: NamingResource,
    engine: EngineResource,
) -> dg.Output[Tables]:
    """Enrich every cluster."""
    settings = profile.load()
    recogniser = recogniser_of(settings.enrich)
    named = naming.load(store.location, context.log.info)
    vectors = embeddings.vectors("embedding")
    files = store.candidates().files
    previous = published.read_previous(files, base_of(files, context.run.run_id))
    corrections, alone = named.corrections, previous and previous.without_merges
    corrected = merges.correct(
        persona_ids.assign_ids(clusters.frame(), vectors.values, alone),
        previous,
        corrections,
        clusters.frame(),
        vectors.values,
    )
    found = corrected.ids
    result = enrich.enrich(
        denoised_tweets.frame(),
        corrected.clusters,
        vectors,
        raw_replies.frame(),
        merges.joined_stability(clusters.frame("stability"), corrected.number_of),
        settings,
        ids=found.ids,
        kept_names=found.names,
        encode=store.encoder(settings, context.log.info, engine.of_run()).encode,
        guard=corpus_guard(
            raw_tweets.by_name["raw_tweets"],
            raw_replies.by_name["raw_replies"],
            settings.enrich.brands,
            settings.enrich.min_authors,
            recogniser,
        ),
        catalogue=named.catalogue,
        namer=named.namer,
        renames={
            one: rename
            for one, rename in corrections.renames.items()
            if one not in corrected.merged
        },
        engine=engine.of_run(),
    )
    if result.unknown_renames:
        context.log.warning(
            "the override file names personas that this run has not (they may be retired): "
            + ", ".join(result.unknown_renames)
        )
    if result.withheld_renames:
        context.log.warning(
            "the override file gives names that may be private (a handle, a number), so the "
            "automatic ones stay: " + ", ".join(result.withheld_renames)
        )
    for persona, why in corrected.idle.items():
        context.log.warning(f"the correction of {persona} in the override file is not used: {why}")
    passes = result.screen.of("corrections")
    personas = sentences.with_corrections(result.personas, corrected, corrections, passes)
    shown = dict(zip(personas["cluster"], personas["name"], strict=True))
    told = lineage_events.lineage_table(
        found, shown, result.evidence_names, sentences.tell(corrected, corrections, passes)
    )
    frames = withhold(
        PERSONAS_ENRICHED,
        {
            "personas_enriched": personas,
            "samples": result.samples,
            "terms": result.terms,
            "emoji": result.emoji,
            "rhythm": result.rhythm,
            "traits": result.traits,
            "parts": merges.part_table(corrected, personas, vectors.values),
            "persona_lineage": told,
        },
        result.screen,
    )
    frames["figures"] = figure_table(
        persona_figures(result.agreement, result.distinct, result.screen)
    )
    tables = as_tables(PERSONAS_ENRICHED, clusters.corpus, **frames)
    whole = frames["personas_enriched"]
    is_shown = whole["hidden_note"].isna()
    listed = whole.loc[is_shown, ["persona_id", "name", "tweet_count", "share", "stability"]]
    told = frames["persona_lineage"]
    events = told.loc[told["sequence"] == told["sequence"].max(), ["event", "sentence"]]
    return stored(
        tables if found.previous is None else replace(tables, previous=found.previous.snapshot),
        settings,
        {
            "personas": listed,
            "cards": pictured.persona_cards(whole[is_shown], frames["samples"]),
            "lineage": events,
            "samples": len(result.samples),
            "withheld_texts": result.screen.counts(),
            "renamed_by_people": int((result.personas["name_source"] == "person").sum()),
            "merged_by_people": len(corrected.merged),
            "hidden_by_people": len(corrected.hidden),
            "renames_of_unknown_personas": list(result.unknown_renames),
        },
        recogniser=recogniser,
        made_from=personas_origin(named.digest, recogniser),
    )
