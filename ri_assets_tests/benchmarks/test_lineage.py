"""The benchmark of lasting ids: its own count, its weeks, and two real reruns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from benchmarks.lineage import Reruns, kept, summary, weekly
from ri_assets.config import load_profile
from ri_assets.errors import SourceError
from ri_assets.sources.base import Corpus, SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder


def members(personas: list[str], *, first: int = 0) -> pd.DataFrame:
    ids = range(first, first + len(personas))
    return pd.DataFrame({"tweet_id": ids, "persona_id": personas})


def test_a_persona_that_is_half_of_its_successor_counts() -> None:
    before = members(["P01"] * 10 + ["P02"] * 10)
    found = kept(before, members(["P01"] * 5 + ["P09"] * 5 + ["P02"] * 10))
    assert (found.personas, found.lasting) == (2, 2)
    assert (found.overlapping, found.overlapping_kept) == (2, 2)
    renamed = kept(before, members(["P07"] * 10 + ["P02"] * 10))
    assert (renamed.overlapping, renamed.overlapping_kept) == (2, 1)
    assert (renamed.personas, renamed.lasting) == (2, 1)


def test_a_merger_is_one_persona_kept_and_one_majority_lost() -> None:
    found = kept(members(["P01"] * 10 + ["P02"] * 6), members(["P01"] * 16))
    assert (found.overlapping, found.overlapping_kept) == (1, 1)
    assert (found.majorities, found.majorities_kept) == (2, 1)


def test_a_scattered_persona_overlaps_with_none() -> None:
    scattered = [f"P{n % 5}" for n in range(20)]
    assert kept(members(["P01"] * 20), members(scattered)).overlapping == 0


def test_tweets_of_one_run_alone_do_not_count() -> None:
    before = members(["P01"] * 10 + ["P02"] * 90)
    found = kept(before, members(["P01"] * 10 + ["P03"] * 500, first=0).drop(range(10, 100)))
    assert (found.personas, found.overlapping, found.overlapping_kept) == (1, 1, 1)


def corpus(tmp_path: Path, tweets: pd.DataFrame) -> Corpus:
    folder = write_folder(tmp_path / "source", tweets, replies_to(small_tweets()))
    return open_source(str(folder), SourceOptions()).read()


def test_each_week_adds_its_tweets_and_replies(tmp_path: Path) -> None:
    whole = corpus(tmp_path, small_tweets())
    parts = list(weekly(whole, 3))
    assert len(parts) == 4
    sizes = [len(part.tweets) for _, part in parts]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == len(whole.tweets)
    for end, part in parts:
        assert end.day_name() == "Sunday"
        ended = end + pd.Timedelta(days=1)
        for posts, of_all in ((part.tweets, whole.tweets), (part.replies, whole.replies)):
            times = pd.to_datetime(of_all["created_at"], utc=True)
            assert len(posts) == (times < ended).sum()


def test_a_corpus_without_times_or_weeks_is_refused(tmp_path: Path) -> None:
    whole = corpus(tmp_path, small_tweets())
    with pytest.raises(SourceError, match="more than 500"):
        list(weekly(whole, 500))
    untimed = Corpus(**(vars(whole) | {"tweets": whole.tweets.assign(created_at=None)}))
    with pytest.raises(SourceError, match="without created_at"):
        list(weekly(untimed, 1))


@pytest.mark.slow
def test_two_reruns_give_the_promised_figures(tmp_path: Path) -> None:
    whole = corpus(tmp_path, small_tweets())
    reruns = Reruns(load_profile(str(SMALL_PROFILE)), str(tmp_path / "store"), Console())
    said = [reruns.run(f"{end:%Y-%m-%d}", part) for end, part in weekly(whole, 2)]
    assert "overlap by half" in said[-1]
    assert reruns.previous is not None
    history = reruns.previous.history
    found = summary(reruns, history)
    assert found["runs"] == 2
    events = history[history["sequence"] > 1]["event"].value_counts()
    for name, event in (("births", "born"), ("retirements", "retired"), ("merges", "merged")):
        assert found[name] == events.get(event, 0)
    assert 0 <= found["kept_share"] <= 1
    assert np.isfinite(list(found.values())).all()
