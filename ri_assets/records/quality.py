"""What a run measured, and the outcome of its checks."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from ri_assets.records.display import without_outcome
from ri_assets.records.record import Record, column, count, plain
from ri_assets.records.table import Table

Measured = Annotated[
    float,
    PlainSerializer(plain),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}]}, mode="serialization"),
]
"""A figure; in JSON it is null where it could not be computed (NaN)."""


# fmt: off
class Figure(Record):
    """One figure of the run, beside what the same computation gives on random data."""

    asset: Annotated[str, column("Asset that it describes.", is_stored=False)]
    figure: Annotated[str, column("Name of the figure.", is_own=True, header="figure",
        cell=lambda f: f"{f.asset}.{f.figure}")]
    value: Annotated[float, column("Its value on the corpus.", header="value")]
    null_mean: Annotated[float | None, column(
        "Its mean on data without structure.", header="null mean")]
    null_p95: Annotated[float | None, column(
        "Its 95th percentile on such data.", header="null p95")]
    n: Annotated[int, count("Tweets, pairs or draws that it rests on.", header="n")]
    note: Annotated[str, column(
        "What it is, in one sentence.", is_own=True, header="what it is")]


class CheckVerdict(Record):
    """What one check said before the snapshot was published, and who waived it if it failed."""

    asset: Annotated[str, column("Asset that was checked.")]
    check: Annotated[str, column("Name of the check.", header="check",
        cell=lambda v: f"{v.asset}.{v.check}")]
    value: Annotated[Measured, column(
        "What was measured; null where it could not be computed.", header="value",
        cell=lambda v: f"{v.value:.4g}")]
    threshold: Annotated[str, column("What the check needs.")]
    is_passed: Annotated[bool, column("Whether it passed.", header="verdict",
        cell=lambda v: v.outcome)]
    is_blocking: Annotated[bool, column("Whether failing keeps a run from being published.")]
    message: Annotated[str, column(
        "What the value means and, on failure, what to do.", header="what it found",
        cell=lambda v: without_outcome(v.message))]
    waived_by: Annotated[str | None, column("Who waived it, if it failed.")] = None
# fmt: on

    @property
    def outcome(self) -> str:
        """Write the outcome in a word or two."""
        if self.is_passed:
            return "pass"
        if self.waived_by is not None:
            return f"waived by {self.waived_by}"
        return "FAIL" if self.is_blocking else "warn"


FIGURES = Table("figures", "one figure", Figure, ("figure",))
