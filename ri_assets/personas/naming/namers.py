"""A name for each persona, with the evidence for it.

Belongs here: the interface of a namer, the namer that is always there, and names kept
from an earlier run. Does not belong here: which entry of the catalogue matches
(`ri_assets.personas.naming.catalogue`), a language model (`llm_namer`), or whether names
are any good (`name_agreement`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, combinations, count
from typing import Literal, Protocol

import pandas as pd

from ri_assets.personas.naming.catalogue import CatalogueMatch
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.text.words import stem, word_lists

N_SHOWN = 3
_NO_SUBJECT = "no subject of their own"

Source = Literal["catalogue", "terms", "model", "kept", "person"]
"""Who found a name: the catalogue's match, the terms, a language model, or a person."""


@dataclass(frozen=True)
class Name:
    """Name of one persona.

    Parameters
    ----------
    name
        Unique among the personas of a run.
    focus
        What the persona is about, with its own terms.
    evidence
        Sentences with the figures that the name rests on.
    fit
        The entry of the catalogue, or none for a name made of terms.
    source
        Who found the name.
    """

    name: str
    focus: str
    evidence: tuple[str, ...]
    fit: CatalogueMatch | None = None
    source: Source = "terms"


def name_personas(
    order: list[int],
    fits: Mapping[int, CatalogueMatch],
    terms: pd.DataFrame,
    taken: Set[str] = frozenset(),
    passes: Passes = everything,
    counted: pd.DataFrame | None = None,
) -> dict[int, Name]:
    """Name every cluster, after its entry of the catalogue or else after its terms.

    Parameters
    ----------
    order
        Clusters; earlier ones choose first among names made of terms.
    fits
        Entries by cluster, as `catalogue.match_catalogue` gives them.
    terms
        As `ri_assets.personas.text.terms.term_table` gives them for the same tweets.
    taken
        Names, in casefold, that no name made of terms may repeat.
    passes
        Whether a name or a focus may be shown; an entry of the catalogue whose name may not
        names nobody.
    counted
        The same terms with the figures of all members, for the evidence; without it, `terms`.
    """
    own_terms = {cluster: terms[terms["cluster"] == cluster] for cluster in order}
    counted = terms if counted is None else counted
    told = {cluster: _term_evidence(counted[counted["cluster"] == cluster]) for cluster in order}
    names = {
        cluster: _catalogue_name(fit, own_terms[cluster], told[cluster])
        for cluster, fit in fits.items()
        if passes(fit.audience.name)
    }
    taken = {*taken, *(name.name.casefold() for name in names.values())}
    for cluster in order:
        if cluster not in names:
            names[cluster] = _own_name(own_terms[cluster], told[cluster], taken, passes)
            taken.add(names[cluster].name.casefold())
    return {cluster: _showable(name, own_terms[cluster], passes) for cluster, name in names.items()}


def _showable(name: Name, terms: pd.DataFrame, passes: Passes) -> Name:
    """Leave out of a name's focus and evidence what may not be shown."""
    focus = next(filter(passes, (name.focus, _listed(terms))), _NO_SUBJECT)
    return replace(name, focus=focus, evidence=tuple(filter(passes, name.evidence)))


def _catalogue_name(fit: CatalogueMatch, terms: pd.DataFrame, told: Sequence[str]) -> Name:
    evidence = (
        f"{fit.share:.0%} of the tweets use keywords of this audience, most often "
        f"{', '.join(fit.keywords[:N_SHOWN])}; that is {fit.lift:.1f} times the corpus's share"
    )
    meaning = (
        ()
        if fit.cosine is None
        else (f"centred cosine of the tweets' meaning to this audience: {fit.cosine:.2f}",)
    )
    subject = fit.audience.focus
    return Name(
        name=fit.audience.name,
        focus=f"{subject}; here above all {_listed(terms)}" if len(terms) else subject,
        evidence=(evidence, *meaning, *told),
        fit=fit,
        source="catalogue",
    )


def _own_name(terms: pd.DataFrame, told: Sequence[str], taken: Set[str], passes: Passes) -> Name:
    """Make a name of the two best terms that may stand in one, unlike all that are taken."""
    rude = word_lists().rude
    usable = [term for term in terms["term"] if rude.isdisjoint(term.split())]
    names = chain(
        (f"{_title(a)} & {_title(b)} Talkers" for a, b in combinations(usable, 2) if _differ(a, b)),
        (f"{_title(term)} Talkers" for term in usable),
        ["Mixed Topics Talkers"],
        (f"Mixed Topics Talkers {number}" for number in count(2)),
    )
    return Name(
        name=next(name for name in names if name.casefold() not in taken and passes(name)),
        focus=_listed(terms) or _NO_SUBJECT,
        evidence=(
            "no audience of the catalogue fits, so the name is made of the terms that stand out",
            *told,
        ),
    )


def _listed(terms: pd.DataFrame) -> str:
    """Put the best terms in a row: "refund, wallet and bank"."""
    shown = terms["term"].head(N_SHOWN).tolist()
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def _term_evidence(terms: pd.DataFrame) -> list[str]:
    return [
        f"“{row['term']}” is in {row['share']:.0%} of the tweets, "
        f"{row['lift']:.1f} times the corpus's share"
        for row in terms.head(N_SHOWN).to_dict("records")
    ]


def _differ(first: str, second: str) -> bool:
    """Whether two terms share no word."""
    return {stem(word) for word in first.split()}.isdisjoint(map(stem, second.split()))


def _title(term: str) -> str:
    acronyms = word_lists().acronyms
    return " ".join(
        word.upper() if word in acronyms else word.capitalize() for word in term.split()
    )


@dataclass(frozen=True, eq=False)
class NamingEvidence:
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
    fits: Mapping[int, CatalogueMatch]
    terms: pd.DataFrame
    quotes: Mapping[int, Sequence[str]]
    passes: Passes = everything
    counted: pd.DataFrame | None = None


class Namer(Protocol):
    """Gives every cluster a name of its own."""

    def name(self, evidence: NamingEvidence, taken: Set[str] = frozenset()) -> dict[int, Name]:
        """Name every cluster of `evidence.order`, unlike the names `taken` (in casefold)."""


class CatalogueNamer:
    """Names after the catalogue's entries that fit, else after the terms."""

    def name(self, evidence: NamingEvidence, taken: Set[str] = frozenset()) -> dict[int, Name]:
        """Name every cluster."""
        return name_personas(
            evidence.order, evidence.fits, evidence.terms, taken, evidence.passes, evidence.counted
        )


def keep_names(
    fresh: Mapping[int, Name],
    kept: Mapping[int, str],
    evidence: NamingEvidence,
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
