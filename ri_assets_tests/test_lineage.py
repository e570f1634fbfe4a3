"""Ids, names and history over several published runs of the real pipeline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from ri_assets.errors import StoreError
from ri_assets.personas.lineage.published import read_previous
from ri_assets.quality.lineage import compare
from ri_assets.quality.metrics import Figure
from ri_assets.records.personas import PERSONA_LINEAGE
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, current_id
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Cli
from ri_assets_tests.small import (
    AUDIENCES,
    profile_with,
    replies_to,
    small_tweets,
    write_folder,
)


def history_of(store: Path) -> pa.Table:
    return Snapshot(Files(str(store))).table("personas_enriched", "persona_lineage")


def lineage(store: Path) -> pd.DataFrame:
    history: pd.DataFrame = history_of(store).to_pandas()
    return history


def names(store: Path) -> dict[str, str]:
    listed = Snapshot(Files(str(store))).table("ri_index_app").to_pandas()
    return dict(zip(listed["persona_id"], listed["name"], strict=True))


def members(store: Path) -> pd.Series[str]:
    found = Snapshot(Files(str(store))).table("ri_index_app", "tweet_personas").to_pandas()
    personas: pd.Series[str] = found.set_index("tweet_id")["persona_id"]
    return personas


def test_the_first_run_numbers_its_personas_by_size(store: Path) -> None:
    listed = Snapshot(Files(str(store))).table("ri_index_app").to_pandas()
    assert listed["persona_id"].tolist() == [f"P{n:02d}" for n in range(1, len(listed) + 1)]
    assert listed["tweet_count"].is_monotonic_decreasing
    history = lineage(store)
    assert history["persona_id"].tolist() == listed["persona_id"].tolist()
    assert set(history["event"]) == {"born"}
    files = Files(str(store))
    previous = read_previous(files, current_id(files))
    assert previous is not None
    assert previous.history.equals(history)


def test_before_the_first_publication_there_is_nothing_to_match(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    assert read_previous(files, current_id(files)) is None


def test_an_unreadable_snapshot_stops_the_run_instead_of_giving_ids_anew(store: Path) -> None:
    files = Files(str(store))
    folder = Path(files.path(Snapshot(files).folder))
    (folder / "ri_index_app.tweet_personas.parquet").write_bytes(b"no Parquet")
    with pytest.raises(StoreError, match=r"personas cannot keep their ids.*damaged"):
        read_previous(files, current_id(files))
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match="personas cannot keep their ids"):
        read_previous(files, current_id(files))


def test_what_a_killed_run_left_uses_up_no_ids(store: Path) -> None:
    """It lies there whole, with its manifest; only the pointer never named it."""
    files = Files(str(store))
    before = read_previous(files, current_id(files))
    ghost = store / "snapshots" / "20990101T000000Z-00000000"
    shutil.copytree(store / Snapshot(files).folder, ghost)
    part = "personas_enriched.persona_lineage.parquet"
    lineage(store).assign(persona_id="P99").to_parquet(ghost / part)
    after = read_previous(files, current_id(files))
    assert before is not None
    assert after is not None
    assert after.taken == before.taken
    assert "P99" not in after.taken


def test_the_published_history_may_be_published_again_and_no_other(
    store: Path, tmp_path: Path
) -> None:
    files, empty, history = Files(str(store)), Files(str(tmp_path / "empty")), lineage(store)
    current = Snapshot(files).manifest.snapshot

    def figure(rows: pd.DataFrame, files: Files) -> Figure:
        schema = PERSONA_LINEAGE.schema
        return compare(pa.Table.from_pandas(rows, schema, preserve_index=False), files)

    def with_next(compared_with: str) -> pd.DataFrame:
        """One persona is retired, so that whole numbers are missing where none were before."""
        kept = history.assign(sequence=2, event="kept", previous_snapshot=compared_with)
        kept.loc[0, ["event", "tweets_after", "name"]] = ["retired", None, None]
        return pd.concat([history, kept], ignore_index=True)

    assert figure(history, files).value == 0
    assert figure(history, empty).value == 0
    assert figure(with_next(current), files).value == 0
    assert figure(with_next(current), empty).value == 1
    other = figure(with_next("s0"), files)
    assert other.value == 1
    assert f"ids were matched with s0, but {current} is published" in str(other.facts["found"])
    altered = with_next(current).replace({"name": {names(store)["P01"]: "Else"}})
    assert figure(altered, files).value == 1


@pytest.mark.slow
def test_ids_names_and_history_last_over_changed_corpora_and_seeds(
    store: Path, cli: Cli, tmp_path: Path
) -> None:
    """Fewer tweets, more of the same audiences, another seed; then an audience leaves."""
    first, first_members, first_history = names(store), members(store), history_of(store)
    published = Snapshot(Files(str(store))).manifest.snapshot
    tweets = small_tweets(42).sample(frac=0.99, random_state=5)
    source = write_folder(tmp_path / "second", tweets, replies_to(tweets))
    profile = profile_with(tmp_path, reduce={"seed": 7})
    ended = cli("run", "--source", source, "--profile", profile, "--store", store)
    assert ended.code == 0, ended.text

    history = lineage(store)
    assert history_of(store).slice(0, len(first_history)).equals(first_history)
    now = history[history["sequence"] == 2]
    assert set(now["previous_snapshot"]) == {published}
    receipt = Candidates(Files(str(store))).receipt("personas_enriched", "none")
    assert receipt.previous == published
    both = pd.concat([first_members, members(store)], axis=1, keys=["then", "now"]).dropna()
    shared = pd.crosstab(both["then"], both["now"])
    survivors = {
        then
        for then in shared.index
        if (shared.loc[then] / shared.sum() > 0.5)
        .mul(shared.loc[then] > shared.loc[then].sum() / 2)
        .any()
    }
    assert survivors
    assert all(shared.loc[then].idxmax() == then for then in survivors)
    assert {persona: names(store)[persona] for persona in survivors} == {
        persona: first[persona] for persona in survivors
    }

    fewer = small_tweets(42, AUDIENCES[:-1])
    source = write_folder(tmp_path / "third", fewer, replies_to(fewer))
    ended = cli("run", "--source", source, "--profile", profile, "--store", store)
    assert ended.code == 0, ended.text
    whole = lineage(store)
    assert whole["persona_id"].head(len(history)).tolist() == history["persona_id"].tolist()
    last = whole[whole["sequence"] == 3]
    ids = {event: set(rows["persona_id"]) for event, rows in last.groupby("event")}
    assert ids["retired"]
    assert ids["kept"] | ids["retired"] == set(
        now.loc[now["event"].isin(["born", "kept"]), "persona_id"]
    )
    assert set(names(store)) == ids["kept"] | ids.get("born", set())
    assert json.loads((store / POINTER).read_text())["snapshot"] != published
