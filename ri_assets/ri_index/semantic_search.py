"""Personas by meaning: a text is embedded as the snapshot's tweets were, and compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ri_assets.errors import QueryError
from ri_assets.records.answers import Match
from ri_assets.ri_index.similar import cosines
from ri_assets.ri_index.snapshot_reader import Contents

if TYPE_CHECKING:
    from ri_assets.config import EmbedSettings
    from ri_assets.pipeline.embed import Encoder


def search(contents: Contents, text: object, top_k: int) -> list[Match]:
    """Order personas by the centred cosine of their mean text to the text, nearest first.

    Raises
    ------
    QueryError
        It is no text, or nothing of it is left without handles and links.
    ModelError
        The model of the snapshot's profile is not on this machine.
    """
    from ri_assets.pipeline.text import body

    said = body(text) if isinstance(text, str) else ""
    if not said:
        raise QueryError(
            f"the text is {text!r}",
            "a text with words besides handles and links",
            "say what the personas should be about, such as 'late refunds'",
        )
    # What people search for goes into no cache: a snapshot's readers change nothing.
    [vector] = encoder(contents.profile.embed).encode([said])
    scores = cosines(contents.centroids, vector - contents.corpus_mean)
    found = [
        Match.from_row({**dict(p), "score": float(score)})
        for p, score in zip(contents.personas, scores, strict=True)
    ]
    return sorted(found, key=lambda match: -match.score)[:top_k]


class _NoCache:
    """Keeps nothing."""

    def get(self, model: str, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:  # noqa: ARG002
        """Know nothing."""
        return {}

    def put(self, model: str, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep nothing."""


@lru_cache(maxsize=2)
def encoder(settings: EmbedSettings) -> Encoder:
    """Load a model once for all questions; nothing that it embeds is kept."""
    from ri_assets.pipeline.embed import Encoder

    return Encoder(settings, _NoCache(), lambda _: None)
