"""Figures on what a real run published, then with one row lost, repeated or added."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ri_assets.config import load_profile
from ri_assets.quality.checks import checks_of
from ri_assets.quality.judge import judge_all
from ri_assets.quality.measure import Figures, measure
from ri_assets.records.assets import ASSETS
from ri_assets.resources.dagster_pandas_contract import breaches
from ri_assets.store.tables import Tables
from ri_assets_tests.published import Stored
from ri_assets_tests.small import SMALL_PROFILE

Change = Callable[[pa.Table], pa.Table]


PROFILE = load_profile(str(SMALL_PROFILE))


def figures(stored: Stored, asset: str) -> Figures:
    return measure(asset, stored.__getitem__, PROFILE, breaches)


def value(stored: Stored, asset: str, name: str) -> float:
    found = figures(stored, asset)[name].value
    assert found is not None
    return found


def failing(stored: Stored, asset: str) -> set[str]:
    # `privacy` and `exports` have figures and tests of their own; `continuity` asks the
    # store, not the tables: ri_assets_tests/test_lineage.py.
    checks = [c for c in checks_of(asset) if c.name not in {"privacy", "exports", "continuity"}]
    verdicts = judge_all(checks, figures(stored, asset), PROFILE.gates, "")
    return {verdict.check for verdict in verdicts if verdict.is_blocking and not verdict.is_passed}


def changed(stored: Stored, asset: str, table: str, change: Change) -> Stored:
    tables = stored[asset]
    new = {**tables.by_name, table: change(tables.by_name[table])}
    return {**stored, asset: Tables(tables.corpus, new, tables.main)}


def without_third(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 2), table.slice(3)])


def third_twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 3), table.slice(2)])


def one_more(table: pa.Table) -> pa.Table:
    """Repeat the last row under a key of its own, as a row from nowhere."""
    row = table.slice(len(table) - 1).to_pylist()[0]
    key = "tweet_id" if "tweet_id" in row else "persona_id"
    row[key] = row[key] + (1 if key == "tweet_id" else "x")
    return pa.concat_tables([table, pa.Table.from_pylist([row], schema=table.schema)])


def test_what_was_published_passes_every_blocking_check(as_stored: Stored) -> None:
    assert {asset: failing(as_stored, asset) for asset in ASSETS} == {a: set() for a in ASSETS}


TWEET_TABLES = [
    ("raw_tweets", "raw_tweets"),
    ("raw_replies", "raw_replies"),
    ("denoised_tweets", "denoised_tweets"),
    ("embeddings", "embeddings"),
    ("embeddings", "content_embeddings"),
    ("behavioral_features", "behavioral_features"),
    ("umap_50d", "umap_50d"),
    ("clusters", "clusters"),
    ("ri_index_app", "tweet_personas"),
]
PERSONA_TABLES = [("personas_enriched", "personas_enriched"), ("ri_index_app", "ri_index_app")]


@pytest.mark.parametrize(("asset", "table"), [*TWEET_TABLES, *PERSONA_TABLES])
def test_a_lost_row_is_missed(as_stored: Stored, asset: str, table: str) -> None:
    stored = changed(as_stored, asset, table, without_third)
    assert figures(stored, asset)["contract"].value == 0
    assert value(stored, asset, "conservation") >= 1
    assert "conservation" in failing(stored, asset)


@pytest.mark.parametrize(("asset", "table"), [*TWEET_TABLES, *PERSONA_TABLES])
def test_an_added_row_is_noticed(as_stored: Stored, asset: str, table: str) -> None:
    stored = changed(as_stored, asset, table, one_more)
    assert figures(stored, asset)["contract"].value == 0
    assert "conservation" in failing(stored, asset)


@pytest.mark.parametrize(("asset", "table"), [*TWEET_TABLES, *PERSONA_TABLES])
def test_a_repeated_row_breaks_the_contract(as_stored: Stored, asset: str, table: str) -> None:
    stored = changed(as_stored, asset, table, third_twice)
    assert failing(stored, asset) >= {"contract", "conservation"}
    assert table in str(figures(stored, asset)["contract"].facts["found"])


@pytest.mark.parametrize(("asset", "table"), TWEET_TABLES[:-1])
def test_one_lost_tweet_counts_as_one(as_stored: Stored, asset: str, table: str) -> None:
    stored = changed(as_stored, asset, table, without_third)
    assert figures(stored, asset)["conservation"].value == 1


@pytest.mark.parametrize("part", ["samples", "terms", "rhythm", "traits", "persona_lineage"])
def test_a_repeated_row_beside_the_personas_breaks_the_contract(
    as_stored: Stored, part: str
) -> None:
    assert "contract" in failing(
        changed(as_stored, "personas_enriched", part, third_twice), "personas_enriched"
    )


def test_a_tweet_both_kept_and_dropped_is_noticed(as_stored: Stored) -> None:
    kept = as_stored["denoised_tweets"].by_name["denoised_tweets"]["tweet_id"][5].as_py()
    schema = as_stored["denoised_tweets"].by_name["dropped"].schema
    row = {"tweet_id": kept, "rule": "short", "score": 0.5, "duplicate_of": None}
    stored = changed(
        as_stored,
        "denoised_tweets",
        "dropped",
        lambda _: pa.Table.from_pylist([row], schema=schema),
    )
    assert figures(stored, "denoised_tweets")["conservation"].value == 1


def _put(made: pa.Table, _: pa.Table) -> pa.Table:
    return made


def test_every_rejected_and_left_out_row_is_accounted_for(as_stored: Stored) -> None:
    def read_more(n_read: int, n_left_out: int, n_told: int) -> float:
        intake = {
            "n_read": n_read, "n_left_out": n_told, "n_rejected": 0, "n_accepted": 160,
            "n_forgotten": 0,
        }  # fmt: skip
        gone = [{"tweet_id": n, "reason": "retweet"} for n in range(n_left_out)]
        stored = as_stored
        for table, rows in (("intake", [intake]), ("left_out", gone)):
            schema = as_stored["raw_tweets"].by_name[table].schema
            made = pa.Table.from_pylist(rows, schema=schema)
            stored = changed(stored, "raw_tweets", table, partial(_put, made))
        return value(stored, "raw_tweets", "conservation")

    assert read_more(160, 0, 0) == 0
    assert read_more(163, 3, 3) == 0
    assert read_more(163, 0, 0) == 3
    assert read_more(150, 0, 0) == 10
    assert read_more(163, 3, 2) == 1


@pytest.mark.parametrize(
    ("asset", "table", "column"),
    [
        ("embeddings", "embeddings", "embedding"),
        ("embeddings", "content_embeddings", "embedding"),
        ("umap_50d", "umap_50d", "umap"),
    ],
)
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_is_no_vector(
    as_stored: Stored, asset: str, table: str, column: str, broken: float
) -> None:
    def spoilt(table: pa.Table) -> pa.Table:
        lists = table[column].combine_chunks()
        values = lists.flatten().to_numpy().copy()
        values[3] = broken
        new = pa.FixedSizeListArray.from_arrays(pa.array(values), lists.type.list_size)
        place = table.schema.get_field_index(column)
        return table.set_column(place, table.schema.field(column), new.cast(lists.type))

    stored = changed(as_stored, asset, table, spoilt)
    assert figures(stored, asset)["conservation"].value == 1


def test_content_words_may_be_left_unread(as_stored: Stored) -> None:
    nothing = changed(
        as_stored, "embeddings", "content_embeddings", lambda table: table.slice(0, 0)
    )
    assert figures(nothing, "embeddings")["conservation"].value == 0


def test_retention_and_coverage_are_plain_shares(as_stored: Stored) -> None:
    stored = changed(as_stored, "clusters", "clusters", lambda table: table.slice(0, 120))
    kept = as_stored["denoised_tweets"].by_name["denoised_tweets"].num_rows
    assert figures(stored, "clusters")["coverage"].value == pytest.approx(120 / kept)
    fewer = changed(
        as_stored, "denoised_tweets", "denoised_tweets", lambda table: table.slice(0, 40)
    )
    assert figures(fewer, "denoised_tweets")["retention"].value == pytest.approx(40 / 160)


def test_personas_are_counted_and_compared(as_stored: Stored) -> None:
    labels = pd.Series(as_stored["clusters"].by_name["clusters"]["cluster"].to_pylist())
    found = figures(as_stored, "clusters") | figures(as_stored, "personas_enriched")
    assert found["cluster_count"].value == labels.nunique()
    assert "merged" not in found["cluster_count"].facts
    beside = as_stored["clusters"].frame("figures").set_index("figure")
    stored = beside.loc["cluster_count"]
    assert found["cluster_count"].null_mean == pytest.approx(stored["null_mean"])
    assert found["cluster_count"].null_p95 == pytest.approx(stored["null_p95"])
    assert found["cluster_count"].details["joined"] == beside.loc["clusters_joined"]["note"]
    assert "joined to others: " in found["cluster_count"].details["joined"]
    sizes = labels.groupby(labels).size()
    assert found["size_ratio"].value == pytest.approx(sizes.max() / sizes.min())


def test_a_moved_tweet_disagrees_with_the_listed_sizes(as_stored: Stored) -> None:
    def moved(table: pa.Table) -> pa.Table:
        ids = table["persona_id"].to_pylist()
        other = next(persona for persona in ids if persona != ids[0])
        place = table.schema.get_field_index("persona_id")
        return table.set_column(place, table.schema.field(place), pa.array([other, *ids[1:]]))

    stored = changed(as_stored, "ri_index_app", "tweet_personas", moved)
    assert "conservation" in failing(stored, "ri_index_app")


def test_a_persona_that_the_history_does_not_know_breaks_the_lineage(
    as_stored: Stored,
) -> None:
    stored = changed(as_stored, "personas_enriched", "persona_lineage", without_third)
    found = figures(stored, "personas_enriched")["lineage"]
    assert found.value == 1
    assert "P03 is neither born nor kept in this run" in str(found.facts["found"])
    assert failing(stored, "personas_enriched") == {"lineage"}


def test_one_author_shown_twice_is_no_evidence(as_stored: Stored) -> None:
    tweets = as_stored["denoised_tweets"].by_name["denoised_tweets"].to_pandas()
    busiest = tweets["author_handle"].value_counts().index[0]
    twice = tweets.loc[tweets["author_handle"] == busiest, "tweet_id"].tolist()[:2]
    assert len(twice) == 2

    def repeating(table: pa.Table) -> pa.Table:
        assert table["persona_id"][0] == table["persona_id"][1]
        place = table.schema.get_field_index("tweet_id")
        ids = [*twice, *table["tweet_id"].to_pylist()[2:]]
        return table.set_column(place, table.schema.field(place), pa.array(ids))

    stored = changed(as_stored, "personas_enriched", "samples", repeating)
    assert figures(stored, "personas_enriched")["evidence"].value == 1
    assert "evidence" in failing(stored, "personas_enriched")


@pytest.mark.parametrize("asset", ["raw_tweets", "raw_replies"])
def test_a_source_of_which_too_much_is_lost_fails_the_intake(as_stored: Stored, asset: str) -> None:
    def with_lost(n: int) -> Stored:
        rows = [
            {"reason": "bad_id", "detail": "d", "tweet_id": f"x{k}", "raw": f"x{k}"}
            for k in range(n)
        ]
        tables = as_stored[asset].by_name
        n_read = len(tables[asset]) + n
        intake = [{**tables["intake"].to_pylist()[0], "n_read": n_read, "n_rejected": n}]
        stored = as_stored
        for table, made in (("rejected", rows), ("intake", intake)):
            schema = as_stored[asset].by_name[table].schema
            stored = changed(
                stored, asset, table, partial(_put, pa.Table.from_pylist(made, schema=schema))
            )
        return stored

    n = len(as_stored[asset].by_name[asset])
    few, many = n // 60, n // 40
    assert failing(with_lost(few), "raw_tweets") == set()
    assert failing(with_lost(many), "raw_tweets") == {"intake"}
    figure = figures(with_lost(many), "raw_tweets")["intake"]
    assert figure.value == pytest.approx(many / (n + many))
    kind = asset.removeprefix("raw_")
    assert figure.facts["lost"] == f"{many} of {n + many} {kind} (bad_id {many})"


def test_a_column_that_is_mostly_unreadable_fails_the_intake(as_stored: Stored) -> None:
    def with_unreadable(n: int) -> Stored:
        row = {
            "place": 1, "theirs": "likes", "ours": "like_count", "n_filled": 100,
            "n_unreadable": n, "expected": "a number",
        }  # fmt: skip
        schema = as_stored["raw_tweets"].by_name["reading"].schema
        made = pa.Table.from_pylist([row], schema=schema)
        return changed(as_stored, "raw_tweets", "reading", partial(_put, made))

    assert failing(with_unreadable(50), "raw_tweets") == set()
    assert failing(with_unreadable(51), "raw_tweets") == {"intake"}
    assert figures(with_unreadable(51), "raw_tweets")["intake"].value == pytest.approx(0.51)
