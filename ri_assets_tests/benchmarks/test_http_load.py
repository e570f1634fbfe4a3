"""The load benchmark, with few questions: what it counts, and what it calls refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import http_load
from benchmarks.http_load import Ask, Question, Told, load, mix
from ri_assets.ri_index.http.app import build_app
from ri_assets.ri_index.http.limits import LIMITS, Limits
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.ri_index.http.raw import listening


@pytest.fixture(scope="module")
def store(small_run: FinishedRun) -> Path:
    return small_run.store.with_name("as_published")


def told_by(store: Path, limits: Limits, questions: Sequence[tuple[int, Ask]], n: int) -> Told:
    """What some clients see who ask a server with limits of its own eight times."""
    with listening(build_app(str(store), None, limits), limits) as port:
        return asyncio.run(load(f"http://127.0.0.1:{port}", questions, n, 8, 60))


@pytest.mark.slow
def test_the_command_counts_every_question_and_ends_with_one_object(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["http_load", "--store", str(store), "--clients", "1,4", "--requests", "40"]
    )
    http_load.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(found["clients"]) == ["1", "4"]
    for one in found["clients"].values():
        assert (one["requests"], one["refused"], one["errors"]) == (40, {}, {})
        assert 0 < one["fast_p50_ms"] <= one["fast_p99_ms"]
        assert one["per_second"] > 0
        assert one["server_cpu_ms"] > 0
    peak = found["peak_mb"]
    assert 30 < peak["started"] < peak["before"] - 200  # the model is loaded between
    assert peak["before"] <= peak["after"]


@pytest.mark.slow
def test_every_question_of_the_mix_is_answered(store: Path) -> None:
    with listening(build_app(str(store)), LIMITS) as port:
        url = f"http://127.0.0.1:{port}"
        for _, ask in mix(url):
            told = asyncio.run(load(url, [(1, ask)], 1, 1, 60))
            assert len(told.fast_ms) + len(told.slow_ms) == 1, (told.errors, told.refused)


def test_time_ends_it_too(store: Path) -> None:
    with listening(build_app(str(store)), LIMITS) as port:
        ask: list[tuple[int, Ask]] = [(1, lambda _: Question("quality"))]
        told = asyncio.run(load(f"http://127.0.0.1:{port}", ask, 2, 10**6, 0.3))
    assert 0 < len(told.fast_ms) < 10**5
    assert 0.3 <= told.seconds < 30


def test_a_full_queue_of_slow_questions_is_a_refusal(store: Path) -> None:
    slow = Question("get_persona_tweets", {"persona": 0, "with_text": True}, is_slow=True)
    told = told_by(store, replace(LIMITS, waiting=0), [(1, lambda _: slow)], 8)
    assert told.refused["slow questions"] + len(told.slow_ms) == 8
    assert told.refused["slow questions"] > 0
    assert not told.errors


def test_connections_above_the_limit_are_not_answers(store: Path) -> None:
    told = told_by(store, replace(LIMITS, connections=1), [(1, lambda _: Question("quality"))], 8)
    assert told.refused["connections"] + told.errors.total() + len(told.fast_ms) == 8
    assert told.refused["connections"] + told.errors.total() > 0
    assert told.refused["slow questions"] == 0


def test_other_failures_are_errors(store: Path) -> None:
    told = told_by(store, LIMITS, [(1, lambda _: Question("no_such_path"))], 2)
    assert told.errors == {"404": 8}
    assert told.figures()["per_second"] == 0
    assert told.figures()["requests"] == 8
