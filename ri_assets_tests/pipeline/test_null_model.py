from __future__ import annotations

import numpy as np
import pytest

from ri_assets.pipeline.null_model import MatchedGaussian, NullRun, baseline, lift, null_figures
from ri_assets.quality.tables import cluster_figures, figure_table
from ri_assets_tests.pipeline.clouds import blobs


def test_mean_and_covariance_are_those_of_the_data() -> None:
    points, _ = blobs((9000, 9000), seed=0, dimensions=5, spread=0.2)
    null = MatchedGaussian(points).draw(seed=1)
    assert null.shape == points.shape
    assert null.dtype == np.float32
    np.testing.assert_allclose(null.mean(axis=0), points.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(np.cov(null.T), np.cov(points.T), atol=0.02)


def test_the_clusters_are_gone() -> None:
    points, truth = blobs((500, 500), seed=2, dimensions=5, spread=0.05)
    axis = points[truth == 0].mean(axis=0) - points[truth == 1].mean(axis=0)
    middle = np.median(points @ axis)
    spread = (points @ axis).std()

    def share_between(vectors: np.ndarray) -> float:
        return float((np.abs(vectors @ axis - middle) < spread / 2).mean())

    assert share_between(points) < 0.01
    assert share_between(MatchedGaussian(points).draw(seed=3)) > 0.25


def test_directions_without_spread_stay_so() -> None:
    points = np.zeros((50, 4), dtype=np.float32)
    points[:, 1] = np.random.default_rng(0).standard_normal(50)
    points[:, 2] = 7
    null = MatchedGaussian(points).draw(seed=1)
    np.testing.assert_allclose(null[:, [0, 3]], 0, atol=1e-6)
    np.testing.assert_allclose(null[:, 2], 7, atol=1e-5)


def test_repeatable_by_seed() -> None:
    points, _ = blobs((30,), seed=4)
    null = MatchedGaussian(points)
    np.testing.assert_array_equal(null.draw(5), MatchedGaussian(points).draw(5))
    assert not np.array_equal(null.draw(5), null.draw(6))


def test_baseline_and_lift() -> None:
    found = baseline([0.1, 0.2, 0.3, 0.4, 0.5])
    assert found.mean == pytest.approx(0.3)
    assert found.p95 == pytest.approx(0.48)
    assert lift(0.65, found.mean) == pytest.approx(0.5)
    assert lift(found.mean, found.mean) == 0
    assert lift(1.0, found.mean) == pytest.approx(1)
    assert lift(0.9, 1.0) == 0


def run(labels: list[int], rows: list[int] | None = None, **figures: float) -> NullRun:
    """Find `labels` at two clusters; left open, as many as `own_count` says."""
    where = np.arange(len(labels)) if rows is None else np.array(rows)
    own = int(figures.get("own_count", 2))
    left_open = np.arange(len(labels)) % own
    return NullRun(
        where,
        left_open.astype(np.int32),
        {2: np.array(labels, dtype=np.int32)},
        coherence={2: figures.get("coherence", 0.0), None: -1.0},
        silhouette={2: figures.get("silhouette", 0.0), None: -1.0},
    )


HALVES = [0, 0, 0, 1, 1, 1]
WHOLES = [run(HALVES, coherence=0.5, silhouette=0.2, own_count=4), run(HALVES, own_count=6)]
DRAWS = [
    run([7, 7, 3, 3], [0, 1, 3, 4], coherence=0.1, own_count=3),  # the same halves, renamed
    run([0, 1, 0, 1], [0, 1, 3, 4]),  # each half divided anew
]
FOUND = null_figures([run([1, 1, 1, 0, 0, 0], silhouette=-0.4)], WHOLES, DRAWS, 2)


def test_draws_are_compared_with_the_run_on_all_of_the_same_data() -> None:
    # Two pairs of four points, cut across: every pair together here is apart there. ARI -0.5.
    assert FOUND.resample_ari.values == pytest.approx((1.0, -0.5))
    assert FOUND.resample_ami.values[0] == pytest.approx(1)
    assert FOUND.resample_ami.values[1] < 0
    assert FOUND.seed_ari.values == (1.0,)


def test_every_cluster_has_the_jaccard_of_its_most_similar_one() -> None:
    # Of two and two that share one, one of three; the same halves are found whole.
    assert FOUND.jaccard.values == pytest.approx((1, 1, 1 / 3, 1 / 3))
    assert FOUND.jaccard.mean == pytest.approx(2 / 3)
    assert FOUND.jaccard.p95 == pytest.approx(1)


def test_runs_that_separate_nothing_agree_on_nothing() -> None:
    nothing = run([0] * 6, own_count=1)
    found = null_figures([nothing], [nothing, nothing], [nothing, DRAWS[0]], 2)
    for figure in (found.seed_ari, found.resample_ari, found.resample_ami, found.jaccard):
        assert set(figure.values) == {0.0}
    assert found.count.p95 > 1


def test_a_method_that_holds_no_number_is_taken_as_it_is() -> None:
    alone = [
        NullRun(whole.rows, whole.held[2], coherence={None: 0.3}, silhouette={None: 0.1})
        for whole in WHOLES
    ]
    found = null_figures(alone[:1], alone, alone, 9)
    assert found.resample_ari.values == pytest.approx((1.0, 1.0))
    assert found.coherence.mean == pytest.approx(0.3)


def test_counts_are_of_all_runs_and_coherence_of_those_on_all_data() -> None:
    assert sorted(FOUND.count.values) == [2, 2, 3, 4, 6]
    assert sorted(FOUND.coherence.values) == [0, 0.5]
    assert FOUND.silhouette.mean == pytest.approx(0.1)


@pytest.mark.slow
def test_every_figure_of_a_clustering_that_has_a_null_shows_it() -> None:
    from ri_assets_tests.pipeline.test_evidence import SIZES, examine

    _, evidence, _ = examine(blobs(SIZES, seed=7, spread=0.08)[0])
    table = figure_table(cluster_figures(evidence, sum(SIZES))).set_index("figure")
    with_null = table.index[table["null_mean"].notna()].tolist()
    assert with_null == [
        "coherence",
        "resample_ari",
        "seed_ari",
        "resample_ami",
        "jaccard",
        "cluster_count",
        "cluster_count_min",
        "cluster_count_max",
        "silhouette",
    ]
    value, mean, p95 = (table[column].to_dict() for column in ("value", "null_mean", "null_p95"))
    assert value["cluster_count"] == len(SIZES)
    assert mean["cluster_count_min"] <= mean["cluster_count"] <= mean["cluster_count_max"]
    for figure in ("coherence", "resample_ari", "seed_ari", "resample_ami", "jaccard"):
        assert value[figure] > p95[figure]
    assert value["silhouette"] > p95["silhouette"]
