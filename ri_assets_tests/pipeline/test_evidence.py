"""The whole harness, on points with clusters and on points without."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ri_assets.config import Profile, ReduceSettings
from ri_assets.errors import CorpusError
from ri_assets.pipeline import evidence as evidence_module
from ri_assets.pipeline import fit as fit_module
from ri_assets.pipeline import stability as stability_module
from ri_assets.pipeline.cluster import Clustering
from ri_assets.pipeline.count_curve import CurvePoint
from ri_assets.pipeline.evidence import Evidence, gather
from ri_assets.pipeline.fit import ConsensusClustering, fit
from ri_assets.pipeline.fuse import fuse
from ri_assets.pipeline.merge_unstable import Merged
from ri_assets.pipeline.null_model import MatchedGaussian
from ri_assets.pipeline.reduce import reduce
from ri_assets.pipeline.stability import Rerun, cluster_stability
from ri_assets.quality.tables import cluster_figures
from ri_assets_tests.pipeline.clouds import Float32, blobs, small_profile, unit

pytestmark = pytest.mark.slow

PROFILE = small_profile()
SIZES = (80, 70, 60, 50, 40)
RERUNS = 2 + 2 + 3 + 1 + 2 * 2  # seeds, draws, choosing draws, null seed, null fits and draws


def examine(text: Float32) -> tuple[Clustering, Evidence, list[str]]:
    behavior = np.full((len(text), 36), np.nan)
    fused = fuse(text, behavior, PROFILE.fuse)
    reference = fit(fused, PROFILE, PROFILE.reduce.seed)
    told: list[str] = []
    found, evidence = gather(text, behavior, fused, reference, PROFILE, progress=told.append)
    return found, evidence, told


@pytest.fixture(scope="module")
def planted() -> tuple[Clustering, Evidence, list[str]]:
    return examine(blobs(SIZES, seed=7, spread=0.08)[0])


def test_planted_blobs_pass(planted: tuple[Clustering, Evidence, list[str]]) -> None:
    reference, evidence, _ = planted
    assert reference.count == len(SIZES)
    assert [point.count for point in evidence.curve] == list(range(3, 9))
    at_planted = evidence.curve[len(SIZES) - 3]
    assert at_planted.lift == max(point.lift for point in evidence.curve)
    assert at_planted.min_jaccard > 0.9 > evidence.curve[-1].min_jaccard
    assert evidence.coherence.reduced.centered > max(0.7, evidence.null.coherence.p95)
    assert evidence.stability.resample_ari > max(0.9, evidence.null.resample_ari.p95)
    assert evidence.stability.seed_ari > 0.9
    assert evidence.resample_lift > 0.8
    assert all(cluster.stability == "stable" for cluster in evidence.stability.clusters)


def test_every_rerun_is_there(planted: tuple[Clustering, Evidence, list[str]]) -> None:
    _, evidence, told = planted
    settings = PROFILE.stability
    assert len(evidence.stability.resample_ari_values) == settings.n_draws
    assert len(evidence.stability.seed_ari_values) == 3  # pairs among the reference and 2 seeds
    assert len(evidence.stability.open_counts) == 1 + settings.n_seeds + settings.n_draws
    assert len(evidence.null.resample_ari.values) == settings.n_null_draws
    assert len(evidence.null.seed_ari.values) == 1  # pairs among a null's fit and 1 seed
    assert len(evidence.null.coherence.values) == settings.n_null_draws  # of the fits
    assert told[0] == f"0 of {RERUNS} reruns"
    assert json.loads(json.dumps(asdict(evidence)))  # plain numbers and words only


def test_the_draws_that_choose_report_nothing(
    planted: tuple[Clustering, Evidence, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other choosing draws the choice may differ, but no reported figure at a number."""
    plan_of = evidence_module._Plan.of
    other = plan_of(PROFILE.stability, sum(SIZES), 60).choosing_draws
    monkeypatch.setattr(
        evidence_module._Plan, "of", lambda *given: replace(plan_of(*given), choosing_draws=other)
    )
    _, evidence, _ = examine(blobs(SIZES, seed=7, spread=0.08)[0])
    assert evidence.stability == planted[1].stability
    assert evidence.null == planted[1].null
    assert [p.resample_ari for p in evidence.curve] != [p.resample_ari for p in planted[1].curve]


def test_reruns_on_tweets_make_no_reduced_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a fifth of a fit, and where no tweet is noise nothing looks at it."""
    made: list[int] = []

    def count_and_reduce(vectors: Float32, settings: ReduceSettings, seed: int) -> Float32:
        made.append(seed)
        return reduce(vectors, settings, seed)

    monkeypatch.setattr(fit_module, "reduce", count_and_reduce)
    placed = PROFILE.cluster.model_copy(update={"noise_share": 1.0})
    profile = PROFILE.model_copy(update={"cluster": placed})
    text, _ = blobs(SIZES, seed=7, spread=0.08)
    behavior = np.full((len(text), 36), np.nan)
    fused = fuse(text, behavior, profile.fuse)
    reference = fit(fused, profile, profile.reduce.seed)
    assert made == []
    gather(text, behavior, fused, reference, profile, progress=lambda _: None)
    settings = profile.stability
    assert made[-1] == profile.reduce.seed
    assert len(made) == 1 + settings.n_null_draws  # the tweets' own, and one for each null fit


def test_a_large_corpus_is_measured_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.intp]] = []

    def note(reference: NDArray[np.int32], draws: list[Rerun], *given: object) -> object:
        seen.extend(run.rows for run in draws)
        return cluster_stability(reference, draws, *given)

    monkeypatch.setattr(evidence_module, "SAMPLE_LIMIT", 200)
    monkeypatch.setattr(stability_module, "cluster_stability", note)
    found, evidence, told = examine(blobs(SIZES, seed=7, spread=0.08)[0])
    assert told[0] == "measuring on a random sample of 200 of 300 tweets"
    assert len(found.labels) == sum(SIZES)
    assert found.count == len(SIZES)
    assert evidence.stability.resample_ari > 0.9
    assert evidence.stability.seed_ari > 0.9
    assert {len(rows) for rows in seen} == {int(0.8 * 200)}
    assert len(np.unique(np.concatenate(seen))) <= 200
    assert max(rows.max() for rows in seen) >= 200  # rows of the corpus, not of the sample


def test_figures_and_null_are_those_of_what_is_left_after_joining(
    planted: tuple[Clustering, Evidence, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def join(
        found: ConsensusClustering,
        draws: list[Rerun],
        profile: Profile,
        curve: tuple[CurvePoint, ...],
    ) -> tuple[ConsensusClustering, tuple[Merged, ...]]:
        assert found.count in {point.count for point in curve}
        assert len(draws) == profile.stability.n_choosing_draws
        assert all(len(run.rows) == int(0.8 * sum(SIZES)) for run in draws)
        return found.merged(3, 4), (Merged(40, 0.25),)

    monkeypatch.setattr(evidence_module, "merge_unstable", join)
    left, evidence, _ = examine(blobs(SIZES, seed=7, spread=0.08)[0])
    count = len(SIZES) - 1
    assert left.count == count
    assert sorted(left.sizes.tolist()) == [60, 70, 80, 90]
    assert len(evidence.stability.clusters) == count
    assert evidence.stability.open_counts == planted[1].stability.open_counts
    assert evidence.stability.resample_ari != planted[1].stability.resample_ari
    assert evidence.coherence.reduced.centered < planted[1].coherence.reduced.centered
    # The same structureless data, cut into four instead of five.
    assert evidence.null.count == planted[1].null.count
    assert evidence.null.coherence != planted[1].null.coherence
    [joined] = [f for f in cluster_figures(evidence, sum(SIZES)) if f.name == "clusters_joined"]
    assert joined.value == 1
    assert "40 tweets, Jaccard 0.25" in joined.note


def test_processes_of_their_own_find_the_same(
    planted: tuple[Clustering, Evidence, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_module, "_WORTH_PROCESSES", 0)
    _, evidence, told = examine(blobs(SIZES, seed=7, spread=0.08)[0])
    assert evidence == planted[1]
    assert told[0] == f"0 of {RERUNS} reruns"


def test_structureless_data_is_refused_by_the_gates() -> None:
    text = unit(MatchedGaussian(blobs(SIZES, seed=7, spread=0.3)[0]).draw(seed=8))
    _, evidence, _ = examine(text)
    gates = PROFILE.gates
    assert (
        evidence.stability.resample_ari < gates.resample_ari_min
        or evidence.stability.resample_ari <= evidence.null.resample_ari.p95
    )
    assert evidence.resample_lift < 0.5


def test_draws_that_are_too_small_are_refused_before_any_rerun() -> None:
    text, _ = blobs((9, 9), seed=1)
    fused = fuse(text, np.full((18, 36), np.nan), PROFILE.fuse)
    labels = np.zeros(18, dtype=np.int32)
    nothing = Clustering(lambda: fused, labels, labels, np.ones(18, dtype=np.float32))
    with pytest.raises(CorpusError, match="draws of 14 from 18 tweets"):
        gather(text, np.full((18, 36), np.nan), fused, nothing, PROFILE, progress=print)
