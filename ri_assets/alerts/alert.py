"""What is reported about one failed run or one failed blocking check."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["run_failed", "run_refused", "check_failed"]


@dataclass(frozen=True)
class Alert:
    """One event, as a hook receives it in JSON. It never holds the text of a tweet.

    Parameters
    ----------
    kind
        ``run_refused`` if a check stopped the run, ``run_failed`` for any other failure,
        ``check_failed`` for a blocking check.
    time
        When it happened, with a time zone.
    run_id, job
        Dagster's run and its job.
    store
        Store of the run; None if the run ended before it used one.
    asset
        Asset of the check, or of the step that failed; None if there is none.
    check
        Name of the check; None for a run.
    sentence
        What happened, in one sentence.
    url
        Page of the run in the Dagster UI; None if its address is unknown.
    """

    kind: Kind
    time: datetime
    run_id: str
    job: str
    store: str | None
    asset: str | None
    check: str | None
    sentence: str
    url: str | None

    @property
    def event_id(self) -> str:
        """Name of the event; the same whenever it is sent."""
        if self.kind == "check_failed":
            return f"{self.run_id}:{self.asset}:{self.check}"
        return self.run_id

    def as_json(self) -> str:
        """Write one line of JSON, in ASCII."""
        written = self.time.astimezone(UTC).isoformat(timespec="seconds")
        return json.dumps({"event_id": self.event_id, **asdict(self), "time": written})
