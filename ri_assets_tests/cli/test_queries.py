"""The commands that ask: as tables, as JSON, and what they say when they cannot."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.results import answer_json
from ri_assets_tests.command_line import Cli, environment
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.published import Published, opened

ASKED: list[tuple[list[str], Any]] = [
    (["personas"], lambda ri: ri.list_personas()),
    (["personas", "--full"], lambda ri: ri.list_personas(brief=False)),
    (["persona", "0"], lambda ri: ri.get_persona(0)),
    (["persona", "p02"], lambda ri: ri.get_persona("P02")),
    (["find", "PERSONA 3"], lambda ri: ri.get_persona_by_name("Persona 3")),
    (["filter", "--min-size", "40"], lambda ri: ri.filter_personas(min_size=40)),
    (
        ["filter", "--term", "word 3", "--term", "WORD 70", "--max-size", "500"],
        lambda ri: ri.filter_personas(top_terms=["word 3", "word 70"], max_size=500),
    ),
    (
        [
            "filter",
            "--peak-hour-range",
            "22-9",
            "--min-avg-word-count",
            "20",
            "--max-avg-word-count",
            "50.5",
        ],
        lambda ri: ri.filter_personas(
            peak_hour_range=(22, 9), min_avg_word_count=20, max_avg_word_count=50.5
        ),
    ),
    (["tweets", "0", "--limit", "7"], lambda ri: ri.get_persona_tweets(0, 7)),
    (
        ["tweets", "0", "--limit", "7", "--offset", "3"],
        lambda ri: ri.get_persona_tweets(0, 7, offset=3),
    ),
    (["tweet", "1100000000000000000"], lambda ri: ri.get_tweet_persona(1_100_000_000_000_000_000)),
    (["tweet", "1100000000000000000", "5"], lambda ri: ri.get_tweet_personas([11 * 10**17, 5])),
    (["samples", "1", "-n", "3"], lambda ri: ri.get_tweet_samples(1, 3)),
    (["similar", "0"], lambda ri: ri.find_similar_personas(0)),
    (
        ["similar", "0", "--method", "size", "--top", "2"],
        lambda ri: ri.find_similar_personas(0, "size", 2),
    ),
    (["similar", "0", "--method", "style"], lambda ri: ri.find_similar_personas(0, "style")),
    (["compare", "0", "Persona 4"], lambda ri: ri.compare(0, "Persona 4")),
    (["terms", "0"], lambda ri: ri.get_persona_terms(0)),
    (["rhythm", "0"], lambda ri: ri.get_persona_rhythm(0)),
    (["audience"], lambda ri: ri.get_audience()),
    (["audience", "0", "P02"], lambda ri: ri.get_audience([0, "P02"])),
    (["overlap"], lambda ri: ri.get_persona_overlap()),
    (["overlap", "0"], lambda ri: ri.get_persona_overlap(0)),
    (["stats"], lambda ri: ri.get_summary_stats()),
    (["coverage"], lambda ri: ri.get_persona_coverage()),
    (["quality"], lambda ri: ri.quality()),
    (["snapshots"], lambda ri: ri.snapshots()),
]


def test_every_command_gives_the_answer_as_json_and_as_a_table(
    synthetic: Published, cli: Cli
) -> None:
    for arguments, ask in ASKED:
        answer = ask(synthetic.ri)
        # `snapshots` is an answer of the store, not of a snapshot.
        snapshot = None if arguments == ["snapshots"] else synthetic.ri.snapshot
        expected = answer_json(answer, snapshot)
        as_json = cli(*arguments, "--store", synthetic.store, "--json")
        assert as_json.code == 0, as_json.text
        assert as_json.out.count("\n") == 1
        assert json.loads(as_json.out, parse_constant=pytest.fail) == expected, arguments
        as_table = cli(*arguments, "--store", synthetic.store)
        assert as_table.code == 0, as_table.text
        for row in expected.get("items", [expected]):
            for key in ("persona_id", "tweet_id", "snapshot"):
                if row.get(key) is not None:
                    assert str(row[key]) in as_table.out


def test_diff_and_a_named_snapshot(synthetic: Published, cli: Cli) -> None:
    name = synthetic.folder.name
    found = cli("diff", name, "--store", synthetic.store, "--json")
    assert json.loads(found.out) == synthetic.ri.diff(name).to_dict()
    assert "0 moved" in cli("diff", name, name, "--store", synthetic.store).out
    stats = cli("stats", "--snapshot", name, "--store", synthetic.store, "--json")
    assert json.loads(stats.out)["snapshot"] == name


def test_a_filter_sums_up_its_audience(synthetic: Published, cli: Cli) -> None:
    sizes = synthetic.frame("ri_index_app.tweet_personas")["persona_id"].value_counts()
    large = sizes[sizes >= 60]
    shown = cli("filter", "--min-size", "60", "--store", synthetic.store).out
    share = large.sum() / sizes.sum()
    assert f"personas: {len(large)}; tweets: {large.sum()}, {share:.1%} of all" in shown


def test_texts_are_shown_only_when_asked_for(small_run: FinishedRun, cli: Cli) -> None:
    store = small_run.store.with_name("as_published")
    plain = cli("tweets", "0", "--limit", "6", "--store", store)
    with_text = cli("tweets", "0", "--limit", "6", "--text", "--store", store, "--json")
    assert "text" not in plain.out
    found = json.loads(with_text.out)
    assert len(found["items"]) == 6
    assert all(len(row["text"].split()) > 2 for row in found["items"])


WRONG = [
    (["persona", "nobody"], "there is no persona 'nobody'"),
    (["find", "persona"], "did you mean"),
    (["tweet", "abc"], "tweet_id is 'abc'"),
    (["tweet", "5"], "tweet 5 has no persona"),
    (["samples", "0", "-n", "0"], "n is '0'"),
    (["tweets", "0", "--limit", "-1"], "limit is '-1'"),
    (["similar", "0", "--method", "colour"], "method is 'colour'"),
    (["terms", "nobody"], "there is no persona 'nobody'"),
    (["audience", "0", "nobody"], "there is no persona 'nobody'"),
    (["filter"], "the filter has no condition"),
    (["filter", "--peak-hour-range", "nine"], "peak_hour_range is 'nine'"),
    (["filter", "--term", " "], "top_terms.0 is ' '"),
    (["search", "@someone"], "the text is '@someone'"),
    (["diff", "yesterday"], "there is no snapshot 'yesterday'"),
]


def test_what_cannot_be_answered_exits_with_2_and_a_remedy(synthetic: Published, cli: Cli) -> None:
    for arguments, said in WRONG:
        for form in ([], ["--json"]):
            outcome = cli(*arguments, *form, "--store", synthetic.store)
            assert outcome.code == 2, arguments
            assert said in outcome.err
            assert "remedy:" in outcome.err
            assert outcome.out == ""
            assert "Traceback" not in outcome.err


def test_every_question_names_store_and_has_help(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    listed = cli("--help").out
    for panel in ("Query personas", "Query tweets", "Query snapshots", "Run the pipeline"):
        assert panel in listed
    for name in {arguments[0] for arguments, _ in ASKED} | {"search", "lineage", "diff", "verify"}:
        assert re.search(rf"│ {name} ", listed)
        described = cli(name, "--help").out
        assert "--store" in described
        assert ("--snapshot" in described) == (name not in {"snapshots", "diff"})


HOSTILE = "[red]x[/red] \x1b[31mred\x1b]0;title\x07 \u202eback \x9b2J https://evil.example"


def with_hostile_texts(published: Published) -> RIIndex:
    """Put control characters and markup where names and samples stand."""
    manifest_path = published.folder / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    for name, column in (
        ("personas_enriched.samples", "text"),
        ("personas_enriched", "focus"),
        ("personas_enriched", "name"),
    ):
        path = published.folder / f"{name}.parquet"
        table = pq.read_table(path)
        hostile = pa.array([f"{HOSTILE} {n}" for n in range(table.num_rows)])
        table = table.set_column(table.schema.get_field_index(column), column, hostile)
        pq.write_table(table, path)
        manifest["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest_path.write_text(json.dumps(manifest))
    return opened(published.store).ri


def test_a_terminal_obeys_nothing_that_comes_from_tweets(synthetic: Published, cli: Cli) -> None:
    with_hostile_texts(synthetic)
    for arguments in (["samples", "0"], ["persona", "0"], ["personas"], ["compare", "0", "1"]):
        for form in ([], ["--json"]):
            shown = cli(*arguments, *form, "--store", synthetic.store)
            assert shown.code == 0
            for char in ("\x1b", "\x07", "\x9b", "\u202e"):
                assert char not in shown.text
            assert "[red]x" in shown.out
    parsed = json.loads(cli("samples", "0", "-n", "1", "--json", "--store", synthetic.store).out)
    assert parsed["items"][0]["text"].startswith(HOSTILE)
    unknown = cli("persona", HOSTILE, "--store", synthetic.store)
    assert "\x1b" not in unknown.err


COMPLETE = "import sys; sys.argv[0] = 'ri-index'; from ri_assets.cli.app import main; main()"


def test_a_shell_completes_persona_ids(synthetic: Published) -> None:
    said = subprocess.run(
        [sys.executable, "-c", COMPLETE],
        capture_output=True,
        text=True,
        check=False,
        env={
            **environment(synthetic.store),
            "RI_STORE": str(synthetic.store),
            "_RI_INDEX_COMPLETE": "complete_bash",
            "COMP_WORDS": "ri-index persona P0",
            "COMP_CWORD": "2",
            "PATH": os.environ["PATH"],
        },
    ).stdout
    expected = [p.persona_id for p in synthetic.ri.list_personas() if p.persona_id < "P10"]
    assert set(said.split()) >= set(expected)


def test_frames_of_the_command_and_of_parquet_agree(synthetic: Published, cli: Cli) -> None:
    said = cli("coverage", "--json", "--store", synthetic.store).out
    frame = pd.DataFrame(json.loads(said)["items"]).set_index("persona_id")
    stored = synthetic.frame("ri_index_app").set_index("persona_id")
    assert frame["tweet_count"].to_dict() == stored["tweet_count"].to_dict()
