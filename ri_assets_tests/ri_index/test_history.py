"""What spans snapshots: the list of them, their difference, the lineage of a persona."""

from __future__ import annotations

import hashlib
import json
import time

import pandas as pd
import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.errors import NotFoundError, QueryError, StoreError
from ri_assets.ri_index import RIIndex
from ri_assets_tests.ri_index.conftest import Published, opened


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
    for change in found.personas:
        mine = set(both.loc[both["persona_id_a"] == change.persona_a, "tweet_id"])
        jaccard = {}
        for persona, rows in both.groupby("persona_id_b"):
            theirs = set(rows["tweet_id"])
            jaccard[str(persona)] = len(mine & theirs) / len(mine | theirs)
        assert change.jaccard == pytest.approx(max(jaccard.values()))
        assert jaccard[str(change.persona_b)] == pytest.approx(change.jaccard)
        kept = both["tweet_id"].isin(mine) & (both["persona_id_b"] == change.persona_b)
        assert change.kept_share == pytest.approx(kept.sum() / len(mine))
        n_moved += len(mine) - int(kept.sum())
    assert found.moved_tweets == n_moved
    successors = {change.persona_b for change in found.personas}
    assert set(found.new_personas) == set(b["persona_id"]) - successors


def test_a_snapshot_does_not_differ_from_itself(synthetic: Published) -> None:
    found = synthetic.ri.diff(synthetic.folder.name, synthetic.folder.name)
    assert found.moved_tweets == found.only_a == found.only_b == 0
    assert {c.jaccard for c in found.personas} == {1.0}
    assert [c.persona_a for c in found.personas] == [c.persona_b for c in found.personas]
    assert not found.is_profile_changed
    assert found.new_personas == ()


def test_diff_with_an_unknown_snapshot(synthetic: Published) -> None:
    with pytest.raises(StoreError, match="no snapshot 'yesterday'"):
        synthetic.ri.diff("yesterday")


HISTORY = [
    (1, "P01", "born", None, "P01 is new."),
    (1, "P99", "born", None, "P99 is new."),
    (2, "P01", "kept", None, "P01 stays."),
    (2, "P99", "merged", "P01", "P99 went into P01."),
]


def with_history(published: Published) -> RIIndex:
    """Publish a history by hand, in the columns that `persona_lineage` has."""
    name = "personas_enriched.persona_lineage.parquet"
    frame = pd.DataFrame(
        HISTORY, columns=["sequence", "persona_id", "event", "other_persona_id", "sentence"]
    )
    missing = (
        "basis",
        "previous_snapshot",
        "shared_tweets",
        "jaccard",
        "centroid_cosine",
        "tweets_before",
        "tweets_after",
        "name_before",
        "name",
        "evidence_name",
    )
    frame.assign(**dict.fromkeys(missing)).to_parquet(published.folder / name)
    path = published.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    content = (published.folder / name).read_bytes()
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(manifest))
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
