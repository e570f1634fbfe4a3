"""What may be shown of tweets: the rule of the fewest authors, and nothing raw."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ri_assets.errors import StoreError
from ri_assets.ri_index import RIIndex
from ri_assets_tests.personas.privacy.test_guard import REFUSED
from ri_assets_tests.published import Published, note_digest, rewrite

KEPT = "denoised_tweets.parquet"
LEAST = 5  # min_authors of the small profile


def with_authors(published: Published, authors: int | None) -> RIIndex:
    """Let so many authors have written everything; None leaves authors unknown."""
    table = pq.read_table(published.place(KEPT))
    place = table.schema.get_field_index("author_id")
    ids = [None if authors is None else n % authors for n in range(table.num_rows)]
    rewrite(published, KEPT, table.set_column(place, "author_id", pa.array(ids, pa.int64())))
    return RIIndex.open(store=published.store)


def with_persona(published: Published, column: str, value: bool) -> RIIndex:
    """Change a mark of every persona, as if it had been published so."""
    path = published.folder / "personas_enriched.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index(column)
    pq.write_table(table.set_column(place, column, pa.array([value] * table.num_rows)), path)
    manifest_path = published.folder / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    manifest["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest_path.write_text(json.dumps(manifest))
    return RIIndex.open(store=published.store)


@pytest.mark.parametrize("authors", [1, LEAST - 1, LEAST])
def test_texts_of_too_few_authors_are_withheld(synthetic: Published, authors: int) -> None:
    found = with_authors(synthetic, authors).get_persona_tweets(0, 60, with_text=True)
    is_shown = authors >= LEAST
    assert len(found) == 60
    assert all((tweet.text is not None) == is_shown for tweet in found)
    assert ("withheld" in found.note) == (not is_shown)


def test_a_withheld_persona_shows_ids_alone(synthetic: Published) -> None:
    ri = with_persona(synthetic, "is_evidence_withheld", value=True)
    found = ri.get_persona_tweets(0, 5, with_text=True)
    assert [tweet.text for tweet in found] == [None] * 5
    assert "withheld" in found.note
    assert found[0].tweet_id
    assert "withheld" in ri.get_tweet_samples(0).note


def test_where_no_author_is_known_every_tweet_counts_as_its_own(synthetic: Published) -> None:
    with_authors(synthetic, None)
    ri = with_persona(synthetic, "is_author_known", value=False)
    assert all(tweet.text for tweet in ri.get_persona_tweets(0, 5, with_text=True))


def test_fewer_tweets_than_the_rule_asks_for_need_as_many_authors(synthetic: Published) -> None:
    assert with_authors(synthetic, 1).get_persona_tweets(0, 1, with_text=True)[0].text
    assert with_authors(synthetic, 1).get_persona_tweets(0, 2, with_text=True)[0].text is None


def test_nothing_is_read_that_was_not_asked_for(
    synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    files = synthetic.ri._contents.snapshot.files
    for name in ("buffer", "read_rows", "count_rows", "read_table"):
        whole = getattr(files, name)

        def noted(path: str, *rest: object, whole: object = whole) -> object:
            read.append(path.rsplit("/", 1)[-1])
            return whole(path, *rest)  # type: ignore[operator]

        monkeypatch.setattr(files, name, noted)
    tweets = synthetic.ri.get_persona_tweets(0)
    synthetic.ri.get_tweet_persona(tweets[0].tweet_id)
    synthetic.ri.filter_personas(min_size=1)
    assert read == ["personas_enriched.parquet", "ri_index_app.lookup.arrow"]
    synthetic.ri.get_persona_tweets(0, 60, with_text=True)
    assert read[2:] == ["denoised_tweets.parquet", "profile.json", "guard.json"]


def with_text(published: Published, said: str) -> RIIndex:
    """Let the nearest tweet of the largest persona say something else."""
    tweet_id = published.ri.get_persona_tweets(0, 1)[0].tweet_id
    path = published.place(KEPT)
    table = pq.read_table(path)
    place = table.schema.get_field_index("text")
    ids = table["tweet_id"].to_pylist()
    texts = [
        said if one == tweet_id else text
        for one, text in zip(ids, table["text"].to_pylist(), strict=True)
    ]
    pq.write_table(table.set_column(place, "text", pa.array(texts, pa.string())), path)
    return RIIndex.open(store=published.store)


def without_guard(published: Published) -> None:
    """Make it a snapshot of before handles were listed, whose corpus knows one author."""
    published.place("guard.json").unlink()
    path = published.place("raw_tweets.parquet")
    table = pq.read_table(path)
    place = table.schema.get_field_index("author_handle")
    handles = ["Shy_Yak9", *[None] * (table.num_rows - 1)]
    pq.write_table(table.set_column(place, "author_handle", pa.array(handles, pa.string())), path)
    manifest_path = published.folder / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    del manifest["raw"]["guard.json"]
    manifest["raw"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest_path.write_text(json.dumps(manifest))


def test_handles_of_the_corpus_are_hidden_without_the_sign_too(synthetic: Published) -> None:
    # The synthetic corpus mentions @user17 and others like it.
    known = json.loads(synthetic.place("guard.json").read_text())["people"]
    assert known
    ri = with_text(synthetic, f"so {known[0].upper()} said, not someone_else")
    shown = ri.get_persona_tweets(0, 1, with_text=True)[0].text
    assert shown == "so [handle] said, not someone_else"


def test_an_older_snapshot_reads_the_handles_from_its_corpus(synthetic: Published) -> None:
    without_guard(synthetic)
    ri = with_text(synthetic, "so shy_yak9 said, not someone_else")
    shown = ri.get_persona_tweets(0, 1, with_text=True)[0].text
    assert shown == "so [handle] said, not someone_else"


def test_a_list_of_handles_that_is_none_is_a_damaged_snapshot(synthetic: Published) -> None:
    synthetic.place("guard.json").write_text("[]")
    note_digest(synthetic, "guard.json")
    with pytest.raises(StoreError, match=r"guard\.json"):
        RIIndex.open(store=synthetic.store).get_persona_tweets(0, 60, with_text=True)


def test_a_text_that_may_be_private_is_withheld_with_a_note(synthetic: Published) -> None:
    found = with_text(synthetic, REFUSED).get_persona_tweets(0, 60, with_text=True)
    assert [tweet.text is None for tweet in found] == [True] + [False] * 59
    assert found.note == "1 of 60 texts are withheld: they may be private"
