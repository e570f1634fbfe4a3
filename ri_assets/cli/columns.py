"""What a person sees of each kind of record: the columns, and how figures are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ri_assets.ri_index.assignment import Assignment
from ri_assets.ri_index.records import (
    Coverage,
    ExportedFile,
    LineageEvent,
    Match,
    Persona,
    PersonaBrief,
    PersonaTweet,
    RhythmSlot,
    Sample,
    Similar,
    Term,
    TraitPair,
    TweetPersona,
)
from ri_assets.ri_index.snapshot_records import (
    CheckVerdict,
    Figure,
    FigureChange,
    PersonaChange,
    PersonaStability,
    SnapshotInfo,
)

T = TypeVar("T")
_OUTCOME = re.compile(r"^[A-Z][a-z]+: ")  # as in "Passed: "
Columns = Mapping[str, Callable[[T], object]]
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def shown(value: object) -> str:
    """Write a value in a word; what is missing stays empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def share(value: float | None) -> str:
    """Write a share as a percentage; the only rounding, as records and files hold all digits."""
    return "" if value is None else f"{value:.1%}"


def stability(jaccard: float | None, verdict: str | None) -> str:
    """Write a persona's Jaccard over reruns, and what it means."""
    return f"{_figure(jaccard)} {verdict or ''}".strip()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _verdict(check: CheckVerdict) -> str:
    if check.is_passed:
        return "pass"
    if check.waived_by is not None:
        return f"waived by {check.waived_by}"
    return "FAIL" if check.is_blocking else "warn"


def without_outcome(message: str) -> str:
    """Give a verdict's message without its first word, for tables that show the outcome apart."""
    return _OUTCOME.sub("", message, count=1)


def _hour(value: int | None) -> str:
    return "" if value is None else f"{value}:00"


def size(value: int | None) -> str:
    """Write a count."""
    return "" if value is None else f"{value:,}"


PERSONAS: Columns[PersonaBrief] = {
    "id": lambda p: p.persona_id,
    "persona": lambda p: p.name,
    "tweets": lambda p: size(p.tweet_count),
    "share": lambda p: share(p.share),
    "top terms": lambda p: p.top_terms[:5],
    "peak": lambda p: _hour(p.peak_hour_local),
    "words": lambda p: "" if p.avg_word_count is None else f"{p.avg_word_count:.1f}",
    "stability": lambda p: stability(p.jaccard, p.verdict),
}
_TWEETPERSONAS: Columns[TweetPersona] = {
    "tweet": lambda t: t.tweet_id,
    "id": lambda t: t.persona_id,
    "persona": lambda t: t.name,
    "distance": lambda t: _figure(t.distance),
    "was noise": lambda t: t.was_noise,
}
_TWEETS: Columns[PersonaTweet] = {
    "tweet": lambda t: t.tweet_id,
    "distance": lambda t: _figure(t.distance),
    "was noise": lambda t: t.was_noise,
    "text": lambda t: t.text,
}
_SAMPLES: Columns[Sample] = {
    "rank": lambda s: s.rank,
    "tweet": lambda s: s.tweet_id,
    "text": lambda s: s.text,
    "was noise": lambda s: s.was_noise,
}
_TERMS: Columns[Term] = {
    "rank": lambda t: t.rank,
    "term": lambda t: t.term,
    "weight": lambda t: _figure(t.weight),
    "share": lambda t: share(t.share),
    "of all tweets": lambda t: share(t.corpus_share),
    "lift": lambda t: _figure(t.lift),
    "tweets": lambda t: size(t.tweet_count),
    "authors": lambda t: size(t.author_count),
}
_RHYTHM: Columns[RhythmSlot] = {
    "cycle": lambda s: s.cycle,
    "slot": lambda s: _hour(s.slot) if s.cycle == "hour" else _DAYS[s.slot],
    "tweets": lambda s: size(s.tweet_count),
    "share": lambda s: share(s.share),
    "of all tweets": lambda s: share(s.corpus_share),
    "lift": lambda s: _figure(s.lift),
    "from": lambda s: _figure(s.lift_low),
    "to": lambda s: _figure(s.lift_high),
}
_SIMILAR: Columns[Similar] = {
    "id": lambda s: s.persona_id,
    "persona": lambda s: s.name,
    "tweets": lambda s: size(s.tweet_count),
    "score": lambda s: _figure(s.similarity),
    "why": lambda s: s.why,
}
_MATCHES: Columns[Match] = {
    "id": lambda m: m.persona_id,
    "persona": lambda m: m.name,
    "tweets": lambda m: size(m.tweet_count),
    "score": lambda m: _figure(m.score),
    "top terms": lambda m: m.top_terms[:5],
}
_ASSIGNED: Columns[Assignment] = {
    "row": lambda a: a.row,
    "tweet": lambda a: a.tweet_id,
    "id": lambda a: a.persona_id or "none",
    "persona": lambda a: a.name,
    "confidence": lambda a: _figure(a.confidence),
    "familiarity": lambda a: _figure(a.familiarity),
    "by": lambda a: a.basis,
    "why": lambda a: a.reason,
}
_COVERAGE: Columns[Coverage] = {
    "id": lambda c: c.persona_id,
    "persona": lambda c: c.name,
    "tweets": lambda c: size(c.tweet_count),
    "share": lambda c: share(c.share),
    "so far": lambda c: share(c.cumulative_share),
    "of them noise": lambda c: size(c.noise_count),
}
_LINEAGE: Columns[LineageEvent] = {
    "run": lambda e: e.sequence,
    "id": lambda e: e.persona_id,
    "event": lambda e: e.event,
    "what happened": lambda e: e.sentence,
}
_EXPORTED: Columns[ExportedFile] = {
    "snapshot": lambda e: e.snapshot,
    "bytes": lambda e: size(e.bytes),
    "file": lambda e: e.path,
}
_SNAPSHOTS: Columns[SnapshotInfo] = {
    "snapshot": lambda s: s.snapshot,
    "published": lambda s: s.published_at,
    "profile": lambda s: s.profile,
    "source": lambda s: s.source,
    "current": lambda s: s.is_current,
    "problem": lambda s: s.problem,
}
FIGURES: Columns[Figure] = {
    "figure": lambda f: f"{f.asset}.{f.figure}",
    "value": lambda f: _figure(f.value),
    "null mean": lambda f: _figure(f.null_mean),
    "null p95": lambda f: _figure(f.null_p95),
    "n": lambda f: size(f.n),
    "what it is": lambda f: f.note,
}
CHECKS: Columns[CheckVerdict] = {
    "check": lambda v: f"{v.asset}.{v.check}",
    "verdict": _verdict,
    "value": lambda v: f"{v.value:.4g}",
    "what it found": lambda v: without_outcome(v.message),
}
STABILITY: Columns[PersonaStability] = {
    "id": lambda p: p.persona_id,
    "persona": lambda p: p.name,
    "tweets": lambda p: size(p.tweet_count),
    "Jaccard": lambda p: _figure(p.jaccard),
    "which means": lambda p: p.verdict,
}
TRAITS: Columns[TraitPair] = {
    "trait": lambda t: t.trait,
    "a": lambda t: _figure(t.a),
    "b": lambda t: _figure(t.b),
    "all tweets": lambda t: _figure(t.corpus),
    "unit": lambda t: t.unit,
}
CHANGES: Columns[PersonaChange] = {
    "id": lambda c: c.persona_a,
    "persona": lambda c: c.name_a,
    "tweets": lambda c: size(c.tweets_a),
    "event": lambda c: c.event,
    "now": lambda c: "" if c.persona_b is None else f"{c.persona_b} {c.name_b}",
    "tweets now": lambda c: size(c.tweets_b),
    "Jaccard": lambda c: _figure(c.jaccard),
    "kept": lambda c: share(c.kept_share),
}
CHANGED: Columns[FigureChange] = {
    "figure": lambda f: f.figure,
    "a": lambda f: _figure(f.a),
    "b": lambda f: _figure(f.b),
}
COLUMNS: dict[type, Columns[Any]] = {
    PersonaBrief: PERSONAS,
    Persona: PERSONAS,
    TweetPersona: _TWEETPERSONAS,
    PersonaTweet: _TWEETS,
    Sample: _SAMPLES,
    Term: _TERMS,
    RhythmSlot: _RHYTHM,
    Similar: _SIMILAR,
    Match: _MATCHES,
    Assignment: _ASSIGNED,
    Coverage: _COVERAGE,
    LineageEvent: _LINEAGE,
    SnapshotInfo: _SNAPSHOTS,
    ExportedFile: _EXPORTED,
}
