"""Snapshots of an earlier version, which lack columns that came later."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from ri_assets.errors import StoreError
from ri_assets.personas.lineage.published import read_previous
from ri_assets.quality.drift import Standing
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.personas import PERSONAS, PERSONAS_ENRICHED, Persona
from ri_assets.records.record import Column
from ri_assets.records.table import Table
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.authors import NO_AUTHOR_KNOWN
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id
from ri_assets.store.snapshot import Snapshot, file_name
from ri_assets_tests.published import Published, rewrite

LATER = [column for column in PERSONAS.columns if not column.is_needed]


def without(published: Published, asset: str, table: Table, columns: list[Column]) -> None:
    """Publish a table without columns."""
    name = file_name(asset, table.name)
    names = [column.name for column in columns]
    rewrite(published, name, pq.read_table(published.place(name)).drop_columns(names))


def test_a_missing_column_reads_as_the_contract_says(synthetic: Published) -> None:
    known = synthetic.ri.get_persona(0)
    without(synthetic, "personas_enriched", PERSONAS, LATER)
    found = RIIndex.open(store=synthetic.store).get_persona(0)
    assert (found.name, found.tweet_count, found.share) == (
        known.name,
        known.tweet_count,
        known.share,
    )
    assert (found.trend, found.complaint_words) == ("unknown", ())
    assert found.trend_basis == "not measured when this snapshot was published"
    assert (found.automatic_name, found.automatic_focus) == (known.name, known.focus)
    for name in ("share_low", "share_high", "complaint_share", "is_pain_point", "name_source"):
        assert getattr(found, name) is None
    nullable = [c.name for c in LATER if c.nullable]
    assert {getattr(found, name) for name in nullable} == {None}
    Persona.model_validate(found.to_dict())


def test_a_column_that_had_another_name_is_read_by_it(synthetic: Published) -> None:
    known = [(p.persona_id, p.stability) for p in synthetic.ri.list_personas()]
    assert known[0][1] == "stable"
    for asset, contract in CONTRACTS.items():
        for table in contract.tables:
            name = file_name(asset, table.name)
            if synthetic.place(name).exists():
                stored = pq.read_table(synthetic.place(name))
                before = {column.name: column.was or column.name for column in table.columns}
                rewrite(synthetic, name, stored.rename_columns(before))
    assert "verdict" in pq.read_schema(synthetic.folder / "ri_index_app.parquet").names
    ri = RIIndex.open(store=synthetic.store)
    assert [(p.persona_id, p.stability) for p in ri.list_personas()] == known
    assert [(p.persona_id, p.stability) for p in ri.quality().personas] == known
    columns = ["persona_id", "stability"]
    table = Snapshot(Files(str(synthetic.store))).table("ri_index_app", columns=columns)
    assert sorted(map(tuple, table.to_pandas().to_numpy())) == sorted(known)


def test_a_column_without_which_nothing_can_be_said_is_asked_for_by_name(
    synthetic: Published,
) -> None:
    # Whether evidence is withheld protects people, so no default may stand in for it.
    needed = [c for c in PERSONAS.columns if c.name in {"share", "is_evidence_withheld"}]
    for column in needed:
        stored = pq.read_table(synthetic.folder / "personas_enriched.parquet")
        without(synthetic, "personas_enriched", PERSONAS, [column])
        with pytest.raises(StoreError, match=rf"lack {column.name}\n.*\n.*rerun the pipeline"):
            RIIndex.open(store=synthetic.store).list_personas()
        rewrite(synthetic, "personas_enriched.parquet", stored)


def test_every_question_is_answered_without_any_column_that_may_be_missing(
    synthetic: Published,
) -> None:
    for asset, contract in CONTRACTS.items():
        for table in contract.tables:
            stored = synthetic.place(file_name(asset, table.name))
            if stored.exists():
                lacking = [column for column in table.columns if not column.is_needed]
                without(synthetic, asset, table, lacking)
    ri = RIIndex.open(store=synthetic.store)
    everybody = ri.list_personas(brief=False)
    assert len(everybody) == 12
    assert len(ri.filter_personas(min_size=1, top_terms=["word"], max_avg_word_count=1000)) == 0
    first, second = everybody[:2]
    assert len(ri.get_tweet_samples(first)) > 0
    assert ri.get_persona_rhythm(first).items == ()
    assert ri.get_persona_terms(first).items == ()
    assert ri.compare(first, second).a.persona_id == first.persona_id
    for method in ("language", "style", "size"):
        assert len(ri.find_similar_personas(first, method)) > 0
    assert ri.get_audience().author_count is None
    assert ri.get_audience().first_tweet_at is None
    assert ri.get_persona_overlap().note == NO_AUTHOR_KNOWN
    assert ri.get_summary_stats().kept_tweets == 600
    assert len(ri.get_persona_coverage()) == 12
    assert len(ri.quality().personas) == 12
    assert ri.diff(ri.snapshot).moved_tweets == 0
    assert ri.lineage(first).items == ()
    # Who wrote the texts is not known any more, so none is shown.
    assert {tweet.text for tweet in ri.get_persona_tweets(first, with_text=True)} == {None}
    files = Files(str(synthetic.store))
    base = current_id(files)
    previous = read_previous(files, base)
    assert previous is not None
    assert previous.automatic_names == previous.names
    assert Standing.published(files, base) is not None


def test_what_an_older_snapshot_reads_as_fits_the_column() -> None:
    for table in PERSONAS_ENRICHED.tables:
        empty = table.schema.empty_table()
        needed = [column.name for column in table.columns if column.is_needed]
        whole = table.read(empty.select(needed), table.names, "a test")
        assert (
            whole.schema.equals(table.schema, check_metadata=False)
            or whole.schema.types == table.schema.types
        )
        assert whole.column_names == table.names
