"""Manifests: what a snapshot is made of, and what every check said of it.

Belongs here: the record, written and read back. Does not belong here: files (`snapshot`).
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from ri_assets.store.candidate import Candidates, Verdict
from ri_assets.store.waiver import Waiver, settled, waiver_for

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


@dataclass(frozen=True)
class Manifest:
    """What a snapshot is made of.

    Parameters
    ----------
    snapshot, published_at, run_id
        Its id, when it was published (UTC), and by which run.
    profile, config_hash, corpus, source
        What it stands for; secrets in the source's name are masked.
    files
        sha256 of each file below the snapshot's folder.
    verdicts
        What every check said.
    versions
        Of Python and of the libraries that shape the result.
    waivers
        Gates that a person set aside, and waivers that were not needed.
    previous, previous_manifest
        Snapshot that this one took the place of, and the sha256 of its manifest; None and
        empty for the first, for drafts, and in manifests of earlier versions.
    """

    snapshot: str
    published_at: str
    run_id: str
    profile: str
    config_hash: str
    corpus: str
    source: str
    files: Mapping[str, str]
    verdicts: Sequence[Verdict]
    versions: Mapping[str, str]
    waivers: Sequence[Waiver] = ()
    previous: str | None = None
    previous_manifest: str = ""

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Manifest:
        """Read a stored manifest; earlier versions of the project knew no waivers."""
        verdicts = [Verdict.read(item) for item in content["verdicts"]]
        waivers = tuple(Waiver(**item) for item in content.get("waivers", ()))
        return cls(**{**content, "verdicts": verdicts, "waivers": waivers})


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
        verdicts=[replace(v, waiver=waiver_for(v, waivers)) for v in verdicts],
        versions=library_versions(),
        waivers=settled(verdicts, waivers),
    )


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that shape a result."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
