"""The benchmark of quality, on a part of the sample and a profile that is quick."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from benchmarks.quality import figures, main, method, read_labels
from benchmarks.rivals import TEXT_ALONE, bertopic, kmeans
from ri_assets.errors import SourceError
from ri_assets.freeze.trial import attempt
from ri_assets.pipeline.fuse import fuse
from ri_assets_tests.freeze.corpora import prepared
from ri_assets_tests.pipeline.clouds import small_profile

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
    for name in ("default", "report", "bertopic", "kmeans"):
        assert method(name, 23, 9).profile.stability.n_draws == 23


def test_for_bertopic_the_fused_vectors_are_the_embeddings() -> None:
    ready = prepared("clouds", seed=7)
    fused = fuse(ready.text, ready.behavior, TEXT_ALONE)
    np.testing.assert_allclose(fused[:, : ready.text.shape[1]], ready.text, atol=1e-6)
    assert (fused[:, ready.text.shape[1] :] == 0).all()


@pytest.mark.slow
def test_kmeans_cuts_clouds_into_as_many_as_asked() -> None:
    ready = prepared("clouds", seed=7)
    fused = fuse(ready.text, ready.behavior, TEXT_ALONE)
    found = kmeans(fused, small_profile(), 1, k=5)
    assert found.clusters.count == 5
    assert not found.clusters.was_noise.any()


@pytest.mark.slow
def test_bertopic_finds_clouds_and_leaves_no_outlier() -> None:
    pytest.importorskip("bertopic", reason="the extra `benchmarks` is not installed")
    ready = prepared("clouds", seed=7)
    sizes = (80, 70, 60, 50, 40)
    found = bertopic(fuse(ready.text, ready.behavior, TEXT_ALONE), small_profile(), 1)
    assert found.clusters.sizes.tolist() == list(sizes)


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
    assert "lda is none of default, report, bertopic, kmeans" in capsys.readouterr().err
