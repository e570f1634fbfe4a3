"""The commands that ask a snapshot or a draft, one for each question of `RIIndex`.

Belongs here: arguments in, an answer out, as a table or as JSON. Does not belong
here: commands that compute, or write into a store (`cli.py`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from ri_assets.cli.columns import share
from ri_assets.cli.options import AsDraft, Json, Several, SnapshotId, Store, Who
from ri_assets.cli.output import answer
from ri_assets.cli.show import line
from ri_assets.cli.terminal import console, print_draft
from ri_assets.environment import store_location
from ri_assets.errors import QueryError
from ri_assets.ri_index import snapshots
from ri_assets.ri_index.index import RIIndex
from ri_assets.store.files import Files

PERSONAS, TWEETS, WHOLE = "Ask: personas", "Ask: tweets", "Ask: the snapshot"

app = typer.Typer()


@app.command("personas", rich_help_panel=PERSONAS)
def list_personas(
    full: Annotated[bool, typer.Option("--full", help="In JSON, everything known.")] = False,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List all personas, largest first."""
    ri = _open(store, snapshot, draft)
    answer(ri.list_personas(brief=not full), as_json, ri)


@app.command("persona", rich_help_panel=PERSONAS)
def get_persona(
    who: Who,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show one persona, with everything known."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_persona(who), as_json, ri)


@app.command("find", rich_help_panel=PERSONAS)
def get_persona_by_name(
    name: Annotated[str, typer.Argument(help="Its name; case and spacing are forgiven.")],
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show the persona of a name."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_persona_by_name(name), as_json, ri)


@app.command("filter", rich_help_panel=PERSONAS)
def filter_personas(
    min_size: Annotated[int | None, typer.Option(help="Fewest tweets.")] = None,
    max_size: Annotated[int | None, typer.Option(help="Most tweets.")] = None,
    term: Annotated[
        list[str] | None, typer.Option(help="A top term; may be given several times.")
    ] = None,
    peak_hours: Annotated[
        str | None,
        typer.Option(metavar="FIRST-LAST", help="Local hours, such as 9-17 or 22-4."),
    ] = None,
    min_words: Annotated[float | None, typer.Option(help="Fewest words on average.")] = None,
    max_words: Annotated[float | None, typer.Option(help="Most words on average.")] = None,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List the personas that meet all conditions given."""
    ri = _open(store, snapshot, draft)
    found = ri.filter_personas(
        min_size=min_size,
        max_size=max_size,
        top_terms=term,
        peak_hour_range=None if peak_hours is None else _hours(peak_hours),
        min_avg_word_count=min_words,
        max_avg_word_count=max_words,
    )
    answer(found, as_json, ri)
    if not as_json:
        tweets = sum(persona.tweet_count for persona in found)
        of_all = share(sum(persona.share for persona in found))
        _say(f"personas: {len(found)}; tweets: {tweets:,}, {of_all} of all")


@app.command("similar", rich_help_panel=PERSONAS)
def find_similar_personas(
    who: Who,
    method: Annotated[str, typer.Option(help="language, style or size.")] = "language",
    top: Annotated[int, typer.Option(help="How many.")] = 3,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List the personas most like one."""
    ri = _open(store, snapshot, draft)
    answer(ri.find_similar_personas(who, method, top), as_json, ri)


@app.command(rich_help_panel=PERSONAS)
def terms(
    who: Who,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List the terms that set a persona apart, with weight, shares and lift."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_persona_terms(who), as_json, ri)


@app.command(rich_help_panel=PERSONAS)
def rhythm(
    who: Who,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List a persona's hours and weekdays beside those of all tweets."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_persona_rhythm(who), as_json, ri)


@app.command(rich_help_panel=PERSONAS)
def audience(
    who: Several = None,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Count several personas together, each author once; without any, all of them."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_audience(who or None), as_json, ri)


@app.command(rich_help_panel=PERSONAS)
def compare(
    a: Who,
    b: Who,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Put two personas side by side."""
    ri = _open(store, snapshot, draft)
    answer(ri.compare(a, b), as_json, ri)


@app.command(rich_help_panel=PERSONAS)
def search(
    text: Annotated[str, typer.Argument(help="What the personas should be about.")],
    top: Annotated[int, typer.Option(help="How many.")] = 5,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List the personas nearest in meaning to a text (loads the model)."""
    ri = _open(store, snapshot, draft)
    answer(ri.search(text, top), as_json, ri)


@app.command(rich_help_panel=PERSONAS)
def lineage(
    who: Who,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Tell what became of a persona over all published runs."""
    ri = _open(store, snapshot, draft)
    answer(ri.lineage(who), as_json, ri)


@app.command("tweets", rich_help_panel=TWEETS)
def get_persona_tweets(
    who: Who,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 20,
    text: Annotated[
        bool, typer.Option("--text", help="With texts, cleaned of personal data (takes seconds).")
    ] = False,
    offset: Annotated[int, typer.Option(help="Leave out so many of the nearest.")] = 0,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """List a persona's tweets, nearest to its centre first."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_persona_tweets(who, limit, with_text=text, offset=offset), as_json, ri)


@app.command("tweet", rich_help_panel=TWEETS)
def get_tweet_persona(
    tweet_id: Annotated[list[str], typer.Argument(metavar="TWEET_ID…", help="One or several.")],
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show the persona of a tweet; of several, those without one stay empty."""
    ri = _open(store, snapshot, draft)
    if len(tweet_id) == 1:
        answer(ri.get_tweet_persona(tweet_id[0]), as_json, ri)
    else:
        answer(ri.get_tweet_personas(tweet_id), as_json, ri)


@app.command("samples", rich_help_panel=TWEETS)
def get_tweet_samples(
    who: Who,
    n: Annotated[int, typer.Option("--n", "-n", help="At most so many.")] = 5,
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show cleaned tweets that say what a persona sounds like."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_tweet_samples(who, n), as_json, ri)


@app.command("stats", rich_help_panel=WHOLE)
def get_summary_stats(
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show counts, retention, coverage and sizes."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_summary_stats(), as_json, ri)


@app.command("coverage", rich_help_panel=WHOLE)
def get_persona_coverage(
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show what part of the tweets each persona is."""
    ri = _open(store, snapshot, draft)
    answer(ri.get_persona_coverage(), as_json, ri)


@app.command(rich_help_panel=WHOLE)
def quality(
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show figures beside what noise reaches, checks, and stability."""
    ri = _open(store, snapshot, draft)
    answer(ri.quality(), as_json, ri)


@app.command("snapshots", rich_help_panel=WHOLE)
def list_snapshots(store: Store = None, as_json: Json = False) -> None:
    """List what is published in the store."""
    answer(snapshots.list_snapshots(Files(store_location(store))), as_json)


@app.command(rich_help_panel=WHOLE)
def diff(
    snapshot_a: Annotated[str, typer.Argument(help="The earlier snapshot's id.")],
    snapshot_b: Annotated[
        str | None, typer.Argument(help="The later one's; without it, the current one.")
    ] = None,
    store: Store = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Show what changed between two snapshots, or from one to the draft."""
    ri = _open(store, snapshot_b, draft)
    answer(ri.diff(snapshot_a), as_json, ri)


@app.command(rich_help_panel=WHOLE)
def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to; made where its parent exists.")
    ],
    store: Store = None,
    snapshot: SnapshotId = None,
    draft: AsDraft = False,
    as_json: Json = False,
) -> None:
    """Write the seven exports into a folder, each whole or not at all."""
    ri = _open(store, snapshot, draft)
    answer(ri.export(folder), as_json, ri)


@app.command(rich_help_panel=WHOLE)
def verify(store: Store = None, snapshot: SnapshotId = None, draft: AsDraft = False) -> None:
    """Compare every file of a snapshot with its manifest."""
    ri = _open(store, snapshot, draft)
    if ri.draft is not None:
        print_draft(console(), ri.draft)
    ri.verify()
    _say(f"every file of {ri.snapshot} is as it was {'written' if draft else 'published'}")


def _open(store: str | None, snapshot: str | None, draft: bool) -> RIIndex:
    return RIIndex.open(snapshot, store=store, draft=draft)


def _say(text: str) -> None:
    line(console(), text)


def _hours(given: str) -> tuple[int, int]:
    parts = re.fullmatch(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*", given)
    if parts is None:
        raise QueryError(f"--peak-hours is {given!r}", "two hours from 0 to 23", "give 9-17, say")
    return int(parts[1]), int(parts[2])
