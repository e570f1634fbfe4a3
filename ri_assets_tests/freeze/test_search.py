"""The search, on clouds whose number is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ri_assets.config import Profile, load_profile
from ri_assets.freeze import search as searching
from ri_assets.freeze.frozen import write
from ri_assets.freeze.search import Result, Search, ranked, search
from ri_assets.freeze.trial import NO_CLUSTERS, Ledger, Trial, attempt
from ri_assets.pipeline import evidence
from ri_assets.pipeline.engine import LocalEngine
from ri_assets.pipeline.fit import ConsensusClustering
from ri_assets.pipeline.merge_unstable import Merged
from ri_assets.quality.metrics import METRICS, Figure
from ri_assets.store.files import Files
from ri_assets_tests.freeze.corpora import prepared, profile
from ri_assets_tests.pipeline.clouds import HDBSCAN

QUICK: dict[str, Any] = {"draws": 2, "finalists": 1}


def trial(lift: float | None, *blockers: str) -> Trial:
    figures = {} if lift is None else {"resample_ari_lift": Figure("resample_ari_lift", lift, 5)}
    return Trial("c", "f", 300, figures=figures, blockers=dict.fromkeys(blockers, "why"))


def result(*trials: Trial) -> Result:
    return Result(profile(), trials)


def test_gates_come_first_then_the_worst_corpus_then_the_mean() -> None:
    excellent_on_one = result(trial(0.9), trial(0.9, "too few"))
    uneven = result(trial(0.8), trial(0.2))
    even = result(trial(0.4), trial(0.3))
    better_mean = result(trial(0.5), trial(0.3))
    found = ranked([excellent_on_one, uneven, even, better_mean])
    assert found == (better_mean, even, uneven, excellent_on_one)
    assert Search(found, found).winner is better_mean
    assert Search(found, (excellent_on_one,)).winner is None


def test_a_corpus_that_was_not_measured_ranks_last_and_has_no_lift() -> None:
    unmeasured = result(trial(0.9), trial(None, NO_CLUSTERS))
    below_null = result(trial(0.9), trial(-0.1, "resample_ari"))
    assert (unmeasured.worst_lift, unmeasured.mean_lift) == (None, None)
    assert ranked([unmeasured, below_null]) == (below_null, unmeasured)


@pytest.fixture
def candidates() -> list[Profile]:
    base = profile()
    # A minimum cluster size near the whole corpus finds one cluster, or none.
    lumping = HDBSCAN.model_copy(update={"min_cluster_size": 140})
    return [base, base.model_copy(update={"name": "hopeless", "cluster": lumping})]


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FINAL_DRAWS", 3)


class Spy(LocalEngine):
    """Counts the jobs that it is given."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def run(self, jobs: Sequence[Any], *given: Any, **more: Any) -> list[Any]:
        self.counts.append(len(jobs))
        return super().run(jobs, *given, **more)


@pytest.mark.slow
@pytest.mark.usefixtures("few_draws")
def test_the_given_engine_runs_the_reruns_of_every_trial(
    tmp_path: Path, candidates: list[Profile]
) -> None:
    spy = Spy()
    search(
        [prepared("first", seed=7)],
        candidates[:1],
        **QUICK,
        ledger=Ledger(Files(str(tmp_path))),
        progress=lambda _: None,
        engine=spy,
    )
    assert len(spy.counts) == 2  # the first round, and the final
    assert spy.counts[1] == spy.counts[0] + 1  # of three draws in place of two


@pytest.mark.slow
@pytest.mark.usefixtures("few_draws")
def test_a_search_freezes_the_configuration_that_finds_the_clouds(
    tmp_path: Path, candidates: list[Profile]
) -> None:
    corpora = [prepared("first", seed=7), prepared("second", seed=8)]
    ledger = Ledger(Files(str(tmp_path / "store")))
    told: list[str] = []
    found = search(corpora, candidates, **QUICK, ledger=ledger, progress=told.append)
    assert found.winner is not None
    assert found.winner.profile.name == candidates[0].name
    assert [t.k for t in found.winner.trials] == [5, 5]
    assert [t.draws for t in found.winner.trials] == [3, 3]
    assert not found.screened[1].is_sound
    assert any(" left" in text for text in told)

    # A second search has nothing left to do, and finds the same.
    told.clear()
    assert search(corpora, candidates, **QUICK, ledger=ledger, progress=told.append) == found
    assert told == []

    out = tmp_path / "out" / "frozen-x.yaml"
    written = write(found, out, n_draws=5)
    frozen = load_profile(str(out))
    assert (frozen.name, frozen.cluster, frozen.reduce) == (
        "frozen-x",
        candidates[0].cluster,
        candidates[0].reduce,
    )
    assert frozen.stability.n_draws == 5
    header = [line for line in out.read_text().splitlines() if line.startswith("#")]
    assert any("first-7" in line for line in header)
    assert any("umap-learn" in line for line in header)
    evidence = json.loads(written.evidence.read_text())
    assert len(evidence["screened"]) == 2
    assert written.picture.read_text().count("<svg") == 1


@pytest.mark.slow
@pytest.mark.usefixtures("few_draws")
def test_an_interrupted_search_keeps_what_it_finished(
    tmp_path: Path, candidates: list[Profile]
) -> None:
    ledger = Ledger(Files(str(tmp_path)))
    first, second = prepared("first", seed=7), prepared("second", seed=8)

    def interrupt_at_second(text: str) -> None:
        if "on second" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(
            [first, second], candidates[:1], **QUICK, ledger=ledger, progress=interrupt_at_second
        )
    kept = ledger.find(searching.with_draws(candidates[0], 2), first.fingerprint)
    assert kept is not None
    assert kept.k == 5
    assert ledger.find(searching.with_draws(candidates[0], 2), second.fingerprint) is None


@pytest.mark.slow
def test_nothing_is_frozen_where_nothing_passes(tmp_path: Path) -> None:
    strict = profile(resample_ari_min=1.0, personas_min=9)
    missed, _ = attempt(prepared("first", seed=7), strict, lambda _: None)
    assert missed.blockers["persona_count"].startswith("Failed: 5 personas (needs 9 to")
    found = Search((Result(strict, (missed,)),), (Result(strict, (missed,)),))
    out = tmp_path / "frozen.yaml"
    out.write_text("an earlier profile")
    written = write(found, out, n_draws=5)
    assert written.profile is None
    assert out.read_text() == "an earlier profile"
    assert json.loads(written.evidence.read_text())["winner"] is None


@pytest.mark.slow
def test_a_trial_is_of_the_clusters_that_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def join(found: ConsensusClustering, *_: object) -> tuple[object, object]:
        return found.merged(1, 0), (Merged(60, 0.25),)

    monkeypatch.setattr(evidence, "merge_unstable", join)
    found, labels = attempt(prepared("first", seed=7), profile(), lambda _: None)
    sizes = np.bincount(labels)
    assert found.k == len(sizes) == len(found.jaccards) == 4
    assert found.value("size_ratio") == pytest.approx(sizes.max() / sizes.min())
    assert found.figures.keys() <= METRICS.keys()
    assert Trial.of_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False))) == found


def test_a_corpus_that_cannot_be_clustered_is_a_trial_too() -> None:
    tiny = prepared("tiny", seed=7)
    few = type(tiny)(
        **{
            **vars(tiny),
            "tweet_ids": tiny.tweet_ids[:12],
            "text": tiny.text[:12],
            "behavior": tiny.behavior[:12],
        }
    )
    found, labels = attempt(few, profile(), lambda _: None)
    assert found.k == 0
    assert found.blockers[NO_CLUSTERS].startswith("these tweets cannot be clustered: 12 tweets")
    # What was not measured is missing, not zero.
    assert found.figures == {}
    assert (found.value("resample_ari"), found.min_jaccard, found.fit_seconds) == (None,) * 3
    assert labels.tolist() == [0] * 12


def test_a_trial_of_other_code_does_not_count(tmp_path: Path) -> None:
    ledger = Ledger(Files(str(tmp_path)))
    kept = trial(0.5, "persona_count")
    ledger.keep(profile(), kept)
    assert ledger.find(profile(), "f") == kept
    assert ledger.find(profile(), "g") is None
    ledger.origin = {**ledger.origin, "code": "other"}
    assert ledger.find(profile(), "f") is None
