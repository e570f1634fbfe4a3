"""The benchmark of assigning: its figures by hand, and the whole on a part of real tweets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.assign import calibration, main, matched, means


def test_clusters_are_paired_by_shared_tweets() -> None:
    full = np.array([0, 0, 0, 1, 1, 2, 2, 2], dtype=np.int32)
    assert matched(full, np.array([1, 1, 1, 0, 0, 2, 2, 2], dtype=np.int32)).tolist() == [1, 0, 2]
    # Three of the part against two of the full run: one has no partner.
    split = np.array([0, 0, 1, 2, 2, 2, 2, 2], dtype=np.int32)
    assert sorted(matched(np.minimum(full, 1), split).tolist()) == [-1, 0, 1]


@given(st.permutations(range(5)))
def test_renumbered_clusters_are_paired_with_themselves(order: list[int]) -> None:
    full = np.repeat(np.arange(5), [3, 4, 5, 6, 7]).astype(np.int32)
    part = np.array(order, dtype=np.int32)[full]
    assert (matched(full, part)[part] == full).all()


def test_calibration_error_by_hand() -> None:
    confidence = np.repeat(np.linspace(0.05, 0.95, 10), 100)
    is_right = np.tile(np.arange(100), 10) < np.repeat(np.linspace(5, 95, 10), 100)
    gap, table = calibration(confidence, is_right)
    assert gap == pytest.approx(0, abs=1e-9)
    assert [row[0] for row in table] == [100] * 10
    gap, _ = calibration(np.ones(50), np.arange(50) < 30)
    assert gap == pytest.approx(0.4)


def test_means_go_into_nested_figures_and_tables() -> None:
    one = {"a": 1.0, "in": {"b": 2, "table": [[1, 2], [3, 4]]}}
    other = {"a": 3.0, "in": {"b": 4, "table": [[3, 4], [5, 6]]}}
    assert means([one, other]) == {"a": 2.0, "in": {"b": 3.0, "table": [[2, 3], [4, 5]]}}


@pytest.mark.slow
def test_the_last_line_holds_the_figures(
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RI_SHARED_DATA", str(shared_data))
    source = shared_data / "zomato_2019"
    options = ["--source", source, "--max-tweets", 700, "--splits", 1]
    options += ["--strangers", 150, "--store", tmp_path, "--json"]
    monkeypatch.setattr(sys, "argv", ["assign", *map(str, options)])
    main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1], parse_constant=pytest.fail)
    assert {"ari", "auroc", "ceiling_ari", "ari_text", "none_share", "seconds_per_1000"} <= set(
        found
    )
    assert found["auroc"] > 0.85
    assert found["strangers_none_share"] > 0.6
    # The index of a part cannot agree much better than the part itself.
    assert found["ari_best_guess"] < found["ceiling_ari"] + 0.1
    assert found["same_personas"]["ari"] > 0.5
