"""Personas by meaning: a text is embedded as the snapshot's tweets were, and compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ri_assets.errors import ModelError, QueryError
from ri_assets.ri_index.records import Match
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
        The model of the snapshot's profile is not on this machine, or has other files.
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
    [vector] = encoder_of(contents).encode([said])
    scores = cosines(contents.centroids, vector - contents.corpus_mean)
    found = [
        Match(p.persona_id, p.name, p.tweet_count, float(score), p.top_terms)
        for p, score in zip(contents.personas, scores, strict=True)
    ]
    return sorted(found, key=lambda match: -match.score)[:top_k]


def encoder_of(contents: Contents) -> Encoder:
    """Return the encoder of a snapshot's model, if its files are those of the run.

    Vectors of another tokenizer could not be compared with the snapshot's. Snapshots of earlier
    versions don't know the digest of the files; for those, only the weights are compared.

    Raises
    ------
    ModelError
        The model is not on this machine, or one of its files has changed.
    """
    settings, manifest = contents.profile.embed, contents.snapshot.manifest
    found = encoder(settings)
    if manifest.model_sha256 and found.files_sha256 != manifest.model_sha256:
        raise ModelError(
            f"the files of the model {settings.model} are not the ones that the snapshot "
            f"{manifest.snapshot} was made with; their sha256 is {found.files_sha256}",
            f"files with the sha256 {manifest.model_sha256}",
            "reinstall the model; or run the pipeline with these files and read the new snapshot",
        )
    return found


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
