from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.pipeline.consensus import Ballots, choose_count, consensus, coordinates, cut
from ri_assets_tests.pipeline.clouds import CONSENSUS, blobs

few = settings(max_examples=25, deadline=None)


def votes(truth: np.ndarray, *, draws: int, error: float, seed: int) -> Ballots:
    """Let each draw see nine tenths, mistake some at random, and name clusters at will."""
    rng = np.random.default_rng(seed)
    count = int(truth.max()) + 1
    labels = np.empty((draws, len(truth)), dtype=np.int32)
    for draw in range(draws):
        mistaken = rng.random(len(truth)) < error
        said = np.where(mistaken, rng.integers(0, count, len(truth)), truth)
        labels[draw] = rng.permutation(count)[said]
        labels[draw, rng.random(len(truth)) < 0.1] = -2
    return Ballots(labels, np.zeros(labels.shape, dtype=bool), np.arange(draws))


@few
@given(st.integers(0, 2**32 - 1), st.integers(2, 7))
def test_the_cut_recovers_what_noisy_runs_mean(seed: int, count: int) -> None:
    truth = np.repeat(np.arange(count), 40).astype(np.int32)
    found = cut(coordinates(votes(truth, draws=12, error=0.25, seed=seed), count))
    table = np.zeros((count, count))
    np.add.at(table, (truth, found), 1)
    assert table.max(axis=1).sum() / len(truth) > 0.97
    assert len(set(table.argmax(axis=1).tolist())) == count


@few
@given(st.integers(0, 2**32 - 1))
def test_names_of_runs_and_order_of_tweets_do_not_matter(seed: int) -> None:
    truth = np.repeat(np.arange(4), (50, 40, 30, 20)).astype(np.int32)
    ballots = votes(truth, draws=9, error=0.1, seed=seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(truth))
    renamed = np.where(ballots.labels == -2, -2, 5 - ballots.labels)
    other = Ballots(renamed[:, order], ballots.noise[:, order], ballots.draw)
    first, second = cut(coordinates(ballots, 4)), cut(coordinates(other, 4))
    pairs = {(a, b) for a, b in zip(first[order].tolist(), second.tolist(), strict=True)}
    assert len(pairs) == 4


def test_the_number_is_the_one_that_halves_agree_on() -> None:
    truth = np.repeat(np.arange(5), (60, 50, 40, 30, 20)).astype(np.int32)
    ballots = votes(truth, draws=16, error=0.2, seed=1)
    assert choose_count(ballots, CONSENSUS, seed=0) == 5


def test_a_tweet_that_no_run_saw_has_no_place() -> None:
    truth = np.repeat(np.arange(3), 20).astype(np.int32)
    ballots = votes(truth, draws=6, error=0.0, seed=2)
    ballots.labels[:, 7] = -2
    assert not coordinates(ballots, 3)[7].any()


@pytest.mark.slow
def test_planted_blobs_are_recovered() -> None:
    points, truth = blobs((70, 60, 50, 40), seed=3)
    labels, support = consensus(points, CONSENSUS, seed=1)
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
    labels, _ = consensus(points, strict, seed=1)
    assert np.bincount(labels[labels >= 0]).max() <= 80 + 8
    assert all(
        size >= 0.1 * len(truth) for size in np.unique(labels[labels >= 0], return_counts=True)[1]
    )
