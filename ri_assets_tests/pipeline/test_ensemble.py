"""Base clusterings: what each run sees, which runs there are, and what counts as noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pydantic import ValidationError

from ri_assets.config import ConsensusSettings
from ri_assets.pipeline import ensemble
from ri_assets.pipeline.ensemble import UNSEEN, base_clusterings
from ri_assets.pipeline.stability import ari
from ri_assets_tests.pipeline.clouds import CONSENSUS, blobs, unit

POINTS, TRUTH = blobs((90, 60, 50, 40), seed=2)


def settings(**changes: object) -> ConsensusSettings:
    return CONSENSUS.model_copy(update=changes)


def test_every_setting_has_its_runs_and_each_run_sees_its_share() -> None:
    found = base_clusterings(POINTS, CONSENSUS, 0)
    labels, noise = found.labels, found.noise
    # Two numbers of components, of each: two repeats of two n_neighbors with two smallest
    # clusters, and two repeats of two k-means.
    assert labels.shape == (2 * (2 * 2 * 2 + 2 * 2), len(POINTS))
    assert labels.dtype == np.int32
    assert set((labels != UNSEEN).sum(axis=1)) == {216}  # 90% of 240
    assert noise.shape == (len(POINTS),)
    assert noise.dtype == np.float32


def test_runs_of_k_means_have_the_clusters_asked_for() -> None:
    labels = base_clusterings(POINTS, settings(kmeans_clusters=(3, 7)), 0).labels
    of_kmeans = labels[-8:]  # they come last
    assert [len(set(run[run != UNSEEN].tolist())) for run in of_kmeans] == [3, 7] * 4


def test_runs_of_one_repeat_see_the_same_tweets_and_others_do_not() -> None:
    labels = base_clusterings(POINTS, settings(kmeans_clusters=(3, 7)), 0).labels
    seen = labels[-8:] != UNSEEN
    assert (seen[0] == seen[1]).all()
    assert (seen[1] != seen[2]).any()


def test_k_means_goes_by_direction_alone() -> None:
    """The length of a vector says how much a tweet differs from the rest, and not in what."""
    lengths = 2.0 ** np.random.default_rng(0).integers(-3, 4, len(POINTS))  # exact in floats
    scaled = (POINTS * lengths[:, None]).astype(np.float32)
    labels, expected = (base_clusterings(of, CONSENSUS, 0).labels for of in (scaled, POINTS))
    np.testing.assert_array_equal(labels[-8:], expected[-8:])  # k-means comes last


def test_k_means_finds_clouds() -> None:
    labels = base_clusterings(POINTS, settings(kmeans_clusters=(4,), kmeans_repeats=20), 0).labels
    found = [ari(TRUTH[run != UNSEEN], run[run != UNSEEN]) for run in labels[-40:]]
    assert np.max(found) == pytest.approx(1)  # the others end in a worse optimum
    assert np.median(found) > 0.7


def test_without_k_means_there_are_only_the_others() -> None:
    without = base_clusterings(POINTS, settings(kmeans_clusters=()), 5).labels
    with_both = base_clusterings(POINTS, CONSENSUS, 5).labels
    np.testing.assert_array_equal(without, with_both[: len(without)])


def test_noise_is_a_share_of_hdbscan_runs_alone() -> None:
    """Points without a cloud are noise in some runs; runs of k-means have no say in it."""
    stray = unit(np.random.default_rng(1).standard_normal((60, POINTS.shape[1])))
    points = np.vstack([POINTS, stray])
    found = base_clusterings(points, CONSENSUS, 0)
    noise = found.noise
    without = base_clusterings(points, settings(kmeans_clusters=()), 0)
    np.testing.assert_array_equal(noise, without.noise)
    assert noise[-60:].mean() > noise[:-60].mean()
    assert noise[-60:].mean() > 0
    assert noise.max() <= 1
    assert not (found.labels == -1).any()


def test_the_share_of_noise_is_of_the_runs_that_saw_the_tweet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space = POINTS[:4]
    found = [([0, 1, 2, 3], [-1, 0, 0, -1]), ([0, 1, 2], [-1, -1, 0])]

    def runs(*_: object) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        for rows, labels in found:
            yield np.array(rows), space[rows], np.array(labels, dtype=np.int32)

    monkeypatch.setattr(ensemble, "_density_runs", runs)
    clustered = base_clusterings(space, settings(kmeans_clusters=()), 0)
    assert clustered.noise.tolist() == [1, 0.5, 0, 1]
    assert clustered.labels.tolist() == [[0, 0, 0, 0], [0, 0, 0, UNSEEN]]


def test_a_seed_repeats_every_bit_and_another_does_not() -> None:
    first, again, other = (base_clusterings(POINTS, CONSENSUS, seed).labels for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_settings_of_a_single_run_are_refused() -> None:
    given = CONSENSUS.model_dump() | {
        "principal_components": (10,),
        "n_neighbors": (8,),
        "min_cluster_share": (0.1,),
        "repeats": 1,
    }
    assert ConsensusSettings(**given)  # with k-means there are several
    with pytest.raises(ValidationError, match="raise `repeats`"):
        ConsensusSettings(**given | {"kmeans_clusters": ()})


@pytest.mark.parametrize("clusters", [(1,), (0, 5), (4, -2)])
def test_fewer_than_two_clusters_are_refused(clusters: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="at least 2"):
        ConsensusSettings(**CONSENSUS.model_dump() | {"kmeans_clusters": clusters})
