from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ri_assets.config import EmbedSettings, load_profile
from ri_assets.errors import ModelError
from ri_assets.pipeline.embed import Encoder

SETTINGS = load_profile("report").embed


class Memory:
    """A cache in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, bytes], NDArray[np.float32]] = {}

    def get(self, model: str, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        return {key: self.kept[model, key] for key in keys if (model, key) in self.kept}

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
