"""Embedding: embeds each text once.

`embedding_model` finds and verifies the model on this machine, and
`ri_assets.store.embedding_cache` keeps vectors between runs.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, lru_cache, partial
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import EmbedSettings
from ri_assets.errors import ModelError
from ri_assets.pipeline.embedding_model import (
    WEIGHTS,
    digest_of,
    digests_of,
    find_device,
    find_model,
)
from ri_assets.pipeline.engine import LOCAL, Engine

DIMENSIONS = 384
# Texts between two writes to the cache: an interrupted run loses no more of its work.
_CHUNK = 1024
# Small matrices, of a dozen rows or fewer, are multiplied in another order of sums. Batches
# are repeated up to this many tokens, so that a vector's bits do not depend on its batch.
_FEWEST_TOKENS = 64
# Batches at once. Each holds up to 0.1 GB while it is computed.
_MOST_THREADS = 8


class Cache(Protocol):
    """Keeps vectors by model and text."""

    def get(
        self, model: str, keys: Sequence[bytes]
    ) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
        """Give the known ones among the keys in parts, each with its vectors."""

    def put(self, model: str, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep vectors for the keys."""


def text_key(text: str) -> bytes:
    """Give the text's SHA-256, its key in the cache."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()


class Encoder:
    """Embeds texts as unit vectors.

    Parameters
    ----------
    settings
        Model, expected weights, precision and batch size.
    cache
        Keeps vectors between runs.
    progress
        Called with a line of text during long work.
    engine
        Embeds the texts that the cache lacks.
    """

    def __init__(
        self,
        settings: EmbedSettings,
        cache: Cache,
        progress: Callable[[str], None],
        engine: Engine = LOCAL,
    ) -> None:
        self.settings, self.cache, self.progress = settings, cache, progress
        self.engine = engine
        self.n_embedded = 0
        self.n_cached = 0
        self._tokenizing = Lock()  # the tokenizer fails if a second thread uses it

    def __reduce__(self) -> tuple[Any, ...]:
        """Give another process an encoder of its own, without cache, for the same model."""
        # The device as it was found here: elsewhere "auto" could be another one.
        settings = self.settings.model_copy(update={"device": self.device})
        return _elsewhere, (settings, self.identity)

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
        first: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            first.setdefault(key, row)
        found = np.empty((len(keys), DIMENSIONS), dtype=np.float32)
        unknown = dict(first)
        for known, vectors in self.cache.get(self.identity, list(first)):
            found[[unknown.pop(key) for key in known]] = vectors
        # Sorted by length, so that chunks hold like texts and do not depend on row order.
        missing = sorted(
            ((key, texts[row]) for key, row in unknown.items()),
            key=lambda pair: (len(pair[1]), pair[0]),
        )
        self.n_cached += len(first) - len(missing)
        n_missing, before = len(missing), self.n_embedded

        def embed(start: int) -> Callable[[], NDArray[np.float32]]:
            texts = [text for _, text in missing[start : start + _CHUNK]]
            return partial(self._embed, texts, start, n_missing)

        def keep(start: int, vectors: NDArray[np.float32]) -> None:
            chunk_keys = [key for key, _ in missing[start : start + _CHUNK]]
            self.cache.put(self.identity, chunk_keys, vectors)
            found[[first[key] for key in chunk_keys]] = vectors
            self.n_embedded += len(chunk_keys)
            self.progress(f"embedded {self.n_embedded - before:,} of {n_missing:,} new texts")

        self.engine.run(range(0, n_missing, _CHUNK), embed, received=keep)
        again = [row for row, key in enumerate(keys) if first[key] != row]
        found[again] = found[[first[keys[row]] for row in again]]
        return found

    def _embed(self, texts: list[str], done: int, total: int) -> NDArray[np.float32]:
        """Embed texts in batches of equal length in tokens, which need no padding.

        With padding, the last bits of a text's vector would depend on the other texts in its
        batch, that is, on what the cache lacked, and runs on the same tweets would end in
        different personas. They do not depend on the number of threads either: a test compares.

        On the processor each batch has one thread, and several are computed at once. PyTorch
        would let all cores share a batch and wait for each other a hundred times; where other
        programs keep a core busy, that takes ten times as long.
        """
        import torch

        model, vectors = self._model, np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        prompt = model.prompts.get(model.default_prompt_name) if model.default_prompt_name else None
        with self._tokenizing:
            tokens = model.preprocess(texts, prompt=prompt)
        is_token = tokens["attention_mask"].bool()

        def embedded(rows: list[int]) -> NDArray[np.float32]:
            columns = is_token[rows[0]]
            filled = self._filled(rows, int(columns.sum()))
            batch = {
                name: value[filled][:, columns].to(self.device)
                for name, value in tokens.items()
                if isinstance(value, torch.Tensor)
            }
            with torch.inference_mode():
                found = model(batch)["sentence_embedding"]
            return np.asarray(found[: len(rows)].float().cpu().numpy(), dtype=np.float32)

        batches = list(self._batches(is_token.sum(dim=1).tolist()))
        with _one_thread_each(self.device) as pool:
            for rows, found in zip(batches, pool.map(embedded, batches), strict=True):
                vectors[rows] = found
                done += len(rows)
                self.progress(f"embedded {done:,} of {total:,} new texts")
        return np.asarray(
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32
        )

    def _batches(self, lengths: list[int]) -> Iterator[list[int]]:
        """Give batches of rows whose texts have equally many tokens."""
        by_length: dict[int, list[int]] = defaultdict(list)
        for row, length in enumerate(lengths):
            by_length[length].append(row)
        size = self.settings.batch_size
        for rows in by_length.values():
            yield from (rows[start : start + size] for start in range(0, len(rows), size))

    def _filled(self, rows: list[int], length: int) -> list[int]:
        """Repeat the rows of a batch, so that its size changes no bit of a vector.

        A GPU chooses its way of multiplying by the size of the batch, so all are equally large.
        """
        size = self.settings.batch_size
        if self.device == "cpu":
            return rows * ceil(_FEWEST_TOKENS / (len(rows) * length))
        return (rows * ceil(size / len(rows)))[:size]

    @cached_property
    def identity(self) -> str:
        """The model in the cache: half the digest of its files, precision, and the device.

        Devices differ in the last bits of a vector. The processor goes without saying.
        """
        of_model = f"{self.files_sha256[:32]}-{self.settings.precision}"
        return of_model if self.device == "cpu" else f"{of_model}-{self.device}"

    @cached_property
    def device(self) -> str:
        """Where texts are embedded: cpu, cuda or mps."""
        return find_device(self.settings.device)

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

        logging.disable_progress_bar()  # loading takes less than a second
        return SentenceTransformer(
            str(self.folder),
            device=self.device,
            local_files_only=True,
            model_kwargs={
                "use_safetensors": True,
                "dtype": getattr(torch, self.settings.precision),
            },
        )


@contextmanager
def _one_thread_each(device: str) -> Iterator[ThreadPoolExecutor]:
    """Give a pool in which each thread computes alone.

    It has as many threads as PyTorch would use, or one that feeds a GPU.
    """
    import torch

    threads = torch.get_num_threads()
    at_once = min(threads, _MOST_THREADS) if device == "cpu" else 1
    try:
        with ThreadPoolExecutor(at_once, "embedding", torch.set_num_threads, (1,)) as pool:
            yield pool
    finally:
        torch.set_num_threads(threads)  # new threads of this process would get one too


class NoCache:
    """Keeps nothing."""

    def get(
        self, _model: str, _keys: Sequence[bytes]
    ) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
        """Know nothing."""
        return iter(())

    def put(self, _model: str, _keys: Sequence[bytes], _vectors: NDArray[np.float32]) -> None:
        """Keep nothing."""


@lru_cache(maxsize=1)  # loading a model takes seconds
def _elsewhere(settings: EmbedSettings, identity: str) -> Encoder:
    """Make the encoder of another process; refuse a model other than that of the run.

    Raises
    ------
    ModelError
        The model is missing there, or is another one.
    """
    # The process that asks keeps the vectors.
    encoder = Encoder(settings, NoCache(), lambda _: None)
    if encoder.identity != identity:
        raise ModelError(
            f"the files of the model {settings.model} are {encoder.identity}",
            f"{identity}, as on the machine that started the run",
            "install the same model on every machine, and run again",
        )
    return encoder
