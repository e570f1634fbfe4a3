"""Who may ask, and what the log keeps of it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ri_assets_tests.command_line import Cli
from ri_assets_tests.ri_index.http.conftest import TOKEN, client_of
from ri_assets_tests.ri_index.http.test_problems import problem


@pytest.fixture(scope="module")
def guarded(synthetic_store: Path) -> TestClient:
    return client_of(synthetic_store, TOKEN)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_token_opens(guarded: TestClient) -> None:
    assert guarded.get("/list_personas", headers=bearer(TOKEN)).status_code == 200
    assert guarded.get("/list_personas", headers={"Authorization": f"bearer {TOKEN}"}).is_success


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        "Bearer é",
    ],
)
def test_nothing_else_does(guarded: TestClient, header: str) -> None:
    given = {"Authorization": header.encode("latin-1")} if header else {}
    for path in ("/list_personas", "/search?text=a", "/verify", "/nowhere", "/get_persona"):
        response = guarded.get(path, headers=given)  # type: ignore[arg-type]
        told = problem(response, 401)
        assert "Bearer" in told["expected"]
        assert response.headers["WWW-Authenticate"].startswith("Bearer realm=")
        assert TOKEN not in response.text
    problem(guarded.post("/search", content=b"{", headers=given), 401)  # type: ignore[arg-type]


def test_health_and_the_documentation_need_none(guarded: TestClient) -> None:
    for path in ("/health", "/openapi.json", "/docs", "/docs/swagger-ui-bundle.js"):
        assert guarded.get(path).status_code == 200
    described = guarded.get("/openapi.json").json()
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, methods in described["paths"].items():
        for method in methods.values():
            assert ("security" in method) == (path != "/health")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "192.0.2.7:8000", "[2001:db8::1]"]
)
def test_without_a_token_only_names_of_this_machine_are_answered(
    client: TestClient, guarded: TestClient, host: str
) -> None:
    """A page elsewhere that points its own name at 127.0.0.1 reads nothing."""
    problem(client.get("/list_personas", headers={"Host": host}), 421)
    named = {"Host": host, **bearer(TOKEN)}
    assert guarded.get("/list_personas", headers=named).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:81", "127.0.0.1:8000", "[::1]:8000", "127.9.9.9"]
)
def test_names_of_this_machine(client: TestClient, host: str) -> None:
    assert client.get("/list_personas", headers={"Host": host}).status_code == 200


def test_the_log_has_neither_questions_nor_tokens(
    guarded: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "whatissearched"  # noqa: S105 - a question
    guarded.get(f"/search?text=%40{secret}", headers=bearer(TOKEN))
    guarded.post("/search", json={"text": f"@{secret}"}, headers=bearer(TOKEN))
    guarded.get(f"/get_persona?persona={secret}", headers=bearer(TOKEN))
    guarded.get(f"/{secret}%0Aforged", headers=bearer(TOKEN))
    guarded.get(f"/list_personas?token={TOKEN}", headers=bearer(secret))
    guarded.request(secret, "/list_personas", headers=bearer(TOKEN))
    lines = [record.getMessage() for record in caplog.records if record.name == "ri_index.http"]
    starts = [" ".join(line.rsplit(" ", 2)[0].split()) for line in lines]
    assert starts == [
        "GET /search 422",
        "POST /search 422",
        "GET /get_persona 404",
        "GET (no such path) 404",
        "GET /list_personas 401",
        "(other) /list_personas 405",
    ]
    written = " ".join(lines)
    assert secret not in written
    assert TOKEN not in written


def test_headers_that_keep_browsers_careful(client: TestClient) -> None:
    for path in ("/list_personas", "/nowhere", "/docs"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("host", ["0", "::", "192.0.2.1", "", "example.org"])
def test_other_machines_need_a_token(cli: Cli, tmp_path: Path, host: str) -> None:
    outcome = cli("serve", "--host", host, "--port", 0, "--store", tmp_path)
    assert outcome.code == 2
    assert "there is no token" in outcome.err
    assert "RI_HTTP_TOKEN" in outcome.err


@pytest.mark.parametrize("token", ["", "two words", "naïve", "new\nline"])
def test_a_token_that_is_none_is_refused_and_not_shown(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("RI_HTTP_TOKEN", token)
    outcome = cli("serve", "--port", 0, "--store", tmp_path)
    assert outcome.code == 2
    assert "the token in RI_HTTP_TOKEN is" in outcome.err
    if token:
        assert token not in outcome.text


def test_a_token_file_must_hold_one(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    outcome = cli("serve", "--port", 0, "--store", tmp_path, "--token-file", file)
    assert outcome.code == 2
    assert "cannot be read: No such file" in outcome.err
    for content in (b"", b"\xff\xfe", b"a b"):
        file.write_bytes(content)
        outcome = cli("serve", "--port", 0, "--store", tmp_path, "--token-file", file)
        assert outcome.code == 2
        assert str(file) in outcome.err
    monkeypatch.setenv("RI_HTTP_TOKEN", TOKEN)
    outcome = cli("serve", "--port", 0, "--store", tmp_path, "--token-file", file)
    assert outcome.code == 2
    assert "both RI_HTTP_TOKEN and" in outcome.err
    assert TOKEN not in outcome.text
