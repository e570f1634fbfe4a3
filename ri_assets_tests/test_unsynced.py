"""What the Dagster UI calls unsynced, and so what its button "Materialize unsynced" makes."""

from __future__ import annotations

import dagster as dg
import numpy as np
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from ri_assets.assets.common import stored
from ri_assets.config import load_profile
from ri_assets.records.stages import UMAP_50D
from ri_assets.store.tables import Tables, Vectors, as_tables
from ri_assets_tests.small import SMALL_PROFILE

PROFILE = load_profile(str(SMALL_PROFILE))


@pytest.mark.parametrize(
    ("value", "expected"), [(1.0, StaleStatus.FRESH), (2.0, StaleStatus.STALE)]
)
def test_new_code_makes_the_next_stage_unsynced_only_if_it_gives_other_rows(
    value: float, expected: StaleStatus
) -> None:
    before, after = graph("code 1", 1.0), graph("code 2", value)
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize(before, instance=instance).success
        assert statuses(before, instance) == [StaleStatus.FRESH, StaleStatus.FRESH]
        assert statuses(after, instance) == [StaleStatus.STALE, StaleStatus.FRESH]
        selected = [dg.AssetKey("umap_50d")]
        assert dg.materialize(after, instance=instance, selection=selected).success
        assert statuses(after, instance) == [StaleStatus.FRESH, expected]


def graph(code: str, value: float) -> list[dg.AssetsDefinition]:
    """Give a stage whose code has a version and writes a value, and a stage that reads it."""

    @dg.asset(code_version=code)
    def umap_50d() -> dg.Output[Tables]:
        points = Vectors(np.arange(3), np.full((3, 50), value, dtype=np.float32))
        return stored(as_tables(UMAP_50D, "corpus", umap_50d=points), PROFILE, {})

    @dg.asset(code_version="code")
    def clusters(umap_50d: Tables) -> None:
        assert umap_50d.corpus == "corpus"

    return [umap_50d, clusters]


def statuses(assets: list[dg.AssetsDefinition], instance: dg.DagsterInstance) -> list[StaleStatus]:
    asset_graph = dg.Definitions(assets).get_repository_def().asset_graph
    resolver = CachingStaleStatusResolver(instance, asset_graph, LoadingContextForTest(instance))
    return [resolver.get_status(asset.key) for asset in assets]
