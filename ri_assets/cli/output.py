"""How an answer of the index reaches a terminal or a program: as a table, or as JSON.

Belongs here: choosing between the two, and marking what comes from a draft. Does not belong
here: the form of a table (`show`), or asking (`questions`).
"""

from __future__ import annotations

import json
from typing import Any

import typer

from ri_assets.cli.show import show
from ri_assets.cli.terminal import console, print_draft, print_json
from ri_assets.records.record import Record
from ri_assets.records.snapshots import DraftInfo
from ri_assets.ri_index.drafts import marked
from ri_assets.ri_index.index import RIIndex
from ri_assets.ri_index.results import Rows


def answer(answer: Record | Rows[Any], as_json: bool, ri: RIIndex | None = None) -> None:
    """Print an answer, as a table or as one line of JSON; of a draft, marked as such.

    Parameters
    ----------
    ri
        What was asked; without it, the answer is of no snapshot.
    """
    info = ri.draft if ri is not None else None
    if info is not None:
        print_draft(console(stderr=as_json), info)
    if as_json:
        print_json(answer.to_json() if info is None else _marked_json(answer, info))
        if isinstance(answer, Rows) and answer.note:
            typer.echo(answer.note, err=True)
    else:
        show(console(), answer)


def _marked_json(answer: Record | Rows[Any], info: DraftInfo) -> str:
    if isinstance(answer, Rows):
        found: Any = [marked(info, record) for record in answer.to_dicts()]
    else:
        found = marked(info, answer.to_dict())
    return json.dumps(found, ensure_ascii=False, allow_nan=False)
