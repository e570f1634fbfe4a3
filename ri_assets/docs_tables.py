"""Tables of `docs/` that come from the code: contracts, features, checks, sources.

`python -m ri_assets.docs_tables docs` (or `make docs`) writes them; a test
compares what lies there with what the code would write.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ri_assets.config import GateSettings, load_profile, profile_names
from ri_assets.pipeline.features import FEATURES
from ri_assets.quality.checks import CHECKS, Check
from ri_assets.quality.judge import template, threshold_text
from ri_assets.quality.metrics import METRICS
from ri_assets.quality.units import Null
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.record import Column, SameAs
from ri_assets.records.table import Table
from ri_assets.resources.dagster_pandas_contract import table_schema
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
        "this page have one source, `ri_assets/records/`. So have the JSON Schemas of the\n",
        "exports, which lie beside these tables in a snapshot ([exports](ri_index.md#exports)).\n",
        "Snapshots stay readable when later versions add columns. In a snapshot that lacks a\n",
        "column, it reads as missing where it may be missing, and otherwise as its meaning says.\n",
        "A raw table holds posts as people wrote them, or vectors of their texts; it can be\n",
        "removed from a snapshot.\n",
    ]
    for asset, contract in CONTRACTS.items():
        parts.append(f"\n## `{asset}`\n")
        for table in contract.tables:
            name = asset if table is contract.main else f"{asset} / {table.name}"
            raw = " A [raw](operations.md#raw-posts) table." if table.is_raw else ""
            parts.append(
                f"\n**{name}**: {table.row}; key {', '.join(table.key)}.{raw}\n\n{_columns(table)}"
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
    if column.was is not None:
        return f" In older snapshots it is called `{column.was}`."
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
    checks = {check.name: check for check in CHECKS}
    enforced = [
        (
            f"`{check.name}`",
            _assets(check),
            *(_threshold(check, profile.gates) for profile in profiles),
            _failing(check),
            "yes" if check.is_gate else "",
            check.why,
        )
        for check in checks.values()
    ]
    head = (
        *("check", "asset"),
        *(f"threshold in `{profile.name}`" for profile in profiles),
        *("a failure", "may be waived", "what it measures"),
    )
    said = [(f"`{c.name}`", template(c), f"{c.remedy}.") for c in checks.values()]
    metrics = [
        (
            f"`{metric.name}`",
            metric.stored_in or "",
            metric.unit.words,
            metric.better.value,
            f"{metric.meaning.removesuffix('.')}.",
            metric.null.words,
        )
        for metric in METRICS.values()
    ]
    nulls = "".join(f"- {null.words}: {null.how}.\n" for null in Null if null.how)
    return (
        f"# Asset checks\n\n{_NOTE}"
        "A check that refuses a run keeps it from being published; you can read what the run found "
        "as a [draft](operations.md#reading-the-draft). A check that stops the run also keeps "
        "everything downstream from being computed or shown. Some checks may be "
        "[waived](operations.md#waiving-a-gate).\n\n"
        + _markdown(head, enforced)
        + "\n## What a check says\n\n"
        "The Dagster UI, `ri-index summary` and `ri-index quality` show the same sentence. It "
        "begins with Passed, Failed, Warning or Waived. Values in italics come from the run. A "
        "part in square brackets is left out if a value in it is missing. *needs* is the "
        "threshold.\n\n"
        + _markdown(("check", "sentence", "what to do if it fails"), said)
        + "\n## Metrics\n\n"
        "Everything that is measured, and what it is compared with. Metrics with an asset are in "
        "its table `figures`; checks compute the others from the stored tables.\n\n"
        + _markdown(
            ("metric", "asset", "unit", "better", "meaning", "compared with"),
            metrics,
        )
        + f"\n{nulls}"
    )


def _assets(check: Check) -> str:
    assets = [one.asset for one in CHECKS if one.name == check.name]
    return "every asset" if len(assets) == len(CONTRACTS) else ", ".join(assets)


def _threshold(check: Check, gates: GateSettings) -> str:
    threshold, margin = threshold_text(check.bounds(gates)), check.null_margin(gates)
    if not check.must_beat_null:
        return threshold
    above = f" + {margin:g}" if margin else ""
    return f"{threshold} and > {check.metric.null.words}{above}"


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
