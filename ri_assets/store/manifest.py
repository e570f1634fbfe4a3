"""Manifests: what a snapshot is made of, and what every check said of it.

Belongs here: gathering one. Does not belong here: its fields (`ri_assets.records.manifest`), and
files (`snapshot`).
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from ri_assets.records.manifest import Manifest, Waiver
from ri_assets.store.candidate import Candidates
from ri_assets.store.waiver import settled, waiver_for

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


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that shape a result."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
