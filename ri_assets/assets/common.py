"""What every asset declares and reports in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from ri_assets.assets.code_version import code_version
from ri_assets.assets.dagster_metadata import shown
from ri_assets.config import Profile
from ri_assets.personas.privacy.recogniser import Recogniser
from ri_assets.pipeline.fuse import text_vectors
from ri_assets.records.table import AssetContract
from ri_assets.resources.dagster_pandas_contract import beta_interface, table_schema
from ri_assets.store.tables import Tables, Vectors

OWNERS = ["team:audience-insights"]
# One group: the UI folds groups, and the whole graph should be visible at once.
GROUP = "ri_personas"


def declared(
    module: str,
    contract: AssetContract,
    layer: str,
    kinds: set[str],
    *,
    through_resources: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Give what an asset declares: schema, owners, kinds, group, tags and code version.

    Parameters
    ----------
    module
        ``__name__`` of the asset's module. A change in the pure code that it imports is a new
        code version, so the UI marks results of older code.
    contract
        Columns of the asset.
    layer, kinds
        Part of the pipeline that it belongs to, and how the Dagster UI marks it.
    through_resources
        Pure modules that the asset calls through a resource and so does not import.
    """
    return {
        "group_name": GROUP,
        "kinds": {"parquet", *kinds},
        "owners": OWNERS,
        "tags": {"domain": "personas", "layer": layer},
        "code_version": code_version(module, *through_resources),
        "metadata": {
            "dagster/column_schema": table_schema(contract.main),
            "one_row_is": contract.main.row,
            **shown({"tables_beside": {t.name: f"one row is {t.row}" for t in contract.parts}}),
        },
    }


def stored(
    tables: Tables,
    profile: Profile,
    metadata: dict[str, Any],
    output_name: str = "result",
    recogniser: Recogniser | None = None,
    made_from: Mapping[str, str] | None = None,
) -> dg.Output[Tables]:
    """Give an asset's output.

    Its data version names the configuration, the corpus, the rows of the output, and the
    published snapshot if one was read. If a recogniser hid names in the output, it names that
    too: other files of the same pipeline give other texts.

    Parameters
    ----------
    made_from
        Digests of what a later run compares before it takes the output over, beside code,
        settings and inputs (`ri_assets.store.origin`).
    """
    if made_from is not None:
        tables = replace(tables, made_from=made_from)
    origin = [profile.hash, tables.corpus, tables.fingerprint]
    if tables.previous:
        origin.append(tables.previous)
    if recogniser is not None:
        origin.append(recogniser.sha256[:16])
        metadata = {"recogniser": str(recogniser), **metadata}
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
    """Give the text vectors to fuse, combined as the profile says, from `embeddings`."""
    content = embeddings.vectors("embedding", "content_embeddings")
    if profile.fuse.content_weight == 1:  # the others need not be read
        values = text_vectors(content.values, content.values, profile.fuse)
        return Vectors(content.tweet_ids, values)
    whole = embeddings.vectors("embedding")
    return Vectors(whole.tweet_ids, text_vectors(whole.values, content.values, profile.fuse))
