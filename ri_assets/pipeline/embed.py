"""Embedding: verified MiniLM weights, offline, and never the same text twice.

Belongs here: how a model is verified and asked. Does not belong here: where it is (see
`model_files`), and where vectors are kept between runs (`ri_assets.store.embedding_cache`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import EmbedSettings
from ri_assets.errors import ModelError
from ri_assets.pipeline.model_files import WEIGHTS, digest_of, digests_of, find_model

DIMENSIONS = 384
# Texts between two writes to the cache: an interrupted run loses at most this many.
_CHUNK = 1024
# Matrices of a dozen rows and fewer are multiplied in another order of sums.
_FEWEST_TOKENS = 64


class Cache(Protocol):
    """Where vectors are kept, by model and text."""

    def get(self, model: str, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Give the known vectors among the keys."""

    def put(self, model: str, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep vectors for the keys."""


def text_key(text: str) -> bytes:
    """SHA-256 of the text: what the cache knows it by."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()


class Encoder:
    """Unit vectors for texts.

    Parameters
    ----------
    settings
        Model, expected weights, precision and batch size.
    cache
        Keeps vectors between runs.
    progress
        Is told about long work, a line at a time.
    """

    def __init__(
        self, settings: EmbedSettings, cache: Cache, progress: Callable[[str], None]
    ) -> None:
        self.settings, self.cache, self.progress = settings, cache, progress
        self.n_embedded = 0
        self.n_cached = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts.

        Returns
        -------
        ndarray
            float32, shape (n, 384), each row of unit length, in the order of `texts`.

        Raises
        ------
        ModelError
            The model is missing or its weights are not the expected ones.
        """
        keys = [text_key(text) for text in texts]
        known = self.cache.get(self.identity, keys)
        # Sorted, so that chunks are of like length and do not depend on row order.
        missing = sorted(
            {k: t for k, t in zip(keys, texts, strict=True) if k not in known}.items(),
            key=lambda pair: (len(pair[1]), pair[0]),
        )
        self.n_cached += len(set(keys)) - len(missing)
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            vectors = self._embed([text for _, text in chunk], start, len(missing))
            chunk_keys = [key for key, _ in chunk]
            self.cache.put(self.identity, chunk_keys, vectors)
            known.update(zip(chunk_keys, vectors, strict=True))
            self.n_embedded += len(chunk)
        if not keys:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def _embed(self, texts: list[str], done: int, total: int) -> NDArray[np.float32]:
        """Embed texts in batches of equal length in tokens.

        Without padding a text's vector has the same bits in any company. With it they would
        differ in the last place by what else was missing from the cache, and runs on the
        same tweets would end in other personas.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for rows, length in self._batches(texts):
            batch = [texts[row] for row in rows] * ceil(_FEWEST_TOKENS / (len(rows) * length))
            found = self._model.encode(
                batch, batch_size=len(batch), convert_to_tensor=True, show_progress_bar=False
            )
            vectors[rows] = found[: len(rows)].float().cpu().numpy()
            done += len(rows)
            self.progress(f"embedded {done:,} of {total:,} new texts")
        return np.asarray(
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32
        )

    def _batches(self, texts: list[str]) -> Iterator[tuple[list[int], int]]:
        """Rows of texts with equally many tokens, at most a batch at a time, and that number."""
        tokens = self._model.tokenizer(
            texts, truncation=True, max_length=self._model.max_seq_length
        )["input_ids"]
        by_length: dict[int, list[int]] = defaultdict(list)
        for row, ids in enumerate(tokens):
            by_length[len(ids)].append(row)
        size = self.settings.batch_size
        for length, rows in by_length.items():
            for start in range(0, len(rows), size):
                yield rows[start : start + size], length

    @cached_property
    def identity(self) -> str:
        """Name of the vectors' origin: half the digest of the model's files, and precision."""
        return f"{self.files_sha256[:32]}-{self.settings.precision}"

    @cached_property
    def folder(self) -> Path:
        """The model's folder on this machine."""
        return find_model(self.settings.model)

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights, verified against the expected one."""
        return self._digests[WEIGHTS]

    @cached_property
    def files_sha256(self) -> str:
        """SHA-256 over all files of the model: weights, tokenizer and configuration."""
        return digest_of(self._digests)

    @cached_property
    def _digests(self) -> dict[str, str]:
        digests = digests_of(self.folder)
        found = digests[WEIGHTS]
        if self.settings.sha256 not in {None, found}:
            raise ModelError(
                f"the weights of {self.settings.model} have sha256 {found}",
                f"{self.settings.sha256}, as the profile says",
                "reinstall the model, or state the new sha256 in the profile on purpose",
            )
        return digests

    @cached_property
    def _model(self):  # type: ignore[no-untyped-def]  # the library has no types
        _ = self.sha256  # verified before anything is loaded
        self.progress(f"loading the model {self.settings.model}")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # of loading weights, which takes no second
        return SentenceTransformer(
            str(self.folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={
                "use_safetensors": True,
                "dtype": getattr(torch, self.settings.precision),
            },
        )
