"""Does an export keep its published schema.

Belongs here: the validators, made from the files in `schemas/`. Does not belong here:
agreement with the Parquet (the check `exports`).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ri_assets.ri_index.exports.names import MAPPING
from ri_assets.ri_index.exports.schemas import FOLDER, schema_file

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


def problems(export: str, content: Any) -> list[str]:
    """Say where content breaks the export's schema and which rule; no value is repeated."""
    return _said(_validator(export), content)


def tweet_problems(tweet: Any) -> list[str]:
    """Say where one tweet of `tweet_persona_mapping.json` breaks the schema."""
    return _said(_tweet_validator(), tweet)


def _said(validator: Draft202012Validator, content: Any) -> list[str]:
    return [
        f"{'.'.join('[]' if isinstance(p, int) else str(p) for p in error.path) or 'the whole'} "
        f"breaks {error.validator}"
        for error in validator.iter_errors(content)
    ]


@lru_cache
def _validator(export: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    schema = _schema(export)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@lru_cache
def _tweet_validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_schema(MAPPING)["$defs"]["tweet"])


def _schema(export: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / schema_file(export)).read_text(encoding="utf-8"))
    return found
