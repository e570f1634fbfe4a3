"""What each export holds, made from the tables of a run.

Belongs here: which fields go where, and in which order. Does not belong here: files
(`writing`), or the computing of figures that a table already has. Texts come from
columns that hold cleaned ones; no export reads the corpus.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ri_assets.personas.overlap import Overlaps, overlaps
from ri_assets.records.exports import SCHEMA_VERSION
from ri_assets.records.manifest import Waiver
from ri_assets.records.record import plain

if TYPE_CHECKING:
    from ri_assets.personas.privacy.author_ids import Authors  # it loads pandas

NOT_EXPORTED = ("text_centroid", "hidden_note")
"""Columns of a persona that are of no use to a reader: the vector serves
`find_similar_personas` and the next run, and a hidden persona is not exported."""

PARTS = ("terms", "emoji", "rhythm", "traits")
"""Tables of evidence that `personas_enriched.json` holds within each persona."""

BRIEF = (
    "persona_id", "name", "tier_label", "tweet_count", "share", "share_low", "share_high",
    "focus", "key_insight", "top_terms", "peak_hour_local", "busiest_hour_local", "timezone",
    "avg_word_count", "is_pain_point", "complaint_share", "trend", "trend_basis", "jaccard",
    "stability", "do_hints", "dont_hints",
)  # fmt: skip
REVIEWED = (
    "persona_id", "name", "automatic_name", "name_source", "focus", "tier_label",
    "tweet_count", "share", "author_count", "jaccard", "stability", "top_terms",
    "peak_hour_local", "avg_word_count", "is_evidence_withheld",
)  # fmt: skip
SAMPLED = ("persona_id", "name", "is_evidence_withheld")

HEAD_OF_A_ROW = ("schema_version", "snapshot", "is_draft", "waivers")
"""What each row of `personas_for_review.csv` begins with, since a CSV has no head."""

_BATCH = 8_192
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Material:
    """What exports are made from.

    Parameters
    ----------
    snapshot
        Id of the snapshot that they belong to.
    profile, corpus
        Name of the profile, fingerprint of the input.
    raw_tweets, kept_tweets
        Tweets read, and tweets left by the denoise rules.
    enriched, index
        Tables of `personas_enriched` and of `ri_index_app`, by name.
    authors
        Author of each tweet, in the order of `tweet_personas`.
    min_authors
        A pair of personas that fewer authors share is left out.
    waivers
        Gates that a person set aside, as the manifest has them.
    is_draft
        Whether the run was not published.
    """

    snapshot: str
    profile: str
    corpus: str
    raw_tweets: int
    kept_tweets: int
    enriched: Mapping[str, pa.Table]
    index: Mapping[str, pa.Table]
    authors: Authors
    min_authors: int
    waivers: Sequence[Waiver] = ()
    is_draft: bool = False

    @cached_property
    def hidden(self) -> Mapping[str, int]:
        """Tweets of each persona that people hid, by its id."""
        table = self.enriched["personas_enriched"]
        rows = table.select(["persona_id", "tweet_count", "hidden_note"]).to_pylist()
        return {
            row["persona_id"]: row["tweet_count"] for row in rows if row["hidden_note"] is not None
        }


def head(material: Material) -> Row:
    """Fields that every JSON export begins with."""
    return {
        "schema_version": SCHEMA_VERSION,
        "snapshot": material.snapshot,
        "is_draft": material.is_draft,
        "waivers": [waiver.to_dict() for waiver in material.waivers],
        "profile": material.profile,
        "corpus": material.corpus,
        "hidden_personas": len(material.hidden),
        "hidden_tweets": sum(material.hidden.values()),
    }


def enriched(material: Material) -> Row:
    """Content of `personas_enriched.json`."""
    parts = {name: _by_persona(material.enriched[name]) for name in PARTS}
    personas = [
        {**row, **{name: parts[name][row["persona_id"]] for name in PARTS}}
        for row in _personas(material)
    ]
    return {**head(material), "personas": personas}


def briefs(material: Material) -> Row:
    """Content of `persona_briefs.json`; `sample` is the most typical one, or None."""
    samples = _by_persona(material.enriched["samples"])
    personas = [
        {
            **{name: row[name] for name in BRIEF},
            "sample": next((s["text"] for s in samples[row["persona_id"]]), None),
        }
        for row in _personas(material)
    ]
    return {**head(material), "personas": personas}


def review(material: Material) -> list[Row]:
    """Rows of `personas_for_review.csv`."""
    first = {name: head(material)[name] for name in HEAD_OF_A_ROW}
    first["waivers"] = [str(waiver) for waiver in material.waivers]
    return [{**first, **{name: row[name] for name in REVIEWED}} for row in _personas(material)]


def mapping_rows(material: Material) -> Iterator[Row]:
    """Tweets of `tweet_persona_mapping.json`, by ascending id, a batch in memory at a time.

    Those of hidden personas are left out.
    """
    for batch in material.index["tweet_personas"].to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            if row["persona_id"] not in material.hidden:
                yield _exported(row)


def stats(material: Material) -> Row:
    """Content of `persona_assignment_stats.json`."""
    tweets = material.index["tweet_personas"]
    personas = [_assignment(row, tweets) for row in _personas(material)]
    n = tweets.num_rows
    sizes = [row["tweet_count"] for row in personas]
    noise = int(pc.sum(tweets["was_noise"]).as_py())
    found: Row = plain(
        {
            **head(material),
            "raw_tweets": material.raw_tweets,
            "kept_tweets": material.kept_tweets,
            "tweets_with_persona": n,
            "retention": material.kept_tweets / material.raw_tweets,
            "coverage": n / material.kept_tweets,
            "noise_count": noise,
            "noise_share": noise / n,
            "persona_count": len(personas),
            "largest_persona": max(sizes),
            "median_persona": float(median(sizes)),
            "smallest_persona": min(sizes),
            "personas": personas,
        }
    )
    return found


def samples(material: Material) -> Row:
    """Content of `persona_samples_full.json`."""
    found = _by_persona(material.enriched["samples"])
    personas = [
        {**{name: row[name] for name in SAMPLED}, "samples": found[row["persona_id"]]}
        for row in _personas(material)
    ]
    return {**head(material), "personas": personas}


def app(material: Material) -> Row:
    """Content of `ri_index_app.json`."""
    rows = [_exported(row) for row in material.index["ri_index_app"].to_pylist()]
    return {
        **head(material),
        "tweet_count": material.index["tweet_personas"].num_rows,
        "personas": sorted(rows, key=_largest_first),
    }


def overlap(material: Material) -> Row:
    """Content of `persona_overlap.json`."""
    names = {row["persona_id"]: row["name"] for row in _personas(material)}
    found = Overlaps((), 0)
    if material.authors.is_known:
        column = material.index["tweet_personas"]["persona_id"].to_pylist()
        ids = sorted(set(column))
        place = {one: n for n, one in enumerate(ids)}
        persona = np.array([place[one] for one in column], dtype=np.int64)
        found = overlaps(names, ids, persona, material.authors, material.min_authors)
    content: Row = plain(
        {
            **head(material),
            "is_author_known": material.authors.is_known,
            "min_authors": material.min_authors,
            "pairs_left_out": found.n_left_out,
            "pairs": [pair.to_dict() for pair in found.pairs],
        }
    )
    return content


def _personas(material: Material) -> list[Row]:
    """Personas that are not hidden, largest first."""
    table = material.enriched["personas_enriched"].drop_columns([*NOT_EXPORTED])
    rows = (row for row in table.to_pylist() if row["persona_id"] not in material.hidden)
    return sorted(map(_exported, rows), key=_largest_first)


def _largest_first(row: Row) -> tuple[int, str]:
    return -row["tweet_count"], row["persona_id"]


def _by_persona(table: pa.Table) -> Mapping[str, list[Row]]:
    """Rows of each persona in stored order, without its id."""
    found = defaultdict(list)
    for row in table.to_pylist():
        found[row.pop("persona_id")].append(_exported(row))
    return found


def _assignment(persona: Row, tweets: pa.Table) -> Row:
    mine = tweets.filter(pc.equal(tweets["persona_id"], persona["persona_id"]))
    noise, distance = int(pc.sum(mine["was_noise"]).as_py()), mine["distance"]
    return {
        "persona_id": persona["persona_id"],
        "name": persona["name"],
        "tweet_count": mine.num_rows,
        "share": mine.num_rows / tweets.num_rows,
        "core_count": mine.num_rows - noise,
        "noise_count": noise,
        "noise_share": noise / mine.num_rows,
        "distance_mean": pc.mean(distance).as_py(),
        "distance_median": pc.quantile(distance, 0.5)[0].as_py(),
        "distance_max": pc.max(distance).as_py(),
    }


def _exported(row: Row) -> Row:
    """Give a row as JSON knows it; a tweet id as text, since many readers round long numbers."""
    found: Row = plain(row)
    if "tweet_id" in found:
        found["tweet_id"] = str(found["tweet_id"])
    return found
