"""What the page holds: the tables of a run, in the form that its code reads.

Belongs here: the choice of tables and fields that the page shows. Does not belong here:
tweets (`tweets`), HTML (`page`), or computing any figure that a table already has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.config import Profile
from ri_assets.explorer.tweets import TweetTables, tweet_columns
from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.personas.privacy.guard import Guard
from ri_assets.personas.trust import badge, halves_of
from ri_assets.records.display import hidden_told
from ri_assets.records.manifest import Verdict
from ri_assets.sources.base import FORGOTTEN, told_reason

_MEASURED = ("clusters", "personas_enriched", "ri_index_app")


@dataclass(frozen=True, eq=False)
class Before:
    """The snapshot that a run follows.

    Parameters
    ----------
    snapshot
        Its id.
    personas, of_tweet
        Its tables `ri_index_app` and `tweet_personas`.
    """

    snapshot: str
    personas: pa.Table
    of_tweet: pa.Table


@dataclass(frozen=True, eq=False)
class PageMaterial:
    """What the page is made from.

    Parameters
    ----------
    snapshot, written_at, corpus
        Id of the snapshot or draft, and what it stands for.
    tables
        Tables of the run: by asset, then by name.
    verdicts
        What the checks said so far.
    guard
        Cleaner and detector of the corpus.
    before
        The snapshot before; None for the first.
    why
        Why it was not published, for a draft.
    """

    snapshot: str
    written_at: str
    corpus: str
    profile: Profile
    tables: Mapping[str, Mapping[str, pa.Table]]
    verdicts: Sequence[Verdict]
    guard: Guard
    before: Before | None = None
    why: str = ""


def page_data(material: PageMaterial) -> dict[str, Any]:
    """Give everything that the page shows, ready for JSON."""
    enriched, index = material.tables["personas_enriched"], material.tables["ri_index_app"]
    personas = _personas(enriched)
    ids = [persona["persona_id"] for persona in personas]
    least = material.profile.enrich.min_authors
    withheld = frozenset(
        persona["persona_id"]
        for persona in personas
        if persona["is_evidence_withheld"] or (persona["author_count"] or least) < least
    )
    denoised = material.tables["denoised_tweets"]["denoised_tweets"]
    main = enriched["personas_enriched"]
    hidden = main.filter(main["hidden_note"].is_valid())
    is_shown = pc.is_in(index["tweet_personas"]["persona_id"], pa.array(ids, pa.string()))
    features = material.tables["behavioral_features"]["behavioral_features"]
    found = {
        "snapshot": material.snapshot,
        "is_draft": bool(material.why),
        "why": material.why,
        "written_at": material.written_at,
        "profile": material.profile.name,
        "corpus": material.corpus,
        "personas": personas,
        "hidden": hidden_told(hidden.num_rows, pc.sum(hidden["tweet_count"]).as_py() or 0),
        "likeness": _likeness(enriched["personas_enriched"], ids),
        "overlap": _overlap(denoised, index["tweet_personas"], ids, least),
        "quality": _quality(material),
        "since": _since(material, ids),
        "tweets": tweet_columns(
            TweetTables(
                *(
                    table.filter(is_shown)
                    for table in (denoised, features, index["tweet_personas"], index["tweet_map"])
                )
            ),
            ids,
            withheld,
            material.guard,
            timezone=material.profile.behavior.timezone,
            min_authors=least,
        ),
    }
    plain = _plain(found)
    assert isinstance(plain, dict)  # noqa: S101 - as it was
    return plain


def _personas(enriched: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Personas that are not hidden, largest first, each with the tables of its evidence."""
    main = enriched["personas_enriched"]
    shown = main.filter(pc.is_null(main["hidden_note"]))
    found: list[dict[str, Any]] = shown.drop_columns(["text_centroid", "hidden_note"]).to_pylist()
    found.sort(key=lambda persona: (-persona["tweet_count"], persona["persona_id"]))
    for part in ("samples", "terms", "emoji", "rhythm", "traits"):
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in enriched[part].to_pylist():
            row.pop("tweet_id", None)  # digits that a page's code could not hold exactly
            rows.setdefault(row.pop("persona_id"), []).append(row)
        for persona in found:
            persona[part] = rows.get(persona["persona_id"], [])
    halves = halves_of(
        (one["persona_id"], one["nearest_persona_id"], one["is_distinct"]) for one in found
    )
    said = {
        persona["persona_id"]: f"{persona['persona_id']} {persona['name']}" for persona in found
    }
    lineage = enriched["persona_lineage"].to_pylist()
    for persona in found:
        persona["badge"] = badge(
            persona["stability"],
            persona["jaccard"],
            [said[other] for other in halves[persona["persona_id"]]],
        )
        persona["history"] = [
            {"event": row["event"], "sentence": row["sentence"]}
            for row in lineage
            if persona["persona_id"] in {row["persona_id"], row["other_persona_id"]}
        ]
    return found


def _likeness(personas: pa.Table, ids: Sequence[str]) -> list[list[float]]:
    """Cosine of the personas' mean texts, corpus mean subtracted; rows and columns as `ids`."""
    centroids = np.stack(personas["text_centroid"].to_numpy(zero_copy_only=False)).astype(float)
    sizes = personas["tweet_count"].to_numpy()
    centered = centroids - np.average(centroids, axis=0, weights=sizes)
    lengths = np.linalg.norm(centered, axis=1, keepdims=True)
    unit = centered / np.where(lengths > 0, lengths, 1)
    stored = personas["persona_id"].to_pylist()
    order = [stored.index(persona) for persona in ids]
    rows: list[list[float]] = np.round(np.clip(unit @ unit.T, -1, 1), 4)[order][:, order].tolist()
    return rows


def _overlap(
    denoised: pa.Table, of_tweet: pa.Table, ids: Sequence[str], min_authors: int
) -> list[list[int | None]] | None:
    """Distinct authors that two personas share; None where the corpus names no author.

    In place of a number below `min_authors` there is None.
    """
    posts = denoised.select(["tweet_id", "author_id", "author_handle"]).to_pandas()
    authors = read_authors(posts)
    if not authors.is_known:
        return None
    place = {persona: n for n, persona in enumerate(ids)}
    own = of_tweet["persona_id"].to_pandas().map(place)
    is_shown = own.notna().to_numpy()
    wrote = np.zeros((int(authors.codes.max()) + 2, len(ids)), dtype=np.int64)
    wrote[authors.codes[is_shown], own[is_shown].astype(int)] = 1
    rows: list[list[int]] = (wrote.T @ wrote).tolist()
    return [
        [n if i == j or n >= min_authors else None for j, n in enumerate(row)]
        for i, row in enumerate(rows)
    ]


def _quality(material: PageMaterial) -> dict[str, Any]:
    """Funnel, figures with their null, the curve over the number of personas, and checks."""
    raw, denoised = material.tables["raw_tweets"], material.tables["denoised_tweets"]
    intake = raw["intake"].to_pylist()
    reasons = raw["left_out"]["reason"].to_pylist()
    left_out = {told_reason(reason): reasons.count(reason) for reason in sorted(set(reasons))}
    if intake and (n_forgotten := intake[0].get("n_forgotten")):
        left_out[FORGOTTEN] = n_forgotten
    figures = [
        {"asset": asset, **row}
        for asset in _MEASURED
        for row in material.tables[asset]["figures"].to_pylist()
    ]
    return {
        "read": intake[0]["n_read"] if intake else raw["raw_tweets"].num_rows,
        "left_out": left_out,
        "rejected": raw["rejected"].num_rows,
        "funnel": denoised["funnel"].to_pylist(),
        "kept": denoised["denoised_tweets"].num_rows,
        "figures": figures,
        "curve": material.tables["clusters"]["count_curve"].to_pylist(),
        "checks": [
            verdict.model_dump(exclude={"sha256", "waiver"})
            | {"waived_because": None if verdict.waiver is None else verdict.waiver.reason}
            for verdict in material.verdicts
        ],
    }


def _since(material: PageMaterial, ids: Sequence[str]) -> dict[str, Any] | None:
    """Say where the tweets of each earlier persona are now, and what the lineage says of it."""
    before = material.before
    if before is None:
        return None
    now: pd.DataFrame = material.tables["ri_index_app"]["tweet_personas"].to_pandas()
    then: pd.DataFrame = before.of_tweet.to_pandas()
    both = then.merge(now, on="tweet_id", how="outer", suffixes=("_before", "_now"))
    flows = (
        both[["persona_id_before", "persona_id_now"]]
        .value_counts(dropna=False)
        .reset_index(name="tweets")
        .sort_values(["persona_id_before", "persona_id_now"])
    )
    known = {*before.personas["persona_id"].to_pylist()}
    lineage = material.tables["personas_enriched"]["persona_lineage"].to_pylist()
    last = max((row["sequence"] for row in lineage), default=0)
    return {
        "snapshot": before.snapshot,
        "personas": before.personas.select(["persona_id", "name", "tweet_count"]).to_pylist(),
        "now": list(ids),
        "flows": [
            [None if pd.isna(one) else one for one in row]
            for row in flows.itertuples(index=False, name=None)
            # People hid the others, then or now.
            if (pd.isna(row[0]) or row[0] in known) and (pd.isna(row[1]) or row[1] in ids)
        ],
        "events": [
            {key: row[key] for key in ("event", "persona_id", "other_persona_id", "sentence")}
            for row in lineage
            if row["sequence"] == last
        ],
    }


def _plain(value: Any) -> Any:
    """Give what JSON can hold: no NaN, no NumPy number, five significant digits."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat()
    return value
