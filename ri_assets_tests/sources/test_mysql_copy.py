"""The copy that a store keeps of a database: when it is used, replaced, or left alone."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from ri_assets.assets.raw import raw_posts
from ri_assets.errors import StoreError
from ri_assets.resources.settings import ProfileResource, SourceResource, StoreResource
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets.store.files import Files
from ri_assets.store.forgotten import Forgotten
from ri_assets.store.source_copy import FOLDER, SourceCopy
from ri_assets_tests.mariadb import MariaDB
from ri_assets_tests.small import SMALL_PROFILE
from ri_assets_tests.sources.read_again import CODE, FOREIGN, assert_same, n_fetched, read
from ri_assets_tests.unpacked import places_of

pytestmark = pytest.mark.usefixtures("small_buckets")


@pytest.mark.parametrize("name", ["rows.parquet", "receipt.json"])
def test_a_damaged_copy_is_not_used_and_is_replaced(
    loaded: tuple[str, str], tmp_path: Path, name: str
) -> None:
    _, url = loaded
    place = tmp_path / FOLDER / name
    whole, _ = read(url)
    read(url, tmp_path)
    content = place.read_bytes()
    flipped = content[-9:-8].translate(bytes(range(1, 256)) + b"\0")
    for changed in (b"", content[:-9] + flipped + content[-8:], content[:40]):
        place.write_bytes(changed)
        corpus, notes = read(url, tmp_path)
        assert "is damaged or of another version: not used" in notes.pop(0)
        assert n_fetched(notes) == 60
        assert_same(corpus, whole)
        assert n_fetched(read(url, tmp_path)[1]) == 0


def test_a_death_between_its_two_files_leaves_a_copy_that_nobody_uses(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, url = loaded
    read(url, tmp_path)
    mariadb.execute("UPDATE tweets SET text = 'edited'", database)

    def killed(*_: object) -> None:
        raise StoreError("killed", "", "")

    monkeypatch.setattr(Files, "write_json", killed)
    with pytest.raises(StoreError, match="killed"):
        read(url, tmp_path)
    monkeypatch.undo()
    corpus, notes = read(url, tmp_path)
    assert "not used" in notes[0]
    assert_same(corpus, read(url)[0])


def test_a_read_before_a_run_uses_the_copy_and_leaves_it(
    mariadb: MariaDB, loaded: tuple[str, str], tmp_path: Path
) -> None:
    database, url = loaded
    read(url, tmp_path)
    place = tmp_path / FOLDER / "rows.parquet"
    before = place.read_bytes()
    mariadb.execute("UPDATE tweets SET text = 'edited' WHERE tweet_id = 7", database)
    copy = SourceCopy(Files(str(tmp_path)), CODE, is_read_only=True)
    corpus = open_source(url, SourceOptions(keep_all=True, copy=copy)).read()
    assert 0 < n_fetched(copy.notes) < 20
    assert_same(corpus, read(url)[0])
    assert place.read_bytes() == before
    place.write_bytes(b"damaged")
    open_source(url, SourceOptions(keep_all=True, copy=copy)).read()
    assert place.read_bytes() == b"damaged"


def test_nothing_of_people_on_the_list_is_in_the_copy(mariadb: MariaDB, tmp_path: Path) -> None:
    """Neither of their posts, nor of mentions, answers, and rows that cannot be read."""
    database = mariadb.fresh_database()
    for name in ("tweets", "replies"):
        mariadb.execute(FOREIGN.format(name), database)
    others = ", ".join(f"({n}, '{n}', 'a tweet', '5', 'carla')" for n in range(1, 400))
    columns = "(id, tweet_id, text, author_id, author_handle)"
    mariadb.execute(f"INSERT INTO tweets {columns} VALUES {others}", database)  # noqa: S608
    person, made, post_id = "CanaryPerson7", "912345678901", "700700700700"
    theirs = [
        (20, post_id, "zebrafinch", made, person),
        (60, "701", "zebrafinch again", person, person),  # an id that is made from the handle
        (100, "702", f"thanks @{person}!", "5", "carla"),
        (140, "no id", f"\n{person}", "5", "carla"),
        (180, "703", "a text", "5", f"not a handle: {person}"),
        (220, "701", "a copy", person, person),
    ]
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        for row in theirs:
            cursor.execute(f"REPLACE INTO tweets {columns} VALUES (%s, %s, %s, %s, %s)", row)  # noqa: S608
        cursor.execute(
            "INSERT INTO replies (id, tweet_id, text, in_reply_to_tweet_id)"
            " VALUES (1, '9001', 'an answer', %s)",
            (post_id,),
        )
    url = mariadb.url(database)
    secrets = {"handle": person, "id": made, "post": post_id, "text": "zebrafinch"}
    read(url, tmp_path)
    assert {place.partition(": ")[0] for place in places_of(secrets, tmp_path)} == set(secrets)
    for listed in (
        Forgotten("00" * 32).with_people([person], [int(made)], ()),
        # That the handle is theirs, and which other posts are, only the whole corpus tells.
        Forgotten("00" * 32).with_people([], [int(made)], ()),
    ):
        for _ in range(2):
            corpus, notes = read(url, tmp_path, forgotten=listed)
            assert_same(corpus, read(url, forgotten=listed)[0])
        assert 0 < n_fetched(notes) < 60
        known = dict(secrets) if listed.handles else {n: secrets[n] for n in ("id", "post", "text")}
        assert places_of(known, tmp_path) == []


def test_a_run_keeps_the_copy_and_says_what_it_fetched(
    loaded: tuple[str, str], tmp_path: Path
) -> None:
    said = []
    for _ in range(2):
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [raw_posts],
                instance=instance,
                resources={
                    "source": SourceResource(source=loaded[1]),
                    "profile": ProfileResource(name=str(SMALL_PROFILE)),
                    "store": StoreResource(location=str(tmp_path)),
                },
            )
            entries = [one.user_message for one in instance.all_logs(result.run_id)]
        said.append([text.removeprefix("raw_posts: ") for text in entries if "fetched" in text])
    assert [n_fetched(notes) for notes in said] == [60, 0]
