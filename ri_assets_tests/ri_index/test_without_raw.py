"""A snapshot whose raw posts were removed answers every query as before, except for texts."""

from __future__ import annotations

import gc
import json
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ri_assets.environment import Retention
from ri_assets.errors import RIError
from ri_assets.explorer.page import EXPLORER
from ri_assets.personas.corrections.override_file import add_entry, default_place
from ri_assets.personas.lineage.published import ids_in
from ri_assets.records.record import Record
from ri_assets.ri_index import RIIndex, assign
from ri_assets.ri_index.posts import POSTS, posts_stored
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import screened_in
from ri_assets.store.cleaning import remove_old
from ri_assets.store.files import Files
from ri_assets.store.raw_posts import RawPostsGoneError
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published, opened
from ri_assets_tests.ri_index.http.conftest import client_of
from ri_assets_tests.ri_index.http.test_faces import SAME
from ri_assets_tests.ri_index.test_new_names import WHY, entry
from ri_assets_tests.store.test_older_stores import QUERIES
from ri_assets_tests.unpacked import places_of


@pytest.fixture
def plain(synthetic_store: Path, tmp_path: Path) -> Path:
    """A store of synthetic tweets that nobody has open."""
    return Path(shutil.copytree(synthetic_store, tmp_path / "plain"))


Answers = dict[str, Any]
TEXTS = "get_persona_tweets"
NO_TEXTS = "no texts: the raw posts of snapshot "


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def emptied(store: Path) -> None:
    """Remove the raw posts of every snapshot."""
    for cached in (assign._assigner, assign._masked, assign._corpus):
        cached.cache_clear()
    files = Files(str(store))
    for _ in range(60):
        gc.collect()  # who read it before reads it no more
        done = remove_old(files, Retention(raw=0), datetime.now(UTC), ids_in, screened_in)
        if not done.kept:
            break
        time.sleep(0.5)  # a thread of the server that answered still holds its last question
    assert not done.kept
    assert "raw" in {old.kind for old in done.gone}
    assert all(name.endswith(".removed.json") for name in files.names("raw"))
    assert not files.names("candidate")


def said(answer: object) -> object:
    """What an answer says, in a form that can be compared."""
    if picture := getattr(answer, "_repr_png_", None):
        return picture()
    if isinstance(answer, Rows):
        return {"items": json.loads(answer.to_json()), "total": answer.total, "note": answer.note}
    return json.loads(answer.to_json()) if isinstance(answer, Record) else answer


def asked(ask: Callable[..., object], *arguments: object) -> object:
    try:
        return said(ask(*arguments))
    except RIError as error:
        return str(error)


def by_python(store: Path, tweets: list[int]) -> Answers:
    ri = RIIndex.open(store=store)
    more: Mapping[str, Callable[[], object]] = {
        "notebook": ri._repr_html_,
        "tweets of this run": lambda: [asked(ri.get_tweet_persona, n) for n in tweets],
        "audience of one": lambda: ri.get_audience(["P01"]),
        "cards": lambda: [asked(ri.card, one.persona_id) for one in ri],
        "overlap of one": lambda: ri.get_persona_overlap("P02"),
        "whole tweets": lambda: ri.assign(
            [{"text": "my parcel is late again", "created_at": "2026-01-05T12:00:00Z"}]
        ),
    }
    return {name: asked(ask, ri) for name, ask in QUERIES.items()} | {
        name: asked(ask) for name, ask in more.items()
    }


def by_command(store: Path, cli: Cli, folder: Path) -> Answers:
    found = {
        command: cli(*command.split(), "--store", store, "--json").text
        for command in (*(command for command, _, _ in SAME), "verify", "card P01")
    }
    if Snapshot(Files(str(store))).manifest.verdicts:  # synthetic snapshots have none
        found["summary"] = cli("summary", "--store", store, "--json").text
    target = folder / "exports"
    assert cli("export", target, "--store", store).code == 0
    return found | {path.name: path.read_bytes() for path in target.iterdir()}


def by_http(store: Path) -> Answers:
    client = client_of(store)
    asks = [(path, arguments) for _, path, arguments in SAME]
    asks += [("export", {"name": "ri_index_app.json"}), ("export_for_app", {}), ("verify", {})]
    asks += [("", {}), ("health", {}), ("card", {"persona": "P01"})]
    found = {}
    for path, arguments in asks:
        answer = client.get(f"/{path}", params=arguments)
        found[f"{path} {arguments}"] = (answer.status_code, answer.content)
    return found


def tweets_of(store: Path) -> list[int]:
    """Some kept tweets, and all that were dropped."""
    snapshot = Snapshot(Files(str(store)))
    kept = snapshot.table("clusters")["tweet_id"].to_pylist()
    return [*kept[:5], *snapshot.table("denoised_tweets", "dropped")["tweet_id"].to_pylist()]


def test_verify_and_the_list_say_which_raw_posts_were_removed(plain: Path, cli: Cli) -> None:
    assert "raw posts were removed" not in cli("verify", "--store", plain).text
    before = json.loads(cli("snapshots", "--store", plain, "--json").out)["items"]
    assert {one["raw_removed_on"] for one in before} == {None}
    emptied(plain)
    today = _today()
    said = cli("verify", "--store", plain).text
    assert "is as published" in said
    assert f"its raw posts were removed on {today} and could not be compared" in said
    after = json.loads(cli("snapshots", "--store", plain, "--json").out)["items"]
    assert after == [one | {"raw_removed_on": today} for one in before]
    assert f"│ {today} " in cli("snapshots", "--store", plain).out


@pytest.mark.parametrize("kind", ["synthetic", "small"])
def test_every_query_is_answered_as_before(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    cli: Cli,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store: Path = request.getfixturevalue("plain" if kind == "synthetic" else "store")
    tweets = tweets_of(store)
    before = by_python(store, tweets)
    before |= by_command(store, cli, tmp_path) | by_http(store)
    page = next(store.glob(f"snapshots/*/{EXPLORER}"), None)
    drawn = None if page is None else page.read_bytes()
    caplog.clear()  # the traceback of a logged error has the reader in it
    emptied(store)
    after = by_python(store, tweets)
    after |= by_command(store, cli, tmp_path) | by_http(store)
    assert page is None or page.read_bytes() == drawn
    texts = after.pop(TEXTS)
    known = before.pop(TEXTS)
    told = {name for name, answer in after.items() if answer != before[name]}
    assert told == {"snapshots", "snapshots {}"}  # the lists of snapshots alone tell the day
    assert after.keys() == before.keys()
    for name in told:
        was, now = (str(one[name]).replace('": ', '":') for one in (before, after))
        assert now == was.replace('"raw_removed_on":null', f'"raw_removed_on":"{_today()}"')
    assert all(one["text"] for one in known["items"])
    assert {one["text"] for one in texts["items"]} == {None}
    assert texts["note"].startswith(NO_TEXTS)
    for one in (*known["items"], *texts["items"]):
        del one["text"]
    assert texts["items"] == known["items"]


def test_the_comparison_asks_what_only_raw_posts_could_tell(store: Path, plain: Path) -> None:
    """It is only worth as much as the answers: none may be an empty refusal."""
    dropped = by_python(plain, tweets_of(plain))["tweets of this run"]
    assert any("was dropped by the rule" in str(one) for one in dropped)
    found = by_python(store, tweets_of(store))
    assert found["get_audience"]["author_count"] > 10
    assert found["get_audience"]["reply_share"] > 0
    assert found["get_summary_stats"]["raw_tweets"] == 160
    assert found["get_summary_stats"]["raw_replies"] > 0
    assert found["assign"]["items"][0]["nearest_id"]
    assert len(found["cards"]) > 3


def test_texts_are_missing_with_the_day_by_every_way(plain: Path, cli: Cli) -> None:
    store, day = plain, _today()
    emptied(store)
    note = f"{NO_TEXTS}{Snapshot(Files(str(store))).manifest.snapshot} were removed on {day}"
    shown = cli("tweets", "0", "--text", "--store", store)
    assert shown.code == 0, shown.text
    assert note in " ".join(shown.text.split())
    sent = client_of(store).get(f"/{TEXTS}", params={"persona": 0, "with_text": True}).json()
    assert sent["note"] == note
    assert {one["text"] for one in sent["items"]} == {None}


def test_a_client_does_not_keep_texts_that_were_removed(plain: Path) -> None:
    store = plain
    ask = {"url": f"/{TEXTS}", "params": {"persona": 0, "with_text": True}}
    before = client_of(store).get(**ask)  # type: ignore[arg-type]
    tag = {"If-None-Match": before.headers["ETag"]}
    assert client_of(store).get(**ask, headers=tag).status_code == 304  # type: ignore[arg-type]
    emptied(store)
    again = client_of(store).get(**ask, headers=tag)  # type: ignore[arg-type]
    assert again.status_code == 200
    assert again.json()["note"].startswith(NO_TEXTS)


def test_posts_deleted_by_hand_stop_no_query_and_verify_says_so(synthetic: Published) -> None:
    shutil.rmtree(synthetic.store / "raw")
    ri = RIIndex.open(store=synthetic.store)
    found = ri.get_persona_tweets(0, 5, with_text=True)
    assert {one.text for one in found} == {None}
    assert "are missing, and no removal is recorded" in found.note
    assert ri.get_audience().author_count
    with pytest.raises(RawPostsGoneError, match="no removal is recorded"):
        ri.verify()


def test_what_needs_the_posts_says_since_when_they_are_gone(plain: Path) -> None:
    store = plain
    emptied(store)
    snapshot = Snapshot(Files(str(store)))
    for ask in (
        lambda: snapshot.table("raw_tweets"),
        lambda: snapshot.table("denoised_tweets"),
        lambda: opened(store).ri._contents.guard,
    ):
        with pytest.raises(RawPostsGoneError, match=r"were removed on 20\d\d-") as caught:
            ask()
        assert "ri-index run --again" in caught.value.remedy


def test_what_an_author_wrote_before_counts_as_ordinary(store: Path) -> None:
    tweet = {"text": "my parcel is late again", "created_at": "2026-01-05T12:00:00Z"}
    author = int(opened(store).frame("denoised_tweets")["author_id"].iloc[0])
    ri = RIIndex.open(store=store)
    assert "how much each author wrote" not in ri.assign([tweet | {"author_id": author}]).note
    without = ri.assign([tweet])
    del ri
    emptied(store)
    after = RIIndex.open(store=store)
    assert after.assign([tweet]) == without
    found = after.assign([tweet | {"author_id": author}])
    assert "how much each author wrote before is unknown, so taken as ordinary" in found.note
    assert found[0].nearest_id


def test_a_name_that_was_looked_at_stays_and_a_later_one_waits(plain: Path, cli: Cli) -> None:
    store = plain
    [guard] = store.glob("raw/*/guard.json")
    handle = json.loads(guard.read_text())["people"][0]
    for persona, name in (("P02", "Parcel People"), ("P03", f"Friends of {handle}")):
        add_entry(default_place(str(store)), persona, entry(name))
    assert cli("hide", "P04", *WHY, "--store", store).code == 0
    before = said(RIIndex.open(store=store).list_personas(brief=False))
    assert "Parcel People" in str(before)
    assert handle not in str(before)
    emptied(store)
    assert said(RIIndex.open(store=store).list_personas(brief=False)) == before
    assert handle not in "".join(path.read_text() for path in (store / "raw").iterdir())
    told = cli("rename", "P05", "Late Evenings", *WHY, "--store", store)
    assert "from the next run on, if the name may be shown" in told.out
    assert "Late Evenings" not in str(said(RIIndex.open(store=store).list_personas(brief=False)))


def test_the_file_of_posts_names_nobody(published: Published) -> None:
    table = posts_stored(published.place(POSTS).read_bytes())
    kinds = {field.name: field.type for field in table.schema}
    assert set(kinds) == {
        "author", "author_followers", "created_at", "reply_count", "is_answered",
    }  # fmt: skip
    assert not any(pa.types.is_string(kind) for kind in kinds.values())
    kept = published.frame("denoised_tweets")
    assert len(table) == len(kept)
    numbers = set(table["author"].to_pylist())
    assert max(numbers) < len(kept)  # they count authors, and are no ids
    assert not numbers & {int(one) for one in kept["author_id"].dropna() if one >= len(kept)}


def test_what_a_snapshot_publishes_holds_no_handle_and_no_post(published: Published) -> None:
    """Every file in the snapshot's folder is searched, also what is packed inside."""
    kept = published.frame("denoised_tweets")
    handles = [one for one in kept["author_handle"].dropna() if one.isascii() and one.isalnum()]
    secrets = {f"handle {n}": one for n, one in enumerate(handles[:8]) if len(one) > 8}
    assert secrets
    ids = kept["author_id"].dropna().astype(str)
    secrets |= {f"author {n}": one for n, one in enumerate(ids[:5]) if len(one) > 8}
    assert places_of(secrets, published.folder) == []
