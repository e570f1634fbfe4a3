from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ri_assets.personas.rhythm import busiest_slot, peak_slot, rhythm_table


def _times(hours: np.ndarray) -> pd.Series[pd.Timestamp]:
    days = np.arange(len(hours)) % 28
    start = pd.Timestamp(2025, 6, 1, tz="UTC")
    return pd.Series(
        [start + pd.Timedelta(days=int(d), hours=int(h)) for d, h in zip(days, hours, strict=True)]
    )


def _curve(table: pd.DataFrame, cluster: int, cycle: str = "hour") -> pd.DataFrame:
    return table[(table["cluster"] == cluster) & (table["cycle"] == cycle)]


def test_a_common_rush_hour_is_nobodys_peak() -> None:
    rng = np.random.default_rng(1)
    hours = np.where(rng.random(1500) < 0.5, 15, rng.integers(0, 24, 1500))
    table = rhythm_table(_times(hours), rng.integers(0, 3, 1500), "UTC")
    for cluster in range(3):
        curve = _curve(table, cluster)
        assert busiest_slot(curve) == 15
        assert peak_slot(curve) is None


def test_a_planted_peak_is_found_in_local_time() -> None:
    rng = np.random.default_rng(2)
    hours = rng.integers(0, 24, 1200)
    clusters = np.arange(1200) % 4
    hours[(clusters == 1) & (rng.random(1200) < 0.4)] = 9
    table = rhythm_table(_times(hours), clusters, "Asia/Kolkata")
    assert peak_slot(_curve(table, 1)) == 14  # 09:00 UTC is 14:30 in India
    assert busiest_slot(_curve(table, 1)) == 14
    assert peak_slot(_curve(table, 0)) is None


def test_chance_seldom_makes_a_peak() -> None:
    rng = np.random.default_rng(3)
    curve = rng.dirichlet(np.ones(24))
    peaks = 0
    for _ in range(40):
        hours = rng.choice(24, 600, p=curve)
        table = rhythm_table(_times(hours), rng.integers(0, 5, 600), "UTC")
        peaks += sum(peak_slot(_curve(table, cluster)) is not None for cluster in range(5))
    assert peaks <= 0.05 * 200


def test_shares_sum_to_one_and_the_whole_corpus_has_no_lift() -> None:
    table = rhythm_table(_times(np.arange(50) % 24), np.zeros(50, dtype=np.int64), "UTC")
    for cycle, n_slots in (("hour", 24), ("weekday", 7)):
        curve = _curve(table, 0, cycle)
        assert len(curve) == n_slots
        assert curve["share"].sum() == pytest.approx(1)
        assert curve["lift"].dropna().to_numpy() == pytest.approx(1)


def test_no_times_no_rows() -> None:
    times = pd.Series(pd.NaT, index=range(3), dtype="datetime64[us, UTC]")
    table = rhythm_table(times, np.zeros(3, dtype=np.int64), "UTC")
    assert table.empty
    assert busiest_slot(table) is None
    assert peak_slot(table) is None
