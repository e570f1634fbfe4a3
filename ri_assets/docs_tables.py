"""Tables of `docs/` that come from the code: contracts, features, checks, sources.

`python -m ri_assets.docs_tables docs` (or `make docs`) writes them; a test
compares what lies there with what the code would write.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ri_assets.checks.contract import table_schema
from ri_assets.checks.judge import threshold_text
from ri_assets.checks.table import CHECKS, Check
from ri_assets.config import load_profile, profile_names
from ri_assets.contracts.assets import CONTRACTS
from ri_assets.contracts.table import Column, SameAs, Table
from ri_assets.pipeline.features import FEATURES
from ri_assets.sources.guide import page

_NOTE = "<!-- Written by `make docs` from the code: change it there. -->\n\n"


def pages() -> dict[str, str]:
    """Give the text of every generated page by its file name."""
    return {
        "data_contracts.md": _contracts(),
        "behavioral_features.md": _features(),
        "checks.md": _checks(),
        "sources.md": page(_NOTE),
    }


def _contracts() -> str:
    parts = [
        "# Data contracts\n\n",
        _NOTE,
        "Each asset is a folder of Parquet tables: its main table and the parts beside it.\n",
        "Rows are in ascending order of the key. The schema, the asset check `contract` and\n",
        "this page have one source, `ri_assets/contracts/`. So have the JSON Schemas of the\n",
        "exports, which lie beside these tables in a snapshot ([exports](ri_index.md#exports)).\n",
        "Snapshots stay readable when later versions add columns. In a snapshot that lacks a\n",
        "column, it reads as missing where it may be missing, and otherwise as its meaning says.\n",
    ]
    for asset, contract in CONTRACTS.items():
        parts.append(f"\n## `{asset}`\n")
        for table in contract.tables:
            name = asset if table is contract.main else f"{asset} / {table.name}"
            parts.append(
                f"\n**{name}**: {table.row}; key {', '.join(table.key)}.\n\n{_columns(table)}"
            )
    return "".join(parts)


def _columns(table: Table) -> str:
    rows = [
        (
            f"`{column.name}`",
            str(column.type).replace("|", "\\|"),
            "yes" if column.constraints.nullable else "",
            "; ".join(column.constraints.other),
            f"{column.description}{_older(own)}",
        )
        for column, own in zip(table_schema(table).columns, table.columns, strict=True)
    ]
    return _markdown(("column", "type", "may be missing", "bounds", "meaning"), rows)


def _older(column: Column) -> str:
    """Say what an older snapshot reads as, where that is not plain."""
    if column.nullable or column.is_needed:
        return ""
    value = column.older
    if isinstance(value, SameAs):
        told = f"the same as `{value.column}`"
    elif isinstance(value, str):
        told = f'"{value}"'
    else:
        told = "an empty list" if value == () else "not known"
    return f" In older snapshots without it: {told}."


def _features() -> str:
    rows = [
        (
            str(number),
            feature.group,
            f"`{feature.name}`",
            feature.definition,
            feature.unit,
            f"{feature.low:g} to {feature.high:g}",
            ", ".join(feature.needs) or "text",
        )
        for number, feature in enumerate(FEATURES, start=1)
    ]
    head = ("#", "group", "feature", "definition", "unit", "range", "needs")
    return (
        f"# The 36 behavioural features\n\n{_NOTE}"
        "If the source lacks the columns of a feature, it is missing for every tweet and has no "
        "weight in the fusion.\n\n" + _markdown(head, rows)
    )


def _checks() -> str:
    profiles = [load_profile(name) for name in profile_names()]
    rows = [
        (
            check.asset,
            f"`{check.name}`",
            *(threshold_text(check.bounds(profile.gates)) for profile in profiles),
            _failing(check),
            "yes" if check.is_gate else "",
            "yes" if check.must_beat_null else "",
            check.why,
            check.remedy,
        )
        for check in CHECKS
    ]
    head = (
        "asset",
        "check",
        *(f"threshold in `{profile.name}`" for profile in profiles),
        "failing",
        "may be waived",
        "must beat its null",
        "what it measures",
        "when it fails",
    )
    return (
        f"# Asset checks\n\n{_NOTE}"
        "A check that refuses a run keeps it from being published at its end; what it found can "
        "be read as a [draft](operations.md#reading-the-draft). One that stops the run also keeps "
        "everything downstream from being computed or shown. Some may be "
        "[waived](operations.md#waiving-a-gate).\n\n" + _markdown(head, rows)
    )


def _failing(check: Check) -> str:
    if check.stops_downstream:
        return "stops the run"
    return "refuses the run" if check.is_blocking else "warns"


def _markdown(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
