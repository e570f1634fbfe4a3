"""A snapshot that is missing, half there or not as it was published."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ri_assets.errors import StoreError
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.app_tables import LOOKUP, PROFILE
from ri_assets.ri_index.posts import POSTS
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published, opened


def test_nothing_is_published(tmp_path: Path) -> None:
    for store in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreError, match="no snapshot is published"):
            RIIndex.open(store=store)


def test_an_unknown_snapshot(synthetic: Published) -> None:
    with pytest.raises(StoreError, match=synthetic.ri.snapshot):
        RIIndex.open("20200101T000000Z-0", store=synthetic.store)


def test_the_environment_names_the_store(
    synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_STORE", str(synthetic.store))
    assert RIIndex.open().snapshot == synthetic.ri.snapshot


@pytest.mark.parametrize("name", ["personas_enriched.parquet", LOOKUP, POSTS])
def test_a_copy_that_broke_off_is_refused_when_it_is_opened(
    synthetic: Published, name: str
) -> None:
    (synthetic.folder / name).unlink()
    with pytest.raises(StoreError, match=f"lacks {name}"):
        RIIndex.open(store=synthetic.store)
    [info] = synthetic.ri.snapshots()
    assert info.problem == f"lacks {name}"


READS: list[tuple[str, Callable[[RIIndex], object]]] = [
    ("personas_enriched.parquet", lambda ri: ri.list_personas()),
    ("personas_enriched.samples.parquet", lambda ri: ri.get_tweet_samples(0)),
    ("personas_enriched.traits.parquet", lambda ri: ri.find_similar_personas(0, "style")),
    ("clusters.figures.parquet", lambda ri: ri.quality()),
    (LOOKUP, lambda ri: ri.get_tweet_persona(1)),
    (LOOKUP, lambda ri: ri.get_persona_tweets(0)),
    ("clusters.parquet", lambda ri: ri.get_summary_stats()),
    (POSTS, lambda ri: ri.get_audience()),
    ("denoised_tweets.parquet", lambda ri: ri.get_persona_tweets(0, 5, with_text=True)),
    (PROFILE, lambda ri: ri.get_persona_tweets(0, 5, with_text=True)),
]


@pytest.mark.parametrize(("name", "ask"), READS)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_told_when_it_is_read(
    synthetic: Published, name: str, ask: Callable[[RIIndex], object], share: float
) -> None:
    path = synthetic.place(name)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    ri = RIIndex.open(store=synthetic.store)
    with pytest.raises(StoreError, match=f"{name} is damaged"):
        ask(ri)
    with pytest.raises(StoreError, match=f"{name} differs from its manifest"):
        ri.verify()


@pytest.mark.parametrize("name", ["personas_enriched.parquet", LOOKUP])
def test_one_flipped_bit_is_seen(synthetic: Published, name: str) -> None:
    path = synthetic.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    ri = RIIndex.open(store=synthetic.store)
    with pytest.raises(StoreError, match="its sha256 is not the one in the manifest"):
        ri.get_tweet_persona(1) if name == LOOKUP else ri.list_personas()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_a_flipped_bit_in_the_texts_is_seen_though_only_a_part_is_read(
    synthetic: Published, share: float
) -> None:
    path = synthetic.place("denoised_tweets.parquet")
    group = pq.read_metadata(path).row_group(0)
    [texts] = [c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == "text"]
    begin = texts.dictionary_page_offset or texts.data_page_offset
    content = bytearray(path.read_bytes())
    content[begin + int(share * texts.total_compressed_size)] ^= 0x55
    path.write_bytes(content)
    ri = RIIndex.open(store=synthetic.store)
    with pytest.raises(StoreError, match=r"denoised_tweets.parquet is damaged"):
        ri.get_persona_tweets(0, 5, with_text=True)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"verdicts": [{}]}', '{"verdicts": 3}'])
@pytest.mark.parametrize("name", ["published.json", "manifest.json"])
def test_a_damaged_pointer_or_manifest(synthetic: Published, name: str, content: str) -> None:
    folder = synthetic.store if name == "published.json" else synthetic.folder
    (folder / name).write_text(content)
    with pytest.raises(StoreError, match=f"{name} is damaged"):
        RIIndex.open(store=synthetic.store)


def test_a_snapshot_of_an_earlier_version_still_answers(synthetic: Published) -> None:
    """Without lookup file, profile and history, as they were published before."""
    tweets = synthetic.ri.get_persona_tweets(0)
    path = synthetic.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for name in (LOOKUP, PROFILE, "personas_enriched.persona_lineage.parquet"):
        manifest["files"].pop(name, None)
        (synthetic.folder / name).unlink(missing_ok=True)
    path.write_text(json.dumps(manifest))
    now = RIIndex.open(store=synthetic.store)
    assert now.get_persona_tweets(0) == tweets
    for ask in (
        lambda: now.search("late refunds"),
        lambda: now.get_persona_tweets(0, with_text=True),
        lambda: now.lineage(0),
    ):
        with pytest.raises(StoreError, match="this version of the project published"):
            ask()


def test_personas_of_another_version(synthetic: Published) -> None:
    path = synthetic.folder / "personas_enriched.parquet"
    table = pq.read_table(path)
    manifest = json.loads((synthetic.folder / "manifest.json").read_text())
    for changed, is_read in (
        (table.append_column("of_the_future", table["name"]), True),
        (table.drop_columns(["timezone", "focus"]), False),
    ):
        pq.write_table(changed, path)
        manifest["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        (synthetic.folder / "manifest.json").write_text(json.dumps(manifest))
        ri = RIIndex.open(store=synthetic.store)
        if is_read:
            assert len(ri.list_personas()) == table.num_rows
        else:
            with pytest.raises(StoreError, match="lack focus, timezone"):
                ri.list_personas()


def test_the_command_line_tells_damage_without_a_traceback(synthetic: Published, cli: Cli) -> None:
    (synthetic.folder / LOOKUP).write_bytes(b"no Arrow")
    tweets = cli("tweets", "0", "--store", synthetic.store)
    whole = cli("verify", "--store", synthetic.store)
    shutil.rmtree(synthetic.folder)
    gone = cli("personas", "--store", synthetic.store)
    for outcome in (tweets, whole, gone):
        assert outcome.code == 2
        assert outcome.err.startswith("error: ")
        assert "remedy:" in outcome.err
        assert "Traceback" not in outcome.text
        assert outcome.out == ""


def test_a_whole_snapshot_verifies(synthetic: Published, cli: Cli) -> None:
    outcome = cli("verify", "--store", synthetic.store)
    assert outcome.code == 0
    assert opened(synthetic.store).ri.snapshot in outcome.out


def with_profile(synthetic: Published, profile: dict[str, object]) -> RIIndex:
    """Publish the snapshot with another profile."""
    (synthetic.folder / PROFILE).write_text(json.dumps(profile))
    manifest = json.loads((synthetic.folder / "manifest.json").read_text())
    digest = hashlib.sha256((synthetic.folder / PROFILE).read_bytes()).hexdigest()
    manifest["files"][PROFILE] = digest
    (synthetic.folder / "manifest.json").write_text(json.dumps(manifest))
    return RIIndex.open(store=synthetic.store)


def test_settings_of_another_version_do_not_keep_a_snapshot_from_being_read(
    synthetic: Published,
) -> None:
    texts = synthetic.ri.get_persona_tweets(0, 5, with_text=True)
    profile = json.loads((synthetic.folder / PROFILE).read_text())
    del profile["gates"], profile["fuse"]["content_weight"]
    profile["cluster"] = {"method": "of the future"}
    profile["reduce"]["of_the_past"] = 3
    assert with_profile(synthetic, profile).get_persona_tweets(0, 5, with_text=True) == texts


def test_a_profile_without_what_reading_needs_is_told(synthetic: Published) -> None:
    profile = json.loads((synthetic.folder / PROFILE).read_text())
    del profile["enrich"]["min_authors"]
    index = with_profile(synthetic, profile)
    with pytest.raises(StoreError, match=r"cannot be read: enrich\.min_authors"):
        index.get_persona_tweets(0, 5, with_text=True)
