"""A persona's card: one page that people read, made of stored figures alone.

Belongs here: which sections a card has and what each line says. Does not belong here: how a
terminal prints it (`ri_assets.cli.card`).

Shares are of all members, unless the line names something else. A number that one section
tells is not told again in another: the actions leave out the figures of their reasons, which
`do_hints` and `dont_hints` hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING

from ri_assets.personas.effects import MIN_EFFECT, effect_told
from ri_assets.personas.trust import badge
from ri_assets.records.display import share, size, slot_name
from ri_assets.records.personas import Persona
from ri_assets.records.shown import Fields
from ri_assets.ri_index.arguments import PersonaRef
from ri_assets.ri_index.card_facts import N_SHOWN, CardFacts, read_facts
from ri_assets.ri_index.personas import get_persona

if TYPE_CHECKING:
    from ri_assets.ri_index.snapshot_reader import Contents

QUOTES = "In their words"
"""Heading of the quotes of whole tweets."""
MAX_SAMPLE_CHARS = 280
MIN_LANGUAGE = 0.01
_BARS = "▁▂▃▄▅▆▇█"
_STYLE = (
    "word_count", "exclamation_share", "uppercase_share", "emoji_share", "code_mix_share",
    "link_share",
)  # fmt: skip
# How two personas differ in a trait: where the first has more, and where it has less.
_DIFFERENCES = {
    "word_count": ("write longer tweets", "write shorter tweets"),
    "question_share": ("ask more", "ask less"),
    "complaint_share": ("complain more", "complain less"),
    "exclamation_share": ("use more exclamation marks", "use fewer exclamation marks"),
    "emoji_share": ("use more emoji", "use fewer emoji"),
    "code_mix_share": ("mix Hindi and English more", "mix Hindi and English less"),
    "link_share": ("share more links", "share fewer links"),
    "reply_share": ("get more replies", "get fewer replies"),
}


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """A page about one persona.

    Parameters
    ----------
    title
        Id and name.
    is_weak
        Whether the group is not stable in reruns, or was never measured.
    badge
        How sure we are, in words; it comes before everything else.
    story
        One sentence about the persona.
    sections
        In the order in which people read them.
    """

    title: str
    is_weak: bool
    badge: str
    story: str
    sections: tuple[Section, ...]

    def _repr_html_(self) -> str:
        """Give what a notebook shows."""
        from ri_assets.records.notebook import as_html

        rows = ((one.heading, "\n".join(one.lines)) for one in self.sections)
        parts = (self.badge, self.story, Fields(tuple(rows)))
        return as_html(parts, heading=self.title)


def card_of(contents: Contents, persona: PersonaRef) -> Card:
    """Make a persona's card: one page for people, which a notebook shows as such."""
    return make_card(read_facts(contents, get_persona(contents, persona)))


def make_card(facts: CardFacts) -> Card:
    """Make the card of a persona; every line follows from a stored figure."""
    persona = facts.persona
    weak = persona.stability != "stable"
    corrections = {"Corrected by people": _corrections(persona)} if persona.corrections else {}
    actions = "What to do" + (", if a rerun confirms the group" if weak else "")
    sections = {
        "Size": _size(facts),
        **corrections,
        "They talk about": _subjects(facts),
        "They want": _wants(facts),
        "They write": _style(facts),
        "They post": _times(facts),
        "Who they are": _people(facts),
        "Languages": _languages(persona),
        QUOTES: _quotes(facts),
        "Nearest persona": _nearest(facts),
        actions: _actions(persona),
    }
    return Card(
        title=f"{persona.persona_id} {persona.name}",
        is_weak=weak,
        badge=_badge(facts),
        story=f"{persona.focus}.",
        sections=tuple(Section(name, tuple(lines)) for name, lines in sections.items()),
    )


def card_markdown(card: Card) -> str:
    """Write a card as Markdown."""
    parts = [f"## {card.title}", f"**{card.badge}**", card.story]
    for section in card.sections:
        parts += [f"**{section.heading}**", "\n".join(f"- {line}" for line in section.lines)]
    return "\n\n".join(parts) + "\n"


def percent(value: float) -> str:
    """Write a share in whole percent; one above 0 never reads as 0."""
    least = 0.01
    return "under 1%" if 0 < value < least else f"{value:.0%}"


def _badge(facts: CardFacts) -> str:
    halves = [f"{other.persona_id} {other.name}" for other in facts.halves]
    return badge(facts.persona.stability, facts.persona.jaccard, halves)


def _size(facts: CardFacts) -> Iterator[str]:
    persona = facts.persona
    said = f"{size(persona.tweet_count)} tweets, {share(persona.share)} of all"
    if persona.share_low is not None and persona.share_high is not None:
        said += f" (95% interval {share(persona.share_low)} to {share(persona.share_high)})"
    yield f"{said}: {persona.tier_label}."
    yield f"Trend: {persona.trend}; {persona.trend_basis}."
    if facts.course is not None:
        course = facts.course
        highest = percent(max(one for one in course.shares if not isnan(one)))
        yield (
            f"Share of all tweets, {course.first} to {course.last}: {_sparkline(course.shares)} "
            f"(at most {highest})."
        )


def _sparkline(shares: Sequence[float]) -> str:
    """Draw shares as bars from 0 to the highest; a period in which nobody wrote is empty."""
    highest = max(value for value in shares if not isnan(value)) or 1.0
    last = len(_BARS) - 1
    return "".join(
        " " if isnan(value) else _BARS[round(value / highest * last)] for value in shares
    )


def _corrections(persona: Persona) -> Iterator[str]:
    """Tell which personas people merged into this one, who did it and why."""
    yield from (f"{sentence}." for sentence in persona.corrections)
    yield "The stability above is that of its least stable part."


def _subjects(facts: CardFacts) -> Iterator[str]:
    said = ", ".join(f"{term.term} {percent(term.share)}" for term in facts.terms[:N_SHOWN])
    yield f"{said} of their tweets." if said else "No subject sets them apart."


def _wants(facts: CardFacts) -> Iterator[str]:
    """Complaints and questions, with how they stand against the corpus."""
    persona = facts.persona
    if persona.complaint_share is not None:
        said = f"{percent(persona.complaint_share)} of their tweets use a word of complaint"
        if persona.is_pain_point and persona.complaint_lift is not None:
            said += f", {persona.complaint_lift:.1f} times the corpus's share"
        words = ", ".join(persona.complaint_words[:N_SHOWN])
        yield f"{said}; most often: {words}." if words else f"{said}."
    if persona.question_share is not None:
        effect = facts.own_effects.get("question_share")
        said = f"{percent(persona.question_share)} of their tweets ask a question"
        if effect is not None:
            said += f", against {percent(effect.typical)} in the median persona"
        yield f"{said}."
    if persona.complaint_share is None and persona.question_share is None:
        yield "Not known."


def _style(facts: CardFacts) -> Iterator[str]:
    """Tell what differs notably, most different first."""
    found = {trait: facts.own_effects[trait] for trait in _STYLE if trait in facts.own_effects}
    if not found:
        yield "Much like the other personas."
    for trait in sorted(found, key=lambda trait: -found[trait].size):
        said = effect_told(trait, found[trait])
        yield f"{said[0].upper()}{said[1:]}."


def _times(facts: CardFacts) -> Iterator[str]:
    """Hours and weekdays that lie clearly above the corpus."""
    if not facts.rhythm:
        yield "Not known: their tweets have no times."
        return
    clear = [slot for slot in facts.rhythm if slot.lift_low is not None and slot.lift_low > 1]
    hours = [slot for slot in clear if slot.cycle == "hour"]
    days = [slot for slot in clear if slot.cycle == "weekday"]
    if hours:
        spans = ", ".join(_spans([slot.slot for slot in hours]))
        at = f"{spans} ({facts.persona.timezone})"
        yield f"More than others at {at}: {percent(sum(s.share for s in hours))} of their tweets."
    if days:
        on = ", ".join(slot_name("weekday", slot.slot) for slot in days)
        yield f"More than others on {on}: {percent(sum(s.share for s in days))} of their tweets."
    if not clear:
        yield "At the same hours and on the same days as everyone."


def _spans(hours: Sequence[int]) -> list[str]:
    """Join hours in a row: 19, 20 and 21 are 19:00 to 22:00."""
    ordered = sorted(hours)
    first = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    last = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    return [f"{a:02d}:00 to {b + 1:02d}:00" for a, b in zip(first, last, strict=True)]


def _people(facts: CardFacts) -> Iterator[str]:
    persona = facts.persona
    if persona.author_count is None:
        yield "Their authors are not known."
    else:
        said = f"{size(persona.author_count)} authors"
        if persona.author_share is not None:
            said += f", {share(persona.author_share)} of all authors"
        yield f"{said}."
    if facts.returning_share is not None:
        yield f"{percent(facts.returning_share)} of them wrote more than once."
    if facts.reach is not None:
        reach = facts.reach
        yield (
            f"Half of them have {size(reach.low)} to {size(reach.high)} followers; the median is "
            f"{size(reach.median)}, against {size(reach.everyone)} for all authors."
        )
    if facts.shared is not None:
        other = facts.shared
        yield (
            f"{size(other.shared_authors)} of them also wrote in {other.other_persona_id} "
            f"{other.other_name}; by chance it would be {other.expected_authors:.0f}."
        )
    if persona.reply_share is not None:
        yield f"{percent(persona.reply_share)} of their tweets got a reply."


def _languages(persona: Persona) -> Iterator[str]:
    shown = [one for one in persona.languages if one.share >= MIN_LANGUAGE][:N_SHOWN]
    said = ", ".join(f"{one.language} {percent(one.share)}" for one in shown)
    yield f"{said} of the texts with four letters or more." if said else "Not known."


def _quotes(facts: CardFacts) -> Iterator[str]:
    """Quote samples, one a line; none of a persona whose evidence is withheld."""
    if facts.persona.is_evidence_withheld or not facts.samples:
        yield f"None: {facts.samples_note or 'no readable tweet may be shown'}."
        return
    for sample in facts.samples[:N_SHOWN]:
        text = " ".join(sample.text.split())
        yield f"“{text if len(text) <= MAX_SAMPLE_CHARS else text[: MAX_SAMPLE_CHARS - 1] + '…'}”"


def _nearest(facts: CardFacts) -> Iterator[str]:
    """Name the persona most alike, and how the two differ in terms and traits."""
    nearest, found = facts.nearest, facts.comparison
    if nearest is None or found is None:
        yield "There is no other persona."
        return
    yield f"{nearest.persona_id} {nearest.name} (closeness {nearest.similarity:.2f} of 1)."
    if facts.persona.told_apart is not None:
        yield f"Words alone tell the two apart in {percent(facts.persona.told_apart)} of cases."
    if found.only_a and found.only_b:
        here, there = (", ".join(terms[:N_SHOWN]) for terms in (found.only_a, found.only_b))
        yield f"Terms here: {here}; there: {there}."
    other = facts.effects.get(nearest.persona_id, {})
    ways = []
    for pair in found.traits:
        differs = pair.trait in facts.own_effects or pair.trait in other
        if pair.trait not in _DIFFERENCES or not differs or pair.a is None or pair.b is None:
            continue
        more, less = _DIFFERENCES[pair.trait]
        if pair.a >= (1 + MIN_EFFECT) * pair.b:
            ways.append(more)
        elif pair.a <= (1 - MIN_EFFECT) * pair.b:
            ways.append(less)
    if ways:
        yield f"Here they {' and '.join(filter(None, (', '.join(ways[:-1]), ways[-1])))}."


def _actions(persona: Persona) -> Iterator[str]:
    """Advice without its reasons, whose numbers stand above."""
    hints = (*persona.do_hints, *persona.dont_hints)
    yield from (f"{hint.partition(': ')[0].rstrip('.')}." for hint in hints)
    if not hints:
        yield "No figure is far enough from the others to advise on."
