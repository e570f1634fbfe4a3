from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ri_assets_tests.command_line import Cli, environment, ri_index
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.mariadb import PASSWORD, USER, MariaDB
from ri_assets_tests.small import profile_with, small_tweets

PROMISED = {
    "personas",
    "raw_tweets",
    "kept_tweets",
    "retention",
    "coverage",
    "coherence",
    "resample_ari",
    "seed_ari",
    "profile",
    "snapshot",
}


def snapshot_folder(run: FinishedRun) -> Path:
    pointer = json.loads((run.store / "published.json").read_text())
    return run.store / "snapshots" / str(pointer["snapshot"])


@pytest.fixture
def summary(small_run: FinishedRun, cli: Cli) -> dict[str, Any]:
    outcome = cli("summary", "--json", "--store", small_run.store)
    assert outcome.code == 0
    assert outcome.out.count("\n") == 1
    found: dict[str, Any] = json.loads(outcome.out, parse_constant=pytest.fail)
    return found


def test_json_summary_agrees_with_the_stored_tables(
    small_run: FinishedRun, summary: dict[str, Any]
) -> None:
    folder = snapshot_folder(small_run)
    raw_folder = small_run.store / "raw" / folder.name
    raw = pd.read_parquet(raw_folder / "raw_tweets.parquet")
    kept = pd.read_parquet(raw_folder / "denoised_tweets.parquet")
    of_tweet = pd.read_parquet(folder / "ri_index_app.tweet_personas.parquet")
    figures = pd.read_parquet(folder / "clusters.figures.parquet").set_index("figure")["value"]
    assert summary.keys() >= PROMISED
    assert summary["snapshot"] == folder.name
    assert summary["profile"] == "small"
    assert summary["raw_tweets"] == len(raw) == 160
    assert summary["kept_tweets"] == len(kept)
    assert summary["rows_read"] == len(raw)
    assert summary["dropped_tweets"] == len(raw) - len(kept)
    assert (summary["left_out_tweets"], summary["rejected_tweets"]) == (0, 0)
    assert summary["raw_replies"] == len(pd.read_parquet(raw_folder / "raw_replies.parquet"))
    assert summary["retention"] == pytest.approx(len(kept) / len(raw))
    assert summary["coverage"] == pytest.approx(len(of_tweet) / len(kept))
    assert summary["personas"] == of_tweet["persona_id"].nunique()
    sizes = {row["persona_id"]: row["tweet_count"] for row in summary["persona_list"]}
    assert sizes == of_tweet["persona_id"].value_counts().to_dict()
    for figure in ("coherence", "resample_ari", "seed_ari", "silhouette"):
        assert summary[figure] == pytest.approx(figures[figure])
    dropped = sum(row["n_dropped"] for row in summary["funnel"])
    assert len(raw) - dropped == len(kept)


def test_a_summary_names_every_persona_and_no_check_is_cut(
    small_run: FinishedRun, summary: dict[str, Any], cli: Cli
) -> None:
    shown = cli("summary", "--store", small_run.store).out
    for row in summary["persona_list"]:
        assert f"│ {row['persona_id']} " in shown
        assert all(word in shown for word in row["name"].split())  # a long name takes two lines
    assert "…" not in shown
    assert "personas_enriched.name_agreement" in shown
    assert "clusters.resample_ari" in shown


def test_check_names_survive_a_narrow_terminal(small_run: FinishedRun, dagster_home: Path) -> None:
    shown = ri_index(
        "summary", "--store", small_run.store, home=dagster_home, env={"COLUMNS": "80"}
    ).out
    assert "personas_enriched.name_agreement" in shown
    assert all(len(line) <= 80 for line in shown.splitlines() if line.startswith("│"))


def test_a_run_shows_progress_results_and_what_comes_next(small_run: FinishedRun) -> None:
    shown = small_run.outcome
    for stage in ("raw_posts", "denoised_tweets", "umap_50d", "clusters", "ri_index_app"):
        assert f"✓ {stage} " in shown.err
        assert f"{stage} " in shown.out.split("time:")[1]
    assert f"results: {snapshot_folder(small_run)}" in shown.out
    assert "make ui" in shown.out
    assert "Traceback" not in shown.text


def test_a_figure_that_could_not_be_computed_is_null_in_json(
    small_run: FinishedRun, cli: Cli, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(small_run.store, store)
    path = snapshot_folder(small_run).relative_to(small_run.store) / "manifest.json"
    manifest = json.loads((store / path).read_text())
    [verdict] = [item for item in manifest["verdicts"] if item["check"] == "silhouette"]
    verdict["value"] = float("nan")
    (store / path).write_text(json.dumps(manifest))
    shown = cli("summary", "--json", "--store", store)
    assert json.loads(shown.out, parse_constant=pytest.fail)["silhouette"] is None
    assert cli("summary", "--store", store).code == 0


def test_an_earlier_snapshot_can_be_named(small_run: FinishedRun, cli: Cli) -> None:
    named = snapshot_folder(small_run).name
    shown = cli("summary", "--json", "--store", small_run.store, "--snapshot", named)
    assert json.loads(shown.out)["snapshot"] == named
    unknown = cli("summary", "--store", small_run.store, "--snapshot", "20200101T000000Z-0")
    assert unknown.code == 2
    assert named in unknown.err


def test_summary_of_a_store_without_snapshot(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("summary", "--store", tmp_path)
    assert outcome.code == 2
    assert "no snapshot is published" in outcome.err
    assert "make run" in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_profiles_lists_those_that_ship(cli: Cli) -> None:
    outcome = cli("profiles")
    assert outcome.code == 0
    assert "report" in outcome.out
    assert "frozen-2026-11" in outcome.out


def test_help_names_the_environment_variable_of_an_option(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Square brackets are markup to what prints the help, unless they are escaped."""
    monkeypatch.setenv("COLUMNS", "200")
    help_of_run = cli("run", "--help").out
    for name in ("RI_SOURCE", "RI_PROFILE", "RI_STORE", "RI_KEEP_ALL", "RI_NAMES"):
        assert f"[env: {name}" in help_of_run
    assert "[env: RI_HTTP_TOKEN_FILE" in cli("serve", "--help").out


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--max-tweets", "many"], ["load", "x"]])
def test_wrong_usage_exits_with_2(cli: Cli, arguments: list[str]) -> None:
    outcome = cli(*arguments)
    assert outcome.code == 2
    assert "Usage" in outcome.err


def test_a_blocking_check_exits_with_3_and_says_which(
    small_run: FinishedRun, cli: Cli, tmp_path: Path
) -> None:
    tweets = small_tweets()
    newest = tweets["tweet_id"].max()
    again = tweets.head(3).assign(tweet_id=[newest + 1, newest + 2, newest + 3])
    source = tmp_path / "tweets.csv"
    pd.concat([tweets, again]).to_csv(source, index=False)
    before = (small_run.store / "published.json").read_bytes()
    profile = profile_with(tmp_path, gates={"retention_min": 1.0})
    outcome = cli("run", "--source", source, "--profile", profile, "--store", small_run.store)
    assert outcome.code == 3
    assert "denoised_tweets.retention" in outcome.err
    assert (
        "blocked: retention: 98% of the tweets are left after denoising (needs 100%); the rule "
        "exact_duplicate dropped most, 3 of 163. What to do: " in outcome.err
    )
    assert "dagster" not in outcome.text
    assert "Nothing was published" in outcome.err
    assert (small_run.store / "published.json").read_bytes() == before


def test_load_counts_what_it_stored_and_set_aside(
    mariadb: MariaDB, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = mariadb.fresh_database()
    monkeypatch.setenv("RI_MYSQL_USER", USER)
    monkeypatch.setenv("RI_MYSQL_PASSWORD", PASSWORD)
    source = tmp_path / "tweets.csv"
    source.write_text("tweet_id,text\n1,first\n2,\n3,third\nx,fourth\n", encoding="utf-8")
    outcome = cli("load", source, "--to", f"mysql://127.0.0.1:{mariadb.port}/{database}")
    assert outcome.code == 0
    assert "loaded 2 tweets and 0 replies; 2 rows were set aside" in outcome.out
    assert "null_text: 1" in outcome.out
    assert outcome.err == f"loading {source}\n"
    assert "bad_id: 1" in outcome.out
    assert PASSWORD not in outcome.text
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tweet_id, text FROM tweets ORDER BY tweet_id")
        assert list(cursor.fetchall()) == [(1, "first"), (3, "third")]


def test_the_module_is_the_command(dagster_home: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ri_assets.cli", "profiles"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=environment(dagster_home),
    )
    assert ended.returncode == 0
    assert "frozen-2026-11" in ended.stdout


def test_a_traceback_is_shown_to_those_who_ask(dagster_home: Path, tmp_path: Path) -> None:
    outcome = ri_index("summary", "--store", tmp_path, "--debug", home=dagster_home)
    assert outcome.code == 2
    assert "Traceback" in outcome.err
    assert "no snapshot is published" in outcome.err


def test_a_message_with_brackets_is_shown_as_it_is(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "[red]tweets[/x].csv"
    outcome = cli("run", "--source", path, "--store", tmp_path / "store")
    assert outcome.code == 2
    assert "[red]tweets[/x].csv does not exist" in outcome.err
