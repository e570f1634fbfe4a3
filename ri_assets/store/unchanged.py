"""What an asset was made from, and so which assets a run can take over from earlier runs.

Every receipt names the settings, the inputs, and digests of everything else that shaped the
asset. An asset is unchanged as long as a new run would find the same. Belongs here: the digests
and the comparison. Does not belong here: reading what is compared (`ri_assets.takeover`), or
running the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Receipt, Waiver
from ri_assets.store.active_runs import latest_runs
from ri_assets.store.candidate import Candidates
from ri_assets.store.manifest import library_versions, read_manifest
from ri_assets.store.pointer import current_id
from ri_assets.store.snapshot import snapshot_id

_RAW = ("raw_tweets", "raw_replies")
_EMBEDDED = ("denoised_tweets", "embeddings")
# They continue the ids and the number of personas of the snapshot that is published.
_CONTINUE = ("clusters", "personas_enriched")
_CHANGED = {
    "code": "its code changed",
    "libraries": "the libraries changed",
    "rows": "the rows of the source changed",
    "forgotten": "the list of people who asked to be forgotten changed",
    "model": "the embedding model changed",
    "naming": "names or other corrections changed",
    "recogniser": "the recogniser of names changed",
}


@dataclass(frozen=True)
class Origin:
    """What a run would make its assets from.

    Parameters
    ----------
    made_from
        The digests that each asset's receipt would hold, by asset, in order of the data flow.
    config_hash, source
        Of the profile; name of the source.
    waivers
        Gates that a person waives.
    needs
        Names of the checks that stop everything downstream when they fail, by asset.
    has_vectors
        Whether the cache holds vectors of the profile's model.
    """

    made_from: Mapping[str, Mapping[str, str]]
    config_hash: str
    source: str
    waivers: Sequence[Waiver]
    needs: Mapping[str, Collection[str]]
    has_vectors: bool


@dataclass(frozen=True)
class Takeover:
    """What a run need not do.

    Parameters
    ----------
    stale
        Assets to make, in order of the data flow.
    taken
        Assets to take over from earlier runs, in order.
    published
        The published snapshot, if it is exactly what the run would make; then `stale` is empty.
    why
        Why the first of the stale assets is made again; empty if none is.
    """

    stale: tuple[str, ...]
    taken: tuple[str, ...]
    published: str | None
    why: str = ""


def common_origin(code_version: str | None) -> dict[str, str]:
    """Give the digests that every receipt holds: of the asset's code and of the libraries."""
    libraries = json.dumps(library_versions(), sort_keys=True)
    return {"code": code_version or "", "libraries": _short(libraries)}


def takeover(candidates: Candidates, origin: Origin) -> Takeover:
    """Decide which assets a run must make.

    An asset is stale if it is missing, if anything that it was made from changed, if one of its
    inputs is stale, or if a check that stops everything downstream has not passed on it. A waiver
    that is no longer given makes the asset that it let pass stale.
    """
    receipts = _latest(candidates)
    current, last = current_id(candidates.files), list(origin.made_from)[-1]
    is_current = last in receipts and snapshot_id(receipts[last]) == current
    stale: list[str] = []
    reason = ""
    for asset in origin.made_from:
        found = next(_reasons(asset, candidates, receipts, origin, stale), None)
        if found is None and not is_current and _continues_another(asset, receipts, current):
            found = "another snapshot was published since"
        if found is not None:
            reason = reason or f"{asset}: {found}"
            stale.append(asset)
    if set(stale) & set(_RAW):  # one step reads both
        stale = list(origin.made_from)
    if not stale and not is_current:
        stale, reason = [last], f"{last}: it is not the published one"
    elif not stale and not _waives(candidates, current, origin.waivers):
        stale, reason = [last], f"{last}: other gates are waived"
    return Takeover(
        stale=tuple(stale),
        taken=tuple(asset for asset in origin.made_from if asset not in stale),
        published=None if stale else current,
        why=reason,
    )


def _reasons(
    asset: str,
    candidates: Candidates,
    receipts: Mapping[str, Receipt],
    origin: Origin,
    stale: Collection[str],
) -> Iterator[str]:
    """Say why an asset cannot be taken over; nothing if it can."""
    receipt = receipts.get(asset)
    if receipt is None:
        yield "it was not made yet, or cannot be read"
        return
    yield from _changes(receipt, origin)
    for used, digest in receipt.inputs.items():
        if used in stale or used not in receipts or receipts[used].sha256 != digest:
            yield f"{used} is made again, or was"
    if not all(candidates.files.exists(file.path) for file in receipt.files.values()):
        yield "a file of it is missing"
    if not _may_be_used(candidates, receipt, origin):
        yield "a check that it needs has not passed, or its waiver is not given again"
    if asset in _EMBEDDED and not origin.has_vectors:
        yield "the embedding cache is empty"


def _changes(receipt: Receipt, origin: Origin) -> Iterator[str]:
    """Say what changed that an asset was made from, beside its inputs."""
    expected = origin.made_from[receipt.asset]
    for name in sorted(expected.keys() | receipt.made_from.keys()):
        if receipt.made_from.get(name) != expected.get(name):
            yield _CHANGED.get(name, f"{name} changed")
    if receipt.config_hash != origin.config_hash:
        yield "the settings changed"
    if receipt.source != origin.source:
        yield "the source is another one"


def _latest(candidates: Candidates) -> dict[str, Receipt]:
    """Receipts of the assets as the latest runs wrote them; without those that are unreadable."""
    found = {}
    for asset, run_id in latest_runs(candidates.files).items():
        place = f"candidate/{run_id}/{asset}/receipt.json"
        try:
            found[asset] = Receipt.model_validate(candidates.files.read_json(place))
        except (StoreError, OSError, ValueError):
            continue  # it was removed or is damaged, so the asset is made again
    return found


def _waives(candidates: Candidates, snapshot: str | None, waivers: Sequence[Waiver]) -> bool:
    """Whether a snapshot was published with just these waivers."""
    if snapshot is None:
        return False
    return _signed(read_manifest(candidates.files, snapshot).waivers) == _signed(waivers)


def _signed(waivers: Sequence[Waiver]) -> set[tuple[str, str, str]]:
    return {(waiver.gate, waiver.by, waiver.reason) for waiver in waivers}


def _may_be_used(candidates: Candidates, receipt: Receipt, origin: Origin) -> bool:
    """Whether all checks that stop what is downstream passed, and every waiver is given again."""
    verdicts = {verdict.check: verdict for verdict in candidates.verdicts(receipt)}
    needed = origin.needs.get(receipt.asset, ())
    used = [verdict.waiver for verdict in verdicts.values() if verdict.waiver is not None]
    return all(
        name in verdicts and not verdicts[name].stops_publication for name in needed
    ) and _signed(used) <= _signed(origin.waivers)


def _continues_another(asset: str, receipts: Mapping[str, Receipt], current: str | None) -> bool:
    """Whether an asset continues another snapshot than the current one."""
    personas = receipts.get("personas_enriched")
    return asset in _CONTINUE and (personas is None or personas.previous != current)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
