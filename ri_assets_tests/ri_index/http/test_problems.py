"""What cannot be answered: a problem with what was found, what was expected, and the remedy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from ri_assets.ri_index.app_tables import LOOKUP
from ri_assets.ri_index.http.middleware import Gate
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets_tests.published import Published
from ri_assets_tests.ri_index.http.conftest import client_of


def problem(response: Any, status: int) -> dict[str, Any]:
    """Check the form of a problem (RFC 9457) and give it."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["type"].startswith("urn:ri-persona-system:problem:")
    assert all(found[part] for part in ("title", "found", "expected", "remedy"))
    assert found["detail"].count(found["found"])
    return found


REFUSED = [
    ("get_tweet_samples?persona=0&n=0", 422, "n is '0'", "greater than or equal to 1"),
    ("get_tweet_samples?persona=0&n=-1", 422, "n is '-1'", "greater than or equal to 1"),
    ("get_persona_tweets?persona=0&limit=0", 422, "limit is '0'", "1"),
    ("get_persona_tweets?persona=0&limit=1001", 422, "limit is '1001'", "1000"),
    ("get_persona_tweets?persona=0&offset=-1", 422, "offset is '-1'", "0"),
    ("find_similar_personas?persona=0&top_k=many", 422, "top_k is 'many'", "integer"),
    ("find_similar_personas?persona=0&method=colour", 422, "method is 'colour'", "'style'"),
    ("get_persona", 422, "persona is missing", "persona"),
    ("get_persona?persona=", 422, "persona is ''", "1 character"),
    ("get_persona?persona=Persona%2099", 404, "no persona 'Persona 99'", "P01 Persona 1"),
    ("get_persona?persona=99", 404, "no persona of rank 99", "0 (the largest)"),
    ("get_persona_by_name?name=Persona", 404, "no persona 'Persona'", "P01"),
    ("get_personas?personas=0&personas=zz", 404, "no persona 'zz'", "P01"),
    ("get_personas", 422, "personas is missing", "personas"),
    ("lineage?persona=P99", 404, "no persona 'P99'", "P01"),
    ("get_tweet_persona?tweet_id=12", 404, "tweet 12 has no persona", "600 tweets"),
    ("get_tweet_persona?tweet_id=abc", 422, "tweet_id is 'abc'", "digits"),
    ("get_tweet_persona?tweet_id=-3", 422, "tweet_id is '-3'", "digits"),
    ("get_tweet_persona?tweet_id=9999999999999999999", 422, "tweet_id is", "digits"),
    ("get_tweet_personas?tweet_ids=1&tweet_ids=1.5", 422, "tweet_ids.1 is '1.5'", "digits"),
    ("filter_personas", 422, "no condition", "min_size"),
    ("filter_personas?min_size=9&max_size=3", 422, "min_size 9 is above max_size 3", "minimum"),
    ("filter_personas?peak_hour_range=9", 422, "peak_hour_range is", "2 items"),
    ("filter_personas?peak_hour_range=9&peak_hour_range=24", 422, "24", "23"),
    ("filter_personas?min_avg_word_count=nan", 422, "'nan'", "finite"),
    ("filter_personas?top_terms=%20", 422, "top_terms.0 is ' '", "a term with a word in it"),
    ("search?text=%40someone", 422, "'@someone'", "words"),
    ("search?text=", 422, "text is ''", "1 character"),
    ("compare?a=0&b=zzz", 404, "no persona 'zzz'", "P01"),
    ("list_personas?snapshot=20200101T000000Z-0", 404, "no snapshot", "one of 2"),
    ("list_personas?snapshot=..%2F..%2Fetc", 404, "no snapshot '../../etc'", "one of 2"),
    ("diff?snapshot_a=nothing", 404, "no snapshot 'nothing'", "one of 2"),
    ("diff?snapshot_a=nothing&snapshot_b=x", 404, "no snapshot 'nothing'", "one of 2"),
    ("export?name=..%2Fmanifest.json", 422, "manifest.json", "ri_index_app.json"),
    ("list_personas?brieff=1", 422, "no parameter 'brieff'", "brief, offset, limit, snapshot"),
    ("list_personas?limit=1&limit=2", 422, "limit is given more than once", "one value"),
    ("health?x=1", 422, "no parameter 'x'", "no parameter"),
    ("nowhere", 404, "there is no '/nowhere'", "openapi.json"),
    ("list_personas/", 404, "there is no '/list_personas/'", "openapi.json"),
    ("docs/../../etc/passwd", 404, "there is no", "openapi.json"),
]


@pytest.mark.parametrize(("question", "status", "found", "expected"), REFUSED)
def test_a_question_that_cannot_be_answered(
    client: TestClient, question: str, status: int, found: str, expected: str
) -> None:
    told = problem(client.get(f"/{question}"), status)
    assert found in told["found"]
    assert expected in told["expected"]


def test_near_names_are_suggested(client: TestClient) -> None:
    told = problem(client.get("/get_persona?persona=Persna%203"), 404)
    assert "'Persona 3'" in told["remedy"]
    assert "'min_size'" in problem(client.get("/filter_personas?min_siz=3"), 422)["remedy"]


BODIES = [
    (b"{", 422, "not JSON"),
    (b"", 422, "the body is missing"),
    (b"[]", 422, "the body is a list of 0"),
    (b'{"text": 5}', 422, "text is 5"),
    (b'{"text": "a", "top_k": true}', 422, "top_k is True"),
    (b'{"text": "a", "top_k": 1.5}', 422, "top_k is 1.5"),
    (b'{"text": "a", "colour": 1}', 422, "there is no parameter 'colour'"),
    (b'{"text": "\\ud800"}', 422, r"text is '\ud800'"),
    (b'{"text": "' + b"x" * 10_001 + b'"}', 422, "text is 'xxx"),
    (b'{"text": "' + b"x" * 2**20 + b'"}', 413, "too large"),
]


@pytest.mark.parametrize(("body", "status", "found"), BODIES, ids=range(len(BODIES)))
def test_a_body_that_cannot_be_meant(
    client: TestClient, body: bytes, status: int, found: str
) -> None:
    kind = {"Content-Type": "application/json"}
    assert found in problem(client.post("/search", content=body, headers=kind), status)["found"]


def test_a_body_without_a_length_is_counted(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(2000):
            yield b"x" * 1024

    kind = {"Content-Type": "application/json"}
    problem(client.post("/search", content=endless(), headers=kind), 413)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_nothing_can_be_written(client: TestClient, method: str) -> None:
    for path, allowed in (("/list_personas", "GET"), ("/search", "GET, POST")):
        response = client.request(method, path)
        assert "read-only" in problem(response, 405)["expected"]
        assert response.headers["Allow"] == allowed
    problem(client.post("/list_personas"), 405)


def test_nothing_is_published_yet(tmp_path: Path) -> None:
    client = client_of(tmp_path / "store")
    for path in ("/health", "/list_personas", "/get_summary_stats", "/verify"):
        response = client.get(path)
        told = problem(response, 503)
        assert "no snapshot is published in the store" in told["found"]
        assert "ri-index run" in told["remedy"]
        assert str(tmp_path) not in response.text
        assert response.headers["Retry-After"]
    assert client.get("/snapshots").json()["items"] == []
    assert client.get("/docs").status_code == 200
    problem(client.get("/list_personas?snapshot=x"), 404)


def test_a_half_copied_snapshot_answers_as_soon_as_it_is_whole(synthetic: Published) -> None:
    client = client_of(synthetic.store)
    lookup = synthetic.folder / LOOKUP
    aside = lookup.rename(synthetic.store / "aside")
    told = problem(client.get("/list_personas"), 503)
    assert f"lacks {LOOKUP}" in told["found"]
    [listed] = client.get("/snapshots").json()["items"]
    assert listed["problem"] == f"lacks {LOOKUP}"
    aside.rename(lookup)
    assert client.get("/list_personas").status_code == 200


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("personas_enriched.parquet", "list_personas"),
        ("personas_enriched.samples.parquet", "get_tweet_samples?persona=0"),
        ("personas_enriched.traits.parquet", "compare?a=0&b=1"),
        ("clusters.figures.parquet", "quality"),
        (LOOKUP, "get_tweet_persona?tweet_id=1"),
        ("clusters.parquet", "get_summary_stats"),
        ("ri_index_app.json", "export_for_app"),
    ],
)
def test_a_damaged_file_is_told_without_where_it_lies(
    synthetic: Published, name: str, path: str
) -> None:
    client = client_of(synthetic.store)
    file = synthetic.folder / name
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    response = client.get(f"/{path}")
    assert f"snapshots/{synthetic.ri.snapshot}/{name} is damaged" in problem(response, 503)["found"]
    assert str(synthetic.store) not in response.text
    assert name in problem(client.get("/verify"), 503)["found"]
    file.write_bytes(content)
    assert client.get(f"/{path}").status_code in {200, 404}


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"snapshot": "gone"}'])
def test_a_damaged_pointer(synthetic: Published, content: str) -> None:
    client = client_of(synthetic.store)
    named = {"snapshot": synthetic.ri.snapshot}
    (synthetic.store / "published.json").write_text(content)
    problem(client.get("/list_personas"), 503)
    assert client.get("/list_personas", params=named).status_code == 200
    (synthetic.store / "published.json").write_text(json.dumps(named))
    assert client.get("/list_personas").status_code == 200


def test_a_store_that_vanishes(synthetic: Published) -> None:
    client = client_of(synthetic.store)
    assert client.get("/list_personas").status_code == 200
    shutil.rmtree(synthetic.store)
    problem(client.get("/list_personas"), 503)


def test_a_fault_of_the_program_tells_nothing_of_its_inside(
    synthetic: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("inside")

    client = client_of(synthetic.store)
    monkeypatch.setattr(Contents, "part", broken)
    response = client.get("/quality")
    assert "unexpected" in problem(response, 500)["found"]
    assert "inside" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "inside" in caplog.text  # for whoever runs it


def test_a_fault_after_a_part_was_sent_ends_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    """Swallowed, half an answer would look like a whole one."""

    async def half(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("inside")

    gate = Gate(half, token=None, paths=["/half"], open_paths=[])
    with pytest.raises(RuntimeError, match="inside"):
        TestClient(gate, base_url="http://localhost").get("/half")
    assert "unexpected error" in caplog.text
