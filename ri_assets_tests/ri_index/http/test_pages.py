"""Long lists in pages, and answers that are kept as long as their snapshot is current."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.ri_index import RIIndex
from ri_assets_tests.published import Published
from ri_assets_tests.ri_index.http.conftest import client_of


def links(response: Any) -> dict[str, str]:
    """Read the links as a client's library does."""
    parsed = httpx.Response(200, headers={"Link": response.headers["Link"]}).links
    return {str(rel): urljoin(str(response.url), link["url"]) for rel, link in parsed.items()}


@pytest.mark.parametrize("limit", [1, 7, 50, 1000])
@pytest.mark.parametrize("path", ["list_personas", "filter_personas", "get_persona_tweets"])
def test_following_next_gives_everything_once(
    client: TestClient, synthetic_store: Any, path: str, limit: int
) -> None:
    ri = RIIndex.open(store=synthetic_store)
    asked: dict[str, tuple[dict[str, Any], Any]] = {
        "list_personas": ({"brief": "false"}, ri.list_personas(brief=False).to_dicts()),
        "filter_personas": ({"min_size": 40}, ri.filter_personas(min_size=40).to_dicts()),
        "get_persona_tweets": ({"persona": "Persona 9"}, None),
    }
    params, whole = asked[path]
    if whole is None:
        tweets = ri.get_persona_tweets("Persona 9", None)
        whole = [{**tweet.to_dict(), "tweet_id": str(tweet.tweet_id)} for tweet in tweets]
    url, found = f"/{path}", []
    response = client.get(url, params={**params, "limit": limit})
    while True:
        assert response.json()["total"] == len(whole)
        found += response.json()["items"]
        if "next" not in (to := links(response)):
            break
        assert parse_qs(urlsplit(to["next"]).query)["snapshot"] == [ri.snapshot]
        response = client.get(to["next"])
    assert found == whole
    if limit < len(whole):
        back = client.get(links(response)["prev"])
        assert back.json()["items"] == whole[-limit - len(response.json()["items"]) :][:limit]
    last = client.get(links(response)["last"]).json()["items"]
    assert last
    assert last == whole[-len(last) :]
    assert client.get(links(response)["first"]).json()["items"] == whole[:limit]


@settings(max_examples=30)
@given(offset=st.integers(0, 10**9) | st.integers(0, 150), limit=st.integers(1, 1000))
def test_a_page_is_a_slice(client: TestClient, offset: int, limit: int) -> None:
    def page(**params: int) -> Any:
        return client.get("/get_persona_tweets", params={"persona": 0, **params}).json()

    whole = page(limit=1000)
    assert whole["total"] == len(whole["items"]) <= 1000
    found = page(limit=limit, offset=offset)
    assert found["items"] == whole["items"][offset : offset + limit]
    assert found["total"] == whole["total"]


def test_an_answer_that_is_known_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/list_personas")
    tag = first.headers["ETag"]
    assert tag == f'"{first.json()["snapshot"]}"'
    assert first.headers["Cache-Control"] == "private, no-cache"
    for given_tag in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        again = client.get("/list_personas", headers={"If-None-Match": given_tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
    fresh = client.get("/list_personas", headers={"If-None-Match": '"another"'})
    assert fresh.json() == first.json()
    export = client.get("/export_for_app", headers={"If-None-Match": tag})
    assert (export.status_code, export.content) == (304, b"")


def test_a_question_that_is_refused_is_refused_with_a_tag_too(client: TestClient) -> None:
    tag = client.get("/list_personas").headers["ETag"]
    unknown = client.get("/get_persona?persona=zzz", headers={"If-None-Match": tag})
    assert unknown.status_code == 404
    assert "ETag" not in unknown.headers
    assert unknown.headers["Cache-Control"] == "no-store"


def test_what_may_change_without_a_new_snapshot_is_not_kept(client: TestClient) -> None:
    for path in ("/snapshots", "/verify", "/health"):
        response = client.get(path)
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers


def test_head_gives_the_headers_alone(client: TestClient) -> None:
    head, get = client.head("/list_personas"), client.get("/list_personas")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


def test_a_snapshot_that_was_deleted_is_no_longer_served(synthetic: Published) -> None:
    client = client_of(synthetic.store)
    named = {"snapshot": synthetic.ri.snapshot}
    assert client.get("/list_personas", params=named).status_code == 200
    synthetic.folder.rename(synthetic.store / "elsewhere")
    assert client.get("/list_personas", params=named).status_code == 404
    assert client.get("/list_personas").status_code == 503
