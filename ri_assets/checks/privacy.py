"""Is anything private in what is about to be published? The figure of the check `privacy`.

Belongs here: which texts are read (columns by their type, so that a new one is scanned the
day it is made, and every text of the exports) and what the findings are called. Does not
belong here: the detector, which is `ri_assets.personas.privacy.auditor`.

Texts that may be private were withheld when personas were described, and the next best
took their place: they are counted here, and are no reason to block.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from ri_assets.checks.figures import Figure, Read
from ri_assets.config import EnrichSettings
from ri_assets.contracts.assets import CONTRACTS
from ri_assets.contracts.table import AssetContract
from ri_assets.personas.naming.name_agreement import WITHHELD
from ri_assets.personas.privacy.guard import corpus_guard
from ri_assets.ri_index.exports.names import EXPORTS, MAPPING
from ri_assets.store.tables import Tables

PUBLIC = ("personas_enriched", "ri_index_app")
"""Assets that readers, exports and applications see; the others hold the corpus itself."""

_COLUMNS = [c for asset in PUBLIC for table in CONTRACTS[asset].tables for c in table.columns]
_OWN = (
    {column.name for column in _COLUMNS}
    - {column.name for column in _COLUMNS if column.is_free_text}
) | {"schema_version", "snapshot", "profile", "corpus"}
"""Fields of exports that hold no text of people."""

Text = tuple[str, str, str]
"""Table or file, column or field, and the text."""


def privacy(
    asset: str,
    contract: AssetContract,
    read: Read,
    settings: EnrichSettings,
    exports: Iterable[Text] = (),
) -> Figure:
    """Count the texts of a public asset in which something private is left.

    Parameters
    ----------
    asset, contract
        What is scanned, and its columns.
    read
        Gives the tables of an asset, as the run sees them.
    settings
        Brands that stay readable, and how many authors make a word ordinary.
    exports
        Texts of the files that are published beside it.
    """
    guard = corpus_guard(
        read("raw_tweets").by_name["raw_tweets"],
        read("raw_replies").by_name["raw_replies"],
        settings.brands,
        settings.min_authors,
    )
    counts: dict[tuple[str, str, str], int] = {}
    n_leaks = n_values = 0
    for texts in (texts_of(contract, read(asset)), exports):
        for table, column, text in texts:
            kinds = guard.findings(text)
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
        details={
            "found": found,
            "handles_of_people": len(guard.people),
            **_withheld(read("personas_enriched")),
        },
        because="; ".join(
            f"{f['table']}.{f['column']}: {f['kind']} ({f['values']})" for f in found
        ),
    )


def texts_of(contract: AssetContract, tables: Tables) -> Iterator[Text]:
    """Table, column and value of every text, lists of texts value by value.

    A column whose contract allows certain values only is left to the check of the contract;
    what this system gave itself tells of nobody, though a date in an id looks like a number.
    """
    for table in contract.tables:
        for column in table.columns:
            if not column.is_free_text:
                continue
            for value in tables.by_name[table.name][column.name].to_pylist():
                for text in _strings(value):
                    yield table.name, column.name, text


def texts_of_exports(opened: Callable[[str], BinaryIO]) -> Iterator[Text]:
    """File, field and value of every text in the exports but the mapping, which has only ids.

    Parameters
    ----------
    opened
        Opens an export by its name. One that is missing or cannot be read is left to the
        check `exports`.
    """
    for name in EXPORTS:
        if name == MAPPING:
            continue
        try:
            with opened(name) as file:
                text = file.read().decode("utf-8-sig")
            is_table = name.endswith(".csv")
            content = list(csv.DictReader(io.StringIO(text))) if is_table else json.loads(text)
        except (FileNotFoundError, ValueError, csv.Error):
            continue
        for field, value in _fields(content, ""):
            yield name, field, value


def _fields(content: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in _OWN:
                yield from _fields(value, str(name))
    elif isinstance(content, list):
        for value in content:
            yield from _fields(value, field)
    elif isinstance(content, str):
        yield field, content


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _strings(part)
    elif value is not None:
        yield value


def _withheld(personas: Tables) -> dict[str, Any]:
    figures = personas.frame("figures").set_index("figure")
    if WITHHELD not in figures.index:
        return {}
    row = figures.loc[WITHHELD]
    return {"texts_withheld": int(row["value"]), "texts_withheld_of": row["note"]}
