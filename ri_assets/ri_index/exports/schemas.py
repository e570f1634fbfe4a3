"""JSON Schemas (2020-12) of the exports, made from the contracts of their columns.

`python -m ri_assets.ri_index.exports.schemas` writes them into the package (`make docs`
does it too); a test compares. Belongs here: the form of each export. Does not belong
here: judging a file by it (`validation`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from ri_assets.contracts.index import RI_INDEX_APP
from ri_assets.contracts.personas import PERSONAS_ENRICHED
from ri_assets.contracts.table import Column
from ri_assets.ri_index.exports import documents
from ri_assets.ri_index.exports.names import (
    APP,
    BRIEFS,
    ENRICHED,
    EXPORTS,
    MAPPING,
    MEANING,
    REVIEW,
    SAMPLES,
    SCHEMA_VERSION,
    STATS,
)

FOLDER = Path(__file__).parents[1] / "schemas"

Schema = dict[str, Any]
_ENRICHED = {t.name: {c.name: c for c in t.columns} for t in PERSONAS_ENRICHED.tables}
_INDEX = {t.name: {c.name: c for c in t.columns} for t in RI_INDEX_APP.tables}
_PERSONA = _ENRICHED["personas_enriched"]


def schema_file(export: str) -> str:
    """Name of an export's schema."""
    return f"{export.rpartition('.')[0]}.schema.json"


def schemas() -> dict[str, Schema]:
    """Give the schema of every export, by the export's name."""
    found = {
        ENRICHED: _document(_personas(_enriched_persona())),
        BRIEFS: _document(_personas(_brief())),
        REVIEW: _review(),
        MAPPING: _mapping(),
        STATS: _document(_stats()),
        SAMPLES: _document(_personas(_samples())),
        APP: _document(
            {"tweet_count": _count("Tweets with a persona.")}
            | _personas(_rows(RI_INDEX_APP.main.columns))
        ),
    }
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:ri-persona-system:{schema_file(name)}:{SCHEMA_VERSION}",
            "title": name,
            "description": MEANING[name].capitalize() + ".",
            **found[name],
        }
        for name in EXPORTS
    }


def _document(content: Mapping[str, Schema]) -> Schema:
    return _strict({**_head(), **content})


def _head() -> dict[str, Schema]:
    return {
        "schema_version": {"const": SCHEMA_VERSION, "description": "Version of this form."},
        "snapshot": {
            "type": "string",
            "pattern": "^(DRAFT-)?[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$",
            "description": "Id of the snapshot that the file belongs to; of a draft it begins "
            "with DRAFT-.",
        },
        "is_draft": {
            "type": "boolean",
            "description": "Whether the run was refused, so that this was never published.",
        },
        "waivers": _list(_waiver(), "Gates that a person set aside for this run."),
        "profile": {"type": "string", "minLength": 1, "description": "Profile of the run."},
        "corpus": {"type": "string", "minLength": 1, "description": "Fingerprint of the input."},
    }


def _waiver() -> Schema:
    def text(description: str) -> Schema:
        return {"type": "string", "minLength": 1, "description": description}

    return _strict(
        {
            "gate": text("Name of the check."),
            "by": text("Who waived it."),
            "reason": text("Why."),
            "date": {"type": "string", "format": "date", "description": "When (UTC)."},
            "value": {
                "type": ["number", "null"],
                "description": "The figure; null where it could not be computed.",
            },
            "threshold": text("What the check needs."),
            "is_used": {
                "type": "boolean",
                "description": "Whether the check failed; else the waiver changed nothing.",
            },
        }
    )


def _personas(persona: Schema) -> dict[str, Schema]:
    return {
        "personas": {
            "type": "array",
            "minItems": 1,
            "items": persona,
            "description": "Largest first; of equals by id.",
        }
    }


def _enriched_persona() -> Schema:
    columns = [c for c in PERSONAS_ENRICHED.main.columns if c.name != documents.NOT_EXPORTED]
    parts = {t.name: t for t in PERSONAS_ENRICHED.parts}
    return _rows(
        columns,
        {
            name: _list(
                _rows(c for c in parts[name].columns if c.name != "persona_id"),
                f"One object is {parts[name].row}.",
            )
            for name in documents.PARTS
        },
    )


def _brief() -> Schema:
    sample = {
        "type": ["string", "null"],
        "description": "The most typical tweet, cleaned; null where samples are withheld.",
    }
    return _rows((_PERSONA[name] for name in documents.BRIEF), {"sample": sample})


def _samples() -> Schema:
    columns = [c for c in _ENRICHED["samples"].values() if c.name != "persona_id"]
    samples = _list(_rows(columns), "Most typical first; empty where they are withheld.")
    return _rows((_PERSONA[name] for name in documents.SAMPLED), {"samples": samples})


def _mapping() -> Schema:
    tweet = _rows(_INDEX["tweet_personas"].values())
    tweets = {"type": "array", "items": {"$ref": "#/$defs/tweet"}, "description": "By id."}
    content = {"tweet_count": _count("Tweets in the file."), "tweets": tweets}
    return _document(content) | {"$defs": {"tweet": tweet}}


def _review() -> Schema:
    """Form of one row, once its cells are read: numbers as numbers, nothing as null."""
    first = {name: _head()[name] for name in documents.HEAD_OF_A_ROW}
    first["waivers"] = {
        "type": "string",
        "description": "Gates that a person set aside for this run, with ' | ' between them; "
        "empty where there is none.",
    }
    row = _rows(_PERSONA[name] for name in documents.REVIEWED)["properties"]
    row["top_terms"] = {
        "type": "string",
        "description": "Terms that set the persona apart, best first, with ' | ' between them.",
    }
    return _strict(first | row)


def _stats() -> dict[str, Schema]:
    def distance(what: str) -> Schema:
        text = f"{what} of the distances to the centroid in umap_50d (Euclidean)."
        return {"type": "number", "minimum": 0, "description": text}

    persona = _strict(
        {
            "persona_id": _value(_PERSONA["persona_id"]),
            "name": _value(_PERSONA["name"]),
            "tweet_count": _count("Tweets, assigned noise included.", 1),
            "share": _part("Tweets as a share of all with a persona."),
            "core_count": _count("Tweets that were not noise."),
            "noise_count": _count("Tweets that were noise before assignment."),
            "noise_share": _part("Those as a share of the persona's tweets."),
            "distance_mean": distance("Mean"),
            "distance_median": distance("Median"),
            "distance_max": distance("Largest"),
        }
    )
    return {
        "raw_tweets": _count("Tweets that were read.", 1),
        "kept_tweets": _count("Tweets left by the denoise rules.", 1),
        "tweets_with_persona": _count("Tweets with a persona.", 1),
        "retention": _part("Kept tweets as a share of the raw ones."),
        "coverage": _part("Tweets with a persona as a share of those kept."),
        "noise_count": _count("Tweets that were noise before assignment."),
        "noise_share": _part("Those as a share of the tweets with a persona."),
        "persona_count": _count("Personas.", 1),
        "largest_persona": _count("Tweets of the largest persona.", 1),
        "median_persona": {"type": "number", "minimum": 1, "description": "Median of tweets."},
        "smallest_persona": _count("Tweets of the smallest persona.", 1),
        **_personas(persona),
    }


def _rows(columns: Iterable[Column], more: Mapping[str, Schema] | None = None) -> Schema:
    return _strict({column.name: _value(column) for column in columns} | dict(more or {}))


def _strict(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def _count(description: str, minimum: int = 0) -> Schema:
    return {"type": "integer", "minimum": minimum, "description": description}


def _part(description: str) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description}


def _value(column: Column) -> Schema:
    """Form of a column's value in JSON."""
    if column.name == "tweet_id":
        return {
            "type": "string",
            "pattern": "^(0|[1-9][0-9]{0,18})$",
            "description": f"{column.description} As text: many readers round long numbers.",
        }
    found = _type(column.type)
    if column.minimum is not None:
        found["minimum"] = column.minimum
    if column.maximum is not None:
        found["maximum"] = column.maximum
    if column.allowed is not None:
        found["enum"] = [*column.allowed, *([None] if column.nullable else [])]
    if column.nullable:
        found["type"] = [found["type"], "null"]
    return {**found, "description": column.description}


def _type(kind: pa.DataType) -> Schema:
    if pa.types.is_list(kind):
        return {"type": "array", "items": _type(kind.value_type)}
    if pa.types.is_boolean(kind):
        return {"type": "boolean"}
    if pa.types.is_integer(kind):
        return {"type": "integer"}
    if pa.types.is_floating(kind):
        return {"type": "number"}
    if pa.types.is_string(kind):
        return {"type": "string"}
    raise TypeError(f"no JSON form for {kind}")


def texts() -> dict[str, str]:
    """Give the text of every schema file, by its name."""
    return {
        schema_file(name): json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
