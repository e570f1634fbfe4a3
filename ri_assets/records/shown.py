"""What people see of an answer: lines, fields and tables, for a terminal and a notebook alike.

Belongs here: which parts an answer has, in which order. Does not belong here: how a terminal
(`ri_assets.cli.show`) or a notebook (`notebook`) writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ri_assets.records.answers import Comparison, TraitPair
from ri_assets.records.display import share, size, stability, written
from ri_assets.records.personas import Persona, PersonaBrief
from ri_assets.records.quality import CheckVerdict, Figure
from ri_assets.records.record import Record, columns_of
from ri_assets.records.snapshots import (
    Diff,
    FigureChange,
    PersonaChange,
    PersonaStability,
    Quality,
)


@dataclass(frozen=True)
class Fields:
    """Names and values, one pair a line; a value may have several lines."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listed:
    """A table of records; their declaration says which columns it has."""

    kind: type[Record]
    items: Sequence[Record]


Part = str | Fields | Listed


def parts_of(record: Record) -> Iterator[Part]:
    """Give the parts of a single record; one without a form of its own shows its fields."""
    return _FORMS.get(type(record), _fields)(record)


def parts_of_list(
    kind: type[Record], items: Sequence[Record], total: int, note: str
) -> Iterator[Part]:
    """Give the parts of a list: its table, then what a reader should know.

    Parameters
    ----------
    total, note
        As of `ri_assets.ri_index.results.Rows`.
    """
    yield Listed(kind, items)
    if note:
        yield note
    if issubclass(kind, PersonaBrief):
        briefs = [one for one in items if isinstance(one, PersonaBrief)]
        tweets = sum(persona.tweet_count for persona in briefs)
        of_all = share(sum(persona.share for persona in briefs))
        yield f"personas: {len(briefs)}; tweets: {tweets:,}, {of_all} of all"
    if len(items) < total:
        yield f"{len(items):,} of {total:,}"


def outcome(checks: Sequence[CheckVerdict]) -> str:
    """Say in one sentence whether the checks passed, and which did not."""
    failed = [check for check in checks if not check.is_passed]
    blocking = [c for c in failed if c.is_blocking and c.waived_by is None]
    waived = [c for c in failed if c.waived_by is not None]
    warnings = [c for c in failed if c not in blocking and c not in waived]
    parts = [f"{len(checks) - len(failed)} of {len(checks)} checks passed"]
    for word, some in (("failed", blocking), ("waived", waived), ("warnings", warnings)):
        if some:
            parts.append(f"{word}: {', '.join(check.check for check in some)}")
    return "; ".join(parts)


def _fields(record: Record) -> Iterator[Part]:
    columns = columns_of(type(record))
    yield Fields(tuple((c.name, written(getattr(record, c.name), c.unit)) for c in columns))


def _persona(persona: Persona) -> Iterator[Part]:
    """Give what most people ask of a persona; a card says more."""
    part = share(persona.share)
    if persona.share_low is not None and persona.share_high is not None:
        part += f" (95% interval {share(persona.share_low)} to {share(persona.share_high)})"
    pairs = (
        ("id", persona.persona_id),
        ("name", persona.name),
        ("stability", stability(persona.jaccard, persona.stability) or "not measured"),
        ("focus", persona.focus),
        ("insight", persona.key_insight),
        ("tweets", size(persona.tweet_count)),
        ("share", part),
        ("authors", size(persona.author_count)),
        ("top terms", written(persona.top_terms)),
        ("trend", f"{persona.trend}; {persona.trend_basis}"),
        ("do", " ".join(persona.do_hints)),
        ("don't", " ".join(persona.dont_hints)),
    )
    yield Fields(tuple((name, text) for name, text in pairs if text))


def _comparison(found: Comparison) -> Iterator[Part]:
    yield Listed(PersonaBrief, (found.a, found.b))
    yield f"alike by language {found.language:.3f}, style {found.style:.3f}, size {found.size:.3f}"
    yield f"shared top terms: {', '.join(found.shared_terms) or 'none'}"
    yield f"only {found.a.name}: {', '.join(found.only_a)}"
    yield f"only {found.b.name}: {', '.join(found.only_b)}"
    yield Listed(TraitPair, found.traits)


def _quality(found: Quality) -> Iterator[Part]:
    yield f"snapshot {found.snapshot}: {outcome(found.checks)}"
    stable = sum(persona.stability == "stable" for persona in found.personas)
    yield f"{stable} of {len(found.personas)} personas are stable in reruns"
    # A notebook cuts long tables, so what failed comes first.
    failed_first = sorted(found.checks, key=lambda check: check.is_passed)
    yield Listed(CheckVerdict, failed_first)
    yield Listed(PersonaStability, found.personas)
    yield Listed(Figure, found.figures)


def _diff(found: Diff) -> Iterator[Part]:
    yield f"a {found.snapshot_a}"
    yield f"b {found.snapshot_b}"
    yield (
        f"profile {'changed' if found.is_profile_changed else 'the same'}, "
        f"corpus {'changed' if found.is_corpus_changed else 'the same'}; "
        f"{found.shared_tweets:,} tweets in both, {found.only_a:,} in a alone, "
        f"{found.only_b:,} in b alone; {found.moved_tweets:,} moved to another persona"
    )
    yield Listed(PersonaChange, found.personas)
    yield f"new in b: {', '.join(found.new_personas) or 'none'}"
    yield Listed(FigureChange, found.figures)


_FORMS: dict[type[Record], Callable[[Any], Iterator[Part]]] = {
    Persona: _persona,
    Comparison: _comparison,
    Quality: _quality,
    Diff: _diff,
}
