from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ri_assets.config import load_profile
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.errors import ResourceError
from ri_assets.pipeline.memory import (
    available_memory,
    memory_by_stage,
    require_memory,
)
from ri_assets.records.assets import ASSETS
from ri_assets_tests.small import profile_with

if TYPE_CHECKING:
    from ri_assets_tests.command_line import Cli

PROFILE = load_profile(DEFAULT_PROFILE)
GB = 1_000_000_000

MEASURED = {
    2_500: {"denoised_tweets": 406, "umap_50d": 526, "clusters": 1_170, "ri_index_app": 996},
    10_000: {"denoised_tweets": 486, "umap_50d": 972, "clusters": 2_168, "ri_index_app": 1_538},
}
"""Peaks in MB by `benchmarks.growth` on two cores, without the model."""
MEASURED_LARGE = {
    "raw_tweets": 889, "denoised_tweets": 1_876, "embeddings": 3_337,
    "behavioral_features": 2_131, "umap_50d": 3_564, "clusters": 5_333,
    "personas_enriched": 4_244, "ri_index_app": 4_997,
}  # fmt: skip
"""Peaks in MB of a run on 300,000 tweets that fitted 1,500 of them, without the model."""
MODEL = 365


@pytest.mark.parametrize("n", MEASURED)
def test_the_estimate_meets_measured_peaks_within_a_fifth(n: int) -> None:
    found = memory_by_stage(n, PROFILE, processes=2)
    for stage, measured in MEASURED[n].items():
        assert found[stage] / 1e6 - MODEL == pytest.approx(measured, rel=0.2), stage


def test_the_estimate_meets_the_peaks_of_a_large_corpus_within_a_fifth(tmp_path: Path) -> None:
    profile = load_profile(str(profile_with(tmp_path, cluster={"fit_limit": 1_500})))
    found = memory_by_stage(300_000, profile, processes=2)
    for stage, measured in MEASURED_LARGE.items():
        assert found[stage] / 1e6 - MODEL * (stage != "raw_tweets") == pytest.approx(
            measured, rel=0.2
        ), stage


def test_every_stage_has_an_estimate() -> None:
    assert set(memory_by_stage(1_000, PROFILE)) == set(ASSETS) - {"raw_replies"}


def test_more_tweets_processes_and_dimensions_need_more() -> None:
    base = memory_by_stage(50_000, PROFILE, processes=2)
    for more in (
        memory_by_stage(60_000, PROFILE, processes=2),
        memory_by_stage(50_000, PROFILE, processes=3),
        memory_by_stage(50_000, PROFILE, processes=2, dimensions=1_000),
    ):
        assert more["clusters"] > base["clusters"]


def test_fitting_fewer_tweets_needs_less(tmp_path: Path) -> None:
    fewer = load_profile(str(profile_with(tmp_path, cluster={"fit_limit": 2_000})))
    more = load_profile(str(profile_with(tmp_path, cluster={"fit_limit": 20_000})))
    assert memory_by_stage(50_000, fewer)["clusters"] < memory_by_stage(50_000, more)["clusters"]


def test_too_little_memory_is_refused_with_what_would_do() -> None:
    with pytest.raises(ResourceError) as refused:
        require_memory(1_000_000, PROFILE, 8 * GB)
    assert "1,000,000 tweets" in refused.value.found
    assert "8.0 GB are free" in refused.value.found
    most = int(refused.value.remedy.partition("--max-tweets ")[2].split(",")[0])
    require_memory(most, PROFILE, 8 * GB)
    with pytest.raises(ResourceError):
        require_memory(3 * most, PROFILE, 8 * GB)


def test_enough_or_unknown_memory_is_let_through() -> None:
    for available in (None, 1_000 * GB):
        stage, needed = require_memory(100_000, PROFILE, available)
        assert stage == "clusters"
        assert needed > GB


def test_fewer_processes_are_suggested_where_they_would_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ri_assets.pipeline.memory.cpu_count", lambda: 64)
    with pytest.raises(ResourceError, match="LOKY_MAX_CPU_COUNT=1"):
        require_memory(10_000, PROFILE, 4 * GB)


def linux(folder: Path, *, free_kb: int, group: str, files: dict[str, str]) -> tuple[Path, Path]:
    """Write what Linux shows of a machine and its control groups."""
    proc, groups = folder / "proc", folder / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable: {free_kb} kB\n")
    (proc / "self" / "cgroup").write_text(group)
    for name, content in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(content)
    return proc, groups


def test_the_machine_limits_where_no_group_does(tmp_path: Path) -> None:
    files = {"a/memory.max": "max\n", "a/memory.current": "5\n"}
    assert available_memory(*linux(tmp_path, free_kb=7, group="0::/a\n", files=files)) == 7 * 1024


def test_the_limit_of_an_outer_group_counts(tmp_path: Path) -> None:
    files = {
        "a/memory.max": "1000\n", "a/memory.current": "700\n",
        "a/memory.stat": "anon 1\ninactive_file 50\n",
        "a/b/memory.max": "max\n", "a/b/memory.current": "1\n",
    }  # fmt: skip
    assert available_memory(*linux(tmp_path, free_kb=7, group="0::/a/b\n", files=files)) == 350


def test_the_first_version_of_control_groups_counts(tmp_path: Path) -> None:
    files = {
        "memory/c/memory.limit_in_bytes": "900\n", "memory/c/memory.usage_in_bytes": "100\n",
        "memory/c/memory.stat": "total_inactive_file 20\n",
    }  # fmt: skip
    group = "3:cpu:/c\n2:memory:/c\n"
    assert available_memory(*linux(tmp_path, free_kb=7, group=group, files=files)) == 820


def test_a_group_over_its_limit_has_nothing_free(tmp_path: Path) -> None:
    files = {"memory.max": "10\n", "memory.current": "11\n"}
    assert available_memory(*linux(tmp_path, free_kb=7, group="0::/\n", files=files)) == 0


def test_this_machine_has_memory() -> None:
    assert (available_memory() or GB) > 1_000_000


def test_a_run_that_does_not_fit_ends_before_anything_is_computed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    monkeypatch.setattr("ri_assets.pipeline.memory.available_memory", lambda: GB // 10)
    outcome = cli("run", "--source", "sample", "--store", store)
    assert outcome.code == 2
    assert "the stage clusters needs about" in outcome.err
    assert "0.1 GB are free" in outcome.err
    assert not store.exists()
