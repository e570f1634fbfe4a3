"""The page of a run's candidate, and the texts in it that the check `privacy` reads.

Belongs here: which tables it is made from and where it lies. Does not belong here: what it
holds (`data`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ri_assets.config import Profile
from ri_assets.explorer.data import Before, PageMaterial, page_data
from ri_assets.explorer.page import EXPLORER, data_of, page
from ri_assets.personas.privacy.guard import Guard
from ri_assets.records.assets import ASSETS
from ri_assets.records.manifest import StoredFile
from ri_assets.ri_index.exports.delivery import export_folder
from ri_assets.store.active_runs import base_of
from ri_assets.store.candidate import Candidates
from ri_assets.store.partial_files import scratch
from ri_assets.store.snapshot import Snapshot, draft_id, snapshot_id

_READ = (
    "raw_tweets",
    "denoised_tweets",
    "behavioral_features",
    "clusters",
    "personas_enriched",
    "ri_index_app",
)
_OWN = frozenset({"columns", "snapshot", "corpus", "written_at", "features", "figures", "message"})
"""Fields of the page that hold numbers and this system's own words only.

The message of a check is made of counts, figures and names of columns and rules; the auditor
would take long counts in it for somebody's number. Names of personas are read where they are.
"""


def write_explorer(
    candidates: Candidates,
    run_id: str,
    profile: Profile,
    guard: Guard,
    why: str = "",
) -> dict[str, StoredFile]:
    """Write the page of what a run stored; give the file by its name in the snapshot.

    Parameters
    ----------
    guard
        Cleaner and detector of the corpus.
    why
        Why the run is not published; its page then bears the draft's id.
    """
    last = candidates.receipt("ri_index_app", run_id)
    material = PageMaterial(
        snapshot=draft_id(candidates, run_id) if why else snapshot_id(last),
        written_at=last.written_at,
        corpus=last.corpus,
        profile=profile,
        tables={asset: candidates.read(asset, run_id).by_name for asset in _READ},
        verdicts=[
            verdict
            for asset in ASSETS
            for verdict in candidates.verdicts(candidates.receipt(asset, run_id))
        ],
        guard=guard,
        before=_before(candidates, run_id),
        why=why,
    )
    with scratch("write the explorer's page") as place:
        local = Path(place) / EXPLORER
        local.write_text(page(page_data(material)), encoding="utf-8")
        folder = export_folder(candidates, run_id)
        rows = material.tables["ri_index_app"]["tweet_personas"].num_rows
        return {EXPLORER: candidates.files.write_file(f"{folder}/{EXPLORER}", local, rows)}


def texts_of_page(opened: Callable[[str], BinaryIO]) -> Iterator[tuple[str, str, str]]:
    """File, field and value of every text in the finished page.

    The rest of the page is compared with what ships: it may hold nothing but data in addition.

    Parameters
    ----------
    opened
        Opens the page by its name.
    """
    try:
        with opened(EXPLORER) as file:
            found = data_of(file.read().decode("utf-8"))
    except FileNotFoundError:
        return  # a run that has no page publishes none
    for field, text in _fields(found, ""):
        yield EXPLORER, field, text


def _fields(content: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in _OWN:
                yield from _fields(value, name)
    elif isinstance(content, list):
        for value in content:
            yield from _fields(value, field)
    elif isinstance(content, str):
        yield field, content


def _before(candidates: Candidates, run_id: str) -> Before | None:
    base = base_of(candidates.files, run_id)
    if base is None:
        return None
    earlier = Snapshot(candidates.files, base)
    columns = ["persona_id", "name", "tweet_count"]
    return Before(
        base,
        earlier.table("ri_index_app", columns=columns),
        earlier.table("ri_index_app", "tweet_personas", ["tweet_id", "persona_id"]),
    )
