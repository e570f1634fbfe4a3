"""The check `exports` on files that a run wrote, whole and then with one thing changed."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.quality.checks import checks_of
from ri_assets.quality.exported import Parquet, parquet_of
from ri_assets.quality.exports import exports, wrong_with
from ri_assets.quality.judge import judge_all
from ri_assets.records.exports import SCHEMA_VERSION
from ri_assets.ri_index.exports.delivery import export_candidate
from ri_assets.ri_index.exports.names import EXPORTS
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets_tests.small import SMALL_PROFILE

RUN = "synthetic-300-0"
LEAST = 5  # min_authors of the small profile
Content = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("exports") / "store"
    write_snapshot(str(store), 300, load_profile(str(SMALL_PROFILE)))
    return store


@pytest.fixture(scope="module")
def parquet(written: Path) -> Parquet:
    return parquet_of(Candidates(Files(str(written))), RUN, LEAST)


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Path:
    shutil.copytree(written / "candidate", tmp_path / "candidate")
    shutil.copytree(written / "latest", tmp_path / "latest")
    return tmp_path


def bytes_of(store: Path, name: str) -> bytes:
    return (store / "candidate" / RUN / "exports" / name).read_bytes()


def wrong(name: str, content: bytes, parquet: Parquet) -> list[str]:
    return wrong_with(name, io.BytesIO(content), parquet)


def test_what_a_run_wrote_agrees(written: Path) -> None:
    figure = exports(Candidates(Files(str(written))), RUN, LEAST)
    assert (figure.value, figure.n) == (0, 8)


def test_a_missing_file_blocks(store: Path) -> None:
    for name in EXPORTS[2:4]:
        (store / "candidate" / RUN / "exports" / name).unlink()
    figure = exports(Candidates(Files(str(store))), RUN, LEAST)
    assert figure.value == 2
    [check] = [c for c in checks_of("ri_index_app") if c.name == "exports"]
    gates = load_profile(str(SMALL_PROFILE)).gates
    [verdict] = judge_all([check], {"exports": figure}, gates, "")
    assert verdict.is_blocking
    assert not verdict.is_passed
    for name in EXPORTS[2:4]:
        assert f"{name}: it is missing" in verdict.message


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("kept", [0, 1, 200, -3, -40])
def test_a_file_cut_short_is_noticed(written: Path, parquet: Parquet, name: str, kept: int) -> None:
    whole = bytes_of(written, name)
    assert wrong(name, whole, parquet) == []
    assert wrong(name, whole[:kept], parquet)
    assert wrong(name, whole + b"{}", parquet)


def rows_of(content: Content) -> list[Content]:
    kind = next(key for key in ("personas", "pairs", "tweets") if key in content)
    rows: list[Content] = content[kind]
    return rows


def first(content: Content) -> Content:
    row: Content = rows_of(content)[0]
    return row


def another_snapshot(content: Content) -> None:
    content["snapshot"] = "20200101T000000Z-00000000"


def another_version(content: Content) -> None:
    content["schema_version"] = "9.9"


def a_field_more(content: Content) -> None:
    first(content)["author_handle"] = "someone"


def a_row_less(content: Content) -> None:
    del rows_of(content)[2]


def rows_swapped(content: Content) -> None:
    rows = rows_of(content)
    rows[0], rows[1] = rows[1], rows[0]


JSON = [name for name in EXPORTS if name.endswith(".json")]


def rewritten(
    store: Path, parquet: Parquet, name: str, change: Callable[[Content], object]
) -> list[str]:
    content = json.loads(bytes_of(store, name))
    change(content)
    if "tweets" in content:
        tweets = content.pop("tweets")
        head = json.dumps({**content, "tweets": []}).removesuffix("]}")
        text = head + "\n" + ",\n".join(map(json.dumps, tweets)) + "\n]}\n"
    else:
        text = json.dumps(content)
    return wrong(name, text.encode(), parquet)


@pytest.mark.parametrize("name", JSON)
def test_the_same_content_written_again_agrees(written: Path, parquet: Parquet, name: str) -> None:
    assert rewritten(written, parquet, name, lambda _: None) == []


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize(
    "change", [another_snapshot, another_version, a_field_more, a_row_less, rows_swapped]
)
def test_a_changed_document_is_noticed(
    written: Path, parquet: Parquet, name: str, change: Callable[[Content], object]
) -> None:
    said = rewritten(written, parquet, name, change)
    assert said
    assert "someone" not in "".join(said)


def values(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values of an object, of lists the first element's only."""
    if isinstance(content, dict):
        return [p for key, value in content.items() for p in values(value, (*path, key))]
    if isinstance(content, list) and content:
        return values(content[0], (*path, 0))
    return [path]


def altered(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else "1"


@pytest.mark.parametrize("name", JSON)
def test_any_one_value_that_differs_is_noticed(written: Path, parquet: Parquet, name: str) -> None:
    places = values(json.loads(bytes_of(written, name)))
    assert len(places) > 6
    for place in places:

        def change(content: Any, place: tuple[Any, ...] = place) -> None:
            for key in place[:-1]:
                content = content[key]
            content[place[-1]] = altered(content[place[-1]])

        assert rewritten(written, parquet, name, change), place


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"P01"', '"P99"'),
        ('"false"', '"no"'),
        (f'"{SCHEMA_VERSION}"', '"1.2"'),
        ('"some focus"', '"=some focus"'),
        ('"some focus"', '"some focus","more"'),
        ('"focus"', '"fokus"'),
        ("word 0 | ", ""),
    ],
)
def test_a_changed_cell_is_noticed(written: Path, parquet: Parquet, old: str, new: str) -> None:
    name = "personas_for_review.csv"
    text = bytes_of(written, name).decode()
    assert old in text
    assert wrong(name, text.replace(old, new, 1).encode(), parquet)


@pytest.mark.parametrize("start", ["=", " @", "\t", "＋"])
def test_a_name_that_is_a_formula_is_written_harmless_and_agrees(store: Path, start: str) -> None:
    for asset in ("personas_enriched", "ri_index_app"):
        path = store / "candidate" / RUN / asset / f"{asset}.parquet"
        table = pq.read_table(path)
        place = table.schema.get_field_index("name")
        names = [f"{start}HYPERLINK({n})" for n in range(table.num_rows)]
        pq.write_table(table.set_column(place, table.schema.field(place), [names]), path)
    candidates = Candidates(Files(str(store)))
    file = export_candidate(candidates, RUN, LEAST)["personas_for_review.csv"]
    with (store / file.path).open(encoding="utf-8-sig", newline="") as opened:
        found = [row["name"] for row in csv.DictReader(opened)]
    assert sorted(found) == sorted(f"'{name}" for name in names)
    assert exports(candidates, RUN, LEAST).value == 0


def test_a_persona_without_terms_agrees_and_its_cell_is_empty(
    store: Path, parquet: Parquet
) -> None:
    for asset in ("personas_enriched", "ri_index_app"):
        path = store / "candidate" / RUN / asset / f"{asset}.parquet"
        table = pq.read_table(path)
        if "top_terms" in table.column_names:
            place = table.schema.get_field_index("top_terms")
            terms = [[], *table["top_terms"].to_pylist()[1:]]
            pq.write_table(table.set_column(place, table.schema.field(place), [terms]), path)
    candidates = Candidates(Files(str(store)))
    file = export_candidate(candidates, RUN, LEAST)["personas_for_review.csv"]
    with (store / file.path).open(encoding="utf-8-sig", newline="") as opened:
        assert next(csv.DictReader(opened))["top_terms"] == ""
    assert exports(candidates, RUN, LEAST).value == 0
    # Of a persona that has terms, an empty cell is none of them.
    assert wrong("personas_for_review.csv", (store / file.path).read_bytes(), parquet)


def test_a_table_that_changed_after_the_exports_is_noticed(store: Path) -> None:
    path = store / "candidate" / RUN / "ri_index_app" / "tweet_personas.parquet"
    table = pq.read_table(path)
    ids = table["persona_id"].to_pylist()
    ids[5] = "P01" if ids[5] != "P01" else "P02"
    place = table.schema.get_field_index("persona_id")
    pq.write_table(table.set_column(place, table.schema.field(place), [ids]), path)
    found = exports(Candidates(Files(str(store))), RUN, LEAST).details["found"]
    assert "tweet_persona_mapping.json: tweets.persona_id: 1 differ from the Parquet" in found


@pytest.mark.parametrize(
    "text", ["[]", "NaN", '{"snapshot": NaN}', '{"a": 1, "a": 2}', "\xff", "["]
)
@pytest.mark.parametrize("name", EXPORTS)
def test_what_is_no_such_file_is_noticed(parquet: Parquet, name: str, text: str) -> None:
    assert wrong(name, text.encode("latin-1"), parquet)
