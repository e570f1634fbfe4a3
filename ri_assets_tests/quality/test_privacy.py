"""The check `privacy` on what a real run published, with each kind planted in turn."""

from __future__ import annotations

import io
import json
from typing import Annotated

import pyarrow as pa
import pytest

from ri_assets.config import load_profile
from ri_assets.quality.checks import PUBLIC, checks_of
from ri_assets.quality.judge import judge_all
from ri_assets.quality.metrics import Figure
from ri_assets.quality.privacy import privacy, texts_of, texts_of_exports
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.record import Record, column
from ri_assets.records.table import AssetContract, Table
from ri_assets.store.tables import Tables
from ri_assets_tests.personas.privacy.test_auditor import PLANTED
from ri_assets_tests.published import Stored
from ri_assets_tests.small import SMALL_PROFILE

PROFILE = load_profile(str(SMALL_PROFILE))
ENRICHED = CONTRACTS["personas_enriched"]


def figure(stored: Stored, asset: str = "personas_enriched") -> Figure:
    return privacy(asset, CONTRACTS[asset], stored.__getitem__, PROFILE.enrich)


def planted(stored: Stored, table: str, column: str, text: str) -> Stored:
    """Put a text into the first row of a column, in a list where the column holds lists."""
    tables = stored["personas_enriched"]
    old = tables.by_name[table] if tables.by_name[table].num_rows else one_row(tables, table)
    place = old.schema.get_field_index(column)
    values = old[column].to_pylist()
    values[0] = [*values[0], text] if isinstance(values[0], list) else text
    new = old.set_column(place, old.schema.field(place), pa.array(values, old.schema.types[place]))
    changed = Tables(tables.corpus, {**tables.by_name, table: new}, tables.main)
    return {**stored, "personas_enriched": changed}


def one_row(tables: Tables, table: str) -> pa.Table:
    """Give a table without rows a plain one: the small run has no emoji that many use."""
    schema = tables.by_name[table].schema
    row = {field.name: "plain" if pa.types.is_string(field.type) else 1 for field in schema}
    return pa.Table.from_pylist([row], schema)


def some_handle(stored: Stored) -> str:
    handles = stored["raw_replies"].by_name["raw_replies"]["author_handle"].drop_null()
    return next(str(handle) for handle in handles.to_pylist() if "_" in str(handle))


@pytest.mark.parametrize("asset", PUBLIC)
def test_what_was_published_holds_nothing_private(as_stored: Stored, asset: str) -> None:
    found = figure(as_stored, asset)
    assert found.value == 0, found.facts
    assert found.n > 20
    assert found.details["handles_of_people"] > 50


@pytest.mark.parametrize("kind", sorted(PLANTED))
def test_each_kind_blocks_and_is_told_without_the_text(as_stored: Stored, kind: str) -> None:
    text = PLANTED[kind]
    if kind == "author handle":
        text = f"and {some_handle(as_stored).upper()} said no"
    found = figure(planted(as_stored, "samples", "text", text))
    assert found.value == 1
    assert f"samples.text: {kind} (1)" in str(found.facts["found"])
    verdicts = judge_all(
        checks_of("personas_enriched"), {"privacy": found}, PROFILE.gates, sha256=""
    )
    verdict = next(v for v in verdicts if v.check == "privacy")
    assert verdict.is_blocking
    assert not verdict.is_passed
    told = f"{verdict} {found.details}"
    for word in text.split():
        assert word not in told or word.isalpha()


COLUMNS = [
    (table.name, column.name)
    for table in ENRICHED.tables
    for column in table.columns
    if column.allowed is None and not column.is_own and "string" in str(column.type)
    if column.record is None  # see `test_texts_within_a_record_are_scanned_too`
]


def test_columns_are_found_by_their_type() -> None:
    assert {
        ("samples", "text"), ("terms", "term"), ("emoji", "term"),
        ("personas_enriched", "name"), ("personas_enriched", "focus"),
        ("personas_enriched", "key_insight"), ("personas_enriched", "name_evidence"),
        ("personas_enriched", "top_terms"), ("personas_enriched", "do_hints"),
    } <= set(COLUMNS)  # fmt: skip


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_text_column_is_scanned(as_stored: Stored, table: str, column: str) -> None:
    found = figure(planted(as_stored, table, column, "ring 98765 43210"))
    assert {(f["table"], f["column"]) for f in found.details["found"]} == {(table, column)}


def test_a_column_of_tomorrow_is_scanned_too() -> None:
    class Row(Record):
        a: str | None
        b: tuple[str, ...] | None
        c: tuple[tuple[str, ...], ...] | None
        n: int

    contract = AssetContract(Table("t", "one row", Row, ()))
    rows = [{"a": "x", "b": ["y", None], "c": [["z"], []], "n": 1}, {"a": None, "n": 2}]
    tables = Tables("", {"t": pa.Table.from_pylist(rows, contract.main.schema)}, "t")
    assert list(texts_of(contract, tables)) == [("t", "a", "x"), ("t", "b", "y"), ("t", "c", "z")]


def test_texts_within_a_record_are_scanned_too() -> None:
    class Part(Record):
        name: Annotated[str, column("Id.", is_own=True)]
        said: str

    class Row(Record):
        parts: tuple[Part, ...]

    contract = AssetContract(Table("t", "one row", Row, ()))
    rows = [{"parts": [{"name": "x", "said": "y"}, {"name": "x", "said": "z"}]}, {"parts": []}]
    tables = Tables("", {"t": pa.Table.from_pylist(rows, contract.main.schema)}, "t")
    assert list(texts_of(contract, tables)) == [("t", "parts.said", "y"), ("t", "parts.said", "z")]


def test_a_brand_of_the_profile_may_be_read(as_stored: Stored) -> None:
    stored = planted(as_stored, "samples", "text", "ask @newfirm_care for the refund")
    assert figure(stored).value == 1
    settings = PROFILE.enrich.model_copy(update={"brands": ("newfirm_care",)})
    assert privacy("personas_enriched", ENRICHED, stored.__getitem__, settings).value == 0


def test_what_was_withheld_is_counted_and_blocks_nothing(as_stored: Stored) -> None:
    tables = as_stored["personas_enriched"]
    figures = tables.by_name["figures"].to_pylist()
    row = next(row for row in figures if row["figure"] == "withheld_texts")
    row |= {"value": 3.0, "note": "samples: 2; terms: 1"}
    changed = pa.Table.from_pylist(figures, tables.by_name["figures"].schema)
    by_name = {**tables.by_name, "figures": changed}
    stored = {**as_stored, "personas_enriched": Tables(tables.corpus, by_name, tables.main)}
    found = figure(stored)
    assert found.value == 0
    assert found.details["texts_withheld"] == 3
    assert found.details["texts_withheld_of"] == "samples: 2; terms: 1"


def test_texts_of_exports_are_read_and_ids_are_not() -> None:
    person = {"persona_id": "P01", "name": "ring 98765 43210", "tier_label": "ask @who"}
    samples = [{"tweet_id": "1953000000000000000", "text": "ask @whoever", "rank": 1}]
    files = {
        "personas_enriched.json": json.dumps(
            {"snapshot": "20260101T000000Z", "personas": [person]}
        ),
        "persona_samples_full.json": json.dumps({"personas": [{"samples": samples}]}),
        "personas_for_review.csv": "snapshot,focus\r\n20260101T000000Z,see t.co/ab\r\n",
        "persona_briefs.json": "no JSON",
        "tweet_persona_mapping.json": json.dumps({"tweets": [{"text": "never read"}]}),
    }

    def opened(name: str) -> io.BytesIO:
        if name not in files:
            raise FileNotFoundError(name)
        return io.BytesIO(files[name].encode("utf-8-sig"))

    assert list(texts_of_exports(opened)) == [
        ("personas_enriched.json", "name", "ring 98765 43210"),
        ("personas_for_review.csv", "focus", "see t.co/ab"),
        ("persona_samples_full.json", "text", "ask @whoever"),
    ]


def test_what_an_export_leaks_blocks_and_is_named(as_stored: Stored) -> None:
    exports = [("persona_briefs.json", "sample", "ask @whoever")]
    found = privacy(
        "ri_index_app",
        CONTRACTS["ri_index_app"],
        as_stored.__getitem__,
        PROFILE.enrich,
        exports,
    )
    assert found.value == 1
    assert found.facts["found"] == "persona_briefs.json.sample: handle (1)"
