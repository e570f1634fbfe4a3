"""The report of `make bench`, and the corpora and fits behind its figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import bench
from benchmarks.generated import write_corpus
from benchmarks.growth import Grown, exponents, growth_exponent
from benchmarks.near_duplicates import sample_texts

KEYS = (
    "embed_ratio", "warm_s", "cold_s", "warm_ratio_to_before", "vs_bertopic",
    "near_duplicate_recall", "growth_exponent", "million_minutes", "million_peak_gib",
)  # fmt: skip


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    monkeypatch.setattr(sys, "argv", ["bench", *options])
    bench.main()
    return capsys.readouterr().out


def test_the_last_line_is_one_object_with_every_key_and_nothing_invented(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RI_BENCH_BEFORE", raising=False)
    only = "near_duplicate_recall,growth_exponent,million_minutes,warm_ratio_to_before"
    out = said(monkeypatch, capsys, "--fast", "--only", only)
    figures = json.loads(out.splitlines()[-1])
    assert tuple(figures) == KEYS
    assert set(figures.values()) == {None}
    plain = " ".join(out.split())
    assert "left out of bench-fast" in plain
    assert "no earlier code at hand" in plain
    assert ">= 0.99 at 100,000" in plain


def test_a_million_that_does_not_fit_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "available_memory", lambda: 8_000_000_000)
    report = bench.Report()
    bench.million(report)
    assert report.figures["million_minutes"] is None
    assert "GB of memory by the estimate" in report.reasons["million_peak_gib"]


def test_the_sample_is_read_for_benchmarks() -> None:
    assert len(sample_texts()) == 1_618


def test_an_unknown_figure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "warmth"])
    with pytest.raises(SystemExit):
        bench.main()


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_the_exponent_of_a_power_is_found(power: float) -> None:
    sizes = [10_000, 31_000, 100_000]
    found = growth_exponent(sizes, [n**power / 1e4 for n in sizes])
    assert found == pytest.approx(power)


def test_what_takes_no_time_or_was_run_once_has_no_exponent() -> None:
    assert growth_exponent([1, 2], [0.1, 0.2]) is None
    assert growth_exponent([1], [9.0]) is None
    runs = [Grown(n, {"clusters": n / 10, "raw_tweets": 0.01}, {}, True) for n in (10, 100)]
    assert exponents(runs) == {"clusters": pytest.approx(1), "raw_tweets": None}


def test_a_generated_corpus_repeats_and_has_the_sources_columns(tmp_path: Path) -> None:
    first, second = (write_corpus(tmp_path / name, 300, 1) for name in ("a", "b"))
    for name in ("tweets.parquet", "replies.parquet"):
        one, other = (pd.read_parquet(Path(folder) / name) for folder in (first, second))
        pd.testing.assert_frame_equal(one, other)
        assert len(one) == 300
    tweets = pd.read_parquet(Path(first) / "tweets.parquet")
    assert tweets["tweet_id"].is_unique
    assert tweets["text"].nunique() > 250
    assert tweets["author_id"].nunique() > 30
