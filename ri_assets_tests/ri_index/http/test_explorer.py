"""The explorer over HTTP: the page of the store, under its own policy and the server's rules."""

from __future__ import annotations

import logging

import pytest

from ri_assets.explorer.page import EXPLORER, policy_of
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.published import Published, opened
from ri_assets_tests.ri_index.http.conftest import TOKEN, client_of


@pytest.fixture(scope="module")
def small(small_run: FinishedRun) -> Published:
    return opened(small_run.store.with_name("as_published"))


def test_the_page_is_served_with_its_policy(small: Published) -> None:
    text = (small.folder / EXPLORER).read_text(encoding="utf-8")
    client = client_of(small.store)
    for path in ("/", "/personas/P01"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.text == text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert policy == f"{policy_of(text)}; frame-ancestors 'none'"
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


def test_an_unknown_persona_or_snapshot_is_a_problem(small: Published) -> None:
    client = client_of(small.store)
    assert client.get("/personas/P99").status_code == 404
    assert "P01" in client.get("/personas/P99").json()["detail"]
    assert client.get("/", params={"snapshot": "never"}).status_code == 404
    assert client.get("/", params={"snapshot": small.ri.snapshot}).status_code == 200
    assert client.post("/").status_code == 405


def test_it_needs_the_token_and_a_local_name_as_all_else_does(small: Published) -> None:
    client = client_of(small.store, TOKEN)
    for path in ("/", "/personas/P01"):
        assert client.get(path).status_code == 401
        allowed = client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert allowed.status_code == 200
    assert client_of(small.store).get("/", headers={"Host": "evil.example"}).status_code == 421


def test_the_log_does_not_say_which_persona(
    small: Published, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ri_index.http"):
        client_of(small.store).get("/personas/P01")
    assert "/personas/… 200" in caplog.text
    assert "P01" not in caplog.text


def test_a_snapshot_without_a_page_says_what_to_do(synthetic: Published) -> None:
    answer = client_of(synthetic.store).get("/")
    assert answer.status_code == 503
    assert EXPLORER in answer.json()["found"]
    assert "rerun the pipeline" in answer.json()["remedy"]
