"""The freeze search as people start it: from a terminal, and as a Dagster job."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ri_assets.config import load_profile
from ri_assets.definitions import build_defs
from ri_assets.resources.settings import StoreResource
from ri_assets_tests.command_line import ri_index
from ri_assets_tests.small import profile_with, small_tweets, write_folder


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore:InitResourceContext.dagster_run is deprecated:DeprecationWarning"
)
def test_the_command_freezes_and_the_job_takes_up_its_trials(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "source", small_tweets())
    lenient = {"coherence_min": -1.0, "resample_ari_min": -1.0}
    space = tmp_path / "space.yaml"
    base = str(profile_with(tmp_path, gates=lenient))
    space.write_text(yaml.safe_dump([{"base": base, "vary": {"cluster.min_samples": [3, 5]}}]))
    store, out = tmp_path / "store", tmp_path / "frozen-small.yaml"
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    ended = ri_index(
        *("freeze", "--source", source, "--out", out, "--trials", 2, "--draws", 2),
        *("--finalists", 1, "--space", space, "--store", store),
        home=tmp_path,
    )
    assert "one corpus: the choice will suit it" in " ".join(ended.err.split())
    assert f"reading {source}" in ended.err
    # Whether so few runs beat their null is chance; either ending writes the evidence.
    assert ended.code in {0, 3}, ended.text
    assert out.with_suffix(".evidence.json").is_file()
    assert out.with_suffix(".svg").is_file()
    assert out.is_file() == (ended.code == 0)
    if ended.code == 0:
        assert load_profile(str(out)).name == "frozen-small"
    trials = sorted((store / "freeze" / "trials").iterdir())
    assert len(trials) == 3
    written = [file.stat().st_mtime_ns for file in trials]

    job = build_defs({"store": StoreResource(location=str(store))}).resolve_job_def("freeze")
    again = tmp_path / "frozen-again.yaml"
    config = {
        "sources": [str(source)],
        "out": str(again),
        "trials": 2,
        "draws": 2,
        "finalists": 1,
        "space": str(space),
    }
    result = job.execute_in_process(
        run_config={"ops": {"freeze_profile": {"config": config}}}, raise_on_error=False
    )
    assert result.success == (ended.code == 0)
    assert again.with_suffix(".svg").is_file()
    assert [file.stat().st_mtime_ns for file in trials] == written
