"""HTTP answers what Python answers, and both what lies in the Parquet."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.exports.names import APP, EXPORTS
from ri_assets.ri_index.results import Rows
from ri_assets_tests.published import Published, opened
from ri_assets_tests.ri_index.http.conftest import client_of
from ri_assets_tests.small import SMALL_PROFILE

Params = dict[str, Any]

FIRST_ID = 1_100_000_000_000_000_000

ASKED: list[tuple[str, Params, Any]] = [
    ("list_personas", {}, lambda ri: ri.list_personas()),
    ("list_personas", {"brief": False}, lambda ri: ri.list_personas(brief=False)),
    ("get_persona", {"persona": "P02"}, lambda ri: ri.get_persona("P02")),
    ("get_persona", {"persona": "0"}, lambda ri: ri.get_persona(0)),
    ("get_persona", {"persona": " persona-3 "}, lambda ri: ri.get_persona("Persona 3")),
    ("get_personas", {"personas": ["1", "P01"]}, lambda ri: ri.get_personas([1, "P01"])),
    ("get_persona_by_name", {"name": "PERSONA 3"}, lambda ri: ri.get_persona_by_name("persona 3")),
    ("filter_personas", {"min_size": 40}, lambda ri: ri.filter_personas(min_size=40)),
    (
        "filter_personas",
        {"top_terms": ["word 3", "WORD 70"], "max_size": 500},
        lambda ri: ri.filter_personas(top_terms=["word 3", "word 70"], max_size=500),
    ),
    (
        "filter_personas",
        {"peak_hour_range": [22, 9], "min_avg_word_count": 20, "max_avg_word_count": 50.5},
        lambda ri: ri.filter_personas(
            peak_hour_range=(22, 9), min_avg_word_count=20, max_avg_word_count=50.5
        ),
    ),
    ("get_persona_tweets", {"persona": 0}, lambda ri: ri.get_persona_tweets(0)),
    (
        "get_persona_tweets",
        {"persona": 0, "limit": 7, "offset": 3},
        lambda ri: ri.get_persona_tweets(0, 7, offset=3),
    ),
    ("get_tweet_persona", {"tweet_id": FIRST_ID}, lambda ri: ri.get_tweet_persona(FIRST_ID)),
    (
        "get_tweet_personas",
        {"tweet_ids": [FIRST_ID, 5]},
        lambda ri: ri.get_tweet_personas([FIRST_ID, 5]),
    ),
    ("get_tweet_samples", {"persona": 1, "n": 3}, lambda ri: ri.get_tweet_samples(1, 3)),
    ("get_persona_terms", {"persona": 0}, lambda ri: ri.get_persona_terms(0)),
    ("get_persona_rhythm", {"persona": 0}, lambda ri: ri.get_persona_rhythm(0)),
    ("get_audience", {}, lambda ri: ri.get_audience()),
    ("get_audience", {"personas": ["P02", "0"]}, lambda ri: ri.get_audience(["P02", 0])),
    ("get_persona_overlap", {}, lambda ri: ri.get_persona_overlap()),
    ("get_persona_overlap", {"persona": "P02"}, lambda ri: ri.get_persona_overlap("P02")),
    ("find_similar_personas", {"persona": 0}, lambda ri: ri.find_similar_personas(0)),
    (
        "find_similar_personas",
        {"persona": 0, "method": "style", "top_k": 2},
        lambda ri: ri.find_similar_personas(0, "style", 2),
    ),
    ("compare", {"a": 0, "b": "persona 4"}, lambda ri: ri.compare(0, "Persona 4")),
    ("get_summary_stats", {}, lambda ri: ri.get_summary_stats()),
    ("get_persona_coverage", {}, lambda ri: ri.get_persona_coverage()),
    ("quality", {}, lambda ri: ri.quality()),
    ("snapshots", {}, lambda ri: ri.snapshots()),
]
# Their model or cleaner takes seconds to load.
SLOWLY_ASKED: list[tuple[str, Params, Any]] = [
    ("search", {"text": "late parcel", "top_k": 2}, lambda ri: ri.search("late parcel", 2)),
    (
        "get_persona_tweets",
        {"persona": 0, "limit": 5, "with_text": True},
        lambda ri: ri.get_persona_tweets(0, 5, with_text=True),
    ),
]


def with_text_ids(record: Params) -> Params:
    """Tweet ids are text over HTTP: JavaScript rounds numbers above 2^53."""
    return {k: str(v) if k == "tweet_id" else v for k, v in record.items()}


def check_same(client: TestClient, ri: RIIndex, path: str, params: Params, ask: Any) -> None:
    response = client.get(f"/{path}", params=params)
    assert response.status_code == 200, response.text
    found, expected = response.json(), ask(ri)
    in_python = json.loads(expected.to_json())
    if isinstance(expected, Rows):
        assert found["items"] == [with_text_ids(record) for record in in_python]
        assert (found["total"], found["note"]) == (expected.total, expected.note)
        assert found["snapshot"] == (None if path == "snapshots" else ri.snapshot)
    else:
        assert found == with_text_ids(in_python)


@pytest.fixture(scope="session")
def ri(synthetic_store: Any) -> RIIndex:
    return RIIndex.open(store=synthetic_store)


@pytest.mark.parametrize(("path", "params", "ask"), ASKED)
def test_http_answers_what_python_answers(
    client: TestClient, ri: RIIndex, path: str, params: Params, ask: Any
) -> None:
    check_same(client, ri, path, params, ask)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "params", "ask"), SLOWLY_ASKED)
def test_http_answers_what_python_answers_about_texts(
    client: TestClient, ri: RIIndex, path: str, params: Params, ask: Any
) -> None:
    check_same(client, ri, path, params, ask)


@pytest.mark.slow
def test_new_tweets_are_assigned_as_in_python(published: Published) -> None:
    late = {"text": "late again", "created_at": "2026-01-05T09:00:00+05:30", "tweet_id": 7}
    texts = ["my parcel is late again and nobody answers", ""]
    client = client_of(published.store)
    alone = client.post("/assign", json={"tweets": texts}).json()["items"]
    assert alone == [one.to_dict() for one in published.ri.assign(texts)]
    assert alone[1]["persona_id"] is None

    replies = [{"text": "sorry!", "tweet_id": 8, "in_reply_to_tweet_id": 7}]
    response = client.post("/assign", json={"tweets": [late], "replies": replies})
    assert response.headers["Cache-Control"] == "no-store"
    (found,) = response.json()["items"]
    (expected,) = published.ri.assign([late], replies)
    assert found == expected.to_dict() | {"tweet_id": "7"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tweets": "a text"},
        {"tweets": [7]},
        {"tweets": [{"words": "secret"}]},
        {"tweets": [{"text": "secret", "created_at": "yesterday"}]},
        {"tweets": ["secret"] * 1001},
        {"tweets": ["secret"], "threshold": 1},
        {"tweets": ["secret"], "replies": [{"text": "to whom?"}]},
    ],
)
def test_what_cannot_be_assigned_is_refused_and_not_repeated(
    published: Published, body: dict[str, object]
) -> None:
    response = client_of(published.store).post("/assign", json=body)
    assert response.status_code == 422
    assert response.json()["remedy"]
    assert "secret" not in response.text


@pytest.mark.slow
def test_a_search_in_the_body_is_the_same(client: TestClient) -> None:
    question: Params = {"text": "late parcel", "top_k": 2}
    by_body = client.post("/search", json=question)
    assert by_body.json() == client.get("/search", params=question).json()
    assert "ETag" not in by_body.headers


def test_many_tweets_in_the_body_are_the_same(published: Published) -> None:
    stored = published.frame("ri_index_app.tweet_personas").set_index("tweet_id")["persona_id"]
    ids = [*map(str, stored.index), "7"]
    found = client_of(published.store).post("/get_tweet_personas", json={"tweet_ids": ids}).json()
    assert {int(row["tweet_id"]): row["persona_id"] for row in found["items"]} == {
        **stored.to_dict(),
        7: None,
    }


def test_personas_and_their_tweets_are_those_of_the_parquet(published: Published) -> None:
    client = client_of(published.store)
    listed = client.get("/list_personas").json()
    expected = published.personas
    assert listed["total"] == len(expected)
    for name in ("persona_id", "name", "tweet_count", "share"):
        assert [row[name] for row in listed["items"]] == expected[name].tolist()
    tweets = published.frame("ri_index_app.tweet_personas")
    for persona in expected["persona_id"]:
        own = tweets[tweets["persona_id"] == persona].sort_values(["distance", "tweet_id"])
        page = client.get("/get_persona_tweets", params={"persona": persona, "limit": 9}).json()
        assert page["total"] == len(own)
        assert [row["tweet_id"] for row in page["items"]] == own["tweet_id"].astype(str).tolist()[
            :9
        ]


def test_lineage_is_that_of_the_parquet(published: Published) -> None:
    stored = published.frame("personas_enriched.persona_lineage")
    found = client_of(published.store).get("/lineage", params={"persona": 0}).json()
    persona = published.personas["persona_id"][0]
    assert [row["sentence"] for row in found["items"]] == stored.loc[
        (stored["persona_id"] == persona) | (stored["other_persona_id"] == persona), "sentence"
    ].tolist()


def test_diff_with_itself_moves_nothing(client: TestClient, ri: RIIndex) -> None:
    found = client.get("/diff", params={"snapshot_a": ri.snapshot}).json()
    assert found == json.loads(ri.diff(ri.snapshot).to_json())
    assert found["moved_tweets"] == 0


def test_exports_are_the_published_files(synthetic: Published) -> None:
    client = client_of(synthetic.store)
    for name in EXPORTS:
        response = client.get("/export", params={"name": name})
        assert response.content == (synthetic.folder / name).read_bytes()
        kind = "text/csv" if name.endswith(".csv") else "application/json"
        assert response.headers["Content-Type"].startswith(kind)
        assert name in response.headers["Content-Disposition"]
    assert client.get("/export_for_app").content == (synthetic.folder / APP).read_bytes()


def test_verify_counts_the_files(synthetic: Published) -> None:
    manifest = json.loads((synthetic.folder / "manifest.json").read_text())
    found = client_of(synthetic.store).get("/verify").json()
    assert found == {"snapshot": synthetic.ri.snapshot, "files": len(manifest["files"])}


def test_every_method_is_a_path_with_the_same_arguments(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]
    methods = {name for name in vars(RIIndex) if not name.startswith("_")}
    # How an index is opened, and which it is, are the server's and every parameter's matter.
    unserved = {"open", "snapshot"}
    # A card and pictures are for notebooks; the explorer has both.
    unserved |= {name for name in methods if name.startswith("plot_")} | {"card"}
    assert set(described) == {f"/{name}" for name in methods - unserved} | {"/health"}
    assert set(described.pop("/assign")) == {"post"}  # whole tweets do not fit into addresses
    for path, methods_of in described.items():
        assert methods_of["get"]["operationId"] == path[1:]
        if path[1:] in {"health", "export", "export_for_app"}:
            continue  # Python writes exports to a place
        given = {parameter["name"] for parameter in methods_of["get"].get("parameters", [])}
        arguments = set(inspect.signature(getattr(RIIndex, path[1:])).parameters) - {"self"}
        assert arguments <= given, path
        assert given - arguments <= {"snapshot", "offset", "limit"}, path


def test_another_snapshot_is_asked_by_its_id(synthetic: Published) -> None:
    client = client_of(synthetic.store)
    before = client.get("/get_summary_stats")
    write_snapshot(str(synthetic.store), 300, load_profile(str(SMALL_PROFILE)), seed=1)
    new = opened(synthetic.store)
    after = client.get("/get_summary_stats")  # without a restart
    assert after.json()["snapshot"] == new.ri.snapshot
    assert after.json()["kept_tweets"] == 300
    assert after.headers["ETag"] == f'"{new.ri.snapshot}"'
    old = client.get("/get_summary_stats", params={"snapshot": synthetic.ri.snapshot})
    assert old.json() == before.json()
    assert old.headers["ETag"] == before.headers["ETag"]
    changed = client.get("/diff", params={"snapshot_a": synthetic.ri.snapshot}).json()
    assert changed == json.loads(new.ri.diff(synthetic.ri.snapshot).to_json())
