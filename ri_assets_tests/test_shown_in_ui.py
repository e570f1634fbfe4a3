"""What the Dagster UI shows of a finished run: pictures, cards, links and the run's tags."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG

from ri_assets.assets.dagster_metadata import literal
from ri_assets.assets.pictured import persona_cards
from ri_assets.definitions import JOB
from ri_assets.resources.parquet_io import SNAPSHOT_TAG, SOURCE_TAG, STORE_TAG, origin_tags
from ri_assets.resources.settings import SourceResource, StoreResource
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.test_pictures import MOST_BYTES

PICTURES = {
    "denoised_tweets": "funnel_picture",
    "embeddings": "nearest_neighbours",
    "behavioral_features": "known_and_spread",
    "umap_50d": "space",
    "clusters": "sizes_and_stability",
    "ri_index_app": "map",
}
# The raw tables and the personas say in words what matters.
WORDS = {
    "raw_tweets": "left_out_by_reason",
    "raw_replies": "left_out_by_reason",
    "personas_enriched": "cards",
}


@pytest.fixture(scope="module")
def snapshot(small_run: FinishedRun) -> Snapshot:
    return Snapshot(Files(str(small_run.store.with_name("as_published"))))


@pytest.fixture(scope="module")
def instance(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(dagster_home))) as opened:
        yield opened


@pytest.fixture(scope="module")
def materialised(
    instance: dg.DagsterInstance, snapshot: Snapshot
) -> Mapping[str, Mapping[str, Any]]:
    """Metadata of each asset's materialisation in the run."""
    found = {}
    for record in instance.all_logs(
        snapshot.manifest.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
    ):
        event = record.get_dagster_event().step_materialization_data.materialization
        found[event.asset_key.to_user_string()] = event.metadata
    return found


def test_every_asset_shows_what_matters(materialised: Mapping[str, Mapping[str, Any]]) -> None:
    assert set(materialised) == set(PICTURES) | set(WORDS)
    for asset, name in WORDS.items():
        assert name in materialised[asset]
    for asset, name in PICTURES.items():
        shown = str(materialised[asset][name].value)
        png = base64.b64decode(shown.split("base64,")[1].rstrip(")"), validate=True)
        assert png.startswith(b"\x89PNG")
        assert len(png) <= MOST_BYTES


def test_no_tweet_is_shown_but_the_cleaned_quotes(
    materialised: Mapping[str, Mapping[str, Any]], snapshot: Snapshot
) -> None:
    raw = snapshot.table("raw_tweets").column("text").to_pylist()
    cards = str(materialised["personas_enriched"]["cards"].value)
    quotes = [line[2:] for line in cards.splitlines() if line.startswith("> ")]
    samples = snapshot.table("personas_enriched", "samples").column("text").to_pylist()
    assert quotes
    shown = [literal(text) for text in samples]
    # A long text is cut.
    assert all(any(text.startswith(quote.rstrip("…")) for text in shown) for quote in quotes)
    elsewhere = "\n".join(
        str(value.value)
        for asset, metadata in materialised.items()
        for name, value in metadata.items()
        if (asset, name) != ("personas_enriched", "cards")
    )
    assert not [text for text in raw if text in elsewhere]


def test_a_run_of_the_command_line_is_listed_under_the_job_with_its_data(
    instance: dg.DagsterInstance, small_run: FinishedRun, snapshot: Snapshot
) -> None:
    run = instance.get_run_by_id(snapshot.manifest.run_id)
    assert run is not None
    assert run.job_name == JOB
    assert run.tags[REPOSITORY_LABEL_TAG] == "__repository__@ri_assets"
    assert run.tags[SOURCE_TAG] == small_run.source
    assert run.tags[STORE_TAG] == str(small_run.store)
    assert run.tags[SNAPSHOT_TAG] == snapshot.manifest.snapshot


def test_the_index_links_what_was_published(
    instance: dg.DagsterInstance, small_run: FinishedRun, snapshot: Snapshot
) -> None:
    [record] = instance.all_logs(
        snapshot.manifest.run_id, of_type=dg.DagsterEventType.ASSET_OBSERVATION
    )
    shown = record.get_dagster_event().asset_observation_data.asset_observation.metadata
    assert shown["snapshot"].value == snapshot.manifest.snapshot
    for name in ("explorer.html", "ri_index_app.json"):
        path = Path(str(shown[name].value))
        assert path.is_relative_to(small_run.store)
        assert path.is_file()


def test_tags_hold_no_password() -> None:
    tags = origin_tags(
        SourceResource(source="mysql://ana:s3cret@db.example/tweets"),
        StoreResource(location="/results"),
        "report",
    )
    assert "s3cret" not in str(tags)
    assert "ana" not in str(tags)


def persona(**changes: Any) -> dict[str, Any]:
    return {
        "persona_id": "P01",
        "name": "Late parcels",
        "focus": "delivery",
        "tweet_count": 30,
        "share": 0.3,
        "jaccard": 0.8,
        "stability": "stable",
        "top_terms": ["late", "parcel"],
        "is_evidence_withheld": False,
        **changes,
    }


SAMPLES = pd.DataFrame({"persona_id": ["P01", "P01"], "rank": [2, 1], "text": ["second", "first"]})


def test_a_card_quotes_the_best_sample_unless_evidence_is_withheld() -> None:
    shown = str(persona_cards(pd.DataFrame([persona()]), SAMPLES).value)
    assert "> first" in shown
    assert "second" not in shown
    withheld = pd.DataFrame([persona(is_evidence_withheld=True, jaccard=None, stability=None)])
    shown = str(persona_cards(withheld, SAMPLES).value)
    assert "first" not in shown
    assert "No tweet is shown" in shown


def test_hostile_text_in_a_card_is_no_markup() -> None:
    text = "<script>alert(1)</script>\n# head ![x](http://evil.example/x.png) `code`"
    samples = SAMPLES.assign(text=text)
    hostile = pd.DataFrame([persona(name="<img src=x>", focus=text)])
    shown = str(persona_cards(hostile, samples).value)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "](http" not in shown.replace("\\]", "")
    assert "\n# head" not in shown
