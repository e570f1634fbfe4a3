"""No handle of the corpus leaves by any way out: Python, command line, HTTP, exports, Dagster.

Every way is asked for every text that it can give, on the bundled sample and on a small
corpus whose authors chose awkward names. A way that is new must be added here: the tests
compare what they ask with what there is.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq
import pytest
from dagster._core.instance.ref import InstanceRef

from ri_assets.cli.commands import listed
from ri_assets.explorer.page import EXPLORER, data_of
from ri_assets.personas.privacy.cleaner import load_brands
from ri_assets.personas.text.lexicon import ordinary_words
from ri_assets.ri_index import RIIndex
from ri_assets_tests.command_line import Cli, Outcome, ri_index
from ri_assets_tests.conftest import PROJECT, FinishedRun
from ri_assets_tests.ri_index.http.conftest import client_of
from ri_assets_tests.small import (
    SAMPLE,
    SMALL_PROFILE,
    replies_to,
    small_tweets,
    write_folder,
)

pytestmark = pytest.mark.slow

LEAST = 5  # min_authors of both profiles
AWKWARD = (
    "__neha__", "x_X_rohan", "1980Rahul", "Some.Name-9", "kukkudi", "Zo_o", "jean-luc.dev", "o_0_o",
    "TheRealTanu", "kavi2talks", "ÉmileZolaFan", "manu_", "_pihu", "987654_ravi", "desi.girl",
)  # fmt: skip
MENTIONED = ("never_wrote_1", "quietwombat", "Pandit2Ji")
WAYS_TO_WRITE = (
    "{} said so", "ask {} first", "so says {}!", "#{} knows", "_{}_ agrees", "({}) was there",
    "{}'s parcel", "via {}: yes", "@{} hello", "cc @{}", '"{}" wrote', "{},{} and all",
)  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """A published run, and the handles that must not be read anywhere."""

    store: Path
    home: Path
    outcome: Outcome
    handles: frozenset[str]


def plain(text: str) -> str:
    """Text as a reader sees it, in lower case."""
    shown = unicodedata.normalize("NFKC", text)
    return "".join(c for c in shown if unicodedata.category(c) != "Cf").lower()


def leaks(text: str, handles: frozenset[str]) -> set[str]:
    """Handles that stand whole in a text, with or without @, or between underscores."""
    seen = plain(text)
    words = set(re.findall(r"\w+", seen))
    words |= {word.strip("_") for word in words}
    odd = {handle for handle in handles if not re.fullmatch(r"\w+", handle)}
    return (words & handles) | {
        handle for handle in odd if re.search(rf"(?<!\w){re.escape(handle)}(?!\w)", seen)
    }


def telling(tweets: pd.DataFrame, replies: pd.DataFrame) -> frozenset[str]:
    """Handles of authors, of those answered and of those mentioned, but for ordinary words."""
    posts = pd.concat([tweets, replies], ignore_index=True)
    texts = [plain(text) for text in posts["text"]]
    known = {plain(handle) for handle in posts["author_handle"].dropna()}
    known |= {plain(handle) for handle in posts["in_reply_to_handle"].dropna()}
    known |= {word for text in texts for word in re.findall(r"(?<![\w.@])@(\w+)", text)}
    known -= load_brands() | ordinary_words()
    users: dict[str, set[str]] = defaultdict(set)
    for author, text in zip(posts["author_handle"].fillna(""), texts, strict=True):
        for word in known.intersection(re.findall(r"(?<![\w@])\w+", text)) - {plain(author)}:
            users[word].add(plain(author))
    return frozenset(handle for handle in known if len(users[handle]) < LEAST)


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The small corpus: awkward names, which the others write into nearly every tweet."""
    folder = tmp_path_factory.mktemp("awkward")
    tweets, names = small_tweets(), [*AWKWARD, *MENTIONED]
    replies = replies_to(tweets)
    real = tweets["author_handle"].tolist()
    # Each awkward author wrote four tweets; their names are written by few others each.
    tweets["author_handle"] = [
        AWKWARD[n % len(AWKWARD)] if n < 4 * len(AWKWARD) else own for n, own in enumerate(real)
    ]
    tweets["author_id"] = pd.factorize(tweets["author_handle"])[0] + 1
    texts = []
    for n, text in enumerate(tweets["text"]):
        # In a block of four tweets one name is written: never by as many as make a word common.
        name = names[n // 4 % len(names)] if n // 4 < len(names) else ""
        said = WAYS_TO_WRITE[n % len(WAYS_TO_WRITE)].format(name, name) if name else ""
        also = f"cc @{' @'.join(MENTIONED)}" if n == 5 else ""
        texts.append(f"{text} {said.upper() if n % 3 == 0 else said} {also}".strip())
    tweets["text"] = texts
    home = folder / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    store = folder / "store"
    outcome = ri_index(
        "run", "--source", write_folder(folder / "source", tweets, replies),
        "--profile", SMALL_PROFILE, "--store", store, home=home,
    )  # fmt: skip
    assert outcome.code == 0, outcome.text
    handles = telling(tweets, replies)
    assert {plain(name) for name in names} <= handles
    return Corpus(store, home, outcome, handles)


@pytest.fixture(scope="module")
def sample(sample_run: FinishedRun, dagster_home: Path) -> Corpus:
    """The bundled sample under the default profile."""
    posts = (pd.read_parquet(SAMPLE / f"{name}.parquet") for name in ("tweets", "replies"))
    return Corpus(sample_run.store, dagster_home, sample_run.outcome, telling(*posts))


@pytest.fixture(params=["awkward", "sample"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    found: Corpus = request.getfixturevalue(request.param)
    assert len(found.handles) > 100
    return found


def assert_clean(said: Mapping[str, str], corpus: Corpus) -> None:
    """Fail with the way and how many handles came out, never silently."""
    found = {
        way: sorted(own)[:5] for way, text in said.items() if (own := leaks(text, corpus.handles))
    }
    assert not found


def test_the_search_for_leaks_finds_them() -> None:
    handles = frozenset({"__neha__", "some.name-9", "zo_o"})
    for text in ("so __neha__ said", "SOME.NAME-9!", "@Zo_o", "_zo_o_", "ｚｏ＿ｏ", "z\u200bo_o"):
        assert leaks(text, handles), text
    assert not leaks("neha, some name, zo_oo, awesome.name-99", handles)


def asked(ri: RIIndex, folder: Path) -> dict[str, Callable[[], Any]]:
    """Every method of `RIIndex`, asked for all that it can give."""
    ids = [persona.persona_id for persona in ri.list_personas()]
    tweets = [t.tweet_id for one in ids for t in ri.get_persona_tweets(one, None)]
    each: dict[str, Callable[[str], Any]] = {
        "get_persona": ri.get_persona,
        "get_persona_by_name": lambda one: ri.get_persona_by_name(ri.get_persona(one).name),
        "get_persona_tweets": lambda one: ri.get_persona_tweets(one, None, with_text=True),
        "get_tweet_samples": lambda one: ri.get_tweet_samples(one, 1000),
        "get_persona_terms": ri.get_persona_terms,
        "get_persona_rhythm": ri.get_persona_rhythm,
        "find_similar_personas": lambda one: ri.find_similar_personas(one, "language", 1000),
        "compare": lambda one: ri.compare(one, ids[0]),
        "lineage": ri.lineage,
        "card": ri.card,
        "plot_hours": ri.plot_hours,
    }
    return {
        **{name: partial(_of_all, ask, ids) for name, ask in each.items()},
        "get_personas": lambda: ri.get_personas(ids),
        "list_personas": lambda: [ri.list_personas(), ri.list_personas(brief=False)],
        "filter_personas": lambda: ri.filter_personas(min_size=1),
        "get_tweet_persona": lambda: [ri.get_tweet_persona(one) for one in tweets[:50]],
        "get_tweet_personas": lambda: ri.get_tweet_personas(tweets),
        "get_audience": ri.get_audience,
        "get_persona_overlap": ri.get_persona_overlap,
        "search": lambda: ri.search("late parcel", 1000),
        "assign": lambda: ri.assign(["my parcel is late again"]),
        "get_summary_stats": ri.get_summary_stats,
        "get_persona_coverage": ri.get_persona_coverage,
        "quality": ri.quality,
        "snapshots": ri.snapshots,
        "diff": lambda: ri.diff(ri.snapshot),
        "export": lambda: ri.export(folder),
        "export_for_app": lambda: ri.export_for_app(folder / "app.json"),
        "verify": ri.verify,
        "snapshot": lambda: ri.snapshot,
        "plot_map": ri.plot_map,
        "plot_sizes": ri.plot_sizes,
        "plot_stability": ri.plot_stability,
    }


def _of_all(ask: Callable[[str], Any], ids: list[str]) -> list[Any]:
    return [ask(one) for one in ids]


def test_python_gives_no_handle(corpus: Corpus, tmp_path: Path) -> None:
    ri = RIIndex.open(store=corpus.store)
    questions = asked(ri, tmp_path)
    public = {name for name, _ in inspect.getmembers(RIIndex) if not name.startswith("_")}
    assert set(questions) == public - {"open"}
    said = {name: _as_text(ask()) for name, ask in questions.items()}
    assert "[handle]" in said["get_persona_tweets"]
    assert_clean({**said, "repr": repr(ri), "notebook": ri._repr_html_()}, corpus)
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert len(files) == 9
    assert_clean({path.name: path.read_text(encoding="utf-8") for path in files}, corpus)


def _as_text(answer: Any) -> str:
    if isinstance(answer, list):
        return "\n".join(map(_as_text, answer))
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    if isinstance(answer, Figure):
        return "\n".join(text.get_text() for text in answer.findobj(Text))
    shown = answer._repr_html_() if hasattr(answer, "_repr_html_") else str(answer)
    return f"{answer.to_json()}\n{answer!r}\n{shown}" if hasattr(answer, "to_json") else shown


# They compute, write or serve; what a run says is looked at below, what is served too.
# `check` reads a file of whoever types it, and shows values of it on purpose.
NOT_ASKED = {
    *("run", "load", "freeze", "rename", "serve", "profiles", "check", "open"),
    *("clean", "doctor", "forget", "merge", "hide", "undo"),
}


def test_the_command_line_gives_no_handle(corpus: Corpus, cli: Cli, tmp_path: Path) -> None:
    ri = RIIndex.open(store=corpus.store)
    ids = [persona.persona_id for persona in ri.list_personas()]
    tweet = ri.get_persona_tweets(0)[0].tweet_id
    each: dict[str, tuple[Any, ...]] = {
        "persona": (), "similar": (), "terms": (), "rhythm": (), "lineage": (),
        "compare": (ids[0],), "tweets": ("--text", "--limit", 100_000), "samples": ("--n", 1000),
    }  # fmt: skip
    once: dict[str, tuple[Any, ...]] = {
        "personas": ("--full",), "find": (ri.get_persona(0).name,), "filter": ("--min-size", 1),
        "audience": (), "overlap": (), "search": ("late parcel",), "tweet": (tweet,), "stats": (),
        "coverage": (), "quality": (), "snapshots": (), "diff": (ri.snapshot,),
        "export": (tmp_path,), "verify": (), "summary": (), "assign": ("my parcel is late again",),
    }  # fmt: skip
    assert {*each, *once} == set(listed()) - NOT_ASKED
    said = {}
    for name, more in [
        *once.items(),
        *((f"{c} {i}", (i, *m)) for c, m in each.items() for i in ids),
    ]:
        for form in ((), ("--json",)) if name != "verify" else ((),):
            outcome = cli(name.split()[0], *more, *form, "--store", corpus.store)
            assert outcome.code == 0, outcome.text
            said[f"{name} {form}"] = outcome.text
    assert "[handle]" in said[f"tweets {ids[0]} ()"]
    assert_clean(said, corpus)


def test_http_gives_no_handle(corpus: Corpus) -> None:
    ri = RIIndex.open(store=corpus.store)
    ids = [persona.persona_id for persona in ri.list_personas()]
    tweet = ri.get_persona_tweets(0)[0].tweet_id
    client = client_of(corpus.store)
    each: dict[str, dict[str, Any]] = {
        "/get_persona": {}, "/get_persona_terms": {}, "/get_persona_rhythm": {}, "/lineage": {},
        "/find_similar_personas": {"top_k": 1000}, "/get_tweet_samples": {"n": 1000},
    }  # fmt: skip
    once: dict[str, dict[str, Any]] = {
        "/list_personas": {"brief": False}, "/get_personas": {"personas": ids},
        "/get_persona_by_name": {"name": ri.get_persona(0).name}, "/quality": {},
        "/filter_personas": {"min_size": 1}, "/get_audience": {}, "/get_persona_overlap": {},
        "/snapshots": {}, "/verify": {},
        "/compare": {"a": ids[0], "b": ids[1]}, "/search": {"text": "late parcel"},
        "/get_tweet_persona": {"tweet_id": str(tweet)}, "/get_persona_coverage": {},
        "/get_tweet_personas": {"tweet_ids": [str(tweet)]}, "/get_summary_stats": {},
        "/diff": {"snapshot_a": ri.snapshot}, "/export_for_app": {}, "/health": {},
    }  # fmt: skip
    described = client.get("/openapi.json").json()
    assert {*each, *once, "/get_persona_tweets", "/export", "/assign"} == set(described["paths"])
    asked = [
        *once.items(),
        *((path, {"persona": i, **more}) for path, more in each.items() for i in ids),
    ]
    names = described["paths"]["/export"]["get"]["parameters"]
    choices = next(p["schema"]["enum"] for p in names if p["name"] == "name")
    asked += [("/export", {"name": name}) for name in choices]
    for one in ids:
        for offset in range(0, ri.get_persona(one).tweet_count, 100):
            more = {"persona": one, "with_text": True, "offset": offset, "limit": 100}
            asked.append(("/get_persona_tweets", more))
    said = {"openapi": json.dumps(described), "docs": client.get("/docs").text}
    for path, params in asked:
        answer = client.get(path, params=params)
        assert answer.status_code == 200, (path, answer.text)
        said[f"{path} {params}"] = answer.text
    said["assign"] = client.post("/assign", json={"tweets": ["my parcel is late again"]}).text
    said["unknown"] = client.get("/get_persona", params={"persona": "P999"}).text
    assert "[handle]" in "".join(text for way, text in said.items() if "with_text" in way)
    assert_clean(said, corpus)


def test_public_files_of_a_snapshot_hold_no_handle(corpus: Corpus) -> None:
    [folder] = (corpus.store / "snapshots").iterdir()
    said = {
        path.name: _rows(path)
        for path in folder.glob("*.parquet")
        if path.name.split(".")[0] in {"personas_enriched", "ri_index_app"}
    }
    assert len(said) > 8
    texts = [*folder.glob("*.json"), *folder.glob("*.csv")]
    explorer = data_of((folder / EXPLORER).read_text(encoding="utf-8"))
    assert "[handle]" in "".join(filter(None, explorer["tweets"]["texts"]))
    said[EXPLORER] = json.dumps(explorer, ensure_ascii=False)
    said |= {p.name: p.read_text(encoding="utf-8") for p in texts}
    assert {"manifest.json", "profile.json", "ri_index_app.json"} <= set(said)
    assert_clean(said, corpus)


def _rows(path: Path) -> str:
    table = pq.read_table(path)
    return "\n".join(str(column.to_pylist()) for column in table.columns)


def test_neither_the_run_nor_dagster_keeps_a_handle(corpus: Corpus) -> None:
    """What the terminal showed, the event log as Dagster serialises it, and all its files."""
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(corpus.home))) as instance:
        records = [
            dg.serialize_value(entry)
            for found in instance.get_runs()
            for entry in instance.all_logs(found.run_id)
        ]
    assert len(records) > 50
    said = {"terminal": corpus.outcome.text, "event log": "\n".join(records)}
    assert "personas_enriched" in said["event log"]
    assert "texts_withheld" in said["event log"]
    assert_clean(said | dict(_files(corpus.home)), corpus)


def _files(home: Path) -> Iterator[tuple[str, str]]:
    for path in home.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes().decode("utf-8", "replace")
