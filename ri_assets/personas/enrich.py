"""From clusters to personas: the one function that the asset calls.

Belongs here: the order of the steps, and the rows of the main table. Does not
belong here: any step itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.config import Profile
from ri_assets.errors import CorpusError
from ri_assets.personas.growth import growth_table
from ri_assets.personas.languages import language_shares
from ri_assets.personas.naming.catalogue import Audience, load_catalogue
from ri_assets.personas.naming.catalogue_matching import Encode, by_size, match_catalogue
from ri_assets.personas.naming.kept_names import keep_names
from ri_assets.personas.naming.name_agreement import Agreement, held_out, name_agreement
from ri_assets.personas.naming.namers import CatalogueNamer, Evidence, Namer
from ri_assets.personas.naming.naming import Name
from ri_assets.personas.naming.renames import Renames, give_names
from ri_assets.personas.persona_row import Members, persona_row
from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.personas.privacy.guard import Guard, Screen, build_guard
from ri_assets.personas.rhythm import rhythm_table
from ri_assets.personas.samples import choose_samples
from ri_assets.personas.text.complaints import complaint_words
from ri_assets.personas.text.quotes import quote_members, quotes, said_of
from ri_assets.personas.text.terms import emoji_table, recount, term_table
from ri_assets.personas.text.vocabulary import build_vocabulary
from ri_assets.personas.traits import trait_table
from ri_assets.records import personas as contract
from ri_assets.records.table import Table
from ri_assets.store.tables import Vectors


@dataclass(frozen=True, eq=False)
class Enriched:
    """Tables of `ri_assets.records.personas`, each in the order of its key.

    Parameters
    ----------
    personas, samples, terms, emoji, rhythm, traits
        One frame for each table of `PERSONAS_ENRICHED`.
    agreement
        Whether names fit members that took no part in naming; none without encoder.
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
) -> Enriched:
    """Describe, name and evidence every cluster.

    The order of rows in any frame changes nothing.

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
        Columns cluster, jaccard and verdict; clusters may be missing.
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
        Names that people gave, by persona id.

    Raises
    ------
    CorpusError
        The frames are not about the same tweets, or a cluster has no id.
    ConfigError
        The catalogue or the list of brands that ships is broken.
    """
    tweets, clusters = _aligned(tweets, clusters, embeddings, ids)
    labels = clusters["cluster"].to_numpy(dtype=np.int64)
    vectors: NDArray[np.float32] = embeddings.values  # noqa: PD011, it is no frame
    settings = profile.enrich
    guard = guard or build_guard((tweets, replies), settings.brands, settings.min_authors)
    screen = Screen(guard)
    texts = [guard.clean(text) for text in tweets["text"]]
    authors = read_authors(tweets)
    vocabulary = build_vocabulary(texts, tweets["text"].tolist())

    least, n_terms = settings.min_authors, settings.n_terms
    limits = {"n_terms": n_terms, "min_authors": least}
    terms = term_table(vocabulary, labels, authors.codes, **limits, passes=screen.of("terms"))
    emoji = emoji_table(texts, labels, authors.codes, **limits, passes=screen.of("emoji"))
    traits = trait_table(tweets, labels, replies)
    rhythm = rhythm_table(_times(tweets), labels, profile.behavior.timezone)
    samples = choose_samples(
        clusters.assign(text=texts),
        vectors,
        authors.codes,
        settings.n_samples,
        least,
        screen.of("samples"),
        guard.names_nobody,
    )
    is_held = held_out(embeddings.tweet_ids, labels)
    naming_labels, naming_vectors = labels[~is_held], vectors[~is_held]
    naming_texts = [text for text, held in zip(texts, is_held, strict=True) if not held]
    naming_authors = authors.codes[~is_held]
    naming_terms = term_table(
        vocabulary.of(~is_held), naming_labels, naming_authors, **limits,
        passes=screen.of("terms"),
    )  # fmt: skip
    quotable = quotes(
        naming_texts, naming_vectors, naming_labels, naming_authors, naming_terms, least,
        screen.of("quotes"),
    )  # fmt: skip
    evidence = Evidence(
        by_size(naming_labels),
        match_catalogue(
            texts,
            vectors,
            labels,
            load_catalogue() if catalogue is None else catalogue,
            encode,
            chosen_by=~is_held,
        ),
        naming_terms,
        quotable,
        screen.of("names"),
        counted=recount(naming_terms, vocabulary, labels, authors.codes),
    )
    namer = namer or CatalogueNamer()
    fresh = namer.name(evidence)
    automatic = keep_names(fresh, kept_names or {}, evidence, namer)
    if encode is not None:
        quoted = quote_members(automatic, quotable, naming_vectors, naming_labels, encode)
        automatic = {
            cluster: quoted[cluster] if evidence.passes(quoted[cluster].focus) else name
            for cluster, name in automatic.items()
        }
    given = give_names(automatic, ids, renames or {}, screen.of("given names"))
    names = given.names
    growth = growth_table(_times(tweets), labels)
    rows = []
    for cluster in map(int, np.unique(labels)):
        is_member = labels == cluster
        own_terms, own_emoji, own_traits, own_rhythm, own_samples, own_stability = (
            table[table["cluster"] == cluster]
            for table in (terms, emoji, traits, rhythm, samples, stability)
        )
        members = Members(
            clusters=clusters[is_member],
            vectors=vectors[is_member],
            authors=authors.codes[is_member] if authors.is_known else None,
            corpus_count=len(tweets),
            terms=own_terms,
            emoji=own_emoji,
            traits=own_traits,
            rhythm=own_rhythm,
            samples=own_samples,
            stability=own_stability,
            corpus_author_count=len(np.unique(authors.codes)),
            complaint_words=complaint_words(
                [text for text, own in zip(texts, is_member, strict=True) if own],
                authors.codes[is_member],
                settings.min_authors,
            ),
            growth=growth[growth["cluster"] == cluster],
        )
        row = persona_row(members, names[cluster], settings, screen.of("sentences"))
        row |= {
            "automatic_name": automatic[cluster].name,
            "automatic_focus": automatic[cluster].focus,
            "languages": language_shares(tweets["text"][is_member].tolist()),
        }
        rows.append(row | {"persona_id": ids[cluster], "timezone": profile.behavior.timezone})
    return Enriched(
        personas=_ordered(pd.DataFrame(rows), contract.PERSONAS),
        samples=_with_ids(samples, ids, contract.SAMPLES),
        terms=_with_ids(terms, ids, contract.TERMS),
        emoji=_with_ids(emoji, ids, contract.EMOJI),
        rhythm=_with_ids(rhythm, ids, contract.RHYTHM),
        traits=_with_ids(traits, ids, contract.TRAITS),
        agreement=_agreement(names, vectors[is_held], labels[is_held], encode),
        unknown_renames=given.unknown,
        withheld_renames=given.withheld,
        screen=screen,
        evidence_names={cluster: name.name for cluster, name in fresh.items()},
    )


def _aligned(
    tweets: pd.DataFrame, clusters: pd.DataFrame, embeddings: Vectors, ids: Mapping[int, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames by ascending tweet_id, like the embeddings, with places 0 to n − 1."""
    tweets = tweets.sort_values("tweet_id", ignore_index=True)
    clusters = clusters.sort_values("tweet_id", ignore_index=True)
    for name, frame in (("tweets", tweets), ("clusters", clusters)):
        if not np.array_equal(frame["tweet_id"].to_numpy(dtype=np.int64), embeddings.tweet_ids):
            raise CorpusError(
                f"{name} ({len(frame)}) and embeddings ({len(embeddings)}) differ in tweet_id",
                "the same tweets in both",
                "materialise denoised_tweets, embeddings and clusters again in one run",
            )
    if missing := sorted(set(clusters["cluster"]) - set(ids)):
        raise CorpusError(
            f"clusters without persona id: {', '.join(map(str, missing))}",
            "an id for every cluster, and no noise (-1) after assignment",
            "assign noise and match the clusters to personas before they are enriched",
        )
    return tweets, clusters


def _times(tweets: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    if "created_at" in tweets:
        return pd.to_datetime(tweets["created_at"], utc=True)
    return pd.Series(pd.NaT, index=tweets.index, dtype="datetime64[us, UTC]")


def _agreement(
    names: Mapping[int, Name],
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    encode: Encode | None,
) -> Agreement | None:
    if encode is None:
        return None
    order = sorted(names)
    said = encode([said_of(names[cluster]) for cluster in order])
    return name_agreement(vectors, np.searchsorted(order, labels), said)


def _with_ids(table: pd.DataFrame, ids: Mapping[int, str], shape: Table) -> pd.DataFrame:
    return _ordered(table.assign(persona_id=table["cluster"].map(ids)), shape)


def _ordered(table: pd.DataFrame, shape: Table) -> pd.DataFrame:
    """Columns and rows in the order of the contract; whole numbers stay whole where some miss."""
    table = table[shape.names].sort_values(list(shape.key), ignore_index=True)
    whole = [c.name for c in shape.columns if c.nullable and c.type == pa.int64()]
    return table.astype(dict.fromkeys(whole, "Int64"))
