"""How alike personas are: by language, by style, by size.

language
    Cosine of the mean text vectors, corpus mean subtracted; −1 to 1. Top terms alone
    cannot say it: they are chosen to set personas apart, so nearly no two share one.
    Shared terms are given beside it.
style
    1 / (1 + d), d being the root mean square difference of the style traits, each in
    standard deviations among the personas; above 0, and 1 for the same style.
size
    Tweets of the smaller over those of the larger; above 0, up to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ri_assets.errors import QueryError
from ri_assets.records.answers import Comparison, Similar, TraitPair
from ri_assets.records.personas import Persona
from ri_assets.ri_index.snapshot_reader import Contents

Method = Literal["language", "style", "size"]
METHODS: tuple[Method, ...] = get_args(Method)

Float64 = NDArray[np.float64]


def similar(contents: Contents, persona: Persona, method: object, top_k: int) -> list[Similar]:
    """Order the other personas by similarity, most alike first; of equals the larger.

    Raises
    ------
    QueryError
        There is no such method.
    """
    if method not in METHODS:
        raise QueryError(
            f"the method is {method!r}", f"one of {', '.join(METHODS)}", "name one of these"
        )
    score = _MEASURES[method](contents, persona)
    others = [(other, value) for other, value in zip(contents.personas, score, strict=True)]
    others = [pair for pair in others if pair[0] is not persona]
    others.sort(key=lambda pair: -pair[1])  # stable: contents.personas has the largest first
    return [
        Similar(
            persona_id=other.persona_id,
            name=other.name,
            tweet_count=other.tweet_count,
            method=method,
            similarity=float(value),
            why=_why(contents, method, persona, other),
        )
        for other, value in others[:top_k]
    ]


def compare(contents: Contents, a: Persona, b: Persona) -> Comparison:
    """Put two personas side by side."""
    place = contents.personas.index(b)
    traits = {(row["persona_id"], row["trait"]): row for row in _traits(contents)}
    return Comparison(
        a=contents.briefs[a.persona_id],
        b=contents.briefs[b.persona_id],
        language=float(_language(contents, a)[place]),
        style=float(_style(contents, a)[place]),
        size=float(_size(contents, a)[place]),
        shared_terms=tuple(term for term in a.top_terms if term in b.top_terms),
        only_a=tuple(term for term in a.top_terms if term not in b.top_terms),
        only_b=tuple(term for term in b.top_terms if term not in a.top_terms),
        traits=tuple(
            TraitPair(
                trait=trait,
                family=row["family"],
                unit=row["unit"],
                a=row["value"],
                b=traits[b.persona_id, trait]["value"],
                corpus=row["corpus_value"],
            )
            for (persona_id, trait), row in traits.items()
            if persona_id == a.persona_id
        ),
    )


def cosines(vectors: NDArray[np.float32], vector: NDArray[np.float32]) -> Float64:
    """Cosine of each row with a vector; 0 where either has no length."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
    found = np.divide(vectors @ vector, lengths, out=np.zeros(len(vectors)), where=lengths > 0)
    return np.asarray(np.clip(found, -1.0, 1.0), dtype=np.float64)


def _language(contents: Contents, persona: Persona) -> Float64:
    return cosines(contents.centroids, contents.centroids[contents.personas.index(persona)])


def _style(contents: Contents, persona: Persona) -> Float64:
    _, values = _style_traits(contents)
    apart = values - values[contents.personas.index(persona)]
    known = np.isfinite(apart)
    squares = np.where(known, apart, 0.0) ** 2
    return np.asarray(1 / (1 + np.sqrt(squares.sum(axis=1) / np.maximum(known.sum(axis=1), 1))))


def _size(contents: Contents, persona: Persona) -> Float64:
    sizes = np.array([other.tweet_count for other in contents.personas])
    return np.asarray(
        np.minimum(sizes, persona.tweet_count) / np.maximum(sizes, persona.tweet_count)
    )


_MEASURES: dict[str, Callable[[Contents, Persona], Float64]] = {
    "language": _language,
    "style": _style,
    "size": _size,
}


def _style_traits(contents: Contents) -> tuple[list[str], Float64]:
    """Names of the style traits, and each persona's in standard deviations; NaN is unknown."""
    rows = [row for row in _traits(contents) if row["family"] == "style"]
    names = sorted({row["trait"] for row in rows})
    value = {(row["persona_id"], row["trait"]): row["value"] for row in rows}
    table = np.array(
        [[value.get((persona, name)) for name in names] for persona in contents.by_id],
        dtype=np.float64,
    ).reshape(len(contents.by_id), len(names))
    known = np.isfinite(table)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, table, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(known, table - mean, 0.0) ** 2).sum(axis=0) / counts)
    return names, (table - mean) / np.where(spread > 0, spread, 1.0)


def _traits(contents: Contents) -> list[dict[str, Any]]:
    columns = ("persona_id", "trait", "family", "unit", "value", "corpus_value")
    return contents.part("personas_enriched", "traits", columns)


def _why(contents: Contents, method: str, persona: Persona, other: Persona) -> str:
    if method == "size":
        return f"{persona.tweet_count:,} and {other.tweet_count:,} tweets"
    if method == "language":
        shared = [term for term in persona.top_terms if term in other.top_terms]
        return f"shared top terms: {', '.join(shared)}" if shared else "no shared top term"
    names, values = _style_traits(contents)
    a, b = (values[contents.personas.index(p)] for p in (persona, other))
    apart = np.nan_to_num(b - a)
    most = int(np.abs(apart).argmax())
    way = "more" if apart[most] > 0 else "less"
    return f"differs most in {names[most]}: {abs(apart[most]):.1f} standard deviations {way}"
