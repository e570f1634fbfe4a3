"""What every asset declares and reports in the same way."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg

from ri_assets.assets.dagster_metadata import shown
from ri_assets.checks.contract import table_schema
from ri_assets.config import Profile
from ri_assets.pipeline.fuse import text_vectors
from ri_assets.pipeline.vectors import Vectors
from ri_assets.records.table import AssetContract
from ri_assets.resources.dagster_compat import beta_interface
from ri_assets.store.tables import Tables

OWNERS = ["team:audience-insights"]
# One group, because the UI folds groups: the whole graph is seen at first sight.
GROUP = "ri_personas"


def declared(
    contract: AssetContract, layer: str, kinds: set[str], *code: ModuleType
) -> dict[str, Any]:
    """Give what an asset declares: schema, owners, kinds, group, tags and code version.

    Parameters
    ----------
    contract
        Columns of the asset.
    layer, kinds
        Part of the pipeline that it belongs to, and how the Dagster UI marks it.
    *code
        The pure modules or packages that compute it; a change in them is a new code
        version, so the UI marks what was made by older code.
    """
    return {
        "group_name": GROUP,
        "kinds": {"parquet", *kinds},
        "owners": OWNERS,
        "tags": {"domain": "personas", "layer": layer},
        "code_version": _code_version(code),
        "metadata": {
            "dagster/column_schema": table_schema(contract.main),
            "one_row_is": contract.main.row,
            **shown({"tables_beside": {t.name: f"one row is {t.row}" for t in contract.parts}}),
        },
    }


def stored(
    tables: Tables, profile: Profile, metadata: dict[str, Any], output_name: str = "result"
) -> dg.Output[Tables]:
    """Give an asset's output.

    Its data version names configuration and corpus, and the published snapshot where
    one was read.
    """
    origin = [profile.hash, tables.corpus, *([tables.previous] if tables.previous else [])]
    if tables.previous:
        metadata = {"compared_with_snapshot": tables.previous, **metadata}
    with beta_interface():
        return dg.Output(
            tables,
            output_name=output_name,
            data_version=dg.DataVersion("-".join(origin)),
            metadata=shown(metadata),
        )


def text_to_fuse(embeddings: Tables, profile: Profile) -> Vectors:
    """Give the text's vectors as the profile fuses them, from the asset `embeddings`."""
    whole = embeddings.vectors("embedding")
    content = embeddings.vectors("embedding", "content_embeddings")
    return Vectors(whole.tweet_ids, text_vectors(whole.values, content.values, profile.fuse))


def _code_version(code: tuple[ModuleType, ...]) -> str:
    digest = hashlib.sha256()
    for module in code:
        source = Path(str(module.__file__))
        # Of a package, its data files shape the result as much as its code does.
        files = source.parent.rglob("*") if source.name == "__init__.py" else [source]
        for file in sorted(files):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
