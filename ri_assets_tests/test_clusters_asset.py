"""The asset `clusters` stores the clusters that are left, and says which were joined."""

from __future__ import annotations

import base64

import dagster as dg
import pytest

from ri_assets.assets.clusters import clusters
from ri_assets.pipeline import evidence
from ri_assets.pipeline.fit import ConsensusClustering
from ri_assets.pipeline.merge_unstable import Merged
from ri_assets.records.assets import CONTRACTS
from ri_assets.resources.settings import EngineResource, ProfileResource, StoreResource
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.tables import Tables
from ri_assets_tests.conftest import FinishedRun


def test_the_clusters_that_are_left_are_stored(
    small_run: FinishedRun, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    found_before: list[ConsensusClustering] = []

    def join(found: ConsensusClustering, *_: object) -> tuple[object, object]:
        found_before.append(found)
        return found.merged(1, 0), (Merged(23, 0.41),)

    monkeypatch.setattr(evidence, "merge_unstable", join)
    snapshot = Snapshot(Files(str(small_run.store.with_name("as_published"))))
    before = {
        asset: Tables(
            "corpus", {t.name: snapshot.table(asset, t.name) for t in contract.tables}, asset
        )
        for asset, contract in CONTRACTS.items()
        if asset in {"umap_50d", "embeddings", "behavioral_features"}
    }
    with dg.build_asset_context() as context:
        output = clusters(
            context,
            **before,
            profile=ProfileResource(name=small_run.profile),
            store=StoreResource(location=str(small_run.store)),
            engine=EngineResource(),
        )
    stored = output.value
    labels = stored.frame("clusters")["cluster"]
    left = found_before[0].merged(1, 0)
    assert labels.tolist() == left.labels.tolist()
    assert labels.nunique() == found_before[0].count - 1
    assert stored.frame("stability")["tweet_count"].tolist() == left.sizes.tolist()
    figures = stored.frame("figures").set_index("figure")
    assert figures.loc["cluster_count", "value"] == labels.nunique()
    assert output.metadata["clusters"].value == labels.nunique()
    assert "merged a cluster of 23 tweets" in capfd.readouterr().err
    curve = stored.frame("count_curve")
    assert curve.loc[curve["is_chosen"], "clusters"].tolist() == [found_before[0].count]
    picture = output.metadata["count_curve"]
    assert isinstance(picture, dg.MarkdownMetadataValue)
    assert b"PNG" in base64.b64decode(str(picture.value).split("base64,")[1])[:8]
