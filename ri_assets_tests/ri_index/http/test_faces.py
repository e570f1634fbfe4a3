"""One signature for each question: Python, the command line and HTTP agree."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any, get_origin

import pytest
from fastapi.testclient import TestClient

from ri_assets.errors import QueryError
from ri_assets.ri_index import RIIndex, authors, personas, similarity, snapshots, tweets
from ri_assets.ri_index.questions import answer_of, arguments_of, help_of
from ri_assets.ri_index.results import Rows
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.ri_index.http.conftest import client_of

TWEET = 1_100_000_000_000_000_000
QUESTIONS: dict[str, Callable[..., Any]] = {
    name: ask
    for module in (authors, personas, similarity, snapshots, tweets)
    for name, ask in vars(module).items()
    if inspect.isfunction(ask) and hasattr(ask, "__wrapped__") and hasattr(RIIndex, name)
}

# A command, the path that asks the same, and its arguments, which have the same names.
SAME: list[tuple[str, str, dict[str, Any]]] = [
    ("personas", "list_personas", {}),
    ("persona P02", "get_persona", {"persona": "P02"}),
    ("persona 1 P01", "get_personas", {"personas": ["1", "P01"]}),
    ("find persona-3", "get_persona_by_name", {"name": "persona-3"}),
    ("filter --min-size 40 --max-size 90", "filter_personas", {"min_size": 40, "max_size": 90}),
    ("filter --peak-hour-range 22-9", "filter_personas", {"peak_hour_range": [22, 9]}),
    ("filter --peak-hour-range 22-9", "filter_personas", {"peak_hour_range": "22-9"}),
    ("filter --top-terms zzz --term word", "filter_personas", {"top_terms": ["zzz", "word"]}),
    ("similar 0 --method size --top-k 2", "find_similar_personas",
     {"persona": 0, "method": "size", "top_k": 2}),
    ("terms 0", "get_persona_terms", {"persona": 0}),
    ("rhythm 0", "get_persona_rhythm", {"persona": 0}),
    ("audience", "get_audience", {}),
    ("audience 0 P02", "get_audience", {"personas": ["0", "P02"]}),
    ("overlap", "get_persona_overlap", {}),
    ("overlap 0", "get_persona_overlap", {"persona": 0}),
    ("compare 0 1", "compare", {"a": 0, "b": 1}),
    ("lineage 0", "lineage", {"persona": 0}),
    ("tweets 0 --limit 7 --offset 3", "get_persona_tweets",
     {"persona": 0, "limit": 7, "offset": 3}),
    (f"tweet {TWEET}", "get_tweet_persona", {"tweet_id": TWEET}),
    (f"tweet {TWEET} 5", "get_tweet_personas", {"tweet_ids": [TWEET, 5]}),
    ("samples 1 --n 3", "get_tweet_samples", {"persona": 1, "n": 3}),
    ("stats", "get_summary_stats", {}),
    ("coverage", "get_persona_coverage", {}),
    ("quality", "quality", {}),
    ("snapshots", "snapshots", {}),
]  # fmt: skip


def test_the_command_line_and_http_give_the_same_object(synthetic: Published, cli: Cli) -> None:
    client = client_of(synthetic.store)
    for command, path, arguments in SAME:
        printed = cli(*command.split(), "--store", synthetic.store, "--json")
        assert printed.code == 0, printed.text
        sent = client.get(f"/{path}", params=arguments)
        assert json.loads(printed.out) == sent.json(), command
        if path in QUESTIONS and get_origin(answer_of(QUESTIONS[path])) is Rows:
            assert set(sent.json()) == {"snapshot", "total", "note", "items"}


def test_every_question_is_in_the_table() -> None:
    # `search` loads the model, and `diff` needs the snapshot's id: others test them.
    assert {path for _, path, _ in SAME} | {"search", "diff"} == {*QUESTIONS, "snapshots"}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_method_has_the_names_types_and_docstring_of_its_question(name: str) -> None:
    method, ask = getattr(RIIndex, name), QUESTIONS[name]
    assert method.__doc__ == ask.__doc__
    of_method, of_question = inspect.signature(method), inspect.signature(ask)
    assert list(of_method.parameters.values())[1:] == list(of_question.parameters.values())[1:]
    assert of_method.return_annotation == of_question.return_annotation
    assert list(arguments_of(ask).model_fields) == list(of_question.parameters)[1:]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_bounds_and_help_over_http_are_those_of_the_question(client: TestClient, name: str) -> None:
    document = client.get("/openapi.json").json()
    operation = document["paths"][f"/{name}"]["get"]
    assert operation["summary"] == help_of(QUESTIONS[name])
    described = {
        one["name"]: one["schema"] | {"description": one["description"]}
        for one in operation.get("parameters", ())
    }
    for argument, own in arguments_of(QUESTIONS[name]).model_json_schema()["properties"].items():
        served = described[argument]
        for key in ("description", "type", "minimum", "enum", "pattern", "items", "minLength"):
            assert served.get(key) == own.get(key), (argument, key)
        # The server may accept less, never more.
        for key in ("maximum", "maxItems", "maxLength"):
            assert key not in own or served[key] <= own[key]


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("samples 0 --n 0", "get_tweet_samples", {"persona": "0", "n": "0"}),
    ("samples 0 --n many", "get_tweet_samples", {"persona": "0", "n": "many"}),
    ("tweets 0 --limit -1", "get_persona_tweets", {"persona": "0", "limit": "-1"}),
    ("tweets 0 --offset -1", "get_persona_tweets", {"persona": "0", "offset": "-1"}),
    ("similar 0 --method colour", "find_similar_personas", {"persona": "0", "method": "colour"}),
    ("similar 0 --top-k 1001", "find_similar_personas", {"persona": "0", "top_k": "1001"}),
    ("filter --min-size x", "filter_personas", {"min_size": "x"}),
    ("filter --min-size 9 --max-size 3", "filter_personas", {"min_size": "9", "max_size": "3"}),
    ("filter --min-avg-word-count nan", "filter_personas", {"min_avg_word_count": "nan"}),
    ("filter --peak-hour-range 9-24", "filter_personas", {"peak_hour_range": "9-24"}),
    ("filter", "filter_personas", {}),
    ("tweet abc", "get_tweet_persona", {"tweet_id": "abc"}),
    ("tweet 5", "get_tweet_persona", {"tweet_id": "5"}),
    ("persona nobody", "get_persona", {"persona": "nobody"}),
    ("compare 0 99", "compare", {"a": "0", "b": "99"}),
    ("diff yesterday", "diff", {"snapshot_a": "yesterday"}),
]  # fmt: skip


def test_all_faces_give_the_same_error(synthetic: Published, cli: Cli) -> None:
    client = client_of(synthetic.store)
    for command, name, arguments in WRONG:
        with pytest.raises(QueryError) as caught:
            getattr(synthetic.ri, name)(**arguments)
        printed = cli(*command.split(), "--store", synthetic.store)
        sent = client.get(f"/{name}", params=arguments)
        assert printed.code == 2, command
        assert sent.status_code in {404, 422}, command
        for part in (caught.value.found, caught.value.expected):
            assert part in printed.err, command
            assert part in sent.json()["detail"], command


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_help_is_short(name: str) -> None:
    properties = arguments_of(QUESTIONS[name]).model_json_schema().get("properties", {})
    texts = [help_of(QUESTIONS[name]), *(one["description"] for one in properties.values())]
    for text in texts:
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert 2 <= len(text.split()) <= 12, text


def test_json_is_read_strictly(client: TestClient) -> None:
    """A number that was a tweet id may be rounded, and one text is not a list."""
    for ids, status in (([TWEET], 422), (str(TWEET), 422), ([str(TWEET)], 200)):
        response = client.post("/get_tweet_personas", json={"tweet_ids": ids})
        assert response.status_code == status


@pytest.mark.parametrize("many", [list, tuple, set, iter])
def test_any_iterable_of_ids_will_do_in_python(
    synthetic: Published, many: Callable[[list[int]], Any]
) -> None:
    found = synthetic.ri.get_tweet_personas(many([TWEET, 5]))
    assert {one.tweet_id for one in found} == {TWEET, 5}
    assert len(synthetic.ri.get_tweet_personas(TWEET)) == 1
