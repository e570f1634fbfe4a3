from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pytest

from ri_assets.errors import ConfigError
from ri_assets.personas.corrections.entries import Correction, Corrections, Rename
from ri_assets.personas.corrections.override_file import add_entry, default_place, read_overrides
from ri_assets.personas.naming.namers import Name
from ri_assets.personas.naming.renames import give_names

GOOD = """\
# by hand
P03:
  - name: Parcel Trackers
    by: Asha
    date: 2026-11-20
    reason: shorter
  - name: Parcel People
    by: Asha
    date: 2026-11-23
    reason: the team says so
    focus: parcels that do not come
P07:
  - {name: Quiet Ones, by: Ben, date: 2026-11-23, reason: tone}
"""


def _write(folder: Path, text: str | bytes) -> str:
    file = folder / "names.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def _rename(name: str | None, **changes: object) -> Rename:
    fields = {"by": "Asha", "date": date(2026, 11, 23), "reason": "clearer", **changes}
    return Rename.model_validate({"name": name, **fields})


def _names(history: Iterable[Correction]) -> list[str | None]:
    return [entry.name for entry in history if isinstance(entry, Rename)]


def _last(history: Sequence[Correction]) -> Rename:
    entry = history[-1]
    assert isinstance(entry, Rename)
    return entry


def test_a_file_by_hand_is_read_with_its_history(tmp_path: Path) -> None:
    found = read_overrides(_write(tmp_path, GOOD))
    assert _names(found["P03"]) == ["Parcel Trackers", "Parcel People"]
    assert found["P03"][1].date == date(2026, 11, 23)
    assert _last(found["P07"]).focus is None


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}"])
def test_an_empty_file_stands_for_no_renames(tmp_path: Path, text: str) -> None:
    assert read_overrides(_write(tmp_path, text)) == {}


def test_a_missing_file_is_fine_unless_it_was_named(tmp_path: Path) -> None:
    place = str(tmp_path / "none.yaml")
    assert read_overrides(place) == {}
    with pytest.raises(ConfigError, match="does not exist"):
        read_overrides(place, may_be_missing=False)


@pytest.mark.parametrize(
    ("old", "new", "line", "named"),
    [
        ("    reason: shorter\n", "", 3, "P03.1.reason: Field required"),
        ("reason: shorter", "reasn: shorter", 6, "P03.1.reasn: Extra inputs"),
        ("by: Asha\n    date: 2026-11-20", "by: [Asha]\n    date: 2026-11-20", 4, "P03.1.by"),
        ("date: 2026-11-20", "date: yesterday", 5, "P03.1.date"),
        ("date: 2026-11-20", "date: 2026-13-45", 5, "P03.1.date"),
        ("date: 2026-11-20", "date: 3", 5, "P03.1.date"),
        ("name: Parcel Trackers", "name: 7", 3, "P03.1.name"),
        ("name: Parcel Trackers", "name: ''", 3, "P03.1.name"),
        ("name: Parcel Trackers", 'name: "a\\nb"', 3, "one line of printable text"),
        ("name: Parcel Trackers", 'name: "\\u202Eevil"', 3, "one line of printable text"),
        ("name: Parcel Trackers", f"name: {'x' * 61}", 3, "P03.1.name: String should have"),
        ("P03:", "Parcels:", 2, "Parcels: String should match"),
        ("P03:", "3:", 2, "3: Input should be a valid string"),
        ("P07:", "P03:", 12, "P03: the key is given twice, first in line 2"),
        ("    reason: shorter", "    by: Ben\n    reason: shorter", 6, "given twice"),
        ("name: Quiet Ones", "name: parcel people", 13, "'parcel people' is the name of P03 too"),
        ("    by: Asha\n    date: 2026-11-20", "\tby: Asha\n    date: 2026-11-20", 4, "\\t"),
        ("by: Asha\n    date: 2026-11-20", "by: *who\n    date: 2026-11-20", 4, "undefined alias"),
        ("by: Asha\n    date: 2026-11-20", "by: !!python/name:os.system\n    date: 1", 4, "tag"),
        ("tone}", "tone", 14, "expected"),
        (GOOD[GOOD.index("P07:") :], "P07: []\n", 12, "P07: Tuple"),
        (GOOD, "- P03\n", 1, "the file: Input should be"),
        (GOOD, "P03\n", 1, "the file: Input should be"),
        (GOOD, "P03: &a [*a]\n", 1, "P03.1: Input should be"),
        (GOOD, "P03: Parcels\n", 1, "P03: Input should be a valid tuple"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, named: str
) -> None:
    assert old in GOOD
    place = _write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        read_overrides(place)
    assert f"{place}, line {line}" in error.value.found
    assert named in error.value.found


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"P03: \x00"])
def test_what_is_no_text_is_refused(tmp_path: Path, text: bytes) -> None:
    place = _write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read_overrides(place)
    assert place in error.value.found


def test_renames_are_appended_and_nothing_is_lost(tmp_path: Path) -> None:
    place = _write(tmp_path, GOOD)
    before = read_overrides(place)
    add_entry(place, "P03", _rename("Zwölf Päckchen: 100% “late”"))
    add_entry(place, "P11", _rename("New Ones", focus="what is new"))
    found = read_overrides(place)
    assert found["P03"][:2] == before["P03"]
    assert _last(found["P03"]).name == "Zwölf Päckchen: 100% “late”"
    assert found["P07"] == before["P07"]
    assert _last(found["P11"]).focus == "what is new"
    assert Path(place).read_text().startswith("# What people corrected")


def test_the_folder_is_made_where_it_is_missing(tmp_path: Path) -> None:
    place = default_place(str(tmp_path / "new" / "store"))
    add_entry(place, "P01", _rename("First"))
    assert _names(read_overrides(place)["P01"]) == ["First"]


def test_a_name_that_is_taken_or_a_broken_file_leaves_the_file_alone(tmp_path: Path) -> None:
    place = _write(tmp_path, GOOD)
    with pytest.raises(ConfigError, match="is the name of P0"):
        add_entry(place, "P03", _rename("QUIET ONES"))
    assert Path(place).read_text() == GOOD
    broken = _write(tmp_path, GOOD + "P09: 3\n")
    with pytest.raises(ConfigError):
        add_entry(broken, "P03", _rename("Fine"))
    assert Path(broken).read_text() == GOOD + "P09: 3\n"


NAMES = {0: Name("Delivery Trackers", "parcels", ("e",)), 1: Name("Foodies", "food", ())}
IDS = {0: "P03", 1: "P04"}


def test_a_persons_name_holds_and_the_automatic_one_stays_known() -> None:
    given = give_names(
        NAMES, IDS, Corrections.of({"P03": (_rename("Old"), _rename("Parcel People"))}).renames
    )
    assert given.names[0].name == "Parcel People"
    assert given.names[0].focus == "parcels"
    assert given.names[0].source == "person"
    assert "clearer" in given.names[0].evidence[0]
    assert "Delivery Trackers" in given.names[0].evidence[0]
    assert given.names[1] == NAMES[1]


def test_focus_may_be_given_and_the_automatic_name_taken_back() -> None:
    given = give_names(NAMES, IDS, Corrections.of({"P03": (_rename("X", focus="boxes"),)}).renames)
    assert given.names[0].focus == "boxes"
    back = give_names(NAMES, IDS, Corrections.of({"P03": (_rename("X"), _rename(None))}).renames)
    assert back.names == NAMES


def test_unknown_ids_are_told_and_wait() -> None:
    given = give_names(NAMES, IDS, Corrections.of({"P99": (_rename("Gone"),)}).renames)
    assert given.unknown == ("P99",)
    assert given.names == NAMES


def test_a_person_may_take_the_name_of_another_persona() -> None:
    given = give_names(NAMES, IDS, Corrections.of({"P03": (_rename("foodies"),)}).renames)
    assert [name.name for name in given.names.values()] == ["foodies", "Foodies (P04)"]
