"""The benchmark of quality, on a part of the sample and a profile that is quick."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score, completeness_score

from benchmarks.quality import METHODS, figures, main, method, read_labels
from benchmarks.rivals import PEERS, TEXT_ALONE
from ri_assets.errors import SourceError
from ri_assets.freeze.trial import attempt
from ri_assets.pipeline.fuse import fuse
from ri_assets_tests.freeze.corpora import prepared
from ri_assets_tests.pipeline.clouds import blobs, small_profile

KEYS = {
    "k",
    "coherence",
    "coherence_null_p95",
    "seed_ari",
    "resample_ari",
    "resample_ari_null_p95",
    "resample_ari_lift",
    "min_jaccard",
    "seconds",
}


def test_every_method_keeps_the_number_of_draws() -> None:
    for name in METHODS:
        assert method(name, 23, 9).profile.stability.n_draws == 23


def test_every_peer_is_a_method() -> None:
    assert set(METHODS) == {"default", "report", *PEERS}


@pytest.mark.parametrize("name", ["bertopic", "bertopic_matched"])
def test_topic_models_get_the_text_alone(name: str) -> None:
    assert method(name, 5, 9).profile.fuse == TEXT_ALONE


@pytest.mark.parametrize("name", ["evoc", "evoc_matched", "plscan", "kmeans"])
def test_the_others_get_the_vectors_of_the_default_profile(name: str) -> None:
    assert method(name, 5, 9).profile == method("default", 5, 9).profile


def test_with_the_text_alone_the_fused_vectors_are_the_embeddings() -> None:
    ready = prepared("clouds", seed=7)
    fused = fuse(ready.text, ready.behavior, TEXT_ALONE)
    np.testing.assert_allclose(fused[:, : ready.text.shape[1]], ready.text, atol=1e-6)
    assert (fused[:, ready.text.shape[1] :] == 0).all()


@pytest.mark.slow
def test_figures_have_the_promised_names_and_agree_with_labels() -> None:
    ready = prepared("clouds", seed=7)
    trial, labels = attempt(ready, small_profile(), lambda _: None)
    truth = pd.DataFrame({"tweet_id": ready.tweet_ids[:200], "label": labels[:200]})
    found = figures(trial, labels, ready, truth)
    assert set(found) >= KEYS
    assert found["labelled_tweets"] == 200
    assert found["label_ari"] == adjusted_rand_score(labels[:200], labels[:200]) == 1
    assert "label_ari" not in figures(trial, labels, ready, None)
    json.dumps(found, allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kmeans", "plscan"])
def test_a_peer_goes_through_the_whole_harness(name: str) -> None:
    if name == "plscan":
        pytest.importorskip("fast_hdbscan", reason="the extra `benchmarks` is not installed")
    ready = prepared("clouds", seed=7)
    _, truth = blobs((80, 70, 60, 50, 40), seed=7, spread=0.08)
    trial, labels = attempt(ready, small_profile(), lambda _: None, method(name, 2, 5).procedure)
    assert trial.draws == 2
    assert (trial.value("resample_ari") or 0) > 0.5
    assert trial.k == len(np.unique(labels)) > 1
    # PLSCAN chooses its number: it may leave neighbouring clouds together, and which depends on
    # the processor, but no cloud is torn apart.
    assert completeness_score(truth, labels) == pytest.approx(1)
    if name == "kmeans":
        assert np.bincount(labels).tolist() == [80, 70, 60, 50, 40]


def test_labels_from_csv_and_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"tweet_id": [1, 2], "label": ["a", "b"], "other": [0, 0]})
    frame.to_csv(tmp_path / "l.csv", index=False)
    frame.to_parquet(tmp_path / "l.parquet")
    for name in ("l.csv", "l.parquet"):
        assert read_labels(tmp_path / name).to_numpy().tolist() == [[1, "a"], [2, "b"]]
    frame[["label"]].to_csv(tmp_path / "no.csv", index=False)
    with pytest.raises(SourceError, match="tweet_id and label"):
        read_labels(tmp_path / "no.csv")


def test_an_unknown_method_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["quality", "--profiles", "default,lda"])
    with pytest.raises(SystemExit):
        main()
    assert f"lda is none of {', '.join(METHODS)}" in capsys.readouterr().err
