"""Is anything private in what is about to be published? The figure of the check `privacy`.

Belongs here: which columns are texts (by their type, so that a new one is scanned the day
it is made) and what the findings are called. Does not belong here: the detector, which is
`ri_assets.personas.audit`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from ri_assets.checks.figures import Figure, Read
from ri_assets.config import EnrichSettings
from ri_assets.contracts.table import AssetContract
from ri_assets.personas.audit import Auditor
from ri_assets.personas.patterns import KINDS
from ri_assets.personas.people import private_handles
from ri_assets.personas.privacy import load_brands
from ri_assets.store.tables import Tables

PUBLIC = ("personas_enriched", "ri_index_app")
"""Assets that readers, exports and applications see; the others hold the corpus itself."""


def privacy(asset: str, contract: AssetContract, read: Read, settings: EnrichSettings) -> Figure:
    """Count the values of a public asset in which something private is left.

    Parameters
    ----------
    asset, contract
        What is scanned, and its columns.
    read
        Gives the tables of an asset, as the run sees them.
    settings
        Brands that stay readable, and how many authors make a word ordinary.
    """
    brands = load_brands() | set(settings.brands)
    posts = pd.concat(
        [
            read(name).by_name[name].select(["author_handle", "text"]).to_pandas()
            for name in ("raw_tweets", "raw_replies")
        ],
        ignore_index=True,
    )
    people = private_handles(posts, brands, settings.min_authors)
    auditor = Auditor(people, brands, tuple(f"[{kind}]" for kind in KINDS))
    counts: dict[tuple[str, str, str], int] = {}
    n_leaks = n_values = 0
    for table, column, text in texts_of(contract, read(asset)):
        kinds = auditor.kinds(text)
        n_values += 1
        n_leaks += bool(kinds)
        for kind in kinds:
            counts[table, column, kind] = counts.get((table, column, kind), 0) + 1
    found = [
        {"table": table, "column": column, "kind": kind, "values": n}
        for (table, column, kind), n in sorted(counts.items())
    ]
    return Figure(
        n_leaks,
        n_values,
        details={"found": found, "handles_of_authors": len(people)},
        because="; ".join(
            f"{f['table']}.{f['column']}: {f['kind']} ({f['values']})" for f in found
        ),
    )


def texts_of(contract: AssetContract, tables: Tables) -> Iterator[tuple[str, str, str]]:
    """Table, column and value of every text, lists of texts value by value.

    A column whose contract allows certain values only is left to the check of the contract;
    ids that this system gave tell of nobody, though a date in them looks like a number.
    """
    for table in contract.tables:
        for column in table.columns:
            if column.allowed is not None or column.is_own_id or not _is_text(column.type):
                continue
            values = tables.by_name[table.name][column.name].combine_chunks()
            while pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
                values = values.flatten()
            for text in values.drop_null().to_pylist():
                yield table.name, column.name, text


def _is_text(kind: pa.DataType) -> bool:
    while pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
