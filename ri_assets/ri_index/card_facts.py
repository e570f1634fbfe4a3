"""The stored figures that a persona's card is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ri_assets.personas.effects import Effect, find_effects
from ri_assets.records.answers import Comparison, Similar
from ri_assets.records.personas import Persona, RhythmSlot, Sample, Term
from ri_assets.ri_index.personas import get_persona_rhythm, get_persona_terms
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.similarity import compare, find_similar_personas
from ri_assets.ri_index.tweets import get_tweet_samples

if TYPE_CHECKING:
    from ri_assets.ri_index.snapshot_reader import Contents

N_SHOWN = 3


@dataclass(frozen=True)
class CardFacts:
    """The stored figures that a card is made of.

    Parameters
    ----------
    persona
        The persona.
    terms, rhythm, samples
        Its rows of these tables, in order; of samples, the first few.
    samples_note
        Why samples are missing; empty if none is.
    effects
        Traits by which each persona differs from the median persona, by persona id.
    nearest
        The persona most like it by language; None if there is no other.
    comparison
        This persona and the nearest side by side.
    halves
        Personas from which words hardly tell this one.
    """

    persona: Persona
    terms: Sequence[Term] = ()
    rhythm: Sequence[RhythmSlot] = ()
    samples: Sequence[Sample] = ()
    samples_note: str = ""
    effects: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)
    nearest: Similar | None = None
    comparison: Comparison | None = None
    halves: Sequence[Persona] = ()

    @property
    def own_effects(self) -> Mapping[str, Effect]:
        """Traits by which this persona differs from the median persona."""
        return self.effects.get(self.persona.persona_id, {})


def read_facts(contents: Contents, persona: Persona) -> CardFacts:
    """Read what a card needs from a snapshot."""
    own = persona.persona_id
    samples: Rows[Sample] = get_tweet_samples(contents, own, N_SHOWN)
    similar: Rows[Similar] = find_similar_personas(contents, own, "language", 1)
    nearest = similar[0] if len(similar) else None
    columns = ("persona_id", "trait", "value", "lift", "lift_low", "lift_high")
    traits: list[dict[str, Any]] = contents.part("personas_enriched", "traits", columns)
    return CardFacts(
        persona,
        terms=get_persona_terms(contents, own).items,
        rhythm=get_persona_rhythm(contents, own).items,
        samples=samples.items,
        samples_note=samples.note,
        effects=find_effects(traits, "persona_id"),
        nearest=nearest,
        comparison=None if nearest is None else compare(contents, own, nearest.persona_id),
        halves=[other for other in contents.personas if _are_halves(persona, other)],
    )


def _are_halves(one: Persona, other: Persona) -> bool:
    """Whether words hardly tell the two apart, seen from either."""
    return any(
        a.is_distinct is False and a.nearest_persona_id == b.persona_id
        for a, b in ((one, other), (other, one))
    )
