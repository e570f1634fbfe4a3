"""The override file with merges and hiding: what is kept, and which faults are told where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ri_assets.errors import ConfigError
from ri_assets.personas.corrections.entries import Corrections, Hide, Merge, Rename
from ri_assets.personas.corrections.override_file import add_entry, read_overrides

SIGNED = {"by": "Asha", "date": date(2026, 11, 27), "reason": "the same people"}
WHO = "by: Asha, date: 2026-11-27, reason: same"


def _write(folder: Path, text: str) -> str:
    file = folder / "names.yaml"
    file.write_text(text)
    return str(file)


def test_every_entry_stays_and_the_last_of_a_kind_holds(tmp_path: Path) -> None:
    place = str(tmp_path / "names.yaml")
    add_entry(place, "P06", Rename(name="Parcel People", **SIGNED))
    add_entry(place, "P06", Merge(merged_into="P02", **SIGNED))
    add_entry(place, "P09", Hide(hidden=True, **SIGNED))
    held = Corrections.of(read_overrides(place))
    assert (set(held.merges), set(held.hidden)) == ({"P06"}, {"P09"})
    assert held.renames["P06"].name == "Parcel People"
    add_entry(place, "P06", Merge(merged_into=None, **SIGNED))
    add_entry(place, "P09", Hide(hidden=False, **SIGNED))
    overrides = read_overrides(place)
    held = Corrections.of(overrides)
    assert not held.merges
    assert not held.hidden
    assert held.undone.keys() == {"P06", "P09"}
    assert [len(history) for history in overrides.values()] == [3, 2]
    assert Path(place).read_text().startswith("# What people corrected")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"P06:\n- {{merged_into: P06, {WHO}}}", "line 2, P06.1.merged_into: P06 is merged into"),
        (
            f"P02:\n- {{merged_into: P06, {WHO}}}\nP06:\n- {{merged_into: P02, {WHO}}}",
            "line 2, P02.1.merged_into: the merges form a circle (P02 → P06 → P02)",
        ),
        (
            f"P06:\n- {{hidden: true, {WHO}}}\n- {{merged_into: P02, {WHO}}}",
            "line 3, P06.2.merged_into: P06 is hidden (line 2)",
        ),
        (f"P06:\n- {{merged_into: Foodies, {WHO}}}", "line 2, P06.1.merged_into: String should"),
        (f"P06:\n- {{hidden: 1, {WHO}}}", "line 2, P06.1.hidden: Input should be a valid boolean"),
        ("P06:\n- {hidden: true, by: Asha, reason: r}", "line 2, P06.1.date: Field required"),
        (
            f"P06:\n- {{merged_into: P02, hidden: true, {WHO}}}",
            "line 2, P06.1.hidden: Extra inputs are not permitted",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(tmp_path: Path, text: str, told: str) -> None:
    place = _write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read_overrides(place)
    assert f"the override file {place}, {told}" in error.value.found
    assert "ri-index undo" in error.value.remedy or "`undo`" in error.value.remedy


def test_an_entry_that_would_close_a_circle_is_refused_and_not_written(tmp_path: Path) -> None:
    place = str(tmp_path / "names.yaml")
    add_entry(place, "P06", Merge(merged_into="P02", **SIGNED))
    before = Path(place).read_bytes()
    with pytest.raises(ConfigError, match="circle"):
        add_entry(place, "P02", Merge(merged_into="P06", **SIGNED))
    assert Path(place).read_bytes() == before


def test_the_name_of_a_merged_persona_is_free(tmp_path: Path) -> None:
    place = str(tmp_path / "names.yaml")
    add_entry(place, "P06", Rename(name="Parcel People", **SIGNED))
    add_entry(place, "P06", Merge(merged_into="P02", **SIGNED))
    add_entry(place, "P02", Rename(name="parcel people", **SIGNED))
    with pytest.raises(ConfigError, match="is the name of P02 too"):
        add_entry(place, "P06", Merge(merged_into=None, **SIGNED))
