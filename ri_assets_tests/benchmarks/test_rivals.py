"""Other ways to cluster: each finds planted clouds, and what it calls noise is assigned."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, homogeneity_score

from benchmarks.rivals import GIVEN_K, GIVEN_TEXT_ALONE, PEERS, Peer, procedure
from ri_assets_tests.pipeline.clouds import Float32, Labels, blobs, small_profile, unit

SIZES = (80, 70, 60, 50, 40)
POINTS, TRUTH = blobs(SIZES, seed=7, spread=0.08)
STRAYS = unit(np.random.default_rng(3).standard_normal((60, POINTS.shape[1])))
WITH_STRAYS = np.vstack([POINTS, STRAYS])
# So wide that BERTopic calls about 200 of the 540 outliers.
WIDE, _ = blobs((60,) * 9, seed=7, spread=0.35)
ALL = [
    pytest.param(name, marks=() if name == "kmeans" else pytest.mark.slow)  # the others compile
    for name in PEERS
]


def peer(name: str) -> Peer:
    if name != "kmeans":
        for package in ("bertopic", "evoc", "fast_hdbscan"):
            pytest.importorskip(package, reason="the extra `benchmarks` is not installed")
    return PEERS[name]


def require_found(name: str, found: Labels) -> None:
    """Compare what a peer made of `POINTS` with the clouds that they were drawn from."""
    if name == "evoc":  # its defaults cut a round cloud into several, but mix none
        assert homogeneity_score(TRUTH, found) > 0.95
    else:
        assert adjusted_rand_score(TRUTH, found) > 0.8


def test_what_is_said_of_peers_is_said_of_peers_that_exist() -> None:
    assert set(PEERS) >= GIVEN_K | GIVEN_TEXT_ALONE


@pytest.mark.parametrize("name", ALL)
def test_a_peer_finds_clouds_and_repeats_itself(name: str) -> None:
    found = peer(name)(POINTS, 5, 1)
    assert found.dtype == np.int32
    require_found(name, found)
    np.testing.assert_array_equal(peer(name)(POINTS, 5, 1), found)


@pytest.mark.parametrize("name", ALL)
def test_points_that_lie_in_no_cloud_are_assigned(name: str) -> None:
    found = peer(name)(WITH_STRAYS, 6, 1)
    assert found.shape == (len(WITH_STRAYS),)
    assert found.min() == 0
    require_found(name, found[: len(POINTS)])


@pytest.mark.slow
@pytest.mark.parametrize("points", [POINTS, WIDE], ids=["none", "many"])
def test_topics_are_as_many_as_asked_with_and_without_outliers(points: Float32) -> None:
    assert len(np.unique(peer("bertopic_matched")(points, 3, 1))) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bertopic", "bertopic_matched"])
def test_too_few_documents_for_a_topic_are_together(name: str) -> None:
    assert (peer(name)(POINTS[:18], 5, 1) == 0).all()  # a topic needs ten


@pytest.mark.slow
def test_evoc_meets_the_number_it_is_asked_for() -> None:
    assert len(np.unique(peer("evoc_matched")(POINTS, 5, 1))) == 5


@pytest.mark.parametrize("name", list(PEERS))
def test_a_procedure_can_be_sent_to_another_process(name: str) -> None:
    sent = pickle.loads(pickle.dumps(procedure(name, 5)))  # noqa: S301 -- we made it
    assert sent.keywords == {"peer": PEERS[name], "k": 5}


@pytest.mark.slow
def test_a_procedure_gives_clusters_by_size_and_the_space_that_judges_them() -> None:
    fitted = procedure("kmeans", 5)(POINTS, small_profile(), 1)
    assert fitted.sizes.tolist() == list(SIZES)
    assert not fitted.was_noise.any()
    assert adjusted_rand_score(fitted.labels, TRUTH) == 1
    assert fitted.space().shape == (len(POINTS), small_profile().reduce.n_components)
