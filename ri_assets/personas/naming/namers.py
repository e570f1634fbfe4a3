"""Who names personas: one interface, and the namer that is always there.

Belongs here: what a namer is given and gives back. Does not belong here: the words of
a name (`naming`), or a language model (`llm_namer`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from ri_assets.personas.naming.catalogue_matching import Fit
from ri_assets.personas.naming.naming import Name, name_personas
from ri_assets.personas.privacy.guard import Passes, everything


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that a namer may know: nothing that is private.

    No name, focus or choice may rest on members held out: only `fits` and `counted` hold figures
    of all members, and these are for the sentences of the evidence.

    Parameters
    ----------
    order
        Clusters; earlier ones choose first.
    fits
        Entries of the catalogue by cluster.
    terms
        As `ri_assets.personas.text.terms.term_table` gives them.
    quotes
        Pieces of cleaned tweets by cluster, as `ri_assets.personas.text.quotes.quotes` gives them.
    passes
        Whether a name or a focus may be shown.
    counted
        The terms with the figures of all members; without it, those of `terms`.
    """

    order: list[int]
    fits: Mapping[int, Fit]
    terms: pd.DataFrame
    quotes: Mapping[int, Sequence[str]]
    passes: Passes = everything
    counted: pd.DataFrame | None = None


class Namer(Protocol):
    """Gives every cluster a name of its own."""

    def name(self, evidence: Evidence, taken: Set[str] = frozenset()) -> dict[int, Name]:
        """Name every cluster of `evidence.order`, unlike the names `taken` (in casefold)."""


class CatalogueNamer:
    """Names after the catalogue's entries that fit, else after the terms."""

    def name(self, evidence: Evidence, taken: Set[str] = frozenset()) -> dict[int, Name]:
        """Name every cluster."""
        return name_personas(
            evidence.order, evidence.fits, evidence.terms, taken, evidence.passes, evidence.counted
        )
