"""The published schemas: as the contracts say, strict, and able to refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ri_assets.environment import PROJECT
from ri_assets.records.exports import SCHEMA_VERSION
from ri_assets.ri_index.exports.names import EXPORTS
from ri_assets.ri_index.exports.schemas import FOLDER, texts
from ri_assets_tests.published import Published

NAMES = [
    "persona_assignment_stats.schema.json",
    "persona_briefs.schema.json",
    "persona_overlap.schema.json",
    "persona_samples_full.schema.json",
    "personas_enriched.schema.json",
    "personas_for_review.schema.json",
    "ri_index_app.schema.json",
    "tweet_persona_mapping.schema.json",
]


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that describes an object."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects(value)


def test_every_export_has_one() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == NAMES
    assert len(EXPORTS) == len(NAMES) == 8


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_as_the_contracts_would_write_them(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == texts()[name], "run `make docs`"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_strict_and_versioned(name: str) -> None:
    schema = read(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    found = list(objects(schema))
    assert found
    for part in found:
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert "snapshot" in schema["required"]


@pytest.mark.parametrize("name", [name for name in EXPORTS if name.endswith(".json")])
def test_a_published_export_is_valid_and_one_changed_is_not(
    synthetic: Published, name: str
) -> None:
    content = json.loads((synthetic.folder / name).read_text(encoding="utf-8"))
    validator = Draft202012Validator(read(name.replace(".json", ".schema.json")))
    assert list(validator.iter_errors(content)) == []
    for key in content:
        assert not validator.is_valid({k: v for k, v in content.items() if k != key}), key
    assert not validator.is_valid({**content, "author_handle": "someone"})
    assert not validator.is_valid({**content, "schema_version": "0.9"})
    rows = next(key for key in ("tweets", "pairs", "personas") if key in content)
    first, *others = content[rows]
    assert not validator.is_valid({**content, rows: [{**first, "handle": "x"}, *others]})
    assert not validator.is_valid({**content, rows: [{**first, "persona_id": 3}, *others]})


def test_the_page_links_every_schema() -> None:
    page = (PROJECT / "docs/ri_index.md").read_text(encoding="utf-8")
    for name, export in zip(NAMES, sorted(EXPORTS), strict=True):
        assert name in page, name
        assert f"`{export}`" in page, export
