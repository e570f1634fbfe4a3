"""How much time a search says is left, and how often."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ri_assets.freeze import search as searching
from ri_assets.freeze.search import Clock, duration, seldom


class Watch:
    """Stands in for the module `time` in `search`, and moves only when told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(searching, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


@pytest.mark.parametrize(
    ("seconds", "said"), [(12, "12 s"), (300, "5 min"), (7260, "2 h 1 min"), (7199, "2 h 0 min")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_time_left_is_what_is_left_at_the_pace_so_far(watch: Watch) -> None:
    told: list[str] = []
    search = Clock(40, told.append)
    search.start("first")
    watch.now += 100
    search.finish(10)
    search.skip(10)
    search.start("third")
    watch.now += 20
    search.tell("3 of 10 reruns")
    assert told == [
        "first: fitting",
        "third: fitting; about 3 min left",
        "third: 3 of 10 reruns; about 3 min left",
    ]
    watch.now += 125
    search.tell("9 of 10 reruns")
    assert told[-1] == "third: 9 of 10 reruns; about 55 s left"


def test_a_log_is_told_now_and_then(watch: Watch) -> None:
    told: list[str] = []
    tell = seldom(told.append, seconds=30)
    for _ in range(100):
        tell(f"{watch.now:.0f}")
        watch.now += 1
    assert told == ["1000", "1030", "1060", "1090"]
