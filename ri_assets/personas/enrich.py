"""From clusters to personas: the one function that the asset calls.

Belongs here: the order of the steps, and the rows of the main table. Does not
belong here: any step itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.config import Profile
from ri_assets.personas.advice import Hints, PersonaFacts, write_hints
from ri_assets.personas.corpus import PersonaCorpus, read_corpus
from ri_assets.personas.distinct import Distinctness, distinctness
from ri_assets.personas.effects import find_effects
from ri_assets.personas.growth import growth_table
from ri_assets.personas.naming.catalogue import (
    Audience,
    Encode,
    load_catalogue,
)
from ri_assets.personas.naming.evidence import naming_evidence
from ri_assets.personas.naming.kept_names import keep_names
from ri_assets.personas.naming.name_agreement import Agreement, name_agreement
from ri_assets.personas.naming.namers import CatalogueNamer, Name, Namer, NamingEvidence
from ri_assets.personas.naming.renames import Renames, give_names
from ri_assets.personas.persona_row import Members, persona_row
from ri_assets.personas.privacy.guard import Guard, Passes, Screen
from ri_assets.personas.rhythm import rhythm_table
from ri_assets.personas.samples import choose_samples
from ri_assets.personas.text.quotes import quote_members, said_of
from ri_assets.personas.text.terms import emoji_table, term_table
from ri_assets.personas.text.words import complaint_words
from ri_assets.personas.traits import trait_table
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.records import personas as contract
from ri_assets.records.table import Table
from ri_assets.sources.languages import language_shares
from ri_assets.store.tables import Vectors

Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Enriched:
    """Tables of `ri_assets.records.personas`, each in the order of its key.

    Parameters
    ----------
    personas, samples, terms, emoji, rhythm, traits
        One frame for each table of `PERSONAS_ENRICHED`.
    agreement
        Whether names fit members that took no part in naming; none without encoder.
    distinct
        How well a classifier separates each persona from the one most like it; None if there
        is only one persona.
    unknown_renames
        Persona ids that a person named and this run has not; they may be retired.
    withheld_renames
        Persona ids whose given names hold what may be private, so that they are not used.
    evidence_names
        Name of each cluster by this run's evidence alone, were no name kept.
    screen
        What was let through and what was withheld.
    """

    personas: pd.DataFrame
    samples: pd.DataFrame
    terms: pd.DataFrame
    emoji: pd.DataFrame
    rhythm: pd.DataFrame
    traits: pd.DataFrame
    agreement: Agreement | None
    distinct: Distinctness | None
    unknown_renames: tuple[str, ...]
    withheld_renames: tuple[str, ...]
    evidence_names: Mapping[int, str]
    screen: Screen


def enrich(
    tweets: pd.DataFrame,
    clusters: pd.DataFrame,
    embeddings: Vectors,
    replies: pd.DataFrame,
    stability: pd.DataFrame,
    profile: Profile,
    *,
    ids: Mapping[int, str],
    kept_names: Mapping[int, str] | None = None,
    encode: Encode | None = None,
    catalogue: Sequence[Audience] | None = None,
    guard: Guard | None = None,
    namer: Namer | None = None,
    renames: Renames | None = None,
    engine: Engine = LOCAL,
) -> Enriched:
    """Describe, name and evidence every cluster.

    The order of rows in any frame changes nothing. Of more than `SAMPLE_LIMIT` tweets, the words of
    a random sample are read, and counts of terms and samples are of it; sizes, authors, hours and
    growth are of all tweets.

    Parameters
    ----------
    tweets
        Kept tweets with columns of the contract `TWEETS`; only tweet_id and text must be there.
    clusters
        Columns tweet_id, cluster (≥ 0), was_noise and distance, for the same tweets.
    embeddings
        Unit text vectors of the same tweets.
    replies
        Replies with the column in_reply_to_tweet_id; may be empty.
    stability
        Columns cluster, jaccard and stability; clusters may be missing.
    profile
        Its settings `enrich` and `behavior.timezone` are read.
    ids
        Persona id of every cluster.
    kept_names
        Names of the clusters that continue an earlier persona.
    encode
        Unit embeddings of short texts; without it names rest on keywords alone.
    catalogue
        In place of the one that ships.
    guard
        Cleans texts and says which may be shown; without one, it is made from these tweets
        and replies. A text that may not be shown leaves its place to the next best.
    namer
        In place of the catalogue's.
    renames
        The last rename of each persona id.
    engine
        Cleans the texts.

    Raises
    ------
    CorpusError
        The frames are not about the same tweets, or a cluster has no id.
    ConfigError
        The catalogue or the list of brands that ships is broken.
    """
    corpus = read_corpus(tweets, clusters, embeddings, replies, ids, profile, guard, engine)
    tables = _evidence_tables(corpus, replies)
    evidence = naming_evidence(corpus, load_catalogue() if catalogue is None else catalogue, encode)
    fresh, automatic = _automatic_names(
        corpus, evidence, encode, namer or CatalogueNamer(), kept_names or {}
    )
    given = give_names(automatic, ids, renames or {}, corpus.screen.of("given names"))
    known = dict(_members(corpus, tables, stability))
    hints = _hints(known, tables, evidence, corpus.screen.of("sentences"))
    distinct = distinctness(corpus.vocabulary.uses, corpus.vectors, corpus.labels)
    rows = [
        persona_row(
            members,
            given.names[cluster],
            hints[cluster],
            corpus.settings,
            corpus.screen.of("sentences"),
        )
        | {
            "automatic_name": automatic[cluster].name,
            "automatic_focus": automatic[cluster].focus,
            "languages": language_shares(corpus.tweets["text"][corpus.labels == cluster].tolist()),
            "persona_id": ids[cluster],
            "corrections": [],  # people correct what is described; see `personas.corrections`
            "hidden_note": None,
            "timezone": corpus.timezone,
            **_neighbour(cluster, distinct, ids, profile.gates.distinct_min),
        }
        for cluster, members in known.items()
    ]
    return Enriched(
        personas=_ordered(pd.DataFrame(rows), contract.PERSONAS),
        samples=_with_ids(tables["samples"], ids, contract.SAMPLES),
        terms=_with_ids(tables["terms"], ids, contract.TERMS),
        emoji=_with_ids(tables["emoji"], ids, contract.EMOJI),
        rhythm=_with_ids(tables["rhythm"], ids, contract.RHYTHM),
        traits=_with_ids(tables["traits"], ids, contract.TRAITS),
        agreement=None if encode is None else _agreement(corpus, given.names, encode),
        distinct=distinct,
        unknown_renames=given.unknown,
        withheld_renames=given.withheld,
        screen=corpus.screen,
        evidence_names={cluster: name.name for cluster, name in fresh.items()},
    )


def _evidence_tables(corpus: PersonaCorpus, replies: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give every table with a column `cluster`, over all members."""
    everyone = corpus.everyone
    labels, authors = corpus.labels, corpus.authors.codes
    settings, screen = corpus.settings, corpus.screen
    limits = {"n_terms": settings.n_terms, "min_authors": settings.min_authors}
    return {
        "terms": term_table(
            corpus.vocabulary, labels, authors, **limits, passes=screen.of("terms")
        ),
        "emoji": emoji_table(corpus.texts, labels, authors, **limits, passes=screen.of("emoji")),
        "traits": trait_table(corpus.tweets, labels, replies),
        "rhythm": rhythm_table(everyone.times, everyone.labels, corpus.timezone),
        "growth": growth_table(everyone.times, everyone.labels),
        "samples": choose_samples(
            corpus.clusters.assign(text=corpus.texts),
            corpus.vectors,
            authors,
            settings.n_samples,
            settings.min_authors,
            screen.of("samples"),
            screen.guard.names_nobody,
        ),
    }


def _automatic_names(
    corpus: PersonaCorpus,
    evidence: NamingEvidence,
    encode: Encode | None,
    namer: Namer,
    kept_names: Mapping[int, str],
) -> tuple[dict[int, Name], dict[int, Name]]:
    """Give the names by this run's evidence alone, and those that hold: kept and with quotes."""
    fresh = namer.name(evidence)
    names = keep_names(fresh, kept_names, evidence, namer)
    if encode is None:
        return fresh, names
    is_chosen = ~corpus.is_held
    quoted = quote_members(
        names, evidence.quotes, corpus.vectors[is_chosen], corpus.labels[is_chosen], encode
    )
    return fresh, {
        cluster: quoted[cluster] if evidence.passes(quoted[cluster].focus) else name
        for cluster, name in names.items()
    }


def _members(
    corpus: PersonaCorpus, tables: Mapping[str, pd.DataFrame], stability: pd.DataFrame
) -> Iterator[tuple[int, Members]]:
    """Give what is known of each cluster, in the order of their numbers."""
    everyone, authors = corpus.everyone, corpus.everyone.authors
    n_authors = len(np.unique(authors.codes))
    for cluster in map(int, np.unique(everyone.labels)):
        is_member, is_read = everyone.labels == cluster, corpus.labels == cluster
        own = {
            name: table[table["cluster"] == cluster]
            for name, table in {**tables, "stability": stability}.items()
        }
        yield (
            cluster,
            Members(
                clusters=everyone.clusters[is_member],
                vectors=everyone.vectors[is_member],
                authors=authors.codes[is_member] if authors.is_known else None,
                corpus_count=len(everyone.labels),
                corpus_author_count=n_authors,
                complaint_words=complaint_words(
                    corpus.texts_of(is_read),
                    corpus.authors.codes[is_read],
                    corpus.settings.min_authors,
                ),
                **own,
            ),
        )


def _hints(
    known: Mapping[int, Members],
    tables: Mapping[str, pd.DataFrame],
    evidence: NamingEvidence,
    passes: Passes,
) -> dict[int, Hints]:
    effects = find_effects(tables["traits"].to_dict("records"))
    return write_hints(
        {
            cluster: PersonaFacts(
                effects=effects[cluster],
                terms=members.terms,
                rhythm=members.rhythm,
                stance=evidence.stance(cluster),
                subjects=[subject.text for subject in evidence.subjects.get(cluster, ())],
                complaint_words=members.complaint_words,
            )
            for cluster, members in known.items()
        },
        passes,
    )


def _neighbour(
    cluster: int, distinct: Distinctness | None, ids: Mapping[int, str], least: float
) -> dict[str, str | float | bool | None]:
    """Columns of a persona about the one most like it."""
    found = None if distinct is None else distinct.neighbours.get(cluster)
    told_apart = None if found is None else found.told_apart
    return {
        "nearest_persona_id": None if found is None else ids[found.cluster],
        "told_apart": told_apart,
        "is_distinct": None if told_apart is None else told_apart >= least,
    }


def _agreement(
    corpus: PersonaCorpus, names: Mapping[int, Name], encode: Encode
) -> Agreement | None:
    order = sorted(names)
    embedded = encode([said_of(names[cluster]) for cluster in order])
    labels = corpus.labels[corpus.is_held]
    return name_agreement(corpus.vectors[corpus.is_held], np.searchsorted(order, labels), embedded)


def _with_ids(table: pd.DataFrame, ids: Mapping[int, str], shape: Table) -> pd.DataFrame:
    return _ordered(table.assign(persona_id=table["cluster"].map(ids)), shape)


def _ordered(table: pd.DataFrame, shape: Table) -> pd.DataFrame:
    """Columns and rows in the order of the contract; whole numbers stay whole where some miss."""
    table = table[shape.names].sort_values(list(shape.key), ignore_index=True)
    whole = [c.name for c in shape.columns if c.nullable and c.type == pa.int64()]
    return table.astype(dict.fromkeys(whole, "Int64"))
