"""Pictures of a snapshot for notebooks: the map, and each persona's size, stability and hours.

Belongs here: which stored values a picture shows. Does not belong here: drawing them
(`ri_assets.drawing`). A picture holds names of personas and figures, never the text of a tweet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ri_assets.drawing import draw_hours, draw_map, draw_sizes, draw_stability, label_of
from ri_assets.errors import QueryError, StoreError
from ri_assets.records.personas import RhythmSlot
from ri_assets.ri_index.personas import get_persona, get_persona_rhythm
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.snapshot import file_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ri_assets.ri_index.arguments import PersonaRef

_ASSET, _MAP = "ri_index_app", "tweet_map"


def plot_map(contents: Contents) -> Figure:
    """Draw every tweet on the explorer's map, in the colour of its persona.

    Raises
    ------
    StoreError
        The snapshot has no map, because an earlier version published it.
    """
    snapshot = contents.snapshot
    if file_name(_ASSET, _MAP) not in snapshot.manifest.files:
        raise StoreError(
            f"snapshot {snapshot.manifest.snapshot} has no map",
            "a snapshot that this version of the project published",
            "rerun the pipeline, or open a newer snapshot",
        )
    table = snapshot.verified(_ASSET, _MAP, ["tweet_id", "x", "y"])
    points = np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()])
    lookup = contents.lookup
    rows = np.searchsorted(lookup.tweet_id, table["tweet_id"].to_numpy())
    own = [lookup.personas[place] for place in lookup.persona[rows]]
    return draw_map(points, own, {p.persona_id: p.name for p in contents.personas})


def plot_sizes(contents: Contents) -> Figure:
    """Draw the share of the tweets that each persona holds, largest first."""
    personas = contents.personas
    return draw_sizes(
        _labels(contents),
        [persona.share for persona in personas],
        [
            None if p.share_low is None or p.share_high is None else (p.share_low, p.share_high)
            for p in personas
        ],
        [persona.stability for persona in personas],
    )


def plot_stability(contents: Contents) -> Figure:
    """Draw how much of each persona comes back in reruns, beside random data."""
    figures = contents.part("clusters", "figures", ("figure", "null_p95"))
    null = [row["null_p95"] for row in figures if row["figure"] == "jaccard"]
    personas = contents.personas
    return draw_stability(
        _labels(contents),
        [persona.jaccard for persona in personas],
        [persona.stability for persona in personas],
        null[0] if null else None,
    )


def plot_hours(contents: Contents, persona: PersonaRef) -> Figure:
    """Draw at which hours and on which weekdays a persona's members write, beside all tweets.

    Raises
    ------
    QueryError
        The times of its tweets are not known.
    """
    found = get_persona(contents, persona)
    slots = get_persona_rhythm(contents, found.persona_id).items
    if not slots:
        raise QueryError(
            f"the tweets of {found.persona_id} have no times",
            "a source with the column created_at",
            "map that column with --map created_at=THEIRS and run again",
        )
    return draw_hours(
        label_of(found.persona_id, found.name),
        found.timezone,
        _cycle([slot for slot in slots if slot.cycle == "hour"]),
        _cycle([slot for slot in slots if slot.cycle == "weekday"]),
    )


def _labels(contents: Contents) -> list[str]:
    return [label_of(persona.persona_id, persona.name) for persona in contents.personas]


def _cycle(slots: list[RhythmSlot]) -> tuple[list[float], list[float]]:
    ordered = sorted(slots, key=lambda slot: slot.slot)
    return [slot.share for slot in ordered], [slot.corpus_share for slot in ordered]
