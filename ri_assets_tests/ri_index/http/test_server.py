"""`ri-index serve` as a process of its own, on a free port of 127.0.0.1."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.environment import PROJECT
from ri_assets_tests.command_line import Cli
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.published import Published, opened
from ri_assets_tests.ri_index.http.conftest import TOKEN, Serve, Server
from ri_assets_tests.ri_index.http.test_middleware import bearer
from ri_assets_tests.ri_index.http.test_problems import problem
from ri_assets_tests.small import SMALL_PROFILE
from ri_assets_tests.test_offline import guarded
from ri_assets_tests.unpacked import places_of


def test_a_server_starts_answers_and_stops(synthetic_store: Path, serve: Serve) -> None:
    with serve(synthetic_store) as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert server.get("/health").json()["status"] == "ok"
        response = server.get("/get_persona_tweets?persona=0&limit=3")
        assert len(response.json()["items"]) == 3
        assert "server" not in response.headers
        head = httpx.head(f"{server.url}/list_personas")
        assert (head.status_code, head.content) == (200, b"")
        # Nobody else on the network is listened to.
        port = int(server.url.rpartition(":")[2])
        with socket.socket() as probe:
            probe.bind(("127.0.0.2", port))
        assert server.stop() == 0
        log = server.log.read_text()
    assert "GET /get_persona_tweets 200" in log
    assert "persona=0" not in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_its_log_as_json(synthetic_store: Path, serve: Serve) -> None:
    with serve(synthetic_store, "--log", "json") as server:
        server.get("/health")
        assert server.stop() == 0
        [told] = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert told["logger"] == "ri_index.http"
    assert "GET /health 200" in told["message"]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_follows_a_new_snapshot_and_stops_in_good_order(
    synthetic: Published, serve: Serve, by: signal.Signals
) -> None:
    empty = synthetic.store.with_name("later")
    with serve(empty) as server:
        problem(server.get("/list_personas"), 503)
        shutil.copytree(synthetic.store, empty)
        assert server.get("/health").json()["snapshot"] == synthetic.ri.snapshot
        write_snapshot(str(empty), 300, load_profile(str(SMALL_PROFILE)), seed=1)
        assert server.get("/health").json()["snapshot"] == opened(empty).ri.snapshot
        assert server.stop(by) == 0
        assert "Traceback" not in server.log.read_text()


@pytest.mark.slow
def test_a_token_from_the_environment_or_a_file(
    synthetic_store: Path, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    other = {"RI_SOURCE": "mysql://ri:serve4Canary2PqR@db/ri", "RI_LLM_KEY": "key4Canary3StU"}
    secrets = {"token": TOKEN[:16], "password": "serve4Canary2PqR", "key": "key4Canary3StU"}
    for options, env in (
        ((), {"RI_HTTP_TOKEN": TOKEN, **other}),
        (("--token-file", str(file)), {}),
        ((), {"RI_HTTP_TOKEN_FILE": str(file)}),
    ):
        with serve(synthetic_store, *options, env=env) as server:
            problem(server.get("/list_personas"), 401)
            assert server.get("/list_personas", headers=bearer(TOKEN)).status_code == 200
            assert server.stop() == 0
        # Its log and Dagster's records would be in one folder.
        assert places_of(secrets, server.log.parent, synthetic_store) == []


def test_a_port_in_use(cli: Cli, synthetic_store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = cli("serve", "--port", port, "--store", synthetic_store)
    assert outcome.code == 2
    assert f"127.0.0.1:{port} cannot be used: another program listens there" in outcome.err
    assert "--port" in outcome.err


@pytest.mark.parametrize("port", [-1, 65536, "http"])
def test_a_port_that_is_none(cli: Cli, synthetic_store: Path, port: object) -> None:
    assert cli("serve", "--port", port, "--store", synthetic_store).code == 2


def test_an_address_of_another_machine(
    cli: Cli, synthetic_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RI_HTTP_TOKEN", TOKEN)
    outcome = cli("serve", "--host", "192.0.2.1", "--store", synthetic_store)
    assert outcome.code == 2
    assert "this machine has no such address" in outcome.err


@pytest.mark.slow
def test_many_ask_at_once_and_nobody_elsewhere_is_asked(
    synthetic_store: Path, serve: Serve, tmp_path: Path
) -> None:
    attempts = tmp_path / "attempts.log"
    attempts.touch()
    paths = [
        "/search?text=late%20parcel",
        "/list_personas",
        "/get_persona_tweets?persona=1&with_text=true",
        "/compare?a=0&b=1",
        "/export?name=tweet_persona_mapping.json",
    ]
    with serve(synthetic_store, env=guarded(attempts)) as server:
        expected = [server.get(path).content for path in paths]
        with ThreadPoolExecutor(16) as pool:
            asked = list(pool.map(lambda n: server.get(paths[n % len(paths)]), range(100)))
        assert {response.status_code for response in asked} == {200}
        for place, response in enumerate(asked):
            assert response.content == expected[place % len(paths)]
    assert attempts.read_text() == ""  # model and cleaner included


SCHEMATHESIS = """
warnings = false

# A filter without a condition, and a text without words, are refused for what they mean.
[[operations]]
include-name = "GET /filter_personas"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-path = "/search"
checks.positive_data_acceptance.enabled = false

# A tweet's columns are read as those of a source are, which says more than a schema can.
[[operations]]
include-path = "/assign"
checks.positive_data_acceptance.enabled = false
checks.negative_data_rejection.expected-statuses = [400, 401, 404, 406, 413, 415, 422]

[[operations]]
include-name = "GET /diff"
parameters = {{ snapshot_a = "{snapshot}" }}
"""


@pytest.mark.slow
@pytest.mark.parametrize("token", ["", TOKEN])
def test_schemathesis_finds_nothing(
    small_run: FinishedRun, serve: Serve, tmp_path: Path, token: str
) -> None:
    published = opened(small_run.store.with_name("as_published"))
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SCHEMATHESIS.format(snapshot=published.ri.snapshot))
    with serve(published.store, env={"RI_HTTP_TOKEN": token} if token else {}) as server:
        headers = bearer(token) if token else {}
        for slow in ("/search?text=a", "/get_persona_tweets?persona=0&with_text=true"):
            assert server.get(slow, headers=headers).status_code == 200
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("--config-file", str(settings), "run", f"{server.url}/openapi.json"),
                *("--phases", "examples,coverage,fuzzing", "--max-examples", "15"),
                *("--generation-deterministic", "--no-color", "--workers", "1"),
                # Texts and meaning wait for each other, and on a busy machine for long.
                *("--request-timeout", "120"),
                *(f"--header={name}: {value}" for name, value in headers.items()),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        # Status, then duration: an answer may take 500 ms.
        assert not re.search(r" 5\d\d \d+ ms", server.log.read_text())


def examples() -> list[str]:
    """Give the lines that the page shows for curl."""
    page = (PROJECT / "docs" / "ri_index.md").read_text(encoding="utf-8")
    section = page.partition("## Over HTTP")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("curl ")]
    assert len(lines) > 5
    return lines


def ask(server: Server, line: str, token: str) -> httpx.Response:
    """Do what curl does, so that nobody needs it for the tests."""
    curl = ArgumentParser()
    curl.add_argument("url")
    for short, long in (("-G", "--get"), ("-s", "--silent"), ("-i", "--include")):
        curl.add_argument(short, long, action="store_true")
    curl.add_argument("-H", "--header", action="append", default=[])
    curl.add_argument("--data-urlencode", action="append", default=[])
    curl.add_argument("--json")
    curl.add_argument("-o", "--output")
    given = curl.parse_args(shlex.split(line.replace("$RI_HTTP_TOKEN", token))[1:])
    url = given.url.replace("http://127.0.0.1:8000", server.url)
    headers: Any = [tuple(header.split(": ", 1)) for header in given.header]
    if given.json:
        kind = ("Content-Type", "application/json")
        return httpx.post(url, content=given.json, headers=[*headers, kind], timeout=120)
    params = [tuple(pair.split("=", 1)) for pair in given.data_urlencode]
    return httpx.get(url, params=params or None, headers=headers, timeout=120)


@pytest.mark.slow
def test_the_page_shows_questions_that_are_answered(sample_run: FinishedRun, serve: Serve) -> None:
    with serve(sample_run.store, env={"RI_HTTP_TOKEN": TOKEN}) as server:
        for line in examples():
            assert "$RI_HTTP_TOKEN" in line or "/health" in line
            response = ask(server, line, TOKEN)
            assert response.status_code == 200, (line, response.text)


@pytest.mark.slow
def test_the_documentation_page_loads_nothing_from_elsewhere(
    synthetic_store: Path, serve: Serve, chromium: str
) -> None:
    with serve(synthetic_store) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        asked, said = set(), []
        page.on("request", lambda request: asked.add(request.url.split("/")[2]))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{server.url}/docs")
        page.locator("#operations-personas-get_persona").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_placeholder("persona").fill("Persona 3")
        page.get_by_role("button", name="Execute").click()
        expect(page.get_by_text('"persona_id"').first).to_be_visible(timeout=30_000)
        browser.close()
    assert asked == {server.url.removeprefix("http://")}
    assert said == []
