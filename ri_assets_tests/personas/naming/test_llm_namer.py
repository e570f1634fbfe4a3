"""The language model as namer, against a real server on 127.0.0.1."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

from ri_assets.errors import ConfigError
from ri_assets.personas.naming.llm_namer import ATTEMPTS, Endpoint, LlmNamer
from ri_assets.personas.naming.namers import CatalogueNamer, Name, NamingEvidence
from ri_assets.personas.text.terms import TERM_COLUMNS

KEY = "sk-very-secret"
TERMS = pd.DataFrame(
    [
        (0, 1, "refund", 0.5, 0.5, 0.1, 5.0, 9, 9),
        (0, 2, "wallet", 0.5, 0.5, 0.1, 5.0, 9, 9),
        (1, 1, "parcel", 0.5, 0.5, 0.1, 5.0, 9, 9),
    ],
    columns=list(TERM_COLUMNS),
)
EVIDENCE = NamingEvidence([0, 1], {}, TERMS, {0: ["where is my refund now"], 1: []})
OWN = CatalogueNamer().name(EVIDENCE)
FINE = {
    "0": {"name": "Refund Waiters", "focus": "money that is due"},
    "1": {"name": "Parcel Watchers", "focus": "parcels on their way"},
}


@dataclass
class Model:
    """Answers with the replies in turn, the last one again and again; keeps what it was sent."""

    url: str = ""
    replies: list[tuple[int, str]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    delay_seconds: float = 0.0

    def says(self, content: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.replies = [(200, json.dumps({"choices": [{"message": {"content": text}}]}))]


@pytest.fixture
def model() -> Iterator[Model]:
    state = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.seen.append((self.path, dict(self.headers), body))
            time.sleep(state.delay_seconds)
            status, text = state.replies[min(len(state.seen), len(state.replies)) - 1]
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def _ask(model: Model, timeout: float = 5.0) -> tuple[dict[int, Name], str]:
    told: list[str] = []
    endpoint = Endpoint(model.url, "tiny", SecretStr(KEY), timeout)
    names = LlmNamer(endpoint, CatalogueNamer(), told.append).name(EVIDENCE)
    assert KEY not in repr(endpoint) + str(names) + "".join(told)
    return names, "\n".join(told)


def test_names_of_the_model_are_used_and_say_so(model: Model) -> None:
    model.says(FINE)
    names, told = _ask(model)
    assert [name.name for name in names.values()] == ["Refund Waiters", "Parcel Watchers"]
    assert names[0].focus == "money that is due"
    assert names[0].source == "model"
    assert OWN[0].name in names[0].evidence[0]
    assert "2 of 2" in told


def test_only_terms_and_cleaned_pieces_are_sent(model: Model) -> None:
    model.says(FINE)
    _ask(model)
    [(path, headers, body)] = model.seen
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body["model"] == "tiny"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    sent = json.loads(body["messages"][1]["content"])
    assert sent == {
        "segments": {
            "0": {
                "name_by_rules": OWN[0].name,
                "terms": [
                    "refund (50% of posts, 5.0 times the average)",
                    "wallet (50% of posts, 5.0 times the average)",
                ],
                "phrases": ["where is my refund now"],
            },
            "1": {
                "name_by_rules": OWN[1].name,
                "terms": ["parcel (50% of posts, 5.0 times the average)"],
                "phrases": [],
            },
        }
    }


def test_an_answer_in_a_code_fence_is_read(model: Model) -> None:
    model.says(f"Here you are:\n```json\n{json.dumps({'segments': FINE})}\n```")
    names, _ = _ask(model)
    assert names[1].name == "Parcel Watchers"


@pytest.mark.parametrize(
    "answer",
    ["I cannot help with that", "{not json}", "[1, 2]", '{"segments": 3}', "", "{}", "{" * 50],
)
def test_a_malformed_answer_keeps_own_names_and_says_so(model: Model, answer: str) -> None:
    model.says(answer)
    names, told = _ask(model)
    assert {c: n.name for c, n in names.items()} == {c: n.name for c, n in OWN.items()}
    assert all("language model gave no usable name" in n.evidence[0] for n in names.values())
    assert all(name.source == "terms" for name in names.values())
    assert "own names are kept" in told or "0 of 2" in told


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"choices": []}', "null",
                                  '{"choices": [{"message": {"content": null}}]}'])  # fmt: skip
def test_what_is_no_completion_keeps_own_names(model: Model, body: str) -> None:
    model.replies = [(200, body)]
    names, told = _ask(model)
    assert [n.name for n in names.values()] == [n.name for n in OWN.values()]
    assert "malformed answer" in told


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "Refund Waiters",
        {"name": "Refund Waiters"},
        {"name": 3, "focus": "money"},
        {"name": "", "focus": "money"},
        {"name": "<b>Waiters</b>", "focus": "money"},
        {"name": "Waiters", "focus": "call 9876543210"},
        {"name": "Friends of @asha", "focus": "money"},
        {"name": "Wait\u202eers", "focus": "money"},
        {"name": "Shitty Waiters", "focus": "money"},
        {"name": "x" * 61, "focus": "money"},
        {"name": "parcel watchers", "focus": "money"},
        {"name": OWN[0].name.upper(), "focus": "the own name of another persona"},
    ],
)
def test_one_bad_entry_costs_only_its_own_persona(model: Model, entry: object) -> None:
    model.says({"0": FINE["1"], "1": entry})
    names, told = _ask(model)
    assert names[0].name == "Parcel Watchers"
    assert names[1].name == OWN[1].name
    assert "so the rules' own is kept" in names[1].evidence[0]
    assert "1 of 2" in told


def test_a_busy_server_is_asked_again(model: Model) -> None:
    model.says(FINE)
    model.replies = [(503, "busy"), (429, "slow down"), *model.replies]
    names, _ = _ask(model)
    assert names[0].source == "model"
    assert len(model.seen) == 3


@pytest.mark.parametrize(("status", "asked"), [(500, ATTEMPTS), (401, 1), (404, 1), (302, 1)])
def test_a_server_that_refuses_is_left_alone(model: Model, status: int, asked: int) -> None:
    model.replies = [(status, f"no {KEY}")]
    names, told = _ask(model)
    assert names[0].name == OWN[0].name
    assert f"HTTP {status}" in told
    assert len(model.seen) == asked


def test_a_silent_server_is_given_up(model: Model) -> None:
    model.says(FINE)
    model.delay_seconds = 0.4
    names, told = _ask(model, timeout=0.05)
    assert names[0].name == OWN[0].name
    assert "timeout" in told


def test_nobody_there_keeps_own_names() -> None:
    told: list[str] = []
    endpoint = Endpoint("http://127.0.0.1:9/v1", "tiny")
    names = LlmNamer(endpoint, CatalogueNamer(), told.append).name(EVIDENCE)
    assert names[0].name == OWN[0].name
    assert "ConnectError" in told[0]


@pytest.mark.parametrize(
    ("url", "model_name", "key"),
    [
        ("", "tiny", None),
        ("file:///etc/passwd", "tiny", None),
        ("http://user:pw@127.0.0.1/v1", "tiny", None),
        ("http://models.example.org/v1", "tiny", KEY),
        ("http://127.0.0.1/v1", "", None),
    ],
)
def test_an_unfit_endpoint_is_refused(url: str, model_name: str, key: str | None) -> None:
    with pytest.raises(ConfigError) as error:
        Endpoint(url, model_name, SecretStr(key) if key else None)
    assert "pw" not in str(error.value).replace("password", "")
    assert KEY not in str(error.value)
