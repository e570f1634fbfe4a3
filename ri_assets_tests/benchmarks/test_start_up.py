"""The benchmark of start-up times; whether bars are met is for a quiet machine to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import start_up
from ri_assets.environment import PROJECT


@pytest.mark.slow
def test_every_start_has_a_time_a_bar_and_a_ratio(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["start_up", "--times", "1", "--before", str(PROJECT)])
    start_up.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {name: one["bar_seconds"] for name, one in found.items()} == {
        "definitions": 3.0, "help": 0.5, "open": 0.2
    }  # fmt: skip
    for one in found.values():
        assert 0 < one["seconds"] < 60
        assert one["is_met"] == (one["seconds"] <= one["bar_seconds"])
        assert 0.1 < one["ratio_to_before"] < 10  # with itself
    assert found["open"]["seconds"] < found["definitions"]["seconds"]


def test_the_least_of_several_counts_and_the_first_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = iter([0.01] * 3 + [0.4, 0.3, 0.2] + [0.3, 0.5, 0.1])

    def started(*_: object, **__: object) -> float:
        return next(taken)

    monkeypatch.setattr(start_up, "started", started)
    monkeypatch.setattr(start_up, "write_snapshot", lambda *_: None)
    least = start_up.measure(2, [Path("here")])
    assert least == {"definitions": [0.3], "help": [0.3], "open": [0.1]}
