"""What the environment and a command line say of a source."""

from __future__ import annotations

from pathlib import Path

import pytest

from ri_assets.errors import SourceError
from ri_assets.resources.settings import SourceResource
from ri_assets_tests.command_line import Cli

ENVIRONMENT = {
    "RI_SOURCE": "tweets.csv",
    "RI_KEEP_ALL": "1",
    "RI_MAP": "text=content, tweet_id=id",
    "RI_TIMEZONE": "Europe/Berlin",
}


def test_the_environment_says_all_of_it() -> None:
    found = SourceResource.from_environment(ENVIRONMENT)
    assert found.source == "tweets.csv"
    assert found.keep_all
    assert found.column_map == {"text": "content", "tweet_id": "id"}
    assert found.timezone == "Europe/Berlin"
    bare = SourceResource.from_environment({})
    assert (bare.source, bare.keep_all, bare.column_map, bare.timezone) == (
        "sample", False, {}, None,
    )  # fmt: skip


def test_a_command_line_has_precedence() -> None:
    here = SourceResource.from_environment(ENVIRONMENT)
    same = here.chosen(None, keep_all=False, max_tweets=None, pairs=None, timezone=None)
    assert same == here
    other = here.chosen(
        ["a.csv", "b.csv"], keep_all=False, max_tweets=5, pairs=["lang=l"], timezone="UTC"
    )
    assert (other.source, other.more, other.max_tweets) == ("a.csv", ["b.csv"], 5)
    assert (other.column_map, other.timezone) == ({"lang": "l"}, "UTC")


def test_several_files_are_opened_together(tmp_path: Path) -> None:
    for n in (1, 2):
        (tmp_path / f"{n}.csv").write_text(f"id,body\n{n},text\n")
    resource = SourceResource(
        source=str(tmp_path / "1.csv"), more=[str(tmp_path / "2.csv")], column_map={"text": "body"}
    )
    assert resource.open().read().tweets["tweet_id"].tolist() == [1, 2]


def test_a_wrong_pair_of_the_environment_is_refused() -> None:
    with pytest.raises(SourceError, match="has no ="):
        SourceResource.from_environment({"RI_MAP": "text"})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--map", "text"], "has no ="),
        (["--map", "body=x"], "body is no native column"),
        (["--timezone", "Berlin"], "--timezone Berlin is unknown"),
        (["--max-tweets", "0"], "max_tweets is 0"),
    ],
)
def test_a_run_with_a_wrong_option_ends_before_it_starts(
    cli: Cli, tmp_path: Path, options: list[str], found: str
) -> None:
    outcome = cli("run", "--source", "sample", "--store", str(tmp_path / "store"), *options)
    assert outcome.code == 2
    assert found in outcome.err
    assert not (tmp_path / "store").exists()


def test_the_option_that_is_the_default_now_says_so(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("run", "--exclude-retweets", "--map", "text", "--store", str(tmp_path))
    assert "--exclude-retweets is the default now" in outcome.err


@pytest.mark.parametrize("value", ["1", "0"])
def test_the_variable_that_is_gone_is_not_ignored_in_silence(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RI_EXCLUDE_RETWEETS", value)
    outcome = cli("run", "--map", "text", "--store", str(tmp_path))
    assert "RI_EXCLUDE_RETWEETS does nothing" in outcome.err
    assert "RI_KEEP_ALL=1" in outcome.err
