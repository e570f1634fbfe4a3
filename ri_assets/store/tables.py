"""The tables of one asset, as they are passed between stages."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.records.table import AssetContract, Table


@dataclass(frozen=True, eq=False)
class Vectors:
    """One vector for each tweet.

    Parameters
    ----------
    tweet_ids
        int64, shape (n,), strictly ascending.
    values
        float32, shape (n, d).
    """

    tweet_ids: NDArray[np.int64]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if (self.tweet_ids.ndim, self.values.ndim) != (1, 2):
            raise ValueError("tweet_ids must have one dimension and values two")
        if len(self.tweet_ids) != len(self.values):
            raise ValueError(f"{len(self.tweet_ids)} ids but {len(self.values)} vectors")
        if np.any(np.diff(self.tweet_ids) <= 0):
            raise ValueError("tweet_ids must be strictly ascending")

    def __len__(self) -> int:
        return len(self.tweet_ids)


@dataclass(frozen=True, eq=False)
class Tables:
    """The main table of an asset, and its other tables.

    Parameters
    ----------
    corpus
        Fingerprint of the corpus that the asset was made from.
    by_name
        Arrow tables by the names in the asset's contract; the main table bears the
        asset's name.
    main
        Name of the main table.
    previous
        Published snapshot that the asset was made from too, beside its inputs.
    made_from
        Digests of what else it was made from, by name (`ri_assets.store.origin`).
    """

    corpus: str
    by_name: Mapping[str, pa.Table]
    main: str
    previous: str | None = None
    made_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits over the rows of all tables."""
        return corpus_fingerprint(*(self.by_name[name] for name in sorted(self.by_name)))

    def frame(self, name: str | None = None) -> pd.DataFrame:
        """Return a table as a frame; integers and booleans stay nullable."""
        table = self.by_name[name or self.main]
        frame: pd.DataFrame = table.to_pandas(types_mapper=_NULLABLE.get)
        return frame

    def vectors(self, column: str, name: str | None = None) -> Vectors:
        """Return a column of fixed-size lists as vectors."""
        table = self.by_name[name or self.main]
        ids = table["tweet_id"].to_numpy()
        parts = [part.flatten().to_numpy() for part in table[column].chunks]
        values = parts[0] if len(parts) == 1 else np.concatenate([*parts, _NO_VECTOR])
        return Vectors(ids, values.reshape(len(ids), table[column].type.list_size))

    def matrix(self, columns: Sequence[str]) -> NDArray[np.float32]:
        """Give number columns of the main table as float32, shape (n, columns); missing is NaN."""
        frame = self.by_name[self.main].select(list(columns)).to_pandas()
        return np.asarray(frame, dtype=np.float32)


_NO_VECTOR = np.empty(0, dtype=np.float32)
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def as_tables(contract: AssetContract, corpus: str, **content: pd.DataFrame | Vectors) -> Tables:
    """Bring frames and vectors into the form of the contract.

    Parameters
    ----------
    contract
        Names, types and order of the columns.
    corpus
        Fingerprint of the corpus.
    **content
        A frame or vectors for every table of the contract, by its name.

    Returns
    -------
    Tables
        Rows in order of each table's key; columns in the contract's order and types.
    """
    expected = {table.name for table in contract.tables}
    if set(content) != expected:
        raise ValueError(f"tables {sorted(content)} given, the contract has {sorted(expected)}")
    return Tables(
        corpus,
        {table.name: _arrow(table, content[table.name]) for table in contract.tables},
        contract.main.name,
    )


def _arrow(table: Table, content: pd.DataFrame | Vectors) -> pa.Table:
    if isinstance(content, Vectors):
        vector = next(c for c in table.columns if pa.types.is_fixed_size_list(c.type))
        flat = pa.array(np.ascontiguousarray(content.values, dtype=np.float32).ravel())
        lists = pa.FixedSizeListArray.from_arrays(flat, vector.type.list_size)
        ids = pa.array(content.tweet_ids, type=pa.int64())
        return pa.table([ids, lists.cast(vector.type)], schema=table.schema)
    ordered = content.sort_values(list(table.key), ignore_index=True)
    return pa.Table.from_pandas(ordered[table.names], schema=table.schema, preserve_index=False)


def corpus_fingerprint(*tables: pa.Table) -> str:
    """Sixteen hex digits over the rows of tables, in their stored (sorted) order.

    The digest is of column names and values, not of files, so it does not depend on
    the format that the corpus came in.
    """
    digest = hashlib.sha256()
    for table in tables:
        plain = table.combine_chunks().replace_schema_metadata(None)
        sink = pa.PythonFile(_Digested(digest), mode="w")
        with pa.ipc.new_stream(sink, plain.schema) as writer:
            writer.write_table(plain)
    return digest.hexdigest()[:16]


class _Digested(io.RawIOBase):
    """A file that keeps only the digest of what is written, which may be gigabytes of vectors."""

    def __init__(self, digest: hashlib._Hash) -> None:
        self._digest = digest

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._digest.update(content)
        return len(content)
