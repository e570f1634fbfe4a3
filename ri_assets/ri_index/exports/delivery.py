"""Exports written for a run, and copied from a snapshot into a folder of the reader.

A run writes them before its checks, with the id of its snapshot. They are judged before
publication; from then on they are only copied, each file whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa

from ri_assets.errors import ExportError
from ri_assets.records.manifest import StoredFile, Waiver
from ri_assets.records.snapshots import ExportedFile
from ri_assets.ri_index.exports.documents import Material
from ri_assets.ri_index.exports.names import APP, EXPORTS
from ri_assets.ri_index.exports.writing import write_exports
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.candidate import Candidates
from ri_assets.store.snapshot import draft_id, snapshot_id

if TYPE_CHECKING:
    from ri_assets.personas.privacy.author_ids import Authors


def export_folder(candidates: Candidates, run_id: str) -> str:
    """Folder of the store with the exports of a run that is not published yet."""
    return f"candidate/{candidates.receipt('ri_index_app', run_id).run_id}/exports"


def export_candidate(
    candidates: Candidates,
    run_id: str,
    min_authors: int,
    waivers: Sequence[Waiver] = (),
    *,
    is_draft: bool = False,
) -> dict[str, StoredFile]:
    """Write the exports of a run; give each file by its export's name.

    Parameters
    ----------
    min_authors
        A pair of personas that fewer authors share is left out.
    waivers
        Gates that a person waived.
    is_draft
        Whether the run was refused; its exports have the draft's id.
    """
    last = candidates.receipt("ri_index_app", run_id)
    rows = {
        asset: candidates.receipt(asset, run_id).files[asset].rows
        for asset in ("raw_tweets", "denoised_tweets")
    }
    index = candidates.read("ri_index_app", run_id).by_name
    material = Material(
        snapshot=draft_id(candidates, run_id) if is_draft else snapshot_id(last),
        profile=last.profile,
        corpus=last.corpus,
        raw_tweets=rows["raw_tweets"],
        kept_tweets=rows["denoised_tweets"],
        enriched=candidates.read("personas_enriched", run_id).by_name,
        index=index,
        authors=authors_of(candidates, run_id, index["tweet_personas"]),
        min_authors=min_authors,
        waivers=waivers,
        is_draft=is_draft,
    )
    return write_exports(candidates.files, export_folder(candidates, run_id), material)


def authors_of(candidates: Candidates, run_id: str, of_tweet: pa.Table) -> Authors:
    """Give the author of each row of `tweet_personas`."""
    from ri_assets.personas.privacy.author_ids import read_authors  # it loads pandas

    posts = candidates.read("denoised_tweets", run_id).by_name["denoised_tweets"]
    columns = posts.select(["tweet_id", "author_id", "author_handle"]).to_pandas()
    return read_authors(columns.set_index("tweet_id").loc[of_tweet["tweet_id"].to_numpy()])


def export_all(contents: Contents, folder: str | os.PathLike[str]) -> list[ExportedFile]:
    """Write the eight exports into a folder, which is created if its parent exists.

    Each file appears whole or not at all. Of two exports into one folder at once the
    second waits, so that all eight files are of one snapshot.

    Raises
    ------
    ExportError
        The folder's parent is missing, or something in the way cannot be written.
    StoreError
        The snapshot has no exports, or one of them is damaged; nothing was written.
    """
    target = Path(os.fspath(folder))
    if not target.is_dir():
        _need_folder(target.parent)
    return _write(contents, target, [(name, target / name) for name in EXPORTS])


def export_app(contents: Contents, path: str | os.PathLike[str]) -> ExportedFile:
    """Write `ri_index_app.json` to a file in a folder that exists; raises as `export_all`."""
    target = Path(os.fspath(path))
    if target.is_dir():
        raise ExportError(
            f"{target} is a folder",
            f"the file to write, such as {target / APP}",
            "name a file, or use export() for all eight",
        )
    _need_folder(target.parent)
    [written] = _write(contents, target.parent, [(APP, target)])
    return written


def _write(
    contents: Contents, folder: Path, wanted: Sequence[tuple[str, Path]]
) -> list[ExportedFile]:
    # Read, and compared with the manifest, before anything is written.
    found = [(name, path, contents.snapshot.content(name)) for name, path in wanted]
    snapshot = contents.snapshot.manifest.snapshot
    with _told(folder), ExitStack() as stack:
        folder.mkdir(exist_ok=True)
        stack.enter_context(_alone_in(folder))
        ready = []
        for _, path, content in found:
            part = path.with_name(f".{path.name}.{uuid4().hex}.part")
            stack.callback(part.unlink, missing_ok=True)
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            ready.append((part, path))
        for part, path in ready:
            part.replace(path)
    return [
        ExportedFile(name=name, path=str(path), bytes=content.size, snapshot=snapshot)
        for name, path, content in found
    ]


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other export writes into the folder; the lock ends with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _need_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ExportError(
            f"there is no folder {folder}",
            "an existing folder",
            f"create it (mkdir -p '{folder}'), or correct the path",
        )


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """Say why a file cannot be written; earlier files stay."""
    try:
        yield
    except OSError as error:
        raise ExportError(
            f"the exports cannot be written to {target}: {error.strerror or error}",
            "a writable folder with free space",
            "choose another folder, or change its rights",
        ) from error
