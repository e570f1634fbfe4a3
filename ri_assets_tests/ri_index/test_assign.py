"""Assigning as a user does it: texts, records, frames and files."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ri_assets.errors import QueryError, StoreError
from ri_assets.ri_index.assign_tables import TABLES
from ri_assets.sources.values import LARGEST_INT
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published, opened

NOTHING = ["", "   ", "@someone https://example.org", "\n\t"]


def test_a_text_without_words_has_no_persona_and_a_reason(published: Published) -> None:
    found = published.ri.assign(NOTHING)
    assert [one.row for one in found] == [0, 1, 2, 3]
    for one in found:
        assert (one.persona_id, one.name, one.nearest_id, one.confidence) == (None, None, None, 0)
        assert "no words" in one.reason
    assert set(found.to_frame()["reason"]) == {found[0].reason}


def test_nothing_given_is_nothing_found(published: Published) -> None:
    found = published.ri.assign([])
    assert (len(found), found.to_json()) == (0, "[]")
    assert "persona_id" in found.to_frame().columns
    assert len(published.ri.assign(pd.DataFrame({"text": []}))) == 0


BAD: list[Any] = [
    None,
    7,
    b"bytes",
    [3],
    [None],
    ["fine", b"bytes"],
    [{"created_at": "2026-01-01T00:00:00Z"}],
    [{"text": "naive", "created_at": "2026-01-01T00:00:00"}],
    [{"text": "half a follower", "author_followers": 1.5}],
    [{"text": "too long an id", "tweet_id": LARGEST_INT + 1}],
    pd.DataFrame({"words": ["no column of that name"]}),
]


@pytest.mark.parametrize("given", BAD, ids=str)
def test_what_is_no_tweet_is_refused_without_repeating_it(published: Published, given: Any) -> None:
    with pytest.raises(QueryError) as caught:
        published.ri.assign(given)
    assert caught.value.remedy
    assert "naive" not in str(caught.value).replace("naive_timestamp", "")


def test_replies_need_tweets_with_ids(published: Published) -> None:
    reply = {"text": "same here", "tweet_id": 5, "in_reply_to_tweet_id": 4}
    for tweets in (["@x"], [{"text": "@x", "tweet_id": 4}] * 2):
        with pytest.raises(QueryError, match="ids"):
            published.ri.assign(tweets, [reply])
    assert len(published.ri.assign([{"text": "@x", "tweet_id": 4}], [reply])) == 1


def test_the_tables_hold_no_text_and_stay_small(published: Published) -> None:
    kept = published.frame("denoised_tweets")
    words = {text for text in kept["text"] if len(text) > 20}
    for name in TABLES:
        table = published.frame(f"ri_index_app.{name}")
        for column in table.select_dtypes(["object", "string"]):
            if isinstance(table[column].iloc[0], str):
                assert not set(table[column]) & words
                assert table[column].map(len).max() < 30
    told = published.frame("ri_index_app.assign_persona").set_index("persona_id")["tweet_count"]
    own = published.frame("ri_index_app.tweet_personas")["persona_id"]
    assert told.to_dict() == own.value_counts().to_dict()  # of so few, all were learnt from
    size = sum((published.folder / f"ri_index_app.{n}.parquet").stat().st_size for n in TABLES)
    assert size < 10_000_000


def test_an_earlier_snapshot_says_that_it_cannot(synthetic: Published) -> None:
    manifest = synthetic.folder / "manifest.json"
    content = json.loads(manifest.read_text())
    for name in TABLES:
        del content["files"][f"ri_index_app.{name}.parquet"]
        (synthetic.folder / f"ri_index_app.{name}.parquet").unlink()
    manifest.write_text(json.dumps(content))
    with pytest.raises(StoreError, match="rerun the pipeline"):
        opened(synthetic.store).ri.assign(["where is my parcel"])


def test_the_command_wants_texts_or_a_file(synthetic: Published, cli: Cli) -> None:
    for arguments in ([], ["a text", "--file", "tweets.csv"], ["--file", "absent.csv"]):
        outcome = cli("assign", *arguments, "--store", synthetic.store)
        assert outcome.code == 2
        assert "error:" in outcome.err


def test_the_command_reads_lines_of_standard_input(
    published: Published, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"@a\n\xff\n\n")))
    outcome = cli("assign", "--file", "-", "--store", published.store, "--json")
    assert outcome.code == 0, outcome.text
    assert [one["row"] for one in json.loads(outcome.out)["items"]] == [0, 1, 2]


@pytest.mark.slow
def test_the_runs_own_tweets_get_their_own_personas(published: Published) -> None:
    every = slice(None, None, max(1, len(published.frame("denoised_tweets")) // 300))
    kept = published.frame("denoised_tweets")[every]
    own = published.frame("ri_index_app.tweet_personas")["persona_id"][every].reset_index(drop=True)
    found = published.ri.assign(kept, published.frame("raw_replies"))
    assert [one.tweet_id for one in found] == kept["tweet_id"].tolist()
    assert {one.basis for one in found} == {"tweet"}
    nearest = pd.Series([one.nearest_id for one in found])
    assert (nearest == own).mean() > 0.7  # of 160 tweets in eight personas, many are on the edge
    for one in found:
        assert (one.persona_id is None) == (one.name is None) == ("centre" not in one.reason)
        assert 0 <= one.confidence <= 1
        assert 0 < one.familiarity <= 1


@pytest.mark.slow
def test_texts_records_and_frames_say_the_same_and_strangers_are_none(
    published: Published, cli: Cli, tmp_path: Path
) -> None:
    texts = published.frame("denoised_tweets")["text"].head(40).tolist()
    strangers = [
        "integrate the square root of x over the unit circle",
        "白い猫が屋根の上で寝ている",
    ]
    before = sorted(published.store.rglob("*"))
    found = published.ri.assign([*texts, *strangers])
    assert sorted(published.store.rglob("*")) == before
    assert all(one.persona_id is None for one in found[40:])
    assert all(one.confidence < 0.5 for one in found[40:])
    again = published.ri.assign([{"text": text} for text in (*texts, *strangers)])
    assert again.to_json() == found.to_json()
    frame = pd.DataFrame({"text": [*texts, *strangers]})
    assert published.ri.assign(frame).to_json() == found.to_json()
    for row in (0, 41):
        one = published.ri.assign(found_text := [*texts, *strangers][row])[0]
        assert one.nearest_id == found[row].nearest_id, found_text
        assert one.confidence == pytest.approx(found[row].confidence, abs=0.02)
    file = tmp_path / "new.csv"
    frame.assign(tweet_id=range(1, 43)).to_csv(file, index=False)
    outcome = cli("assign", "--file", file, "--store", published.store, "--json")
    assert outcome.code == 0, outcome.text
    assert [o["persona_id"] for o in json.loads(outcome.out)["items"]] == [
        o.persona_id for o in found
    ]
    shown = cli("assign", texts[0], strangers[0], "--store", published.store)
    assert shown.code == 0
    assert re.search(r"│\s+1 │.*none", shown.out)
