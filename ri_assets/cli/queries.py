"""The commands that query a snapshot or a draft, made from the questions' signatures.

Belongs here: which question has which command. Does not belong here: names, bounds, defaults
and help of arguments, which are the question's; commands that write into a store (`run`,
`manage`).
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_origin

import typer

from ri_assets.cli.options import AsDraft, Csv, Json, SnapshotId, Sort, Store, personas_here
from ri_assets.cli.output import Output
from ri_assets.cli.show import line, show_summary, show_verdicts, show_waivers
from ri_assets.cli.terminal import console, print_draft, print_json
from ri_assets.counted import counted
from ri_assets.environment import store_location
from ri_assets.errors import QueryError
from ri_assets.ri_index import authors, personas, similarity, snapshots, tweets
from ri_assets.ri_index.index import RIIndex
from ri_assets.ri_index.questions import answer_of, arguments_of, help_of
from ri_assets.ri_index.results import Rows
from ri_assets.store.files import Files

if TYPE_CHECKING:
    import pandas as pd

PERSONAS, TWEETS, SNAPSHOTS = "Query personas", "Query tweets", "Query snapshots"
_STDIN = "-"
# Options with a shorter name beside the argument's own.
_SHORT = {"n": "-n", "top_k": "--top", "top_terms": "--term", "with_text": "--text"}
_METAVARS = {"integer": "INTEGER", "number": "NUMBER", "string": "TEXT", "array": "TEXT"}

app = typer.Typer()


def _query(
    ask: Callable[..., Any],
    command: str,
    panel: str,
    *positional: str,
    one: Callable[..., Any] | None = None,
) -> None:
    """Add the command of a question.

    Parameters
    ----------
    positional
        Arguments that are given without a name, in this order.
    one
        The question that answers for a single value, where `ask` takes several.
    """
    shared = {"store": Store, "snapshot": SnapshotId, "draft": AsDraft}
    shared |= {"as_json": Json, "as_csv": Csv}
    if get_origin(answer_of(ask)) is Rows:
        shared["sort"] = Sort
    if "snapshot_b" in positional:
        del shared["snapshot"]  # the later snapshot is the one to open
    own = arguments_of(ask).model_json_schema()["properties"]
    parameters = [
        *(_argument(name, own[name], name in _required(ask)) for name in positional),
        *(_option(name, schema) for name, schema in own.items() if name not in positional),
        *(
            _parameter(name, annotation, None if name in {"store", "snapshot", "sort"} else False)
            for name, annotation in shared.items()
        ),
    ]

    def run(**given: Any) -> None:
        output = Output(given.pop("as_json"), given.pop("as_csv"), given.pop("sort", None))
        store, draft = given.pop("store"), given.pop("draft")
        snapshot = given.pop("snapshot", None) or given.pop("snapshot_b", None)
        ri = RIIndex.open(snapshot, store=store, draft=draft)
        asked, arguments = ask, {name: value for name, value in given.items() if value is not None}
        if one is not None and len(arguments[positional[0]]) == 1:
            [single] = arguments_of(one).model_fields
            asked, arguments = one, {single: arguments[positional[0]][0]}
        output.show(getattr(ri, asked.__name__)(**arguments), ri)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app.command(command, rich_help_panel=panel, help=help_of(one or ask))(run)


def _required(ask: Callable[..., Any]) -> set[str]:
    return {name for name, field in arguments_of(ask).model_fields.items() if field.is_required()}


def _argument(name: str, schema: dict[str, Any], is_required: bool) -> inspect.Parameter:
    is_list = schema["type"] == "array"
    singular = name.removesuffix("s") if is_list else name
    kind: Any = list[str] if is_list else str
    declared = typer.Argument(
        metavar=singular.upper() + ("…" if is_list else ""),
        help=schema["description"],
        show_default=False,
        autocompletion=personas_here if name in {"persona", "personas", "a", "b"} else None,
    )
    if is_required:
        return _parameter(name, Annotated[kind, declared], inspect.Parameter.empty)
    return _parameter(name, Annotated[kind | None, declared], None)


def _option(name: str, schema: dict[str, Any]) -> inspect.Parameter:
    flag, default = f"--{name.replace('_', '-')}", schema.get("default")
    if schema["type"] == "boolean":
        off = "--full" if default else f"--no-{flag[2:]}"
        flags = [f"{flag}/{off}"] if default else [flag, *_short(name)]
        declared = typer.Option(*flags, help=schema["description"], show_default=True)
        return _parameter(name, Annotated[bool, declared], default)
    # Two of a kind are a range in one text; the question reads it.
    is_range = schema["type"] == "array" and schema.get("minItems") == schema.get("maxItems")
    is_list = schema["type"] == "array" and not is_range
    metavar = "FIRST-LAST" if is_range else "|".join(schema.get("enum", ())) or None
    declared = typer.Option(
        flag,
        *_short(name),
        metavar=metavar or _METAVARS[schema["type"]],
        help=_help(schema, repeatable=is_list),
    )
    kind: Any = list[str] if is_list else str
    return _parameter(
        name, Annotated[kind | None, declared], None if default is None else str(default)
    )


def _short(name: str) -> list[str]:
    return [_SHORT[name]] if name in _SHORT else []


def _help(schema: dict[str, Any], *, repeatable: bool) -> str:
    text: str = schema["description"]
    if "minimum" in schema and "maximum" in schema:
        text = f"{text[:-1]}, {schema['minimum']:,} to {schema['maximum']:,}."
    return f"{text[:-1]}; repeatable." if repeatable else text


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )


_query(personas.list_personas, "personas", PERSONAS)
_query(personas.get_personas, "persona", PERSONAS, "personas", one=personas.get_persona)
_query(personas.get_persona_by_name, "find", PERSONAS, "name")
_query(personas.filter_personas, "filter", PERSONAS)
_query(similarity.find_similar_personas, "similar", PERSONAS, "persona")
_query(personas.get_persona_terms, "terms", PERSONAS, "persona")
_query(personas.get_persona_rhythm, "rhythm", PERSONAS, "persona")
_query(authors.get_audience, "audience", PERSONAS, "personas")
_query(authors.get_persona_overlap, "overlap", PERSONAS, "persona")
_query(similarity.compare, "compare", PERSONAS, "a", "b")
_query(similarity.search, "search", PERSONAS, "text")
_query(personas.lineage, "lineage", PERSONAS, "persona")
_query(tweets.get_persona_tweets, "tweets", TWEETS, "persona")
_query(tweets.get_tweet_personas, "tweet", TWEETS, "tweet_ids", one=tweets.get_tweet_persona)
_query(tweets.get_tweet_samples, "samples", TWEETS, "persona")


@app.command(rich_help_panel=TWEETS)
def assign(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT…", help="One or more texts.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="File or folder of tweets; - reads lines from stdin."),
    ] = None,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
    as_csv: Csv = False,
    sort: Sort = None,
) -> None:
    """Assign new tweets to personas, if one fits."""
    output = Output(as_json, as_csv, sort)
    given, replies, note = _to_assign(texts or [], file)
    ri = RIIndex.open(snapshot, store=store, draft=draft)
    found = ri.assign(given, replies)
    output.show(replace(found, note="; ".join(filter(None, (found.note, note)))), ri)


def _to_assign(
    texts: Sequence[str], file: str | None
) -> tuple[Sequence[str] | pd.DataFrame, pd.DataFrame | None, str]:
    """Read tweets, replies to them if a folder has some, and a note about unreadable rows.

    Raises
    ------
    QueryError
        Both texts and a file are given, or neither.
    SourceError
        The file does not exist, or no tweets can be read from it.
    """
    if bool(texts) == bool(file):
        raise QueryError(
            "texts and a file were given" if texts else "neither a text nor a file was given",
            "one or more texts, or --file",
            "give one of the two; --file - reads texts from standard input",
        )
    if not file:
        return texts, None, ""
    if file == _STDIN:
        raw = sys.stdin.buffer.read().decode("utf-8", errors="replace")
        return raw.splitlines(), None, ""
    from ri_assets.sources.base import SourceOptions
    from ri_assets.sources.opening import open_source

    corpus = open_source(file, SourceOptions(keep_all=True)).read()
    n_rejected = len(corpus.rejected_tweets)
    note = f"{counted(n_rejected, 'row')} could not be read as tweets" if n_rejected else ""
    return corpus.tweets, corpus.replies if len(corpus.replies) else None, note


@app.command("summary", rich_help_panel=SNAPSHOTS)
def summary(
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show funnel, personas and checks on one page."""
    from ri_assets.ri_index.drafts import draft_info
    from ri_assets.ri_index.new_names import note_on
    from ri_assets.ri_index.overview import summary
    from ri_assets.ri_index.snapshot_reader import open_contents

    contents = open_contents(Files(store_location(store)), snapshot, draft=draft)
    opened = contents.snapshot
    content = summary(opened, contents)
    if opened.is_draft:
        print_draft(console(stderr=as_json), draft_info(contents))
    if note := note_on(contents.newly_named, contents.personas):
        line(console(stderr=as_json), note)
    if as_json:
        print_json(json.dumps(content, ensure_ascii=False))
        return
    out = console()
    show_summary(out, content)
    show_verdicts(out, list(opened.manifest.verdicts))
    show_waivers(out, opened.manifest.waivers)


_query(snapshots.get_summary_stats, "stats", SNAPSHOTS)
_query(snapshots.get_persona_coverage, "coverage", SNAPSHOTS)
_query(snapshots.quality, "quality", SNAPSHOTS)


@app.command("snapshots", rich_help_panel=SNAPSHOTS)
def list_snapshots(
    store: Store = None, as_json: Json = False, as_csv: Csv = False, sort: Sort = None
) -> None:
    """List the published snapshots, oldest first."""
    output = Output(as_json, as_csv, sort)
    output.show(snapshots.list_snapshots(Files(store_location(store))))


_query(snapshots.diff, "diff", SNAPSHOTS, "snapshot_a", "snapshot_b")


@app.command(rich_help_panel=SNAPSHOTS)
def export(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Output directory; created if its parent exists."),
    ],
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Write the eight exports into a directory."""
    ri = RIIndex.open(snapshot, store=store, draft=draft)
    Output(as_json).show(ri.export(folder), ri)


@app.command(rich_help_panel=SNAPSHOTS)
def verify(store: Store = None, snapshot: SnapshotId = None, draft: AsDraft = False) -> None:
    """Compare every file of a snapshot with its manifest."""
    ri = RIIndex.open(snapshot, store=store, draft=draft)
    if ri.draft is not None:
        print_draft(console(), ri.draft)
    ri.verify()
    line(console(), f"every file of {ri.snapshot} is as {'written' if draft else 'published'}")
    for one in ri.snapshots():
        if one.snapshot == ri.snapshot and one.raw_removed_on is not None:
            day = one.raw_removed_on
            line(console(), f"its raw posts were removed on {day} and could not be compared")
