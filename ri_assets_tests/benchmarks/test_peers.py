"""The comparison with labels: its figures by hand, and the whole on a part of the sample."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers import against_labels, main
from benchmarks.rivals import PEERS
from ri_assets.errors import SourceError
from ri_assets_tests.small import AUDIENCES, SAMPLE, small_tweets, write_folder


def test_figures_by_hand() -> None:
    truth = np.array(["a", "a", "b", "b"], dtype=object)
    assert against_labels(np.array([4, 4, 2, 2], dtype=np.int32), truth) == {
        "label_ari": 1.0,
        "k": 2,
    }
    crossed = against_labels(np.array([0, 1, 0, 1], dtype=np.int32), truth)
    assert crossed["label_ari"] == pytest.approx(-0.5)


def test_tweets_without_label_are_left_out() -> None:
    truth = np.array(["a", None, "b", np.nan], dtype=object)
    found = against_labels(np.array([0, 0, 1, 2], dtype=np.int32), truth)
    assert found == {"label_ari": 1.0, "k": 3}


def test_labels_of_another_source_are_refused_before_anything_is_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_folder(tmp_path / "source", small_tweets(of_each=2))
    labels = tmp_path / "labels.csv"
    pd.DataFrame({"tweet_id": [-1, -2], "label": ["a", "b"]}).to_csv(labels, index=False)
    options = ["--source", source, "--labels", labels, "--store", tmp_path / "store"]
    monkeypatch.setattr(sys, "argv", ["peers", *map(str, options)])
    with pytest.raises(SourceError, match="the labels name 0 groups among 8 tweets"):
        main()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("option", "value"), [("--seeds", "0"), ("--k", "1")])
def test_numbers_that_compare_nothing_are_refused(
    option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["peers", "--labels", "labels.csv", option, value])
    with pytest.raises(SystemExit):
        main()
    assert f"{option} must be" in capsys.readouterr().err


@pytest.mark.slow
def test_the_last_line_has_every_peer_in_both_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("bertopic", "evoc", "fast_hdbscan"):
        pytest.importorskip(package, reason="the extra `benchmarks` is not installed")
    source = write_folder(tmp_path / "source", small_tweets())
    options = ["--source", source, "--labels", SAMPLE / "planted_labels.csv"]
    options += ["--seeds", 1, "--store", tmp_path / "store"]
    monkeypatch.setattr(sys, "argv", ["peers", *map(str, options)])
    main()
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["k"] == len(AUDIENCES)  # as many as there are labels
    readings = said["readings"]
    assert readings.keys() == {"content words", "whole text", "content words and behaviour"}
    assert readings["content words"].keys() == readings["whole text"].keys() == PEERS.keys()
    assert [len(runs) for by_peer in readings.values() for runs in by_peer.values()] == [1] * 13
    kmeans = readings["whole text"]["kmeans"][0]
    assert kmeans["k"] == len(AUDIENCES)
    assert kmeans["label_ari"] > 0.5
