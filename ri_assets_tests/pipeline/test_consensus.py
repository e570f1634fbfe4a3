from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline import consensus as consensus_module
from ri_assets.pipeline.consensus import (
    Consensus,
    agreed_count,
    consensus,
    cut,
    spectral_coordinates,
)
from ri_assets.pipeline.ensemble import BaseClusterings
from ri_assets_tests.pipeline.clouds import CONSENSUS, blobs

few = settings(max_examples=25)


def votes(truth: np.ndarray, *, draws: int, error: float, seed: int) -> np.ndarray:
    """Let each draw see nine tenths, mistake some at random, and name clusters at will."""
    rng = np.random.default_rng(seed)
    count = int(truth.max()) + 1
    labels = np.empty((draws, len(truth)), dtype=np.int32)
    for draw in range(draws):
        mistaken = rng.random(len(truth)) < error
        said = np.where(mistaken, rng.integers(0, count, len(truth)), truth)
        labels[draw] = rng.permutation(count)[said]
        labels[draw, rng.random(len(truth)) < 0.1] = -2
    return labels


def runs_of(labels: np.ndarray) -> BaseClusterings:
    """Give an ensemble that called nothing noise."""
    return BaseClusterings(labels, np.zeros(labels.shape[1], dtype=np.float32))


@few
@given(st.integers(0, 2**32 - 1), st.integers(2, 7))
def test_the_cut_recovers_what_noisy_runs_mean(seed: int, count: int) -> None:
    truth = np.repeat(np.arange(count), 40).astype(np.int32)
    points, _ = spectral_coordinates(runs_of(votes(truth, draws=12, error=0.25, seed=seed)), count)
    found = cut(points)
    table = np.zeros((count, count))
    np.add.at(table, (truth, found), 1)
    assert table.max(axis=1).sum() / len(truth) > 0.97
    assert len(set(table.argmax(axis=1).tolist())) == count


@few
@given(st.integers(0, 2**32 - 1))
def test_names_of_runs_and_order_of_tweets_do_not_matter(seed: int) -> None:
    truth = np.repeat(np.arange(4), (50, 40, 30, 20)).astype(np.int32)
    base = votes(truth, draws=9, error=0.1, seed=seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(truth))
    renamed = np.where(base == -2, -2, 5 - base)[:, order]
    first, second = (cut(spectral_coordinates(runs_of(runs), 4)[0]) for runs in (base, renamed))
    pairs = {(a, b) for a, b in zip(first[order].tolist(), second.tolist(), strict=True)}
    assert len(pairs) == 4


@few
@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
def test_the_number_is_that_of_clusters_which_all_runs_find(seed: int, count: int) -> None:
    truth = np.repeat(np.arange(count), 40).astype(np.int32)
    _, agreement = spectral_coordinates(runs_of(votes(truth, draws=16, error=0.1, seed=seed)), 15)
    assert agreed_count(agreement, 0.95) == count


def test_the_number_is_larger_the_more_of_the_agreement_it_must_hold() -> None:
    # Squares 1, 1, 0.25, 0.01, together 2.26: two hold 0.885 of it, three 0.996.
    agreement = np.array([1.0, 1.0, 0.5, 0.1])
    assert [agreed_count(agreement, share) for share in (0.4, 0.88, 0.89, 0.99, 0.999)] == [
        1, 2, 3, 3, 4,
    ]  # fmt: skip


def test_a_tweet_that_no_run_saw_has_no_place() -> None:
    truth = np.repeat(np.arange(3), 20).astype(np.int32)
    base = votes(truth, draws=6, error=0.0, seed=2)
    base[:, 7] = -2
    assert not spectral_coordinates(runs_of(base), 3)[0][7].any()


@pytest.mark.slow
def test_planted_blobs_are_recovered() -> None:
    points, truth = blobs((70, 60, 50, 40), seed=3)
    found = consensus(points, CONSENSUS, seed=1)
    labels, support = found.labels, found.support_in(found.groups)
    core = labels >= 0
    assert core.mean() > 0.9
    assert len({*zip(labels[core].tolist(), truth[core].tolist(), strict=True)}) == 4
    assert support.shape == truth.shape
    assert support.dtype == np.float32
    assert support[core].min() > 0.8
    assert support.max() <= 1 + 1e-6


@pytest.mark.slow
def test_groups_below_the_smallest_share_are_given_up() -> None:
    points, truth = blobs((80, 70, 60, 8), seed=4)
    strict = CONSENSUS.model_copy(update={"min_persona_share": 0.1})
    labels = consensus(points, strict, seed=1).labels
    assert np.bincount(labels[labels >= 0]).max() <= 80 + 8
    assert all(
        size >= 0.1 * len(truth) for size in np.unique(labels[labels >= 0], return_counts=True)[1]
    )


@few
@given(st.integers(0, 2**32 - 1))
def test_what_no_run_found_does_not_count(seed: int) -> None:
    """Runs that guess agree on one direction, that all tweets are tweets, and little else."""
    rng = np.random.default_rng(seed)
    guesses = rng.integers(0, 6, (40, 400)).astype(np.int32)
    _, agreement = spectral_coordinates(runs_of(guesses), 6)
    assert agreement[0] == pytest.approx(1)
    assert agreement[1] < 0.2
    assert agreement.sum() == pytest.approx(6)


def test_a_group_that_is_too_small_is_given_up_by_the_cut() -> None:
    truth = np.repeat(np.arange(4), (60, 50, 40, 6)).astype(np.int32)
    base = votes(truth, draws=12, error=0.0, seed=5)
    settings = CONSENSUS.model_copy(update={"min_persona_share": 0.1, "personas": (2, 4)})
    labels = consensus_module._cut(*spectral_coordinates(runs_of(base), 4), settings)
    assert (labels[truth == 3] == -1).all()
    assert [len(set(labels[truth == group].tolist())) for group in range(3)] == [1, 1, 1]
    assert set(labels.tolist()) == {-1, 0, 1, 2}


def scattered(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three groups that every run finds, and a fourth that every run divides among them."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), (60, 50, 40, 30)).astype(np.int32)
    centers = np.eye(4)
    centers[3] = [0.5, 0.5, 0.5, 0.5]
    directions = centers[labels] + 0.02 * rng.standard_normal((len(labels), 4))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    runs = np.tile(labels, (8, 1))
    runs[:, labels == 3] = rng.integers(0, 3, (8, 30))
    return directions.astype(np.float32), labels, runs


@few
@given(st.integers(0, 2**32 - 1))
def test_a_group_that_runs_do_not_find_again_is_given_up(seed: int) -> None:
    directions, labels, base = scattered(seed)
    settings = CONSENSUS.model_copy(update={"min_recovery": 0.35, "min_persona_share": 0.01})
    found = consensus_module._recovered(directions, labels, base, settings)
    assert set(found.tolist()) == {0, 1, 2}
    for group in range(3):
        assert len(set(found[labels == group].tolist())) == 1


def test_groups_that_runs_find_again_all_stay() -> None:
    directions, labels, _ = scattered(1)
    agreed = np.tile(labels, (8, 1))
    settings = CONSENSUS.model_copy(update={"min_recovery": 0.99, "min_persona_share": 0.01})
    found = consensus_module._recovered(directions, labels, agreed, settings)
    np.testing.assert_array_equal(found, labels)


def test_no_more_groups_are_given_up_than_may_be() -> None:
    directions, labels, base = scattered(2)
    settings = CONSENSUS.model_copy(
        update={"min_recovery": 0.99, "personas": (4, 4), "min_persona_share": 0.01}
    )
    found = consensus_module._recovered(directions, labels, base, settings)
    assert len(set(found.tolist())) == 4


@pytest.mark.slow
def test_the_same_runs_are_cut_at_any_number() -> None:
    points, truth = blobs((70, 60, 50, 40), seed=3)
    found = consensus(points, CONSENSUS, seed=1)
    for wanted in (2, 3, 4, 5):
        groups = found.at(wanted).groups
        assert set(groups.tolist()) == set(range(wanted))
    # At the planted number the cut finds what was planted.
    assert len({*zip(found.at(4).groups.tolist(), truth.tolist(), strict=True)}) == 4


def test_a_cut_that_small_groups_thin_out_is_made_finer() -> None:
    """Six groups of which two are too small: five can only be reached by a finer cut."""
    truth = np.repeat(np.arange(6), (60, 50, 40, 30, 30, 4)).astype(np.int32)
    rng = np.random.default_rng(0)
    directions = np.eye(6)[truth] + 0.02 * rng.standard_normal((len(truth), 6))
    base = votes(truth, draws=12, error=0.0, seed=5)
    points, _ = spectral_coordinates(runs_of(base), 6)
    settings = CONSENSUS.model_copy(update={"min_persona_share": 0.05})
    found = Consensus(runs_of(base), directions.astype(np.float32), points, truth, settings)
    groups = found.at(5).groups
    assert set(groups.tolist()) == set(range(5))
    assert [len(set(groups[truth == group].tolist())) for group in range(5)] == [1] * 5
    # No cut has six groups that are large enough.
    assert set(found.at(6).groups.tolist()) == set(range(5))


def test_what_most_runs_call_noise_is_noise() -> None:
    directions, groups, base = scattered(3)
    noise = np.zeros(base.shape[1], dtype=np.float32)
    noise[:2] = 6 / 8, 7 / 8
    base[:, 2] = -2
    settings = CONSENSUS.model_copy(update={"noise_share": 0.75})
    found = Consensus(BaseClusterings(base, noise), directions, directions, groups, settings)
    assert found.labels[:3].tolist() == [0, -1, -1]
    np.testing.assert_array_equal(found.labels[3:], groups[3:])


def test_support_is_the_share_of_those_met_that_are_in_the_group() -> None:
    """Tweets 0, 1 and 2 of group 0 and 3 of group 1: two runs, one of which misses tweet 2."""
    runs = np.array([[0, 0, 0, 1], [0, 0, -2, 0]], dtype=np.int32)
    found = Consensus(
        runs=runs_of(runs),
        directions=np.eye(4, dtype=np.float32),
        coordinates=np.eye(4),
        groups=np.array([0, 0, 0, 1], dtype=np.int32),
        settings=CONSENSUS,
    )
    # With tweet 0: three of three in the first run, two of three in the second.
    own = found.support_in(found.groups).tolist()
    assert own == pytest.approx([5 / 6, 5 / 6, 1, (1 + 1 / 3) / 2])
    # In the other group: none of three, and one of three.
    others = found.support_in(np.array([1, 0, 0, 1], dtype=np.int32))
    assert others[0] == pytest.approx((0 + 1 / 3) / 2)


def test_a_group_that_is_merged_becomes_part_of_the_other() -> None:
    directions, groups, base = scattered(4)
    settings = CONSENSUS.model_copy(update={"min_persona_share": 0.01})
    whole = Consensus(runs_of(base), directions, directions, groups, settings)
    left = whole.merged(1, 3)
    assert set(left.groups.tolist()) == {0, 1, 2}
    for together in ((0,), (1, 3), (2,)):
        assert len(set(left.groups[np.isin(groups, together)].tolist())) == 1
