"""A run with a recogniser: what it publishes, what it records, and when it refuses to start."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from dagster import build_init_resource_context

from ri_assets.errors import ConfigError
from ri_assets.personas.privacy.guard import build_guard
from ri_assets.personas.privacy.recogniser import find_recogniser
from ri_assets.resources.settings import ProfileResource
from ri_assets.ri_index import RIIndex
from ri_assets_tests.command_line import ri_index
from ri_assets_tests.conftest import PROJECT
from ri_assets_tests.pipelines import save_ruler
from ri_assets_tests.small import profile_with, replies_to, small_tweets, write_folder

NAMES = ("Tavikar Menshaw", "Rose Quorvexin")
LEAK = re.compile("tavikar|menshaw|quorvexin", re.IGNORECASE)


def test_the_profile_resource_refuses_a_missing_recogniser(tmp_path: Path) -> None:
    profile = profile_with(tmp_path, enrich={"recogniser": "en_no_such_names"})
    with pytest.raises(ConfigError, match="there is no recogniser 'en_no_such_names'"):
        ProfileResource(name=str(profile)).setup_for_execution(build_init_resource_context())


@pytest.mark.slow
def test_a_run_without_its_recogniser_does_not_start(tmp_path: Path) -> None:
    profile = profile_with(tmp_path, enrich={"recogniser": "en_no_such_names"})
    store = tmp_path / "store"
    ended = ri_index("run", "--profile", profile, "--store", store, home=tmp_path)
    assert ended.code == 2
    assert "there is no recogniser 'en_no_such_names'" in ended.text
    assert "pip install 'ri-persona-system[names]'" in ended.text
    assert "Traceback" not in ended.text
    assert not (store / "candidate").exists()


@pytest.mark.slow
def test_no_recognised_name_is_published(tmp_path: Path) -> None:
    """Two names that no word announces stand in every other tweet; rules leave them."""
    tweets = small_tweets()
    replies = replies_to(tweets)
    tweets["text"] = [
        f"{text} {NAMES[n % 4 // 2]} was there" if n % 2 else text
        for n, text in enumerate(tweets["text"])
    ]
    assert LEAK.search(build_guard((tweets, replies), (), 5).clean(tweets["text"][1]))
    pipeline = save_ruler(tmp_path / "pipeline", {"PERSON": NAMES})
    used = find_recogniser(str(pipeline))
    assert used is not None
    profile = profile_with(
        tmp_path, enrich={"recogniser": str(pipeline), "recogniser_sha256": used.sha256}
    )
    home, store = tmp_path / "home", tmp_path / "store"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    ended = ri_index(
        "run", "--source", write_folder(tmp_path / "source", tweets, replies),
        "--profile", profile, "--store", store, home=home,
    )  # fmt: skip
    assert ended.code == 0, ended.text
    [snapshot] = (store / "snapshots").iterdir()
    manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["recogniser"] == str(used)
    known = json.loads((store / "raw" / snapshot.name / "guard.json").read_text(encoding="utf-8"))
    assert {"tavikar", "menshaw", "tavikar menshaw", "rose quorvexin"} <= set(known["names"])
    # Readers need no pipeline.
    (pipeline / "config.cfg").unlink()
    index = RIIndex.open(store=store)
    shown = {"run": ended.text, "explorer": (snapshot / "explorer.html").read_text("utf-8")}
    for path in (*snapshot.glob("*.json"), *snapshot.glob("*.csv")):
        if path.name != "profile.json":
            shown[path.name] = path.read_text(encoding="utf-8")
    for path in (
        *snapshot.glob("personas_enriched*.parquet"),
        *snapshot.glob("ri_index_app*.parquet"),
    ):
        shown[path.name] = str(pq.read_table(path).to_pylist())
    texts = [
        tweet.text or ""
        for persona in index.list_personas()
        for tweet in index.get_persona_tweets(persona.persona_id, limit=None, with_text=True)
    ]
    assert len(shown) > 10
    assert {name for name, text in shown.items() if LEAK.search(text)} == set()
    assert not any(map(LEAK.search, texts))
    assert any("[name] was there" in text for text in texts)
    # The same pipeline with other files is another one.
    save_ruler(pipeline, {"PERSON": NAMES[:1]})
    again = ri_index("run", "--profile", profile, "--store", store, home=home)
    assert again.code == 2
    assert "have sha256" in again.text
