"""The corpus fingerprint: what was read, known by its content."""

from __future__ import annotations

import hashlib

import pyarrow as pa


def corpus_fingerprint(*tables: pa.Table) -> str:
    """Sixteen hex digits over the rows of tables, in their stored (sorted) order.

    The digest is of column names and values, not of files, so it does not depend on
    the format that the corpus came in.
    """
    digest = hashlib.sha256()
    for table in tables:
        sink = pa.BufferOutputStream()
        plain = table.combine_chunks().replace_schema_metadata(None)
        with pa.ipc.new_stream(sink, plain.schema) as writer:
            writer.write_table(plain)
        digest.update(sink.getvalue())
    return digest.hexdigest()[:16]
