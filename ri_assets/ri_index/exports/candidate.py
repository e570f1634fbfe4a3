"""Exports of a run's candidate: written before its checks, with the id of its snapshot.

Belongs here: where they lie, and which tables they are made from. Does not belong here:
what they hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from ri_assets.ri_index.exports.documents import Material
from ri_assets.ri_index.exports.writing import write_exports
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import StoredFile
from ri_assets.store.snapshot import draft_id, snapshot_id
from ri_assets.store.waiver import Waiver


def export_folder(candidates: Candidates, run_id: str) -> str:
    """Folder of the store in which the exports of a run lie until they are published."""
    return f"candidate/{candidates.receipt('ri_index_app', run_id).run_id}/exports"


def export_candidate(
    candidates: Candidates, run_id: str, waivers: Sequence[Waiver] = (), *, is_draft: bool = False
) -> dict[str, StoredFile]:
    """Write the exports of what a run stored; give each file by its export's name.

    Parameters
    ----------
    waivers
        Gates that a person set aside, with what they set aside.
    is_draft
        Whether the run was refused; its exports bear the draft's id.
    """
    last = candidates.receipt("ri_index_app", run_id)
    rows = {
        asset: candidates.receipt(asset, run_id).files[asset].rows
        for asset in ("raw_tweets", "denoised_tweets")
    }
    material = Material(
        snapshot=draft_id(candidates, run_id) if is_draft else snapshot_id(last),
        profile=last.profile,
        corpus=last.corpus,
        raw_tweets=rows["raw_tweets"],
        kept_tweets=rows["denoised_tweets"],
        enriched=candidates.read("personas_enriched", run_id).by_name,
        index=candidates.read("ri_index_app", run_id).by_name,
        waivers=waivers,
        is_draft=is_draft,
    )
    return write_exports(candidates.files, export_folder(candidates, run_id), material)
