"""One whole freeze search, as the command line and the Dagster job start it.

Belongs here: from names of sources to written files. Does not belong here: how
progress is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ri_assets.freeze.corpus import prepare
from ri_assets.freeze.frozen import Written, write
from ri_assets.freeze.ledger import Ledger
from ri_assets.freeze.search import Search, search
from ri_assets.freeze.space import configurations, load_space
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.evidence import Progress
from ri_assets.sources.base import Source
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

_ORDER_SEED = 0


@dataclass(frozen=True)
class Plan:
    """How far a search goes.

    Parameters
    ----------
    space
        The YAML file with the configurations.
    out
        The profile that is written.
    trials
        Configurations that are tried at most.
    draws
        Of each trial in the first round.
    finalists
        Configurations that are tried again with many draws.
    """

    space: Path
    out: Path
    trials: int
    draws: int
    finalists: int


def freeze(
    sources: Sequence[Source], files: Files, plan: Plan, progress: Progress
) -> tuple[Search, Written]:
    """Search the space on all sources and write what was found.

    Parameters
    ----------
    sources
        The corpora; a choice across several is worth more.
    files
        The store that keeps embeddings and finished trials.
    plan
        How far to go.
    progress
        Is told about once a second what runs and how much time is left.
    """
    candidates = configurations(load_space(plan.space), plan.trials, _ORDER_SEED)
    base = candidates[0]
    encoder = Encoder(base.embed, EmbeddingCache(files), progress)
    corpora = []
    for source in sources:
        progress(f"reading {source.name}")
        corpora.append(prepare(source.name, source.read(), base, encoder.encode))
    found = search(
        corpora,
        candidates,
        draws=plan.draws,
        finalists=plan.finalists,
        ledger=Ledger(files),
        progress=progress,
    )
    return found, write(found, plan.out, base.stability.n_draws)
