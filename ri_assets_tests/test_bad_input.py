"""Input that cannot be used: one message with a remedy, and what was published stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ri_assets.config import load_profile
from ri_assets.sources.mysql_load import load
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Cli, Outcome
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.mariadb import PASSWORD, USER, MariaDB
from ri_assets_tests.small import SMALL_PROFILE, profile_with, small_tweets

Fails = Callable[..., Outcome]
HEAD = "tweet_id,text\n"


@pytest.fixture
def fails(small_run: FinishedRun, cli: Cli) -> Fails:
    """Run into the store of a published snapshot; give what was said when it failed."""

    def run(source: object, *options: object, profile: object = SMALL_PROFILE) -> Outcome:
        pointer = (small_run.store / "published.json").read_bytes()
        outcome = cli(
            "run", "--source", source, "--profile", profile, "--store", small_run.store, *options
        )
        assert outcome.code in {2, 3}, outcome.text
        assert "Traceback" not in outcome.text
        assert outcome.err.count("remedy:") == (outcome.code == 2)
        assert ("blocked:" in outcome.err) == (outcome.code == 3)
        assert (small_run.store / "published.json").read_bytes() == pointer
        snapshot = Snapshot(Files(str(small_run.store)))
        assert snapshot.manifest.snapshot == json.loads(pointer)["snapshot"]
        snapshot.verify()
        return outcome

    return run


@pytest.fixture
def database(mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> str:
    """Empty database, with the credentials in the environment as users are told to give them."""
    name = mariadb.fresh_database()
    monkeypatch.setenv("RI_MYSQL_USER", USER)
    monkeypatch.setenv("RI_MYSQL_PASSWORD", PASSWORD)
    return name


def url(server: MariaDB, database: str) -> str:
    return f"mysql://127.0.0.1:{server.port}/{database}"


FILES: list[tuple[str, bytes, str]] = [
    ("tweets.parquet", HEAD.encode() + b"1,a\n", "holds no Parquet"),
    ("tweets.csv", b"PAR1....", "cannot be read as Parquet"),
    ("tweets.csv", b"", "is empty"),
    ("tweets.csv", HEAD.encode(), "holds no tweet"),
    ("tweets.csv", b"tweet_id,body\n1,a\n", "text"),
    ("tweets.csv", b"id,text\n1,a\n", "tweet_id"),
    ("tweets.csv", b"tweet_id,text\n1,\n2,\n", "null_text 2"),
    ("tweets.csv", b"tweet_id,text\n1,caf\xe9\n", "short drops 1"),
    ("tweets.jsonl", b'{"tweet_id": 1, "text": "cut o', "no whole JSON"),
    ("tweets.xlsx", b"PK\x03\x04", "cannot be read"),
]


@pytest.mark.parametrize(("name", "content", "found"), FILES)
def test_a_file_without_one_usable_row(
    fails: Fails, tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    outcome = fails(path)
    assert outcome.code == 2
    assert found in outcome.err
    assert "Nothing was published" in outcome.err


def test_times_without_a_zone_stop_a_run_with_the_option_that_mends_them(
    fails: Fails, tmp_path: Path
) -> None:
    path = tmp_path / "tweets.csv"
    good = small_tweets()[["tweet_id", "text"]].assign(created_at="2018-06-09 17:55:28")
    good.to_csv(path, index=False)
    outcome = fails(path)
    assert outcome.code == 3
    assert "blocked: intake: 100% of the source cannot be read" in outcome.err
    assert "columns that are mostly unreadable: created_at" in outcome.err
    assert "--timezone" in outcome.err


def test_bad_rows_are_set_aside_and_the_rest_goes_on(
    fails: Fails, small_run: FinishedRun, tmp_path: Path
) -> None:
    """Each fault once among 160 good rows: they are stored, and the check `intake` blocks.

    A lone carriage return is no fault: a quoted field may hold one.
    """
    good = small_tweets()[["tweet_id", "text"]].assign(created_at=None)
    text = good.to_csv(index=False)
    text += good.head(1).to_csv(index=False, header=False)
    text += "7,,\n8,when,2018-06-09 17:55:28\n,who,\n1.9E18,rounded,\n"
    path = tmp_path / "tweets.csv"
    returned = good["text"].iloc[1].replace(" ", "\r", 1)
    text += f'9,"{returned}",\n'
    path.write_bytes(text.encode() + b"10,caf\xe9,\n")
    outcome = fails(path)
    latest = json.loads((small_run.store / "latest" / "raw_tweets.json").read_text())
    folder = small_run.store / "candidate" / latest["run_id"] / "raw_tweets"
    reasons = pd.read_parquet(folder / "rejected.parquet")["reason"].value_counts().to_dict()
    assert reasons == {
        "duplicate_id": 1,
        "null_text": 1,
        "missing_id": 1,
        "bad_id": 1,
        "invalid_utf8": 1,
    }
    stored = pd.read_parquet(folder / "raw_tweets.parquet").set_index("tweet_id")["text"]
    assert len(stored) == 162
    assert stored[9] == returned
    assert outcome.code == 3
    assert "blocked: intake: 2.4% of the source cannot be read" in outcome.err
    assert "1 row set aside: null_text" in outcome.err
    assert "caf" not in outcome.text


def test_a_cut_off_last_line_is_set_aside(
    fails: Fails, small_run: FinishedRun, tmp_path: Path
) -> None:
    good = small_tweets()[["tweet_id", "text"]]
    path = tmp_path / "tweets.jsonl"
    path.write_text(good.to_json(orient="records", lines=True) + '{"tweet_id": 5, "te')
    strict = profile_with(tmp_path, gates={"unreadable_max": 0.0})
    outcome = fails(path, profile=strict)
    assert "1 row set aside: truncated_json" in outcome.err
    assert (
        "blocked: intake: 1% of the source cannot be read (at most 0%): 1 of 161 tweets"
        in outcome.err
    )
    latest = json.loads((small_run.store / "latest" / "raw_tweets.json").read_text())
    folder = small_run.store / "candidate" / latest["run_id"] / "raw_tweets"
    assert len(pd.read_parquet(folder / "raw_tweets.parquet")) == 160


def test_fewer_tweets_than_can_be_clustered(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    small_tweets().head(30).to_csv(path, index=False)
    outcome = fails(path)
    assert outcome.code == 2
    assert "error: the corpus is too small: at most 30 of 30 tweets are left" in outcome.err
    assert "no stable personas" not in outcome.err
    assert "expected: at least 65 tweets" in outcome.err
    assert "collect more tweets" in outcome.err


def test_nothing_but_duplicates(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    text = small_tweets()["text"].iloc[0]
    pd.DataFrame({"tweet_id": range(1, 201), "text": text}).to_csv(path, index=False)
    outcome = fails(path)
    assert outcome.code == 2
    assert "at most 1 of 200 tweets are left after denoising (exact_duplicate drops 199)" in (
        outcome.err
    )
    assert "warning:   the check retention will fail" in outcome.err
    assert "no stable personas" not in outcome.err


def test_mostly_duplicates_are_refused_by_the_rule_that_took_most(
    fails: Fails, tmp_path: Path
) -> None:
    path = tmp_path / "tweets.csv"
    good = small_tweets()[["tweet_id", "text"]]
    copies = pd.DataFrame({"tweet_id": range(1, 201), "text": good["text"].iloc[0]})
    pd.concat([good, copies]).to_csv(path, index=False)
    outcome = fails(path)
    assert outcome.code == 3
    assert "blocked: retention: 4" in outcome.err
    assert "the rule exact_duplicate dropped most, 200 of 360" in outcome.err
    assert "collect each tweet once" in outcome.err


JAPANESE = (
    "昨日頼んだ荷物がまだ届かない",
    "今日の天気はとてもいいです",
    "この店の味噌汁は美味しい",
)


def test_a_language_that_the_model_does_not_read(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    texts = [f"{JAPANESE[n % 3]}、{n}番" for n in range(120)]
    english = small_tweets()["text"].head(80).tolist()
    frame = pd.DataFrame({"tweet_id": range(1, 201), "text": texts + english})
    frame.to_csv(path, index=False)
    outcome = fails(path)
    assert outcome.code == 2
    assert "60% of the tweets are in languages that the model" in outcome.err
    assert "most of them in Japanese" in outcome.err
    assert "embed.model" in outcome.err
    assert "✓" not in outcome.err  # nothing was computed


def test_texts_without_words_are_all_alike(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    texts = [f"@user_{n} https://example.org/{n}" for n in range(200)]
    pd.DataFrame({"tweet_id": range(1, 201), "text": texts}).to_csv(path, index=False)
    lenient = profile_with(
        tmp_path,
        denoise={"min_chars": 0, "min_words": 0, "near_duplicate_cosine": 1.0},
        gates={"retention_min": 0.0},
    )
    assert fails(path, profile=lenient).code in {2, 3}


def test_settings_that_are_wrong(fails: Fails, tmp_path: Path) -> None:
    unknown = fails("sample", profile="frozen-1999")
    assert "profile 'frozen-1999' does not exist" in unknown.err
    assert "report" in unknown.err
    misspelt = fails("sample", profile=profile_with(tmp_path, denoise={"min_char": 3}))
    assert "denoise.min_char" in misspelt.err
    missing = fails("sample", profile=tmp_path / "gone.yaml")
    assert "gone.yaml" in missing.err
    narrow = fails("sample", profile=profile_with(tmp_path, reduce={"n_components": 10}))
    assert "n_components" in narrow.err
    kind = fails("ftp://somewhere/tweets")
    assert "ftp://" in kind.err
    assert "mysql://" in kind.err
    assert "does not exist" in fails(tmp_path / "nowhere.csv").err


def test_no_server(fails: Fails, database: str) -> None:
    outcome = fails(f"mysql://127.0.0.1:1/{database}")
    assert "no answer from" in outcome.err
    assert "start the server" in outcome.err


def test_a_wrong_password_is_never_shown(
    fails: Fails, mariadb: MariaDB, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_MYSQL_PASSWORD", "wr0ng-secret")
    by_environment = fails(url(mariadb, database))
    by_url = fails(f"mysql://{USER}:wr0ng-secret@127.0.0.1:{mariadb.port}/{database}")
    for outcome in (by_environment, by_url):
        assert "refuses the user or the password" in outcome.err
        assert "wr0ng" not in outcome.text


def test_a_database_without_tables(fails: Fails, mariadb: MariaDB, database: str) -> None:
    outcome = fails(url(mariadb, database))
    assert "lacks a table" in outcome.err
    assert "ri-index load" in outcome.err


def test_a_table_without_text(fails: Fails, mariadb: MariaDB, database: str) -> None:
    mariadb.execute("CREATE TABLE tweets (tweet_id BIGINT PRIMARY KEY, body TEXT)", database)
    mariadb.execute("CREATE TABLE replies (tweet_id BIGINT PRIMARY KEY, text TEXT)", database)
    outcome = fails(url(mariadb, database))
    assert "text" in outcome.err
    assert "table tweets" in outcome.err


def test_an_empty_table(fails: Fails, mariadb: MariaDB, database: str, tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text("tweet_id,text\n1,gone soon\n")
    load([str(path)], url(mariadb, database), lambda *_: None)
    mariadb.execute("DELETE FROM tweets", database)
    outcome = fails(url(mariadb, database))
    assert "holds no tweet" in outcome.err


@pytest.mark.slow
def test_a_corpus_without_groups_is_blocked_with_its_figures(
    fails: Fails, small_run: FinishedRun, tmp_path: Path
) -> None:
    """Words of one planted audience, drawn anew for every tweet, so that nothing holds together."""
    tweets = small_tweets(160, ("tech_builders",))
    words = " ".join(tweets["text"]).split()
    draw = np.random.default_rng(0)
    tweets["text"] = [" ".join(draw.choice(words, len(text.split()))) for text in tweets["text"]]
    path = tmp_path / "tweets.csv"
    tweets.to_csv(path, index=False)
    gates = load_profile("report").gates.model_dump()
    outcome = fails(path, profile=profile_with(tmp_path, gates=gates))
    assert outcome.code == 3
    assert "clusters.resample_ari" in outcome.err
    assert "result: not published: " in outcome.err
    assert '--waive resample_ari="why"' in " ".join(outcome.err.split())
    assert " groups came back in the reruns (Jaccard >= 0.60)" in outcome.err
    assert f"ri-index personas --draft --store {small_run.store}" in outcome.err
    assert "another profile" not in outcome.err
