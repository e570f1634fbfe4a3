"""A person is forgotten in the store of a real run, and the next run leaves them out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ri_assets.ri_index import RIIndex
from ri_assets_tests.command_line import ri_index
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.unpacked import places_of

HANDLE, AUTHOR, WORD = "CanaryPerson7", 912_345_678_901, "zebrafinch"
SECRETS = {
    "handle": HANDLE,
    "handle in lower case": HANDLE.lower(),
    "id": str(AUTHOR),
    "text": WORD,
}
POSTS = 6


def source_with_them(folder: Path) -> tuple[str, list[int]]:
    """Write the small corpus, in which a person wrote some posts and is mentioned by others."""
    tweets = small_tweets()
    replies = replies_to(tweets)
    theirs = tweets.index[::27][:POSTS]
    tweets.loc[theirs, "author_handle"] = HANDLE
    tweets.loc[theirs, "author_id"] = AUTHOR
    tweets.loc[theirs, "text"] += f" {WORD}"
    others = tweets.index[5:8]
    tweets.loc[others, "text"] = f"@{HANDLE.lower()} " + tweets.loc[others, "text"]
    replies.loc[replies.index[:2], "author_handle"] = HANDLE
    replies.loc[replies.index[:2], "author_id"] = AUTHOR
    replies.loc[replies.index[2:4], "in_reply_to_handle"] = HANDLE
    ids = [*tweets.loc[theirs, "tweet_id"], *replies["tweet_id"].head(2)]
    return str(write_folder(folder / "source", tweets, replies)), list(map(int, ids))


@pytest.mark.slow
def test_nothing_is_left_of_a_person_and_the_next_run_leaves_them_out(
    tmp_path: Path, dagster_home: Path
) -> None:
    source, ids = source_with_them(tmp_path)
    store = tmp_path / "store"
    run = ("run", "--source", source, "--store", store, "--profile", SMALL_PROFILE)
    secrets = SECRETS | {f"post {n}": str(one) for n, one in enumerate(ids)}

    first = ri_index(*run, home=dagster_home)
    assert first.code == 0, first.text
    before = places_of(secrets, store)
    for kind in secrets:
        assert any(place.startswith(f"{kind}: ") for place in before), kind
    assert any("explorer.html" in place or "guard.json" in place for place in before)
    personas = RIIndex.open(store=store).list_personas().to_frame()

    told = ri_index("forget", "--author", f"@{HANDLE}", "--store", store, home=dagster_home)
    assert told.code == 0, told.text
    assert "8 tweets and replies found in the store" in told.out
    assert "8 posts removed" in told.out
    assert "out of reach: the source itself" in told.out
    assert places_of(secrets, store) == []

    for command in (
        "verify", "summary", "personas", "quality", "coverage", "snapshots",
        ("tweets", "P01", "--text"), ("samples", "P01"), ("export", tmp_path / "exports"),
        ("assign", "my parcel is late again"),
    ):  # fmt: skip
        parts = (command,) if isinstance(command, str) else command
        outcome = ri_index(*parts, "--store", store, home=dagster_home)
        assert outcome.code == 0, outcome.text
    assert places_of(secrets, tmp_path / "exports") == []
    pd.testing.assert_frame_equal(RIIndex.open(store=store).list_personas().to_frame(), personas)

    again = ri_index(*run, home=dagster_home)
    assert again.code in {0, 3}, again.text
    assert "left out: 6 by people who asked to be forgotten" in again.text
    assert places_of(secrets, store) == []
    [intake] = sorted(store.glob("candidate/*/raw_tweets/intake.parquet"))
    counts = pd.read_parquet(intake).iloc[0]
    assert counts["n_forgotten"] == POSTS
    assert counts["n_read"] == counts["n_forgotten"] + counts["n_left_out"] + (
        counts["n_rejected"] + counts["n_accepted"]
    )
    assert ri_index("verify", "--store", store, home=dagster_home).code == 0
