"""What spans snapshots: the list of them, their difference, the lineage of a persona."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.errors import NotFoundError, QueryError
from ri_assets.records.personas import PERSONA_LINEAGE
from ri_assets.ri_index import RIIndex
from ri_assets_tests.published import Published, opened, rewrite

HISTORY = [
    (1, "P01", "born", None, "P01 is new."),
    (1, "P99", "born", None, "P99 is new."),
    (2, "P01", "kept", None, "P01 stays."),
    (2, "P99", "merged", "P01", "P99 went into P01."),
]


@pytest.fixture
def later(synthetic: Published) -> Published:
    """A second snapshot in the same store: more tweets, other personas, another profile."""
    time.sleep(1.1)  # ids begin with the second of publication
    write_snapshot(str(synthetic.store), 900, load_profile("report"), seed=1)
    return opened(synthetic.store)


def test_snapshots_are_listed_oldest_first(synthetic: Published, later: Published) -> None:
    found = later.ri.snapshots()
    assert [s.snapshot for s in found] == [synthetic.folder.name, later.folder.name]
    assert [s.is_current for s in found] == [False, True]
    assert [s.profile for s in found] == ["small", "report"]
    (synthetic.folder / "manifest.json").write_text("{}")
    assert "is damaged" in str(later.ri.snapshots()[0].problem)


def test_an_earlier_snapshot_stays_open(synthetic: Published, later: Published) -> None:
    earlier = RIIndex.open(synthetic.folder.name, store=later.store)
    assert earlier.get_summary_stats().kept_tweets == 600
    assert later.ri.get_summary_stats().kept_tweets == 900


def test_diff_counts_what_moved(synthetic: Published, later: Published) -> None:
    found = later.ri.diff(synthetic.folder.name)
    a, b = (p.frame("ri_index_app.tweet_personas") for p in (synthetic, later))
    both = a.merge(b, on="tweet_id", suffixes=("_a", "_b"))
    assert (found.shared_tweets, found.only_a, found.only_b) == (600, 0, 300)
    assert found.is_profile_changed
    assert found.is_corpus_changed
    n_moved = 0
    assert [(c.event, c.persona_b) for c in found.personas] == [
        ("kept", c.persona_a) for c in found.personas
    ]
    for change in found.personas:
        mine = set(both.loc[both["persona_id_a"] == change.persona_a, "tweet_id"])
        theirs = set(both.loc[both["persona_id_b"] == change.persona_b, "tweet_id"])
        assert change.jaccard == pytest.approx(len(mine & theirs) / len(mine | theirs))
        assert change.kept_share == pytest.approx(len(mine & theirs) / len(mine))
        n_moved += len(mine - theirs)
    assert found.moved_tweets == n_moved
    assert found.new_personas == ()


def test_diff_goes_by_ids_and_lineage_not_by_the_greatest_overlap(
    synthetic: Published, later: Published
) -> None:
    """P12 was merged into P11 and that into P02, P10 was retired; P01 shares no tweet with P01."""
    gone = ["P10", "P11", "P12"]
    history = [
        (2, "P12", "retired", "P11", "P12 is retired."),
        (2, "P12", "merged", "P11", "P12 was merged into P11."),
        (3, "P11", "retired", "P02", "P11 is retired."),
        (3, "P11", "merged", "P02", "P11 was merged into P02."),
        (3, "P10", "retired", "P03", "P10 is retired."),
    ]
    with_history(later, history, without=gone)
    found = RIIndex.open(store=later.store).diff(synthetic.folder.name)
    fates = {c.persona_a: (c.event, c.persona_b) for c in found.personas}
    assert {one: fates[one] for one in gone} == {
        "P10": ("retired", None),
        "P11": ("merged", "P02"),
        "P12": ("merged", "P02"),
    }
    assert all(fates[one] == ("kept", one) for one in fates if one not in gone)
    assert found.new_personas == ()
    backwards = synthetic.ri.diff(later.folder.name, synthetic.folder.name)
    assert {c.event for c in backwards.personas} == {"kept"}
    assert set(backwards.new_personas) == set(gone)


def test_diff_with_a_snapshot_whose_lineage_does_not_know_a_persona(
    synthetic: Published, later: Published
) -> None:
    with_history(later, [], without=["P12"])
    found = RIIndex.open(store=later.store).diff(synthetic.folder.name)
    [absent] = [change for change in found.personas if change.event != "kept"]
    assert (absent.persona_a, absent.event, absent.persona_b) == ("P12", "absent", None)
    assert (absent.jaccard, absent.kept_share) == (0, 0)


def test_a_snapshot_does_not_differ_from_itself(synthetic: Published) -> None:
    found = synthetic.ri.diff(synthetic.folder.name, synthetic.folder.name)
    assert found.moved_tweets == found.only_a == found.only_b == 0
    assert {c.jaccard for c in found.personas} == {1.0}
    assert [c.persona_a for c in found.personas] == [c.persona_b for c in found.personas]
    assert not found.is_profile_changed
    assert found.new_personas == ()


def test_diff_with_an_unknown_snapshot(synthetic: Published) -> None:
    with pytest.raises(NotFoundError, match="no snapshot 'yesterday'"):
        synthetic.ri.diff("yesterday")


def with_history(
    published: Published,
    history: Sequence[tuple[object, ...]] = HISTORY,
    without: Sequence[str] = (),
) -> RIIndex:
    """Publish a history by hand, in the columns that `persona_lineage` has.

    Personas named by `without` are taken out of the snapshot.
    """
    table = PERSONA_LINEAGE
    columns = ["sequence", "persona_id", "event", "other_persona_id", "sentence"]
    frame = pd.DataFrame(history, columns=columns).reindex(columns=table.names)
    rewrite(
        published,
        "personas_enriched.persona_lineage.parquet",
        pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False),
    )
    personas = pq.read_table(published.folder / "personas_enriched.parquet")
    kept = pc.invert(pc.is_in(personas["persona_id"], pa.array(without, pa.string())))
    rewrite(published, "personas_enriched.parquet", personas.filter(kept))
    return RIIndex.open(store=published.store)


def test_lineage_tells_of_a_persona_and_of_a_retired_one(synthetic: Published) -> None:
    ri = with_history(synthetic)
    assert [e.sentence for e in ri.lineage("P01")] == [
        "P01 is new.",
        "P01 stays.",
        "P99 went into P01.",
    ]
    assert [e.event for e in ri.lineage("p99")] == ["born", "merged"]
    with pytest.raises(NotFoundError, match="no persona 'P77'"):
        ri.lineage("P77")
    with pytest.raises(QueryError):
        ri.lineage(None)  # type: ignore[arg-type]
