from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks import names
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.pipeline.clouds import blobs


def test_the_rank_of_a_persona_is_the_area_under_its_roc_curve() -> None:
    rng = np.random.default_rng(1)
    scores, personas = rng.integers(0, 9, 60).astype(float), rng.integers(0, 3, 60)
    found = names.ranks_of(scores, personas, 3)
    expected = [roc_auc_score(personas == persona, scores) for persona in range(3)]
    np.testing.assert_allclose(found, expected)


def test_true_descriptions_bring_back_their_own_and_swapped_ones_do_not() -> None:
    tweets, truth = blobs((40, 30, 20), seed=2)
    labels = truth.astype(np.int64)
    true = np.array([tweets[labels == k].mean(axis=0) for k in range(3)])
    assert names.retrieval(tweets, labels, true).first == 1
    swapped = names.retrieval(tweets, labels, true[[1, 0, 2]])
    assert swapped.first == pytest.approx(1 / 3)
    assert swapped.auroc < names.retrieval(tweets, labels, true).auroc


@pytest.mark.slow
def test_a_store_is_judged_by_each_kind_of_description(
    small_run: FinishedRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(small_run.store.with_name("as_published"))
    monkeypatch.setattr("sys.argv", ["names", store])
    names.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])[store]
    assert set(found) == set(names.DESCRIPTIONS)
    assert all(0 <= figure <= 1 for kind in found.values() for figure in kind.values())
    assert found["terms"]["auroc"] > 0.6, "top terms set personas apart"
