"""The ledger of finished trials: one file each, so that a stopped search goes on.

Belongs here: where a trial is kept and when it may be used again. A trial counts
only for the configuration, corpus, code and libraries that made it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ri_assets import pipeline
from ri_assets.config import Profile
from ri_assets.freeze.trial import Trial
from ri_assets.store.files import Files
from ri_assets.store.manifest import library_versions

_FOLDER = "freeze/trials"


class Ledger:
    """Finished trials in a store."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.origin = {"code": _code_digest(), **library_versions()}

    def find(self, profile: Profile, fingerprint: str) -> Trial | None:
        """Give the trial of a configuration on a corpus, if it is finished and still counts."""
        name = self._name(profile, fingerprint)
        if not self.files.exists(name):
            return None
        entry = self.files.read_json(name)
        if entry["origin"] != self.origin:
            return None
        trial: dict[str, Any] = entry["trial"]
        trial |= {name: tuple(trial[name]) for name in ("jaccards", "obstacles")}
        return Trial(**trial)

    def keep(self, profile: Profile, trial: Trial) -> None:
        """Keep a finished trial; the file appears whole or not at all."""
        self.files.write_json(
            self._name(profile, trial.fingerprint),
            {
                "trial": asdict(trial),
                "profile": profile.model_dump(mode="json"),
                "origin": self.origin,
                "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            },
        )

    @staticmethod
    def _name(profile: Profile, fingerprint: str) -> str:
        return f"{_FOLDER}/{fingerprint}-{profile.hash}.json"


def _code_digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(str(pipeline.__file__)).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
