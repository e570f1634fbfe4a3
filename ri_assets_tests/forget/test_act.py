"""Forgetting in a store of several snapshots: whole, chained, resumable, and refused in time."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from benchmarks import index_snapshot
from ri_assets.config import load_profile
from ri_assets.environment import Retention
from ri_assets.errors import BusyError, StoreError
from ri_assets.forget.act import Forgot, forget
from ri_assets.forget.people import People, post_tables
from ri_assets.forget.scrub import Scrubber
from ri_assets.personas.lineage.published import ids_in
from ri_assets.pipeline.embed import text_key
from ri_assets.pipeline.text import body
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.http.dependencies import Indexes
from ri_assets.ri_index.snapshot_reader import Contents, screened_in
from ri_assets.store import active_runs
from ri_assets.store.cleaning import remove_old
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.forgotten import read_forgotten
from ri_assets.store.pointer import current_id, published_ids
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.source_copy import FOLDER, SourceCopy
from ri_assets_tests.command_line import Cli
from ri_assets_tests.small import SMALL_PROFILE
from ri_assets_tests.store.cached import known_vectors
from ri_assets_tests.unpacked import places_of

NOW = datetime(2026, 11, 27, tzinfo=UTC)
HANDLE, AUTHOR = "canaryperson7", 912_345_678_901
TEXT = "a zebrafinch sang in my parcel all night long"
SECRETS = {"handle": HANDLE, "id": str(AUTHOR), "text": "zebrafinch"}


def with_person(tweets: int, seed: int) -> dict[str, dict[str, pd.DataFrame]]:
    """Give synthetic tables in which a person wrote the first posts of every seed but 2."""
    found = CONTENT(tweets, seed)
    samples = found["personas_enriched"]["samples"]
    samples["text"] = [f"the sample {place} of seed {seed}" for place in range(len(samples))]
    if seed == 2:
        # Every seed has the same ids otherwise.
        return {
            asset: {
                name: table.assign(tweet_id=table["tweet_id"] + 1_000_000_007)
                if "tweet_id" in table else table
                for name, table in tables.items()
            }
            for asset, tables in found.items()
        }  # fmt: skip
    for asset in ("raw_tweets", "denoised_tweets"):
        posts = found[asset][asset]
        posts.loc[:2, "author_id"] = AUTHOR
        posts.loc[:2, "author_handle"] = "CanaryPerson7"
        posts.loc[:2, "text"] = TEXT
        posts.loc[5, "text"] = f"thank you @{HANDLE} for this"
        posts.loc[6, "in_reply_to_handle"] = HANDLE
    samples.loc[samples["tweet_id"] == posts["tweet_id"][1], "text"] = f"[handle] {TEXT}"
    return found


CONTENT = index_snapshot.content


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three snapshots; the person is in the first and in the last."""
    monkeypatch.setattr(index_snapshot, "content", with_person)
    folder = tmp_path / "store"
    for seed in (1, 2, 3):
        index_snapshot.write_snapshot(str(folder), 150, load_profile(str(SMALL_PROFILE)), seed)
    files = Files(str(folder))
    SourceCopy(files, {}).write(files.read_table(next(post_tables(files))))
    return folder


def ids_of_posts(store: Path) -> list[int]:
    table = Snapshot(Files(str(store))).table("raw_tweets").to_pandas()
    return list(map(int, table.loc[table["author_id"] == AUTHOR, "tweet_id"]))


def forgotten(store: Path, **named: Any) -> Forgot:
    given = {"authors": [f"@{HANDLE}"], "tweets": [], **named}
    return forget(Files(str(store)), now=NOW, **given)


def verify_all(store: Path) -> None:
    files = Files(str(store))
    for one in published_ids(files):
        Snapshot(files, one).verify()


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file() and "locks" not in path.parts
    }  # fmt: skip


def published_files(store: Path) -> dict[str, bytes]:
    found = content_of(store).items()
    return {name: content for name, content in found if name.startswith(("snapshots", "raw"))}


def test_every_byte_of_them_leaves_and_every_snapshot_is_whole(store: Path) -> None:
    posts = ids_of_posts(store)
    secrets = SECRETS | {f"post {n}": str(one) for n, one in enumerate(posts)}
    found = {place.partition(": ")[0] for place in places_of(secrets, store)}
    assert found == set(secrets)
    first, second, last = published_ids(Files(str(store)))
    untouched = Snapshot(Files(str(store)), second).manifest
    done = forgotten(store)
    assert places_of(secrets, store) == []
    assert (done.posts, done.snapshots) == (3, {first: 3, last: 3})
    assert published_ids(Files(str(store))) == [first, second, last]
    assert current_id(Files(str(store))) == last
    verify_all(store)
    manifests = {one: Snapshot(Files(str(store)), one).manifest for one in (first, second, last)}
    assert [(one.date, one.posts) for one in manifests[first].forgotten] == [("2026-11-27", 3)]
    assert manifests[second].files == untouched.files
    assert manifests[second].raw == untouched.raw
    assert manifests[second].forgotten == ()
    assert manifests[second].previous_manifest != untouched.previous_manifest
    assert not (store / "candidate").exists() or not list((store / "candidate").iterdir())
    assert not list((store / "latest").iterdir())
    assert not (store / "changing").exists()
    assert not (store / FOLDER).exists()


def test_a_rejected_row_that_names_them_after_a_line_break_goes() -> None:
    rows = [json.dumps({"text": f"hello\n{name}"}) for name in ("Asha_K", "Asha_Karen")]
    table = pa.table({"tweet_id": ["x", "y"], "raw": rows})
    kept = Scrubber(People(handles=frozenset({"asha_k"}))).table(table)
    assert kept["tweet_id"].to_pylist() == ["y"]


def test_posts_of_others_stay_and_no_longer_name_them(store: Path) -> None:
    before = Snapshot(Files(str(store))).table("raw_tweets").to_pandas()
    forgotten(store)
    after = Snapshot(Files(str(store))).table("raw_tweets").to_pandas()
    kept = before[before["author_id"] != AUTHOR].reset_index(drop=True)
    assert after["tweet_id"].tolist() == kept["tweet_id"].tolist()
    changed = kept["text"] != after["text"]
    assert after.loc[changed, "text"].tolist() == ["thank you @forgotten_account for this"]
    assert after["in_reply_to_handle"].isna().all()
    rest = [name for name in before.columns if name not in {"text", "in_reply_to_handle"}]
    pd.testing.assert_frame_equal(after[rest], kept[rest])


def test_the_index_answers_as_before_without_them(store: Path) -> None:
    [post, *_] = ids_of_posts(store)
    before = RIIndex.open(store=store)
    owner = before.get_tweet_persona(post).persona_id
    assert owner is not None
    listed = before.list_personas().to_frame()
    n = before.get_persona_tweets(owner).total
    forgotten(store)
    ri = RIIndex.open(store=store)
    pd.testing.assert_frame_equal(ri.list_personas().to_frame(), listed)
    tweets = ri.get_persona_tweets(owner)
    assert post not in {one.tweet_id for one in tweets}
    assert tweets.total < n
    assert ri.get_summary_stats().raw_tweets == 164


def without_raw(store: Path, keep: int) -> None:
    """Remove the raw posts of all snapshots but the newest few."""
    gc.collect()  # whoever read them reads them no more
    done = remove_old(Files(str(store)), Retention(raw=keep), NOW, ids_in, screened_in)
    assert not done.kept


def test_the_file_of_posts_loses_their_rows_alone(store: Path) -> None:
    posts = ids_of_posts(store)
    before = Contents(Snapshot(Files(str(store))))
    keeps = ~np.isin(before.lookup.tweet_id, posts)
    kept = before.posts.frame[keeps].reset_index(drop=True)
    forgotten(store)
    after = Contents(Snapshot(Files(str(store))))
    assert len(after.posts.frame) == len(after.lookup.tweet_id) == keeps.sum()
    pd.testing.assert_frame_equal(after.posts.frame, kept)
    assert after.authors.codes.tolist() == before.authors.codes[keeps].tolist()


def test_removing_raw_posts_before_or_after_gives_the_same(store: Path, tmp_path: Path) -> None:
    """With the posts named by id, the order of the two makes no difference to what is left."""
    ids = list(map(str, ids_of_posts(store)))
    other = Path(shutil.copytree(store, tmp_path / "other"))
    forgotten(store, tweets=ids)
    without_raw(store, 0)
    without_raw(other, 0)
    done = forgotten(other, tweets=ids)
    assert done.posts == 3
    assert list(done.without_raw) == published_ids(Files(str(other)))
    for one in (store, other):
        verify_all(one)
        assert places_of(SECRETS, one) == []
    first, second = (content_of(one) for one in (store, other))
    own = {name for name in first if name.startswith("snapshots") and "manifest" not in name}
    assert len(own) > 30
    assert {n: first[n] for n in own} == {n: second[n] for n in own}


def test_ids_come_from_the_snapshots_that_still_have_raw_posts(store: Path, cli: Cli) -> None:
    first, second, _ = published_ids(Files(str(store)))
    secrets = SECRETS | {f"post {n}": str(one) for n, one in enumerate(ids_of_posts(store))}
    without_raw(store, 1)
    for folder in ("candidate", "latest"):
        shutil.rmtree(store / folder)
    told = cli("forget", "--author", HANDLE, "--store", store)
    assert told.code == 0, told.text
    for one in (first, second):
        assert f"snapshot {one}: its raw posts are not in the store" in told.out
    assert places_of(secrets, store) == []
    verify_all(store)


def test_a_record_of_removal_forgets_them_too(store: Path) -> None:
    without_raw(store, 1)
    [place, *_] = (store / "raw").glob("*.removed.json")
    record = json.loads(place.read_text())
    place.write_text(json.dumps(record | {"screened": [f"Friends of @{HANDLE}", "Parcels"]}))
    forgotten(store)
    assert json.loads(place.read_text())["screened"] == [
        "Friends of @forgotten_account", "Parcels",
    ]  # fmt: skip
    verify_all(store)


def test_what_is_left_of_half_removed_raw_posts_is_scrubbed(store: Path) -> None:
    first = published_ids(Files(str(store)))[0]
    (store / "raw" / first / "guard.json").unlink()
    done = forgotten(store)
    assert done.without_raw == (first,)
    assert places_of(SECRETS, store) == []


def test_a_server_that_has_the_snapshot_open_notices(store: Path) -> None:
    posts = ids_of_posts(store)
    indexes = Indexes(str(store))
    before = indexes.contents()
    assert indexes.contents() is before
    assert before.lookup.row(posts[0]) is not None
    forgotten(store)
    after = indexes.contents()
    assert after is not before
    assert [after.lookup.row(post) for post in posts] == [None] * 3


def test_the_cache_loses_their_texts_alone(store: Path) -> None:
    cache = EmbeddingCache(Files(str(store)))
    keys = [text_key(body(TEXT)), text_key("other")]
    cache.put("model", keys, np.ones((2, 4), dtype=np.float32))
    cache.put("other", keys[:1], np.ones((1, 4), dtype=np.float32))
    assert forgotten(store).vectors == 2
    fresh = EmbeddingCache(Files(str(store)))
    assert set(known_vectors(fresh, "model", keys)) == {keys[1]}
    assert known_vectors(fresh, "other", keys) == {}


def test_the_list_names_nobody_and_knows_them(store: Path) -> None:
    forgotten(store, tweets=["77"])
    listed = read_forgotten(Files(str(store)))
    assert listed is not None
    assert listed.has_handle("@CanaryPerson7")
    assert listed.has_author(AUTHOR)
    assert listed.has_tweet(77)
    assert not listed.has_handle("canaryperson")
    assert not listed.has_tweet(AUTHOR)
    text = (store / "forgotten.json").read_text()
    plain = hashlib.sha256(HANDLE.encode()).hexdigest()
    assert HANDLE not in text
    assert plain not in text
    salt = listed.salt
    forgotten(store, authors=["somebody_else"])
    again = read_forgotten(Files(str(store)))
    assert again is not None
    assert again.salt == salt
    assert again.has_handle(HANDLE)


def test_one_tweet_leaves_and_its_author_stays(store: Path) -> None:
    [post, other, *_] = ids_of_posts(store)
    done = forgotten(store, authors=[], tweets=[str(post)])
    assert done.posts == 1
    table = Snapshot(Files(str(store))).table("raw_tweets").to_pandas()
    assert post not in set(table["tweet_id"])
    assert other in set(table["tweet_id"])
    verify_all(store)


def test_a_dry_run_counts_the_same_and_changes_nothing(store: Path) -> None:
    before = content_of(store)
    tried = forget(Files(str(store)), [HANDLE], [], NOW, is_dry_run=True)
    assert content_of(store) == before
    assert tried == forgotten(store)


def test_removed_snapshots_stay_in_the_chain(store: Path) -> None:
    files = Files(str(store))
    remove_old(files, Retention(snapshots=1), NOW, ids_in, screened_in)
    index_snapshot.write_snapshot(str(store), 150, load_profile(str(SMALL_PROFILE)), 4)
    forgotten(store)
    verify_all(store)
    assert len(published_ids(files)) == 2


def test_a_death_at_any_step_is_finished_or_undone(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill it while files are staged, and at each step of putting them in place."""
    before = published_files(store)
    copy, seen = Files.copy, [0]
    write_bytes = Files.write_bytes

    def die_while_staging(self: Files, name: str, content: bytes) -> str:
        if name.startswith("changing/") and (found := int(name.rpartition("/")[2])) > 3:
            raise KeyboardInterrupt(found)
        return write_bytes(self, name, content)

    monkeypatch.setattr(Files, "write_bytes", die_while_staging)
    with pytest.raises(KeyboardInterrupt):
        forgotten(store)
    monkeypatch.setattr(Files, "write_bytes", write_bytes)
    assert published_files(store) == before
    verify_all(store)

    def die_at(self: Files, source: str, target: str) -> None:
        seen[0] += 1
        if seen[0] == 3:
            raise KeyboardInterrupt
        copy(self, source, target)

    monkeypatch.setattr(Files, "copy", die_at)
    with pytest.raises(KeyboardInterrupt):
        forgotten(store)
    monkeypatch.setattr(Files, "copy", copy)
    active_runs.clear_debris(Files(str(store)))  # as the next run does
    verify_all(store)
    assert places_of(SECRETS, store) == []
    assert not (store / "changing").exists()


def test_a_run_in_progress_is_named_and_the_list_is_kept(store: Path) -> None:
    files = Files(str(store))
    before = published_files(store)
    with active_runs.under_way(files, "run9"), pytest.raises(BusyError, match="run9 is in"):
        forgotten(store)
    assert published_files(store) == before
    listed = read_forgotten(files)
    assert listed is not None
    assert listed.has_handle(HANDLE)


def test_a_damaged_snapshot_is_not_blessed(store: Path) -> None:
    name = published_ids(Files(str(store)))[0]
    place = store / "snapshots" / name / "profile.json"
    place.write_text("{}")
    with pytest.raises(StoreError, match="differs from its manifest"):
        forgotten(store)
    assert place.read_text() == "{}"


def test_a_damaged_list_stops_runs(store: Path) -> None:
    (store / "forgotten.json").write_text('{"salt": "x"}')
    with pytest.raises(StoreError, match="no list of people"):
        read_forgotten(Files(str(store)))


def test_the_command_says_what_it_did_and_what_it_cannot_reach(cli: Cli, store: Path) -> None:
    (store / "names.yaml").write_text(f"# asked by @{HANDLE}\n")
    (store / "snapshots" / "copied").mkdir()
    tried = cli("forget", "--author", HANDLE, "--store", store, "--dry-run")
    assert tried.out.endswith("nothing was changed\n")
    assert "would be removed" in tried.out
    done = cli("forget", "--author", HANDLE, "--store", store)
    assert done.code == 0, done.text
    assert "3 tweets and replies found in the store" in done.out
    assert done.out.count(": 3 posts removed; its manifest says so without names") == 2
    assert f"edit or delete {store / 'names.yaml'} by hand: it may name them" in done.out
    assert f"edit or delete {store / 'snapshots' / 'copied'} by hand" in done.out
    assert done.out.count("out of reach: ") == 4
    assert HANDLE not in done.text
    again = json.loads(cli("forget", "--author", HANDLE, "--store", store, "--json").out)
    assert again["posts"] == 0
    assert again["snapshots"] == {}
