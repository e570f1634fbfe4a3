"""`ri-index check`: what a source holds, and whether a run can start.

Belongs here: the command, and the same look at a source before a run. Does not belong here:
how a description is printed (`description`). What reads sources loads slowly, so each function
imports it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from ri_assets.cli.options import (
    PIPELINE,
    Json,
    ProfileName,
    SourceArgument,
    with_reading,
)
from ri_assets.cli.terminal import (
    console,
    print_json,
    print_password_advice,
    print_problem,
)
from ri_assets.environment import Environment
from ri_assets.errors import RIError

if TYPE_CHECKING:
    from ri_assets.config import Profile
    from ri_assets.resources.settings import SourceResource
    from ri_assets.sources.base import Corpus, Source
    from ri_assets.store.forgotten import Forgotten
    from ri_assets.store.source_copy import SourceCopy

app = typer.Typer()
_CANNOT_RUN = 2


@app.command("check", rich_help_panel=PIPELINE)
@with_reading
def check(
    reading: dict[str, Any],
    source: SourceArgument = None,
    profile: ProfileName = None,
    as_json: Json = False,
) -> None:
    """Show what a source holds and whether a run can start."""
    from ri_assets.cli.description import as_object, show, unreadable
    from ri_assets.config import load_profile
    from ri_assets.personas.privacy.recogniser import recogniser_of
    from ri_assets.resources.settings import SourceResource
    from ri_assets.sources.description import describe

    out, err = console(), console(stderr=True)
    try:
        settings = load_profile(profile or Environment.from_env().profile)
        recogniser_of(settings.enrich)
        chosen = SourceResource.from_env(source, **reading)
        opened = _opened(err, chosen)
        found = describe(opened.read(), opened.name, settings)
    except RIError as error:
        if not as_json:
            raise
        print_json(json.dumps(unreadable(error), ensure_ascii=False))
        raise typer.Exit(_CANNOT_RUN) from None
    if as_json:
        print_json(json.dumps(as_object(found), ensure_ascii=False))
    else:
        show(out, found)
        if found.problem is None:
            out.print("A run can start.")
        else:
            print_problem(err, "error", found.problem)
    if found.problem is not None:
        raise typer.Exit(_CANNOT_RUN)


def require_ready(
    screen: Console,
    chosen: SourceResource,
    profile: Profile,
    forgotten: Forgotten | None = None,
    processes: int | None = None,
    copy: SourceCopy | None = None,
) -> Corpus:
    """Print in short what a run would take in, and return it.

    Parameters
    ----------
    forgotten
        People who asked to be forgotten, from the store of the run.
    processes
        Processes that rerun the clustering on this machine; one for each core by default.
    copy
        What earlier runs read from a database.

    Raises
    ------
    RIError
        The source cannot be read, or holds no tweets that the profile can work on; or the
        profile's recogniser is missing; or the machine has too little memory.
    """
    from ri_assets.cli.description import show_memory, show_short
    from ri_assets.personas.privacy.recogniser import recogniser_of
    from ri_assets.pipeline.memory import available_memory, require_memory
    from ri_assets.sources.description import describe

    recogniser_of(profile.enrich)
    source = _opened(screen, chosen, forgotten, copy)
    corpus = source.read()
    found = describe(corpus, source.name, profile)
    show_short(screen, found)
    # The check `intake` judges what was lost in reading, and lists the rows.
    if found.problem is not None and found.is_whole:
        raise found.problem
    available = available_memory()
    stage, needed = require_memory(found.size.n_left, profile, available, processes)
    show_memory(screen, stage, needed, available)
    return corpus


def _opened(
    screen: Console,
    chosen: SourceResource,
    forgotten: Forgotten | None = None,
    copy: SourceCopy | None = None,
) -> Source:
    if chosen.was_given_password:
        print_password_advice(screen)
    return chosen.open(forgotten, copy)
