"""Whether anything private is about to be published: the figure of the check `privacy`.

Belongs here: which texts are read (columns by their type, so that a new column is scanned at
once, and every text of the exports) and how findings are named. Does not belong here: the
detector (`ri_assets.personas.privacy.auditor`).

Texts that may be private were withheld when personas were described, and the next best
took their place. They are counted here, but do not make the check fail.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from ri_assets.config import EnrichSettings
from ri_assets.personas.privacy.guard import corpus_guard
from ri_assets.personas.privacy.recogniser import recogniser_of
from ri_assets.quality.checks import PUBLIC
from ri_assets.quality.metrics import WITHHELD, Figure
from ri_assets.quality.tables import read_figures
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.record import free_texts
from ri_assets.records.table import AssetContract
from ri_assets.ri_index.exports.names import EXPORTS, MAPPING
from ri_assets.store.tables import Tables

_COLUMNS = [c for asset in PUBLIC for table in CONTRACTS[asset].tables for c in table.columns]
_OWN = (
    {column.name for column in _COLUMNS}
    - {column.name for column in _COLUMNS if column.is_free_text}
) | {"schema_version", "snapshot", "profile", "corpus"}
"""Fields of exports without text that people wrote."""

Text = tuple[str, str, str]
"""Table or file, column or field, and the text."""


def privacy(
    asset: str,
    contract: AssetContract,
    read: Callable[[str], Tables],
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
        recogniser_of(settings),
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
    withheld = read_figures(read("personas_enriched").frame("figures")).get(WITHHELD)
    facts: dict[str, float | str] = {
        "found": "; ".join(
            f"{f['table']}.{f['column']}: {f['kind']} ({f['values']})" for f in found
        )
    }
    details: dict[str, Any] = {"found": found, "handles_of_people": len(guard.people)}
    if withheld is not None and withheld.value is not None:
        facts["withheld"] = int(withheld.value)
        details |= {"texts_withheld": int(withheld.value), "texts_withheld_of": withheld.note}
    return Figure("privacy", n_leaks, n_values, facts=facts, details=details)


def texts_of(contract: AssetContract, tables: Tables) -> Iterator[Text]:
    """Give table, column and value of every text; lists are read value by value.

    Columns with a fixed set of values are skipped, because the contract checks them. So are
    columns that this system fills itself: they are not about people, though a date in an id
    looks like a number.
    """
    for table in contract.tables:
        for column in table.columns:
            if not column.is_free_text:
                continue
            for value in tables.by_name[table.name][column.name].to_pylist():
                for name, text in free_texts(column, value):
                    yield table.name, name, text


def texts_of_exports(opened: Callable[[str], BinaryIO]) -> Iterator[Text]:
    """Give file, field and value of every text in the exports, except the mapping's ids.

    Parameters
    ----------
    opened
        Opens an export by its name. The check `exports` reports one that is missing or cannot
        be read.
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
