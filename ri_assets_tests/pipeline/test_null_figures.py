"""Figures of structureless data, on runs whose figures can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ri_assets.pipeline.null_figures import Outcome, null_figures
from ri_assets.pipeline.stability import Rerun
from ri_assets.quality.tables import cluster_figures, figure_table
from ri_assets_tests.pipeline.clouds import blobs


def run(labels: list[int], rows: list[int] | None = None, **figures: float) -> Outcome:
    """Find `labels` at two clusters; left open, as many as `own_count` says."""
    where = np.arange(len(labels)) if rows is None else np.array(rows)
    own = int(figures.get("own_count", 2))
    left_open = np.arange(len(labels)) % own
    return Outcome(
        Rerun(where, left_open.astype(np.int32), {2: np.array(labels, dtype=np.int32)}),
        {2: figures.get("coherence", 0.0), 0: -1.0},
        {2: figures.get("silhouette", 0.0), 0: -1.0},
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
    alone = [Outcome(Rerun(w.rerun.rows, w.rerun.held[2]), {0: 0.3}, {0: 0.1}) for w in WHOLES]
    found = null_figures(alone[:1], alone, alone, 9)
    assert found.resample_ari.values == pytest.approx((1.0, 1.0))
    assert found.coherence.mean == pytest.approx(0.3)


def test_figures_of_single_runs_are_of_all_of_them() -> None:
    assert sorted(FOUND.count.values) == [2, 2, 3, 4, 6]
    assert sorted(FOUND.coherence.values) == [0, 0, 0, 0.1, 0.5]
    assert FOUND.silhouette.mean == pytest.approx(-0.04)


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
