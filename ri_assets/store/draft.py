"""Drafts: candidates that were not published, read on purpose.

A draft lies where its run wrote it. It is no snapshot: no pointer names it, no list holds
it, and no later run compares itself with it. The next run that gets as far takes its place.

Belongs here: writing down which files make a draft, and opening it. Does not belong here:
whether it may be shown (`ri_assets.quality.publication`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest, StoredFile, Waiver
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.manifest import manifest_of
from ri_assets.store.pointer import current_id
from ri_assets.store.snapshot import Snapshot, file_name, snapshot_id
from ri_assets.store.version import require_known_format

MARK = "DRAFT-"
"""What a draft's id begins with, so that no file and no answer of it passes for published."""

_LAST = "ri_index_app"


def draft_id(candidates: Candidates, run_id: str) -> str:
    """Id of the draft that a run's candidate is."""
    return MARK + snapshot_id(candidates.receipt(_LAST, run_id))


def write_draft(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    beside: Mapping[str, bytes],
    exports: Mapping[str, StoredFile],
    waivers: Sequence[Waiver],
    why: str,
) -> Manifest:
    """Write down what makes a run's candidate readable; its tables are not copied.

    Parameters
    ----------
    assets
        All assets of a snapshot.
    beside
        Further files for readers, by name.
    exports
        Files of the candidate that were made for `draft_id`, by name.
    waivers
        Gates that a person set aside for this run.
    why
        Why it was not published, in one sentence.
    """
    files = candidates.files
    folder = f"candidate/{run_id}"
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    stored = {
        file_name(receipt.asset, name): file
        for receipt in receipts
        for name, file in receipt.files.items()
    } | dict(exports)
    paths = {name: file.path for name, file in stored.items()}
    digests = {name: file.sha256 for name, file in stored.items()}
    for name, content in beside.items():
        paths[name] = f"{folder}/beside/{name}"
        digests[name] = files.write_bytes(paths[name], content)
    manifest = manifest_of(
        candidates, run_id, assets, draft_id(candidates, run_id), "", digests, waivers
    )
    files.write_json(
        _place(run_id),
        {
            "manifest": manifest.model_dump(),
            "paths": paths,
            "why": why,
            "written_at": receipts[-1].written_at,
        },
    )
    return manifest


class Draft(Snapshot):
    """The candidate of the last run that got as far as personas and was not published.

    Parameters
    ----------
    files
        The store.

    Attributes
    ----------
    why
        Why it was not published, in one sentence.
    written_at
        When its index was written (UTC, ISO 8601); `manifest.published_at` is empty.

    Raises
    ------
    StoreError
        There is no draft; the message says what became of the last run.
    """

    is_draft = True

    def __init__(self, files: Files) -> None:  # not Snapshot's: no pointer names a draft
        require_known_format(files)
        self.files = files
        run_id = _last_run(files)
        self.folder = f"candidate/{run_id}"
        content = files.read_json(_place(run_id))
        try:
            self.manifest = Manifest.model_validate(content["manifest"])
            self._paths: dict[str, str] = dict(content["paths"])
            self.why, self.written_at = str(content["why"]), str(content["written_at"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise files.damaged(_place(run_id), str(error)) from error

    def path(self, name: str) -> str:
        """Place of a file in the store, by its name in the manifest."""
        return self._paths.get(name, f"{self.folder}/{name}")

    def missing(self) -> list[str]:
        """Names that the manifest lists and the store lacks."""
        return sorted(
            name for name in self.manifest.files if not self.files.exists(self.path(name))
        )


def _place(run_id: str) -> str:
    return f"candidate/{run_id}/draft.json"


def _last_run(files: Files) -> str:
    """Run whose candidate is the draft."""
    latest = f"latest/{_LAST}.json"
    if not files.exists(latest):
        raise _no_draft(files, "no run has got as far as personas")
    run_id = str(files.read_json(latest)["run_id"])
    if not files.exists(_place(run_id)):
        raise _no_draft(files, _fate(files, run_id))
    return run_id


def _fate(files: Files, run_id: str) -> str:
    """Say what became of the last run that made personas."""
    current = current_id(files)
    if current is not None and Snapshot(files, current).manifest.run_id == run_id:
        return f"the last run was published, as {current}"
    return "the last run that made personas was not judged to its end, or may not be shown"


def _no_draft(files: Files, why: str) -> StoreError:
    return StoreError(
        f"there is no draft in {files.location}: {why}",
        "a run that made personas and was not published",
        "leave --draft out to read what is published, or run the pipeline: ri-index run --source …",
    )
