"""JSON Schemas (2020-12) of the exports, made from the records.

`python -m ri_assets.ri_index.exports.schemas` writes them into the package (`make docs`
does it too); a test compares. Belongs here: which records each export holds. Does not belong
here: judging a file by it (`validation`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ri_assets.records.exports import SCHEMA_VERSION, AssignmentStats, ExportHead, PersonaOverlap
from ri_assets.records.json_schema import Schema, object_schema, value_schema
from ri_assets.records.personas import PERSONAS_ENRICHED, Persona, PersonaBrief
from ri_assets.records.record import columns_of
from ri_assets.records.tweet_personas import AssignedTweet
from ri_assets.ri_index.exports import documents
from ri_assets.ri_index.exports.names import (
    APP,
    BRIEFS,
    ENRICHED,
    EXPORTS,
    MAPPING,
    MEANING,
    OVERLAP,
    REVIEW,
    SAMPLES,
    STATS,
)

FOLDER = Path(__file__).parents[1] / "schemas"

_HEAD = columns_of(ExportHead)
_PERSONA = {column.name: column for column in columns_of(Persona)}
_PARTS = {table.name: table for table in PERSONAS_ENRICHED.parts}


def schema_file(export: str) -> str:
    """Name of an export's schema."""
    return f"{export.rpartition('.')[0]}.schema.json"


def schemas() -> dict[str, Schema]:
    """Give the schema of every export, by the export's name."""
    parts = {name: _rows_of(name, f"One object is {_PARTS[name].row}.") for name in documents.PARTS}
    sample = {
        "type": ["string", "null"],
        "description": "The most typical tweet, cleaned; null where samples are withheld.",
    }
    samples = _rows_of("samples", "Most typical first; empty where they are withheld.")
    everything = [name for name in _PERSONA if name not in documents.NOT_EXPORTED]
    found = {
        ENRICHED: _document(_personas(_chosen(everything, parts))),
        BRIEFS: _document(_personas(_chosen(documents.BRIEF, {"sample": sample}))),
        REVIEW: _review(),
        MAPPING: _mapping(),
        STATS: object_schema(columns_of(AssignmentStats)),
        SAMPLES: _document(_personas(_chosen(documents.SAMPLED, {"samples": samples}))),
        OVERLAP: object_schema(columns_of(PersonaOverlap)),
        APP: _document(
            {"tweet_count": _count("Tweets with a persona.")}
            | _personas(object_schema(columns_of(PersonaBrief)))
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
    return object_schema(_HEAD, content)


def _chosen(names: Iterable[str], more: Mapping[str, Schema]) -> Schema:
    return object_schema((_PERSONA[name] for name in names), more)


def _personas(persona: Schema) -> dict[str, Schema]:
    return {
        "personas": {
            "type": "array",
            "items": persona,
            "minItems": 1,
            "description": "Largest first; of equals by id.",
        }
    }


def _rows_of(part: str, description: str) -> Schema:
    columns = [column for column in _PARTS[part].columns if column.name != "persona_id"]
    return {"type": "array", "items": object_schema(columns), "description": description}


def _mapping() -> Schema:
    tweets = {"type": "array", "items": {"$ref": "#/$defs/tweet"}, "description": "By id."}
    content = {"tweet_count": _count("Tweets in the file."), "tweets": tweets}
    return _document(content) | {"$defs": {"tweet": object_schema(columns_of(AssignedTweet))}}


def _review() -> Schema:
    """Form of one row, once its cells are read: numbers as numbers, nothing as null."""
    row = {c.name: value_schema(c) for c in _HEAD if c.name in documents.HEAD_OF_A_ROW}
    row |= {name: value_schema(_PERSONA[name]) for name in documents.REVIEWED}
    for name, text in _LISTS_IN_A_CELL.items():
        row[name] = {"type": "string", "description": text}
    return object_schema((), row)


_LISTS_IN_A_CELL = {
    "waivers": "Gates that a person set aside for this run, with ' | ' between them; empty where "
    "there is none.",
    "top_terms": "Terms that set the persona apart, best first, with ' | ' between them.",
}


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def texts() -> dict[str, str]:
    """Give the text of every schema file, by its name."""
    return {
        schema_file(name): json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
