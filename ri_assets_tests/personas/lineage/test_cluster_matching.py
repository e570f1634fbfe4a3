from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.personas.lineage.cluster_matching import (
    LEAST_COSINE,
    Float64,
    Overlap,
    centred_cosines,
    count_overlap,
    match,
)


def before(personas: list[str], *, first: int = 0) -> pd.DataFrame:
    return pd.DataFrame(
        {"tweet_id": range(first, first + len(personas)), "persona_id": personas}
    ).astype({"persona_id": "object"})


def now(clusters: list[int], *, first: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"tweet_id": range(first, first + len(clusters)), "cluster": clusters})


def matched(overlap: Overlap, cosine: Float64 | None = None) -> dict[str, int]:
    return {one.persona_id: one.cluster for one in match(overlap, cosine)}


def test_counts_are_of_the_right_pairs() -> None:
    overlap = count_overlap(before(["P02"] * 4 + ["P01"] * 2), now([7] * 3 + [5] * 5, first=1))
    assert overlap.personas == ("P01", "P02")
    assert overlap.clusters == (5, 7)
    assert overlap.shared.tolist() == [[2, 0], [0, 3]]
    assert (overlap.before.tolist(), overlap.now.tolist()) == ([2, 4], [5, 3])
    assert (overlap.stayed.tolist(), overlap.known.tolist()) == ([2, 3], [2, 3])


def test_of_two_clusters_of_one_size_the_one_with_the_earliest_tweet_comes_first() -> None:
    assert count_overlap(before([]), now([3, 3, 1, 1])).clusters == (3, 1)
    assert count_overlap(before([]), now([1, 1, 3, 3])).clusters == (1, 3)


def test_the_larger_part_of_a_split_goes_on() -> None:
    overlap = count_overlap(before(["P01"] * 100), now([0] * 40 + [1] * 60))
    assert matched(overlap) == {"P01": 1}


def test_the_largest_of_many_parts_goes_on_without_a_majority() -> None:
    overlap = count_overlap(before(["P01"] * 100), now([0] * 25 + [1] * 40 + [2] * 35))
    assert matched(overlap) == {"P01": 1}


def test_the_larger_contributor_of_a_merger_goes_on() -> None:
    overlap = count_overlap(before(["P01"] * 40 + ["P02"] * 60), now([0] * 100))
    assert matched(overlap) == {"P02": 0}


def test_a_majority_on_both_sides_is_never_traded_for_a_greater_sum() -> None:
    """P01 is 60 and 40, P02 joins the 60: the greatest sum would give P01 the 40."""
    overlap = count_overlap(
        before(["P01"] * 100 + ["P02"] * 50), now([0] * 60 + [1] * 40 + [0] * 50)
    )
    assert matched(overlap) == {"P01": 0}


def test_what_shares_little_is_someone_else() -> None:
    spread = [n % 5 for n in range(100)]
    assert matched(count_overlap(before(["P01"] * 100), now(spread))) == {}


def test_a_few_tweets_decide_only_for_the_small() -> None:
    few = before(["P01"] * 4 + ["P02"] * 4)
    assert matched(count_overlap(few, now([0] * 4 + [1] * 4))) == {"P01": 0, "P02": 1}
    grown = now([0] * 4 + [1] * 4 + [0] * 96 + [1] * 96)
    older = pd.concat([few, before(["P01"] * 96 + ["P02"] * 96, first=1000)])
    assert matched(count_overlap(older, grown)) == {}
    assert matched(count_overlap(older, grown), np.array([[0.9, 0.1], [0.1, 0.9]])) == {
        "P01": 0,
        "P02": 1,
    }


def test_the_centroid_decides_where_no_tweet_is_shared() -> None:
    overlap = count_overlap(before(["P01"] * 9 + ["P02"] * 8), now([0] * 9 + [1] * 8, first=100))
    near = LEAST_COSINE + 0.01
    assert matched(overlap, np.array([[0.1, near], [near, 0.2]])) == {"P01": 1, "P02": 0}
    far = LEAST_COSINE - 0.01
    assert matched(overlap, np.array([[0.1, far], [near, 0.2]])) == {"P02": 0}
    assert {one.basis for one in match(overlap, np.full((2, 2), near))} == {"centroid"}


def test_the_centroid_does_not_overrule_members() -> None:
    """All tweets are in both runs: P02 has joined P01, and cluster 1 is a part of P01."""
    overlap = count_overlap(
        before(["P01"] * 100 + ["P02"] * 20), now([0] * 70 + [1] * 30 + [0] * 20)
    )
    assert matched(overlap, np.ones((2, 2))) == {"P01": 0}


def test_the_centroid_leaves_alone_what_members_settled() -> None:
    overlap = count_overlap(before(["P01"] * 9 + ["P02"] * 9), now([0] * 9, first=0))
    assert matched(overlap, np.array([[0.0], [1.0]])) == {"P01": 0}


def test_centring_tells_apart_what_looks_alike() -> None:
    common = np.full(8, 5.0)
    own = np.eye(8)[:3]
    sizes = np.array([30, 20, 10])
    cosine = centred_cosines(common + own, sizes, (common + own)[::-1], sizes[::-1])
    assert np.diag(cosine[:, ::-1]) == pytest.approx([1, 1, 1])
    assert (cosine[:, ::-1][~np.eye(3, dtype=bool)] < 0).all()


def test_corpora_on_different_subjects_stay_apart() -> None:
    own, sizes = 0.1 * np.eye(9)[:3], np.array([10, 10, 10])
    shift = np.eye(9)[8]
    assert (centred_cosines(own + shift, sizes, own - shift, sizes) < 0).all()


def test_a_centroid_in_the_centre_is_near_nothing() -> None:
    one, size = np.ones((1, 4)), np.array([5])
    assert centred_cosines(one, size, one, size).tolist() == [[0.0]]


PARTITION = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=120
)


def frames(tweets: list[tuple[int, int, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tweets of the earlier run (0), the new run (1) or both (2)."""
    ids = np.arange(len(tweets))
    old, new, where = (np.array(values) for values in zip(*tweets, strict=True))
    was, is_ = where != 1, where != 0
    names = np.array([f"P{n:02d}" for n in old], dtype=object)
    return (
        pd.DataFrame({"tweet_id": ids[was], "persona_id": names[was]}),
        pd.DataFrame({"tweet_id": ids[is_], "cluster": new[is_]}),
    )


@given(PARTITION, st.permutations(range(6)))
@settings(max_examples=50)
def test_neither_order_nor_numbers_matter(
    tweets: list[tuple[int, int, int]], numbers: list[int]
) -> None:
    old, new = frames(tweets)
    if new.empty:
        return
    renamed = new.assign(cluster=new["cluster"].map(dict(enumerate(numbers))))
    mixed = renamed.sample(frac=1, random_state=3)
    found = matched(count_overlap(old, new))
    again = matched(count_overlap(old.sample(frac=1, random_state=4), mixed))
    assert again == {persona: numbers[cluster] for persona, cluster in found.items()}


@given(PARTITION)
@settings(max_examples=50)
def test_matches_are_one_to_one_and_majorities_are_always_among_them(
    tweets: list[tuple[int, int, int]],
) -> None:
    old, new = frames(tweets)
    if new.empty:
        return
    overlap = count_overlap(old, new)
    found = matched(overlap)
    assert len(set(found.values())) == len(found)
    both = old.merge(new, on="tweet_id")
    for (persona, cluster), group in both.groupby(["persona_id", "cluster"]):
        of_persona = (both["persona_id"] == persona).sum()
        of_cluster = (both["cluster"] == cluster).sum()
        if len(group) > of_persona / 2 and len(group) > of_cluster / 2 and len(group) >= 5:
            assert found[str(persona)] == cluster
