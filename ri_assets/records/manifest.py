"""What is kept of a run: the outcome of every check, waivers, receipts, and the manifest."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Annotated

from ri_assets.records.record import Record, column, count


# fmt: off
class Waiver(Record):
    """One gate that a person set aside."""

    gate: Annotated[str, column("Name of the check.", min_length=1)]
    by: Annotated[str, column("Who waived it.", min_length=1)]
    reason: Annotated[str, column("Why.", min_length=1)]
    date: Annotated[str, column("Day of the run (UTC, ISO 8601).", format="date")]
    value: Annotated[float | None, column(
        "The figure; null where it could not be computed.")] = None
    threshold: Annotated[str, column("What the check needs.", min_length=1)] = ""
    is_used: Annotated[bool, column(
        "Whether the check failed; else the waiver changed nothing.")] = False
# fmt: on

    def applied(self, value: float, threshold: str, *, is_used: bool) -> Waiver:
        """Add what the gate measured."""
        measured = value if math.isfinite(value) else None
        return self.model_copy(
            update={"value": measured, "threshold": threshold, "is_used": is_used}
        )

    @property
    def signature(self) -> str:
        """Who, when and why: the part that a failed check shows."""
        return f"waived by {self.by} on {self.date}: {self.reason}"

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.4g}"
        if self.is_used:
            return f"{self.gate} {value} (needs {self.threshold}), {self.signature}"
        return f"{self.gate} {value} passed (needs {self.threshold}); unused, {self.signature}"


# fmt: off
class Verdict(Record):
    """The outcome of one check of one asset."""

    check: Annotated[str, column("Name of the check.")]
    asset: Annotated[str, column("Asset that was checked.")]
    sha256: Annotated[str, column("Digest of the asset's files that were judged.")]
    is_passed: Annotated[bool, column("Whether it passed.")]
    is_blocking: Annotated[bool, column("Whether failing keeps the run from being published.")]
    figure: Annotated[str, column("What was measured, in the words of the table of checks.")]
    value: Annotated[float, column("The value; NaN where it could not be computed.")]
    threshold: Annotated[str, column("What the check needs.")]
    baseline: Annotated[float | None, column(
        "What the same computation gives on data without structure.")]
    n: Annotated[int, count("Tweets, pairs or draws that the value rests on.")]
    message: Annotated[str, column("What the value means and, on failure, what to do.")]
    waiver: Annotated[Waiver | None, column(
        "Of a failed gate that a person set aside; the value stays what it is.")] = None
# fmt: on

    @property
    def stops_publication(self) -> bool:
        """Whether it failed, blocks, and nobody waived it."""
        return self.is_blocking and not self.is_passed and self.waiver is None


# fmt: off
class StoredFile(Record):
    """A file as it was written."""

    path: Annotated[str, column("Path below the store.")]
    rows: Annotated[int, count("Rows.")]
    bytes: Annotated[int, count("Size.")]
    sha256: Annotated[str, column("Digest of its content.")]


class Receipt(Record):
    """What was written for an asset, and from what."""

    asset: Annotated[str, column("The asset.")]
    run_id: Annotated[str, column("Run that wrote it.")]
    written_at: Annotated[str, column("When (UTC, ISO 8601).")]
    files: Annotated[Mapping[str, StoredFile], column("The asset's tables by name.")]
    config_hash: Annotated[str, column("Hash of the configuration.")]
    profile: Annotated[str, column("Name of the profile.")]
    corpus: Annotated[str, column("Fingerprint of the input.")]
    source: Annotated[str, column("Where the input came from; passwords are masked.")]
    inputs: Annotated[Mapping[str, str], column(
        "Digests of the assets that it was made from.")]
    previous: Annotated[str | None, column(
        "Published snapshot that it was made from too, if any.")] = None
    made_from: Annotated[Mapping[str, str], column(
        "Digests of what else it was made from, such as code and corrections.")] = {}
# fmt: on

    @property
    def sha256(self) -> str:
        """One digest over all files of the asset."""
        digests = "".join(f"{name}:{self.files[name].sha256};" for name in sorted(self.files))
        return hashlib.sha256(digests.encode()).hexdigest()


# fmt: off
class Forgetting(Record):
    """That people were removed from a snapshot, without who they were."""

    date: Annotated[str, column("Day (UTC, ISO 8601).", format="date")]
    posts: Annotated[int, count("Tweets and replies that were removed.")]
# fmt: on


# fmt: off
class RawRemoval(Record):
    """That the raw posts of a snapshot were removed, and what answers still need of them."""

    snapshot: Annotated[str, column("Id of the snapshot.")]
    removed_at: Annotated[str, column("When (UTC, ISO 8601).")]
    files: Annotated[tuple[str, ...], column("Names of the files.")]
    bytes: Annotated[int, count("Their size together.")]
    screened: Annotated[tuple[str, ...], column(
        "Words of people's corrections that were found to name nobody; others are not shown.")] = ()
# fmt: on

    @property
    def date(self) -> str:
        """Day of the removal (UTC)."""
        return self.removed_at[:10]


# fmt: off
class Manifest(Record):
    """What a snapshot is made of, and the outcome of every check.

    Manifests of earlier versions have no waivers and no chain to the snapshot before.
    """

    snapshot: Annotated[str, column("Id of the snapshot.")]
    published_at: Annotated[str, column("When (UTC, ISO 8601); empty for a draft.")]
    run_id: Annotated[str, column("Run that made it.")]
    profile: Annotated[str, column("Name of the profile.")]
    config_hash: Annotated[str, column("Hash of the configuration.")]
    corpus: Annotated[str, column("Fingerprint of the input.")]
    source: Annotated[str, column("Where the input came from; passwords are masked.")]
    files: Annotated[Mapping[str, str], column(
        "sha256 of each file below the snapshot's folder.")]
    raw: Annotated[Mapping[str, str], column(
        "sha256 of each file with posts as people wrote them, or with vectors of their texts, in "
        "a separate folder; empty in snapshots of earlier versions, which mix all files.")] = {}
    verdicts: Annotated[tuple[Verdict, ...], column("Outcome of every check.")]
    versions: Annotated[Mapping[str, str], column(
        "Of Python and of the libraries that shape the result.")]
    waivers: Annotated[tuple[Waiver, ...], column(
        "Gates that a person set aside, and waivers that were not needed.")] = ()
    previous: Annotated[str | None, column(
        "Snapshot that this one replaced; null for the first and for drafts.")] = None
    previous_manifest: Annotated[str, column("sha256 of that snapshot's manifest.")] = ""
    model_sha256: Annotated[str, column("Digest of all files of the embedding model.")] = ""
    recogniser: Annotated[str, column(
        "Pipeline that found names of people: name, version, digest; empty if none.")] = ""
    forgotten: Annotated[tuple[Forgetting, ...], column(
        "When people were removed. Figures and counts are still those of the run.")] = ()
# fmt: on
