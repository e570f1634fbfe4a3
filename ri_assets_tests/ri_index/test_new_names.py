"""A rename shows at once in the answers about the current snapshot, and in no published file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import ConfigError
from ri_assets.personas.corrections.entries import Rename
from ri_assets.personas.corrections.override_file import add_entry, default_place
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.new_names import with_new_names
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.ri_index.http.conftest import client_of

WHY = ("--by", "Asha", "--reason", "the team's word")
NOTE = "named by people since the snapshot was published: "


def entry(name: str | None, days: int = 0, **more: str) -> Rename:
    day = datetime.now(UTC).date() + timedelta(days=days)
    return Rename(name=name, by="Asha", date=day, **{"reason": "the team's word", **more})


def rename(published: Published, persona: str, name: str | None, days: int = 0) -> RIIndex:
    add_entry(default_place(str(published.store)), persona, entry(name, days))
    return RIIndex.open(store=published.store)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_every_answer_with_a_name_shows_it_and_no_file_changes(
    synthetic: Published, tmp_path: Path
) -> None:
    old, files = synthetic.ri.get_persona("P02"), content(synthetic.folder)
    ri = rename(synthetic, "P02", "Parcel People")
    persona = ri.get_persona("parcel people")
    assert (persona.persona_id, persona.name_source) == ("P02", "person")
    assert persona.focus == old.automatic_focus
    said, *others = persona.name_evidence
    assert said.startswith("named by a person on ")
    assert f"the published name is “{old.name}”" in said
    assert tuple(others) == old.name_evidence
    changing = {"name", "focus", "name_source", "is_catalogue_name", "name_evidence"}
    assert persona.model_dump(exclude=changing) == old.model_dump(exclude=changing)
    tweet = ri.get_persona_tweets("P02", 1)[0].tweet_id
    for rows in (
        ri.list_personas(),
        ri.list_personas(brief=False),
        ri.get_personas(["P02"]),
        ri.filter_personas(min_size=1),
        ri.find_similar_personas("P01", "size", 100),
        ri.get_persona_coverage(),
        ri.get_tweet_personas([tweet]),
    ):
        [row] = [row for row in rows if row.persona_id == "P02"]
        assert row.name == "Parcel People"
        assert NOTE + "P02" in rows.note
    assert ri.get_tweet_persona(tweet).name == "Parcel People"
    assert ri.compare("P02", "P01").a.name == "Parcel People"
    assert {p.name for p in ri.quality().personas if p.persona_id == "P02"} == {"Parcel People"}
    assert NOTE not in ri.get_personas(["P01"]).note
    assert NOTE not in ri.get_persona_tweets("P02").note
    # Exports and all other files stay as they were published.
    assert content(synthetic.folder) == files
    ri.verify()
    out = tmp_path / "exports"
    ri.export(out)
    listed = json.loads((out / "personas_enriched.json").read_text())
    assert "Parcel People" not in json.dumps(listed)


def test_the_automatic_name_comes_back_and_the_last_entry_holds(synthetic: Published) -> None:
    old = synthetic.ri.get_persona("P02")
    assert rename(synthetic, "P02", "One").get_persona("P02").name == "One"
    assert rename(synthetic, "P02", "Two").get_persona("P02").name == "Two"
    assert rename(synthetic, "P02", None).get_persona("P02") == old


def test_an_entry_from_before_the_publication_changes_nothing(synthetic: Published) -> None:
    manifest = json.loads((synthetic.folder / "manifest.json").read_text())
    since = datetime.fromisoformat(manifest["published_at"]).date()
    days = (since - datetime.now(UTC).date()).days
    assert rename(synthetic, "P02", "Too Old", days - 1).get_persona("P02").name != "Too Old"
    assert rename(synthetic, "P02", "Same Day", days).get_persona("P02").name == "Same Day"


def test_what_may_be_private_is_not_shown(synthetic: Published) -> None:
    old = synthetic.ri.get_persona("P02")
    for name in ("@jolly_cedar9 fans", "call 98765 43210", "a@b.example writers"):
        assert rename(synthetic, "P02", name).get_persona("P02") == old
    add_entry(
        default_place(str(synthetic.store)), "P02", entry("Fine Name", reason="ask @jolly_cedar9")
    )
    assert RIIndex.open(store=synthetic.store).get_persona("P02") == old


def test_a_name_that_is_taken_is_told_apart(synthetic: Published) -> None:
    taken = synthetic.ri.get_persona("P01").name
    ri = rename(synthetic, "P02", taken.upper())
    assert ri.get_persona("P02").name == taken.upper()
    assert ri.get_persona("P01").name == f"{taken} (P01)"


def test_ids_of_no_persona_and_stores_without_a_file_change_nothing(synthetic: Published) -> None:
    before = synthetic.ri.list_personas(brief=False)
    assert rename(synthetic, "P77", "Nobody").list_personas(brief=False) == before


def test_a_file_with_a_fault_is_told_with_file_line_and_key(synthetic: Published, cli: Cli) -> None:
    place = synthetic.store / "names.yaml"
    place.write_text("P02:\n- name: X\n  by: Asha\n  date: 2026-11-23\n  raeson: typo\n")
    ri = RIIndex.open(store=synthetic.store)
    with pytest.raises(ConfigError, match=r"names\.yaml, line 5, P02\.1\.raeson: "):
        ri.list_personas()
    said = cli("personas", "--store", synthetic.store)
    assert said.code == 2
    assert "line 5" in said.text
    assert "Traceback" not in said.text
    ri.verify()
    # The server goes on with the published names.
    answer = client_of(synthetic.store).get("/list_personas")
    assert answer.status_code == 200
    assert answer.json()["note"] == ""


def test_a_file_that_a_variable_names_is_read(
    synthetic: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "mine.yaml")
    add_entry(place, "P02", entry("Elsewhere"))
    assert RIIndex.open(store=synthetic.store).get_persona("P02").name != "Elsewhere"
    monkeypatch.setenv("RI_NAMES", place)
    assert RIIndex.open(store=synthetic.store).get_persona("P02").name == "Elsewhere"


def test_the_command_line_renames_and_shows_it(synthetic: Published, cli: Cli) -> None:
    said = cli("rename", "P02", "Parcel People", *WHY, "--store", synthetic.store)
    assert said.code == 0, said.text
    assert "“Parcel People” now" in said.out
    shown = cli("personas", "--store", synthetic.store)
    assert shown.code == 0, shown.text
    assert "Parcel People" in shown.out
    assert NOTE + "P02" in shown.text
    said = cli("rename", "P02", "ask @jolly_cedar9", *WHY, "--store", synthetic.store)
    assert "from the next run on, if the name may be shown" in said.out


def test_http_shows_it_without_a_restart_and_with_another_etag(synthetic: Published) -> None:
    client = client_of(synthetic.store)
    before = client.get("/list_personas")
    rename(synthetic, "P02", "Parcel People")
    known = {"If-None-Match": before.headers["ETag"]}
    after = client.get("/list_personas", headers=known)
    assert after.status_code == 200
    assert "Parcel People" in {one["name"] for one in after.json()["items"]}
    assert after.json()["note"] == NOTE + "P02"
    assert after.headers["ETag"] != before.headers["ETag"]
    known = {"If-None-Match": after.headers["ETag"]}
    assert client.get("/list_personas", headers=known).status_code == 304
    snapshot = after.json()["snapshot"]
    pinned = client.get("/get_persona", params={"persona": "P02", "snapshot": snapshot})
    assert pinned.json()["name"] == "Parcel People"
    rename(synthetic, "P02", None)
    again = client.get("/list_personas")
    assert again.json() == before.json()
    assert again.headers["ETag"] == before.headers["ETag"]


NAMES = st.sampled_from(["Alpha", "ALPHA", "Beta", "Persona 3", "Gamma", None])


@given(st.dictionaries(st.sampled_from(["P01", "P02", "P03", "P99"]), NAMES))
def test_names_stay_unique_and_nothing_else_changes(
    synthetic_store: Path, renames: dict[str, str | None]
) -> None:
    given_names = [name.casefold() for name in renames.values() if name is not None]
    if len(given_names) != len(set(given_names)):
        return  # the file refuses one name for two personas
    personas = RIIndex.open(store=synthetic_store).get_personas(range(12))
    latest = {key: entry(name) for key, name in renames.items()}
    found = with_new_names(personas, latest, "2020-01-01T00:00:00+00:00", lambda: lambda _: True)
    assert [one.persona_id for one in found] == [one.persona_id for one in personas]
    assert len({one.name.casefold() for one in found}) == len(found)
    for one in found:
        if renames.get(one.persona_id) is not None:
            assert one.name == renames[one.persona_id]
    again = with_new_names(found, latest, "2020-01-01T00:00:00+00:00", lambda: lambda _: True)
    assert [one.name for one in again] == [one.name for one in found]
