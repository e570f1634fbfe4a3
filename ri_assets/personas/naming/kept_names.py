"""Names that a persona keeps from an earlier run, for as long as the evidence bears them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ri_assets.personas.naming.namers import Name, Namer, NamingEvidence
from ri_assets.personas.naming.stances import load_stances
from ri_assets.personas.text.words import stem, word_lists, words_of

KEPT_SHARE, KEPT_LIFT = 0.03, 1.3
"""A kept name holds while its words are above these: a little below what a new name needs."""


def keep_names(
    fresh: Mapping[int, Name],
    kept: Mapping[int, str],
    evidence: NamingEvidence,
    namer: Namer,
) -> dict[int, Name]:
    """Give kept names to whom they belong, and to all others names unlike them.

    A kept name holds only while the evidence does: see `holds`.

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
    kept = {
        cluster: name
        for cluster, name in kept.items()
        if fresh[cluster].name == name or (evidence.passes(name) and holds(name, cluster, evidence))
    }
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


def holds(name: str, cluster: int, evidence: NamingEvidence) -> bool:
    """Whether members still bear out a name of an earlier run.

    A name of the catalogue holds while the cluster matches its entry. Any other name holds
    while at least half of its words are subjects or terms of the cluster, and no other
    stance than the name's sets the members apart.
    """
    fit = evidence.fits.get(cluster)
    if fit is not None and fit.audience.name == name:
        return True
    stance = evidence.stances.get(cluster)
    for other in load_stances():
        if name.endswith(f" {other.name}"):
            if stance is not None and stance.stance.name != other.name:
                return False
            name = name.removesuffix(f" {other.name}")
    counted = evidence.terms if evidence.counted is None else evidence.counted
    own = counted[counted["cluster"] == cluster]
    clear = own[(own["share"] >= KEPT_SHARE) & (own["lift"] >= KEPT_LIFT)]["term"].tolist()
    clear += [
        subject.text
        for subject in evidence.subjects.get(cluster, ())
        if subject.share >= KEPT_SHARE and subject.lift >= KEPT_LIFT
    ]
    stems = {stem(word) for text in clear for word in text.split()}
    words = [word for word in words_of(name) if word not in word_lists().stop]
    return 2 * sum(stem(word) in stems for word in words) >= max(len(words), 1)


def _kept(fresh: Name, name: str) -> Name:
    if fresh.name == name:
        return fresh
    said = f"the name is kept from the run before; this run alone would say “{fresh.name}”"
    return replace(fresh, name=name, evidence=(said, *fresh.evidence), fit=None, source="kept")
