"""`ri-index check`: what a source holds, told without a run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ri_assets_tests.command_line import Cli, Outcome, environment
from ri_assets_tests.small import SAMPLE, SMALL_PROFILE, small_tweets

PROMISED = {
    "is_readable", "tweets", "replies", "left_out", "rejected", "columns", "ignored", "remedy",
}  # fmt: skip


def made(path: Path, **changes: Sequence[Any]) -> Path:
    """Write the small corpus with other columns beside it."""
    small_tweets()[["tweet_id", "text"]].assign(**changes).to_csv(path, index=False)
    return path


def told(cli: Cli, *arguments: object) -> tuple[Outcome, dict[str, Any]]:
    outcome = cli("check", *arguments, "--profile", SMALL_PROFILE, "--json")
    assert outcome.out.count("\n") == 1, outcome.text
    found: dict[str, Any] = json.loads(outcome.out)
    assert found.keys() >= PROMISED
    assert (outcome.code == 0) == (found["remedy"] is None)
    assert outcome.code in {0, 2}
    assert outcome.err == ""
    return outcome, found


def test_the_sample_is_described_and_can_run(cli: Cli) -> None:
    _, found = told(cli, "sample")
    assert found["is_readable"]
    assert (found["tweets"], found["replies"]) == (1_618, 4_682)
    assert (found["left_out"], found["rejected"]) == (0, 0)
    assert found["columns"]["text"] == "text"
    assert found["dropped_by_rule"] == {
        "exact_duplicate": 103, "retweet": 0, "short": 26, "template": 0,
    }  # fmt: skip
    assert found["tweets_left_at_most"] == 1_618 - 103 - 26
    assert set(found["scripts"]) == {"Latin"}
    times = pd.read_parquet(SAMPLE / "tweets.parquet")["created_at"]
    assert found["first_time"] == times.min().isoformat()
    assert found["last_time"] == times.max().isoformat()


def test_every_row_is_in_one_place(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    good = small_tweets()[["tweet_id", "text"]].assign(in_reply_to_tweet_id=None, mood="fine")
    more = pd.DataFrame(
        {
            "tweet_id": ["1", "2", "3", "x"],
            "text": ["RT @a: hear hear", "I agree with you", "and so do I", "who am I"],
            "in_reply_to_tweet_id": [None, "1", "2", None],
        }
    )
    pd.concat([good, more]).to_csv(path, index=False)
    _, found = told(cli, path)
    assert found["rows"] == 164
    assert (found["tweets"], found["replies"], found["left_out"], found["rejected"]) == (
        160, 2, 1, 1,
    )  # fmt: skip
    assert found["left_out_by_reason"] == {"retweet": 1}
    assert found["rejected_by_reason"] == {"bad_id": 1}
    assert found["ignored"] == ["mood"]
    assert told(cli, path, "--keep-all")[1]["left_out"] == 0
    assert told(cli, path, "--max-tweets", "70")[1]["tweets"] == 70


def test_a_person_sees_columns_values_and_the_verdict(cli: Cli, tmp_path: Path) -> None:
    path = made(tmp_path / "tweets.csv", like_count=["5", "many", "few"] + ["1"] * 157, mood="fine")
    outcome = cli("check", path, "--profile", SMALL_PROFILE)
    assert outcome.code == 0, outcome.text
    for part in ("160 tweets", "mood", "ignored", "like_count", "2 of 160", "many", "English"):
        assert part in outcome.out
    assert outcome.out.rstrip().endswith("A run can start.")


def test_a_single_row_is_counted_in_the_singular(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("tweet_id,text\n1,one tweet alone\n")
    assert "1 row: 1 tweet, 0 replies\n" in cli("check", tmp_path / "one.csv").out


def test_a_column_that_is_mostly_unreadable_stops_it(cli: Cli, tmp_path: Path) -> None:
    path = made(tmp_path / "tweets.csv", like_count=["many"] * 100 + ["1"] * 60)
    _, found = told(cli, path)
    assert not found["is_readable"]
    assert found["problem"] == "62% of like_count cannot be read"
    assert "--map" in found["remedy"]
    [column] = found["unreadable"]
    assert (column["filled"], column["unreadable"]) == (160, 100)
    assert column["examples"] == ["many"]


def test_rows_that_cannot_be_read_stop_it_above_two_percent(cli: Cli, tmp_path: Path) -> None:
    path = made(tmp_path / "tweets.csv")
    with path.open("a") as file:
        file.writelines(f"no-id-{n},what I say\n" for n in range(3))
    assert told(cli, path)[1]["rejected"] == 3
    with path.open("a") as file:
        file.writelines(f"no-id-{n},what I say\n" for n in range(3, 5))
    _, found = told(cli, path)
    assert not found["is_readable"]
    assert found["problem"] == "5 of 165 rows cannot be read: bad_id 5"
    shown = cli("check", path, "--profile", SMALL_PROFILE)
    assert shown.code == 2
    assert all(f"no-id-{n}" in shown.out for n in range(3))
    assert "no-id-3" not in shown.out


def test_an_unread_language_stops_it_and_another_model_does_not(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    said = ("昨日頼んだ荷物がまだ届かない", "この店の味噌汁は美味しい")
    texts = [f"{said[n % 2]}、{n}番のこと" for n in range(90)]
    pd.DataFrame({"tweet_id": range(1, 91), "text": texts}).to_csv(path, index=False)
    _, found = told(cli, path)
    assert found["is_readable"]
    assert not found["can_run"]
    assert found["languages"] == {"Japanese": 90}
    assert "embed.model" in found["remedy"]


def test_too_few_tweets_stop_it_with_the_number_needed(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    small_tweets().head(64)[["tweet_id", "text"]].to_csv(path, index=False)
    _, found = told(cli, path)
    assert found["tweets_needed"] == 65
    assert "1 at least" in found["remedy"]
    assert (
        json.loads(cli("check", path, "--json", "--profile", "report").out)["tweets_needed"] == 600
    )


@pytest.mark.parametrize("content", [None, b"", b"\x00\x01\x02", b"what,ever\n1,2\n"])
def test_what_cannot_be_read_is_one_object_too(
    cli: Cli, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "tweets.csv"
    if content is not None:
        path.write_bytes(content)
    _, found = told(cli, path)
    assert not found["is_readable"]
    assert found["remedy"]
    assert cli("check", path).code == 2


def test_columns_are_mapped_as_for_a_run(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    tweets = small_tweets().rename(columns={"text": "was_gesagt_wurde"})
    tweets[["tweet_id", "was_gesagt_wurde"]].to_csv(path, index=False)
    assert not told(cli, path)[1]["is_readable"]
    _, found = told(cli, path, "--map", "text=was_gesagt_wurde")
    assert found["columns"] == {"tweet_id": "tweet_id", "was_gesagt_wurde": "text"}


def test_it_takes_seconds_and_loads_no_model(tmp_path: Path) -> None:
    code = (
        "import sys; from ri_assets.cli.app import app\n"
        "try: app(['check', 'sample', '--json'])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'torch', 'umap', 'hdbscan', 'sentence_transformers', 'presidio_analyzer'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        text=True,
        env=environment(tmp_path),
    )
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - started < 30
