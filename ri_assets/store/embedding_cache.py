"""Embeddings by (model, precision, text): each text is embedded once, in any run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.errors import StoreError
from ri_assets.store.ages import mark_used
from ri_assets.store.files import Files

FOLDER = "cache/embeddings"
_KEY = pa.binary(32)


class EmbeddingCache:
    """Segments of vectors, which are appended and never changed.

    A segment is a Parquet file named by the digest of its keys, so two runs that
    embed the same texts at once write the same file.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        # Keys of all segments of a model, read once per process: 32 bytes per text.
        self._segments: dict[str, dict[str, pa.Array]] = {}

    def get(
        self, model: str, keys: Sequence[bytes]
    ) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
        """Give the known ones among the keys segment by segment, each key once.

        Yields
        ------
        keys, vectors
            Vectors are float32, shape (keys, d).
        """
        wanted = set(keys)
        for name, known in self._keys(model).items():
            if not wanted:
                break
            hits = [row for row, key in enumerate(known.to_pylist()) if key in wanted]
            if not hits:
                continue
            try:
                table = self.files.read_table(name).take(hits)
            except StoreError:
                if self.files.exists(name):
                    raise
                continue  # it was removed since: the texts are embedded again
            mark_used(self.files, name)
            found = table["key"].to_pylist()
            wanted.difference_update(found)
            lists = table["vector"].combine_chunks()
            yield found, lists.flatten().to_numpy().reshape(len(found), -1)

    def put(self, model: str, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Store vectors, float32 of shape (n, d), for n keys."""
        if not len(keys):
            return
        name = f"{_folder(model)}/{hashlib.sha256(b''.join(keys)).hexdigest()[:32]}.parquet"
        key_array = pa.array(keys, type=_KEY)
        lists = pa.FixedSizeListArray.from_arrays(
            pa.array(np.ascontiguousarray(vectors).ravel()), vectors.shape[1]
        )
        self.files.write_table(name, pa.table({"key": key_array, "vector": lists}))
        self._keys(model)[name] = key_array

    def holds(self, model: str) -> bool:
        """Whether there are vectors of a model."""
        return any(file.endswith(".parquet") for file in self.files.names(_folder(model)))

    def segments(self) -> list[str]:
        """Paths of all segments of all models."""
        return [
            f"{_folder(model)}/{file}"
            for model in self.files.names(FOLDER)
            for file in self.files.names(_folder(model))
            if file.endswith(".parquet")
        ]

    def _keys(self, model: str) -> dict[str, pa.Array]:
        segments = self._segments.setdefault(model, {})
        for file in self.files.names(_folder(model)):
            name = f"{_folder(model)}/{file}"
            if file.endswith(".parquet") and name not in segments:
                keys = self.files.read_table(name, ["key"])["key"]
                segments[name] = keys.combine_chunks()
        return segments


def _folder(model: str) -> str:
    return f"{FOLDER}/{model}"
