"""Manifests: what a snapshot is made of, the outcome of every check, and waivers.

Belongs here: gathering one, and which waiver sets a failed verdict aside. Does not belong here:
the fields (`ri_assets.records.manifest`), files (`snapshot`), and which gates may be waived
(`ri_assets.checks.waiving`).
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from ri_assets.records.manifest import Manifest, Verdict, Waiver
from ri_assets.store.candidate import Candidates

_LIBRARIES = (
    "dagster",
    "hdbscan",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


def manifest_of(
    candidates: Candidates,
    run_id: str,
    assets: Sequence[str],
    snapshot: str,
    published_at: str,
    digests: Mapping[str, str],
    waivers: Sequence[Waiver],
) -> Manifest:
    """Say what a candidate is made of, and which waivers its verdicts used.

    Parameters
    ----------
    snapshot, published_at
        What it is called, and when it was published.
    digests
        sha256 of each file, by the name that readers ask for.
    waivers
        Gates that a person set aside for this run.
    """
    receipts = [candidates.receipt(asset, run_id) for asset in assets]
    verdicts = [verdict for receipt in receipts for verdict in candidates.verdicts(receipt)]
    last = receipts[-1]
    return Manifest(
        snapshot=snapshot,
        published_at=published_at,
        run_id=run_id,
        profile=last.profile,
        config_hash=last.config_hash,
        corpus=last.corpus,
        source=last.source,
        files=digests,
        verdicts=tuple(v.model_copy(update={"waiver": waiver_for(v, waivers)}) for v in verdicts),
        versions=library_versions(),
        waivers=settled(verdicts, waivers),
    )


def waiver_for(verdict: Verdict, waivers: Iterable[Waiver]) -> Waiver | None:
    """Give the waiver that sets a failed verdict aside: its own, or one of the run; or None."""
    if verdict.is_passed or not verdict.is_blocking:
        return None
    if verdict.waiver is not None:
        return verdict.waiver
    given = next((waiver for waiver in waivers if waiver.gate == verdict.check), None)
    return given and given.applied(verdict.value, verdict.threshold, is_used=True)


def settled(verdicts: Sequence[Verdict], waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Give every waiver of a run with what it set aside; unused ones follow the used ones."""
    used = [found for v in verdicts for found in [waiver_for(v, waivers)] if found is not None]
    passed = {v.check: v for v in verdicts if v.is_passed and v.is_blocking}
    unused = [
        waiver.applied(passed[waiver.gate].value, passed[waiver.gate].threshold, is_used=False)
        for waiver in waivers
        if waiver.gate in passed
    ]
    return (*used, *unused)


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that shape a result."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
