"""Names that last: a persona of an earlier run keeps its name, and says so.

Belongs here: what a kept name does to the other names and to its own evidence. Does
not belong here: which persona lasts (`lineage`), or how a name is found (`naming`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ri_assets.personas.naming.namers import Evidence, Namer
from ri_assets.personas.naming.naming import Name


def keep_names(
    fresh: Mapping[int, Name],
    kept: Mapping[int, str],
    evidence: Evidence,
    namer: Namer,
) -> dict[int, Name]:
    """Give kept names to whom they belong, and to all others names unlike them.

    Parameters
    ----------
    fresh
        Names by this run's evidence alone.
    kept
        Names of clusters that continue an earlier persona; one that may no longer be shown
        is not kept.
    evidence, namer
        What `fresh` was made from, and by whom.

    Returns
    -------
    dict
        One name a cluster. A kept name that the evidence would change keeps the
        evidence's focus, and its first evidence says what it would be.
    """
    kept = {cluster: name for cluster, name in kept.items() if evidence.passes(name)}
    if all(fresh[cluster].name == name for cluster, name in kept.items()):
        return dict(fresh)
    free = [cluster for cluster in evidence.order if cluster not in kept]
    taken = {name.casefold() for name in kept.values()}
    fits = {
        cluster: fit
        for cluster, fit in evidence.fits.items()
        if cluster not in kept and fit.audience.name.casefold() not in taken
    }
    others = namer.name(replace(evidence, order=free, fits=fits), taken) if free else {}
    return others | {cluster: _kept(fresh[cluster], name) for cluster, name in kept.items()}


def _kept(fresh: Name, name: str) -> Name:
    if fresh.name == name:
        return fresh
    said = f"the name is kept from the run before; this run alone would say “{fresh.name}”"
    return replace(fresh, name=name, evidence=(said, *fresh.evidence), fit=None, source="kept")
