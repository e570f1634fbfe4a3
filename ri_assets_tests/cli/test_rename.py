"""`ri-index rename`, and what a run makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ri_assets.personas.corrections.override_file import read_overrides
from ri_assets_tests.command_line import Cli
from ri_assets_tests.conftest import FinishedRun

WHY = ("--by", "Asha", "--reason", "the team's word")


def test_renames_are_added_to_the_stores_file(store: Path, cli: Cli) -> None:
    for name in ("First Name", "Second Name"):
        said = cli("rename", "P02", name, *WHY, "--store", store)
        assert said.code == 0, said.text
        assert f"“{name}”" in said.out
    history = read_overrides(str(store / "names.yaml"))["P02"]
    assert [entry.model_dump()["name"] for entry in history] == ["First Name", "Second Name"]
    assert {entry.by for entry in history} == {"Asha"}
    back = cli("rename", "P02", *WHY, "--store", store)
    assert "automatic name" in back.out
    assert read_overrides(str(store / "names.yaml"))["P02"][-1].model_dump()["name"] is None


def test_a_rename_shows_at_once(store: Path, cli: Cli) -> None:
    said = cli("rename", "P02", "Parcel People", *WHY, "--store", store)
    assert "“Parcel People” now" in said.out, said.text
    for command in ("summary", "personas"):
        shown = cli(command, "--store", store)
        assert shown.code == 0, shown.text
        assert "Parcel People" in shown.out
        assert "named by people since the snapshot was published: P02" in shown.text
    listed = json.loads(cli("summary", "--json", "--store", store).out)["persona_list"]
    assert [one["name"] for one in listed if one["persona_id"] == "P02"] == ["Parcel People"]
    assert _personas(store).loc["P02", "name"] != "Parcel People"


def test_an_unknown_id_waits_and_is_told(store: Path, cli: Cli) -> None:
    said = cli("rename", "P77", "Later Ones", *WHY, "--store", store)
    assert said.code == 0
    assert "has no P77" in said.err
    assert "P01" in said.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("rename", "Foodies", "X", *WHY), "persona: String should match"),
        (("rename", "P01", "x" * 61, *WHY), "name: String should have at most 60"),
        (("rename", "P01", "two\nlines", *WHY), "one line of printable text"),
        (("rename", "P01", "X", "--by", " ", "--reason", "r"), "by: String should have at least"),
        (("rename", "P01", "X", "--by", "Asha"), "--reason"),
    ],
)
def test_what_cannot_be_used_is_refused(
    store: Path, cli: Cli, arguments: tuple[str, ...], named: str
) -> None:
    said = cli(*arguments, "--store", store)
    assert said.code == 2, said.text
    assert named in said.text
    assert not (store / "names.yaml").exists()


def test_a_broken_file_stops_a_run_before_it_starts(
    store: Path, small_run: FinishedRun, cli: Cli, tmp_path: Path
) -> None:
    (store / "names.yaml").write_text("P01:\n  - name: X\n")
    run = ("run", "--source", small_run.source, "--profile", small_run.profile, "--store", store)
    said = cli(*run)
    assert said.code == 2
    assert "line 2, P01.1.by: Field required" in said.text.replace("\n", " ")
    catalogue = tmp_path / "mine.yaml"
    catalogue.write_text("- name: X\n  focus: y\n")
    said = cli(*run, "--names", tmp_path / "none.yaml")
    assert said.code == 2
    assert "does not exist" in said.text
    (store / "names.yaml").unlink()
    said = cli(*run, "--catalogue", catalogue)
    assert said.code == 2
    assert "entry 1 (X), keywords" in said.text.replace("\n", " ")


@pytest.mark.slow
def test_the_next_run_publishes_the_persons_name(
    store: Path, small_run: FinishedRun, cli: Cli, tmp_path: Path
) -> None:
    before = _personas(store)
    cli("rename", "P01", "The Louder Ones", *WHY, "--store", store)
    cli("rename", "P77", "Nobody Yet", *WHY, "--store", store)
    catalogue = tmp_path / "mine.yaml"
    catalogue.write_text(
        "- {name: Wallet Readers, focus: wallets, keywords: [wallet], "
        "proof: [[wallet]], insight: x, needs: []}\n"
    )
    said = cli(
        "run", "--source", small_run.source, "--profile", small_run.profile, "--store", store,
        "--catalogue", catalogue,
    )  # fmt: skip
    assert said.code == 0, said.text
    after = _personas(store)
    assert after.loc["P01", "name"] == "The Louder Ones"
    assert after.loc["P01", "name_source"] == "person"
    assert after.loc["P01", "automatic_name"] != "The Louder Ones"
    assert set(after["name_source"]) <= {"person", "kept", "catalogue", "terms"}
    # Names last, so the shipped catalogue's stay; their evidence says what the new one would give.
    shipped = set(before.loc[before["is_catalogue_name"], "name"])
    kept = after[after["name_source"] == "kept"]
    assert len(kept)
    alone = kept["name_evidence"].str[0].str.extract("this run alone would say “(.*)”")[0]
    assert not shipped & set(alone.dropna())
    assert alone.notna().all()
    assert "P77" in said.text


def _personas(store: Path) -> pd.DataFrame:
    snapshot = json.loads((store / "published.json").read_text())["snapshot"]
    path = store / "snapshots" / snapshot / "personas_enriched.parquet"
    return pd.read_parquet(path).set_index("persona_id")
