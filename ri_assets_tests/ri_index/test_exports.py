"""The exports of a published snapshot against its Parquet, by plain pandas."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ri_assets.records.exports import SCHEMA_VERSION
from ri_assets_tests.published import Published

JSON = (
    "personas_enriched.json",
    "persona_briefs.json",
    "tweet_persona_mapping.json",
    "persona_assignment_stats.json",
    "persona_samples_full.json",
    "ri_index_app.json",
    "persona_overlap.json",
)
REVIEW = "personas_for_review.csv"


@pytest.fixture(scope="module")
def folder(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("exports")
    published.ri.export(target)
    return target


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def known(value: Any) -> Any:
    """A value of a frame as JSON would have it."""
    if isinstance(value, np.ndarray):
        return [known(one) for one in value]
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def test_there_are_eight_and_each_names_its_snapshot(published: Published, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted([*JSON, REVIEW])
    for name in JSON:
        found = read(folder, name)
        assert found["snapshot"] == published.folder.name
        assert found["schema_version"] == SCHEMA_VERSION
        assert found["is_draft"] is False
        assert found["waivers"] == []
    rows = pd.read_csv(folder / REVIEW, dtype=str)
    assert set(rows["snapshot"]) == {published.folder.name}
    assert set(rows["schema_version"]) == {SCHEMA_VERSION}
    assert set(rows["is_draft"]) == {"false"}
    assert rows["waivers"].isna().all()


def test_they_are_files_of_the_snapshot_and_of_its_manifest(
    published: Published, folder: Path
) -> None:
    files = read(published.folder, "manifest.json")["files"]
    for name in (*JSON, REVIEW):
        assert (published.folder / name).read_bytes() == (folder / name).read_bytes()
        assert name in files


def test_the_full_enrichment_has_every_column_but_the_vector(
    published: Published, folder: Path
) -> None:
    found = read(folder, "personas_enriched.json")["personas"]
    table = published.personas.drop(columns=["text_centroid", "hidden_note"])
    assert [p["persona_id"] for p in found] == table["persona_id"].tolist()
    parts = {name: published.frame(f"personas_enriched.{name}") for name in
             ("terms", "emoji", "rhythm", "traits")}  # fmt: skip
    assert sum(len(p["terms"]) for p in found) == len(parts["terms"]) > 0
    for persona, row in zip(found, table.to_dict("records"), strict=True):
        assert set(persona) == set(table.columns) | set(parts)
        for name in table.columns:
            assert persona[name] == known(row[name]), name
        for name, part in parts.items():
            mine = part[part["persona_id"] == row["persona_id"]].drop(columns="persona_id")
            expected = [{k: known(v) for k, v in r.items()} for r in mine.to_dict("records")]
            assert persona[name] == expected, name


def test_the_briefs_say_what_the_personas_are(published: Published, folder: Path) -> None:
    found = read(folder, "persona_briefs.json")["personas"]
    samples = published.frame("personas_enriched.samples")
    typical = samples[samples["rank"] == 1].set_index("persona_id")["text"].to_dict()
    for brief, row in zip(found, published.personas.to_dict("records"), strict=True):
        assert {"name", "focus", "key_insight", "top_terms", "tweet_count"} < set(brief)
        assert brief.pop("sample") == typical.get(row["persona_id"])
        assert brief == {name: known(row[name]) for name in brief}


def test_the_review_is_a_row_a_persona(published: Published, folder: Path) -> None:
    content = (folder / REVIEW).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == len(published.personas) + 1
    # pandas' default parser is fast and may miss a number's last bit.
    found = pd.read_csv(folder / REVIEW, encoding="utf-8-sig", float_precision="round_trip")
    table = published.personas
    for name in ("persona_id", "tweet_count", "share", "stability", "is_evidence_withheld"):
        assert found[name].tolist() == table[name].tolist(), name
    assert found["name"].str.removeprefix("'").tolist() == table["name"].tolist()
    assert found["top_terms"].str.split(" | ", regex=False).tolist() == [
        list(terms) for terms in table["top_terms"]
    ]


def test_the_mapping_has_every_kept_tweet(published: Published, folder: Path) -> None:
    found = read(folder, "tweet_persona_mapping.json")
    table = published.frame("ri_index_app.tweet_personas")
    assert found["tweet_count"] == len(table) == len(published.frame("denoised_tweets"))
    mapping = pd.DataFrame(found["tweets"])
    assert mapping["tweet_id"].tolist() == [str(tweet) for tweet in table["tweet_id"]]
    for name in ("persona_id", "was_noise", "distance"):
        assert mapping[name].tolist() == table[name].tolist(), name


def test_the_statistics_count_the_tweets(published: Published, folder: Path) -> None:
    found = read(folder, "persona_assignment_stats.json")
    clusters = published.frame("clusters").set_index("tweet_id")
    table = published.frame("ri_index_app.tweet_personas").set_index("tweet_id")
    noise = clusters["was_noise"].reindex(table.index)
    kept, raw = len(published.frame("denoised_tweets")), len(published.frame("raw_tweets"))
    assert (found["raw_tweets"], found["kept_tweets"]) == (raw, kept)
    assert found["retention"] == pytest.approx(kept / raw)
    assert found["coverage"] == 1.0
    assert found["noise_count"] == noise.sum()
    sizes = table["persona_id"].value_counts()
    assert found["persona_count"] == len(sizes)
    assert (found["largest_persona"], found["smallest_persona"]) == (sizes.max(), sizes.min())
    assert found["median_persona"] == np.median(sizes)
    for persona in found["personas"]:
        is_mine = table["persona_id"] == persona["persona_id"]
        distance = clusters.loc[table.index[is_mine], "distance"].to_numpy()
        assert persona["tweet_count"] == is_mine.sum()
        assert persona["noise_count"] == noise[is_mine].sum()
        assert persona["core_count"] == (~noise[is_mine]).sum()
        assert persona["share"] == pytest.approx(is_mine.mean())
        assert persona["distance_mean"] == pytest.approx(distance.mean())
        assert persona["distance_median"] == pytest.approx(np.median(distance))
        assert persona["distance_max"] == distance.max()


def test_the_samples_are_those_of_the_parquet_and_cleaned(
    published: Published, folder: Path
) -> None:
    found = read(folder, "persona_samples_full.json")["personas"]
    table = published.frame("personas_enriched.samples")
    shown = [(p["persona_id"], s["rank"], s["tweet_id"], s["text"]) for p in found
             for s in p["samples"]]  # fmt: skip
    rows = zip(table["persona_id"], table["rank"], table["tweet_id"], table["text"], strict=True)
    assert sorted(shown) == sorted((p, r, str(t), x) for p, r, t, x in rows)
    for persona in found:
        assert not (persona["is_evidence_withheld"] and persona["samples"])


def test_no_handle_of_an_author_is_in_any_export(published: Published, folder: Path) -> None:
    posts = pd.concat([published.frame("raw_tweets"), published.frame("raw_replies")])
    handles = {str(h).lower() for h in posts["author_handle"].dropna() if len(str(h)) > 5}
    assert len(handles) > 10
    for name in (*JSON, REVIEW):
        text = (folder / name).read_text(encoding="utf-8").lower()
        assert not [handle for handle in handles if f"@{handle}" in text], name


def test_the_application_list_is_the_table(published: Published, folder: Path) -> None:
    found = read(folder, "ri_index_app.json")
    table = published.frame("ri_index_app").set_index("persona_id", drop=False)
    assert found["tweet_count"] == table["tweet_count"].sum()
    assert [p["persona_id"] for p in found["personas"]] == published.personas["persona_id"].tolist()
    for persona in found["personas"]:
        row = table.loc[persona["persona_id"]]
        assert persona == {name: known(row[name]) for name in table.columns}


def test_the_application_list_alone(published: Published, folder: Path, tmp_path: Path) -> None:
    written = published.ri.export_for_app(tmp_path / "for_the_app.json")
    assert written.path == str(tmp_path / "for_the_app.json")
    content = Path(written.path).read_bytes()
    assert content == (folder / "ri_index_app.json").read_bytes()
    assert written.bytes == len(content)
    assert [path.name for path in tmp_path.iterdir()] == ["for_the_app.json"]
