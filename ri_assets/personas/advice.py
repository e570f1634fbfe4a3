"""Advice for each persona: how to answer its people, with the figure behind each hint.

Belongs here: which advice follows from a stance, a subject, a trait or an hour. Does not
belong here: how the figures are computed, or which stance sets a persona apart
(`ri_assets.personas.naming.stances`).

At most half of the personas lie above the median persona, so that no trait gives most of
them the same advice (`ri_assets.personas.effects`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import sqrt
from typing import Any, Literal

import pandas as pd

from ri_assets.personas.effects import MIN_EFFECT, Effect, effect_told
from ri_assets.personas.naming.stances import StanceFigures
from ri_assets.personas.privacy.guard import Passes, everything
from ri_assets.personas.rhythm import peak_slot
from ri_assets.personas.text.words import stem, word_lists

MAX_DOS, MAX_DONTS = 4, 3
MIN_TERM_SHARE = 0.05
_Z = 1.96
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Hint:
    """One piece of advice.

    Parameters
    ----------
    advice
        What to do or to avoid, a sentence without its end.
    reason
        The figure behind it, in words.
    figure
        Name of that figure. A do and a don't of one persona never share it.
    fits
        What the advice fits. Advice that fits more than half of the personas is dropped.
    """

    advice: str
    reason: str
    figure: str
    fits: str

    @property
    def text(self) -> str:
        """Advice and reason as one sentence."""
        return f"{self.advice}: {self.reason}."


@dataclass(frozen=True)
class Hints:
    """Advice of one persona, most important first."""

    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonaFacts:
    """What advice for one persona may rest on.

    Parameters
    ----------
    effects
        Traits that differ, by name.
    terms, rhythm
        Its rows of the tables of terms and of hours and weekdays.
    stance
        The stance that sets it apart, if one does.
    subjects
        Its noun phrases, best first.
    complaint_words
        Its words of complaint, most frequent first.
    """

    effects: Mapping[str, Effect]
    terms: pd.DataFrame
    rhythm: pd.DataFrame
    stance: StanceFigures | None = None
    subjects: Sequence[str] = field(default=())
    complaint_words: Sequence[str] = field(default=())

    @property
    def answer(self) -> str:
        """What kind of answer its stance needs."""
        return "none" if self.stance is None else self.stance.stance.answer

    @property
    def is_angry(self) -> bool:
        """Whether its tone must not be copied."""
        effect = self.effects.get("complaint_share")
        return self.answer == "complaint" or (effect is not None and effect.ratio > 1)


@dataclass(frozen=True)
class _TraitAdvice:
    trait: str
    is_above: bool
    advice: str
    tone: Literal["any", "angry", "calm"] = "any"

    @property
    def is_do(self) -> bool:
        return self.advice.startswith("Do ")

    def fits(self, facts: PersonaFacts) -> bool:
        effect = facts.effects.get(self.trait)
        if effect is None or (effect.ratio > 1) != self.is_above:
            return False
        return self.tone == "any" or (self.tone == "angry") == facts.is_angry


_ADVICE = (
    _TraitAdvice("word_count", True, "Do give the details"),
    _TraitAdvice("word_count", False, "Do keep it short"),
    _TraitAdvice("question_share", True, "Do give the answer in the first sentence"),
    _TraitAdvice("question_share", False, "Don't open with a question"),
    _TraitAdvice("exclamation_share", True, "Do show as much energy as they do", "calm"),
    _TraitAdvice("exclamation_share", True, "Don't answer in their tone", "angry"),
    _TraitAdvice("exclamation_share", False, "Don't use exclamation marks"),
    _TraitAdvice("uppercase_share", True, "Don't answer in capitals", "angry"),
    _TraitAdvice("emoji_share", True, "Do add an emoji where it fits", "calm"),
    _TraitAdvice("emoji_share", False, "Don't add emoji"),
    _TraitAdvice("code_mix_share", True, "Do mix Hindi and English as they do"),
    _TraitAdvice("code_mix_share", False, "Don't mix in Hindi"),
    _TraitAdvice("link_share", True, "Do bring a source"),
    _TraitAdvice("link_share", False, "Don't hide the point behind a link"),
    _TraitAdvice("complaint_share", False, "Don't bring up problems that they don't write about"),
    _TraitAdvice("reply_share", True, "Do stay for the conversation"),
    _TraitAdvice("reply_share", False, "Do answer them"),
)
_SUBJECT_ADVICE = {
    "complaint": "Do say first what you will do about {terms}",
    "question": "Do answer with what to know about {terms}",
    "praise": "Do quote what they say about {terms}",
    "source": "Do link to facts about {terms}",
    "none": "Do write about {terms}",
}
_WORD_ADVICE = "Do use their word{s} {terms}"
_N_TERMS = 2
_STANCE_TRAITS = {name: f"{name}_share" for name in ("complaint", "question", "link")}
_STANCE_ADVICE = {
    "complaint": "Do name the problem in their words{words}",
    "question": "Do give the answer in the first sentence",
    "praise": "Do thank them and quote them",
    "source": "Do bring a source",
}


def write_hints(facts: Mapping[int, PersonaFacts], passes: Passes = everything) -> dict[int, Hints]:
    """Write the advice for every persona of a corpus.

    Parameters
    ----------
    facts
        By cluster.
    passes
        Whether a sentence may be shown; one that may not leaves its place to the next best.

    Returns
    -------
    dict
        By cluster: at most `MAX_DOS` dos and `MAX_DONTS` don'ts. None fits more than half
        of the personas, and no don't rests on the figure of a do.
    """
    found = {cluster: (list(_dos(own)), list(_donts(own))) for cluster, own in facts.items()}
    fitting = Counter(
        what for dos, donts in found.values() for what in {hint.fits for hint in (*dos, *donts)}
    )
    is_special = {what for what, number in fitting.items() if 2 * number <= len(facts)}
    hints = {}
    for cluster, (dos, donts) in found.items():
        shown = _shown((h for h in dos if h.fits in is_special), MAX_DOS, passes)
        used = {hint.figure for hint in shown}
        others = (h for h in donts if h.fits in is_special and h.figure not in used)
        hints[cluster] = Hints(
            tuple(hint.text for hint in shown),
            tuple(hint.text for hint in _shown(others, MAX_DONTS, passes)),
        )
    return hints


def _shown(hints: Iterator[Hint], most: int, passes: Passes) -> list[Hint]:
    return list(islice((hint for hint in hints if passes(hint.text)), most))


def _dos(facts: PersonaFacts) -> Iterator[Hint]:
    """Everything that one could advise to do, most important first; each figure once."""
    first = [*_subject_hints(facts), *_stance_hints(facts)]
    said = {hint.figure for hint in first}
    traits = [h for h in _trait_hints(facts, is_do=True) if h.figure not in said]
    yield from (*first, *traits[:1], *_time_hints(facts), *traits[1:])


def _donts(facts: PersonaFacts) -> Iterator[Hint]:
    yield from _trait_hints(facts, is_do=False)


def _trait_hints(facts: PersonaFacts, *, is_do: bool) -> list[Hint]:
    fitting = [one for one in _ADVICE if one.is_do == is_do and one.fits(facts)]
    fitting.sort(key=lambda one: -facts.effects[one.trait].size)
    return [
        Hint(one.advice, effect_told(one.trait, facts.effects[one.trait]), one.trait, one.advice)
        for one in fitting
    ]


def _stance_hints(facts: PersonaFacts) -> Iterator[Hint]:
    """How to answer the stance, if its figure stands out far enough."""
    if facts.stance is None or facts.answer not in _STANCE_ADVICE:
        return
    words = ", ".join(f"“{word}”" for word in facts.complaint_words[:3])
    fits = _STANCE_ADVICE[facts.answer]
    advice = fits.format(words=f", such as {words}" if words else "")
    trait = _STANCE_TRAITS.get(facts.stance.stance.feature)
    if trait is None:
        if facts.stance.lift >= 1 + MIN_EFFECT:
            yield Hint(advice, facts.stance.told, facts.stance.stance.name, fits)
    elif trait in facts.effects and facts.effects[trait].ratio > 1:
        yield Hint(advice, effect_told(trait, facts.effects[trait]), trait, fits)


def _subject_hints(facts: PersonaFacts) -> Iterator[Hint]:
    """Take the best terms that are subjects, or else the best of any kind.

    A word that is part of a phrase beside it is left out: "customer service" says more.
    """
    avoided = set(map(stem, word_lists().complaint))
    avoided |= set() if facts.stance is None else facts.stance.stance.stems
    clear = [
        row
        for row in facts.terms.to_dict("records")
        if _stands_out(row) and avoided.isdisjoint(map(stem, row["term"].split()))
    ]
    nouns = {stem(word) for subject in facts.subjects for word in subject.split()}
    topics = [row for row in clear if nouns.issuperset(map(stem, row["term"].split()))]
    chosen = [row for row in topics or clear if not _is_part(row["term"], topics)][:_N_TERMS]
    if not chosen:
        return
    advice = _SUBJECT_ADVICE[facts.answer] if topics else _WORD_ADVICE
    terms = " and ".join(f"“{row['term']}”" for row in chosen)
    told = " and ".join(f"{row['share']:.0%}" for row in chosen) + " of their tweets say "
    told += f"it{_times(chosen[0]['lift'])}" if len(chosen) == 1 else "so"
    yield Hint(
        advice.format(terms=terms, s="s" * (len(chosen) > 1)),
        told,
        f"terms {terms}",
        f"terms {terms}",
    )


def _is_part(term: str, others: Sequence[Mapping[Any, Any]]) -> bool:
    """Whether a longer term holds all words of a term."""
    words = set(term.split())
    return any(words < set(str(other["term"]).split()) for other in others)


def _times(lift: float) -> str:
    return f", {lift:.1f} times the corpus's share"


def _stands_out(term: Mapping[Any, Any]) -> bool:
    """Whether enough members use a term, a quarter more often than the corpus, beyond chance."""
    expected = term["corpus_share"]
    members = term["tweet_count"] / term["share"]
    chance = _Z * sqrt(expected * (1 - expected) / members)
    return bool(
        term["share"] >= MIN_TERM_SHARE
        and term["lift"] >= 1 + MIN_EFFECT
        and term["share"] - expected > chance
    )


def _time_hints(facts: PersonaFacts) -> Iterator[Hint]:
    """Hour and weekday of a peak that chance does not explain."""
    for cycle in ("hour", "weekday"):
        slots = facts.rhythm[facts.rhythm["cycle"] == cycle]
        peak = peak_slot(slots)
        if peak is None:
            continue
        row = slots[slots["slot"] == peak].iloc[0]
        if row["lift"] >= 1 + MIN_EFFECT:
            at = f"around {peak:02d}:00" if cycle == "hour" else f"on {_WEEKDAYS[peak]}"
            told = f"{row['share']:.0%} of their tweets come then{_times(row['lift'])}"
            yield Hint(f"Do post {at}", told, cycle, f"{cycle} {peak}")
