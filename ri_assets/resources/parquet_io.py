"""The IO manager: stores every asset as Parquet and reports metadata to Dagster."""

import dagster as dg

from ri_assets.assets.dagster_metadata import shown
from ri_assets.environment import without_password
from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
from ri_assets.sources.opening import without_secrets
from ri_assets.store.tables import Tables
from ri_assets.store.unchanged import common_origin

SOURCE_TAG, STORE_TAG, PROFILE_TAG = "ri/source", "ri/store", "ri/profile"
SNAPSHOT_TAG = "ri/snapshot"
"""Snapshot or draft that a run left."""


def origin_tags(source: SourceResource, store: StoreResource, profile: str) -> dict[str, str]:
    """Return the tags by which the Dagster UI tells runs on different data apart.

    User and password are removed from URLs.
    """
    places = [without_secrets(one) for one in (source.source, *source.more)]
    return {
        SOURCE_TAG: ", ".join(places),
        STORE_TAG: without_password(store.location),
        PROFILE_TAG: profile,
    }


class ParquetIOManager(dg.ConfigurableIOManager):
    """Writes `Tables` to a run's candidate; reads those of the same run, else the latest."""

    profile: dg.ResourceDependency[ProfileResource]
    source: dg.ResourceDependency[SourceResource]
    store: dg.ResourceDependency[StoreResource]

    def handle_output(self, context: dg.OutputContext, obj: Tables) -> None:
        """Write an asset atomically, and report its rows, bytes, sha256 and path."""
        asset = context.asset_key.to_user_string()
        graph = context.step_context.job_def.asset_layer.asset_graph
        inputs = sorted(key.to_user_string() for key in graph.get(context.asset_key).parent_keys)
        profile = self.profile.load()
        receipt = self.store.candidates().write(
            asset,
            context.run_id,
            obj,
            inputs,
            config_hash=profile.hash,
            profile=profile.name,
            source=self.source.open().name,
            made_from=common_origin(graph.get(context.asset_key).code_version),
        )
        tags = origin_tags(self.source, self.store, profile.name)
        if not tags.items() <= context.step_context.dagster_run.tags.items():
            context.step_context.instance.add_run_tags(context.run_id, tags)
        main = receipt.files[asset]
        context.add_output_metadata(
            shown(
                {
                    "dagster/row_count": main.rows,
                    "path": dg.MetadataValue.path(f"{self.store.location}/{main.path}"),
                    "bytes": sum(file.bytes for file in receipt.files.values()),
                    "sha256": receipt.sha256,
                    "profile": profile.name,
                    "config_hash": profile.hash,
                    "corpus_fingerprint": obj.corpus,
                    "rows_by_table": {name: file.rows for name, file in receipt.files.items()},
                }
            )
        )

    def load_input(self, context: dg.InputContext) -> Tables:
        """Read an asset as this run sees it: its own, else the latest."""
        return self.store.candidates().read(
            context.asset_key.to_user_string(), context.step_context.run_id
        )
