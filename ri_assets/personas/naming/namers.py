"""A name for each persona, with the evidence for it.

Belongs here: the interface of a namer, and the namer that is always there. Does not belong
here: names kept from an earlier run (`kept_names`), which entry of the catalogue matches
(`catalogue`), which subjects and stances members have (`subjects`, `stances`), a language
model (`llm_namer`), or whether names are any good (`name_agreement`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal, Protocol

import pandas as pd

from ri_assets.personas.naming.catalogue import CatalogueMatch
from ri_assets.personas.naming.stances import StanceFigures
from ri_assets.personas.naming.subjects import Bond, Subject
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.text.noun_phrases import grammar
from ri_assets.personas.text.words import stem, word_lists

N_SHOWN = 3
N_TYPICAL = 5
"""Typical words that a focus adds to its subjects, at most."""
MIN_FOREIGN_CHARS = 4
"""A term of another language than English has so many letters: no list of its function words
is at hand, and they are short."""
MAX_WORDS = 5
NO_SUBJECT = "They share no subject"
MIXED = "Mixed Posts Without a Subject"
SHORT = "Short Replies Without a Subject"

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


@dataclass(frozen=True, eq=False)
class NamingEvidence:
    """All that a namer may know: nothing that is private.

    No name, focus or choice may rest on members held out: the figures in these records are
    those of all members, and are for the sentences of the evidence.

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
    subjects, stances, bonds
        By cluster, as `subjects` and `stances` find them; a cluster may be missing.
    capitals
        Words that members write in capitals, in lower case.
    """

    order: list[int]
    fits: Mapping[int, CatalogueMatch]
    terms: pd.DataFrame
    quotes: Mapping[int, Sequence[str]]
    passes: Passes = everything
    counted: pd.DataFrame | None = None
    subjects: Mapping[int, Sequence[Subject]] = field(default_factory=dict)
    stances: Mapping[int, StanceFigures] = field(default_factory=dict)
    bonds: Mapping[int, Bond] = field(default_factory=dict)
    capitals: frozenset[str] = frozenset()

    def term_sentences(self, cluster: int) -> list[str]:
        """Say of the best terms how many members use them."""
        counted = self.terms if self.counted is None else self.counted
        return [
            f"“{row['term']}” is in {row['share']:.0%} of the tweets, "
            f"{row['lift']:.1f} times the corpus's share"
            for row in counted[counted["cluster"] == cluster].head(N_SHOWN).to_dict("records")
        ]

    def topics(self, cluster: int) -> list[str]:
        """Give what members write about, best first."""
        return [subject.text for subject in self.subjects.get(cluster, ())][:N_SHOWN]

    def typical(self, cluster: int) -> list[str]:
        """Give the terms that set members most apart, best first."""
        bond = self.bonds.get(cluster)
        least = MIN_FOREIGN_CHARS if bond is not None and bond.language is not None else 1
        own = self.terms.loc[self.terms["cluster"] == cluster, "term"]
        return [term for term in own if len(term) >= least and self.passes(term)][:N_TYPICAL]

    def focus(self, cluster: int, said: str) -> str:
        """Write a focus: what is said of the subjects, then the typical words."""
        typical = ", ".join(self.typical(cluster))
        return f"{said} (typical words: {typical})" if typical else said

    def stance(self, cluster: int) -> StanceFigures | None:
        """Give the stance of a cluster, unless what shows it is the subject itself.

        "Crash" is a word of complaint, but those who write of a crash do not complain.
        """
        found = self.stances.get(cluster)
        if found is None or found.stance.feature != "complaint":
            return found
        subjects = self.subjects.get(cluster, ())[:N_SHOWN]
        words = {stem(word) for subject in subjects for word in subject.text.split()}
        return found if words.isdisjoint(found.stance.stems) else None


class Namer(Protocol):
    """Gives every cluster a name of its own."""

    def name(self, evidence: NamingEvidence, taken: Set[str] = frozenset()) -> dict[int, Name]:
        """Name every cluster of `evidence.order`, unlike the names `taken` (in casefold)."""


class CatalogueNamer:
    """Names after the entries of the catalogue that are proven, else after subject and stance."""

    def name(self, evidence: NamingEvidence, taken: Set[str] = frozenset()) -> dict[int, Name]:
        """Name every cluster."""
        names = {
            cluster: _catalogue_name(evidence, cluster, fit)
            for cluster, fit in evidence.fits.items()
            if cluster in evidence.order and evidence.passes(fit.audience.name)
        }
        used = {*taken, *(name.name.casefold() for name in names.values())}
        for cluster in evidence.order:
            if cluster not in names:
                names[cluster] = _own_name(evidence, cluster, used)
                used.add(names[cluster].name.casefold())
        return {cluster: _showable(evidence, cluster, name) for cluster, name in names.items()}


def _showable(evidence: NamingEvidence, cluster: int, name: Name) -> Name:
    """Leave out of a name's focus and evidence what may not be shown."""
    shown = [topic for topic in evidence.topics(cluster) if evidence.passes(topic)]
    said = f"They write about {_listed(shown)}" if shown else NO_SUBJECT
    options = (name.focus, evidence.focus(cluster, said), said)
    focus = next(filter(evidence.passes, options), NO_SUBJECT)
    return replace(name, focus=focus, evidence=tuple(filter(evidence.passes, name.evidence)))


def _catalogue_name(evidence: NamingEvidence, cluster: int, fit: CatalogueMatch) -> Name:
    topics = evidence.topics(cluster)
    above_all = f", above all {_listed(topics)}" if topics else ""
    sentences = [
        f"{fit.proof_share:.0%} of the tweets prove this audience by their words",
        (
            f"{fit.share:.0%} of the tweets use keywords of this audience, most often "
            f"{', '.join(fit.keywords[:N_SHOWN])}; that is {fit.lift:.1f} times the corpus's share"
        ),
    ]
    if fit.cosine is not None:
        sentences.append(
            f"centred cosine of the tweets' meaning to this audience: {fit.cosine:.2f}"
        )
    stance = evidence.stance(cluster)
    if stance is not None:
        sentences.append(stance.told)
    return Name(
        name=fit.audience.name,
        focus=evidence.focus(cluster, f"They write about {fit.audience.focus}{above_all}"),
        evidence=(*sentences, *evidence.term_sentences(cluster)),
        fit=fit,
        source="catalogue",
    )


def _own_name(evidence: NamingEvidence, cluster: int, taken: Set[str]) -> Name:
    """Make a name of one subject and one stance, unlike all that are taken."""
    name = next(
        name
        for name in _own_names(evidence, cluster)
        if name.casefold() not in taken and evidence.passes(name)
    )
    bond, stance = evidence.bonds.get(cluster), evidence.stance(cluster)
    topics, verb = evidence.topics(cluster), "They write about"
    if stance is not None:
        verb, own = stance.stance.verb, stance.stance.stems
        topics = [topic for topic in topics if own.isdisjoint(map(stem, topic.split()))] or topics
    said = f"{verb} {_listed(topics)}" if topics else NO_SUBJECT
    if bond is not None and bond.language is not None:
        said = f"They write in {bond.language}" + (f" about {_listed(topics)}" if topics else "")
    focus = evidence.focus(cluster, said)
    sentences = [
        f"“{subject.text}” is in {subject.share:.0%} of the tweets, "
        f"{subject.lift:.1f} times the corpus's share"
        for subject in evidence.subjects.get(cluster, ())[:N_SHOWN]
    ]
    if stance is not None:
        sentences.append(stance.told)
    if bond is not None and bond.language is not None:
        sentences.append(f"{bond.language_share:.0%} of the tweets are in {bond.language}")
    if bond is not None and bond.template is not None:
        sentences.append(f"“{bond.template}” is in {bond.template_share:.0%} of the tweets")
    return Name(name, focus, tuple(sentences or evidence.term_sentences(cluster)))


def _own_names(evidence: NamingEvidence, cluster: int) -> Iterator[str]:
    """Names that the cluster could bear, best first; the last ones never end."""
    bond, figures = evidence.bonds.get(cluster), evidence.stance(cluster)
    stance = None if figures is None else figures.stance
    subjects = [subject for subject in evidence.subjects.get(cluster, ()) if subject.is_clear]
    if bond is not None and bond.language is not None:
        yield f"{bond.language} Voices"
        yield from (f"{bond.language} Voices on {_title(evidence, s.plural)}" for s in subjects)
    if bond is not None and bond.template is not None:
        yield from (f"Automatic {_title(evidence, s.singular)} Posts" for s in subjects)
        yield "Automatic Posts"
    for subject in subjects:
        if stance is not None and stance.stems.isdisjoint(map(stem, subject.text.split())):
            name = f"{_title(evidence, subject.singular)} {stance.name}"
            if len(name.split()) <= MAX_WORDS:
                yield name
    yield from (_plain_name(evidence, cluster, subject) for subject in subjects)
    yield from (_title(evidence, subject.plural) for subject in subjects)
    if stance is not None:
        yield f"{stance.name} on Mixed Subjects"
    faint = sorted(
        (
            subject
            for subject in evidence.subjects.get(cluster, ())
            if not subject.is_clear and subject.text not in grammar().weak
        ),
        key=lambda subject: (-subject.lift * subject.share, subject.text),
    )
    # Of what few members write, the name says that it is not all.
    yield from (f"Mixed Posts on {_title(evidence, subject.plural)}" for subject in faint[:2])
    plain = SHORT if bond is not None and bond.is_short else MIXED
    yield plain
    yield from (f"{plain} {number}" for number in count(2))


def _plain_name(evidence: NamingEvidence, cluster: int, subject: Subject) -> str:
    """Name a persona after a subject; add the next subject to a single word, which says little."""
    others = [
        other
        for other in evidence.subjects.get(cluster, ())
        if subject.singular not in other.text and other.singular not in subject.text
    ]
    if " " in subject.text or not others:
        return _title(evidence, subject.plural)
    both = f"{_title(evidence, subject.plural)} and {_title(evidence, others[0].plural)}"
    return both if len(both.split()) <= MAX_WORDS else _title(evidence, subject.plural)


def _title(evidence: NamingEvidence, text: str) -> str:
    """Write a phrase in title case, and in capitals what members write so."""
    capitals = word_lists().acronyms | evidence.capitals
    small = grammar().inside
    return " ".join(
        word.upper() if word in capitals else word if word in small else word.capitalize()
        for word in text.split()
    )


def _listed(texts: Sequence[str]) -> str:
    """Put texts in a row: "refund, wallet and bank"."""
    return " and ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)
