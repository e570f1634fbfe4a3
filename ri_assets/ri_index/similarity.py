"""Which personas are alike, and which a text is about.

`language`
    Cosine of the mean text vectors, corpus mean subtracted; -1 to 1. Top terms alone cannot
    say it: they are chosen to set personas apart, so almost no two share one. Shared terms are
    listed beside it.
`style`
    1 / (1 + d), where d is the root mean square difference of the style traits, each in
    standard deviations among the personas; above 0, and 1 for the same style.
`size`
    Tweets of the smaller persona over those of the larger; above 0, up to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ri_assets.errors import ModelError, QueryError
from ri_assets.records.answers import Comparison, Match, Similar, TraitPair
from ri_assets.records.personas import Persona
from ri_assets.ri_index.arguments import Method, PersonaRef, Top, find_persona
from ri_assets.ri_index.questions import question
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents

if TYPE_CHECKING:
    from ri_assets.config import EmbedSettings
    from ri_assets.pipeline.embed import Encoder

Float64 = NDArray[np.float64]


@question
def find_similar_personas(
    contents: Contents,
    persona: PersonaRef,
    method: Annotated[
        Method, Field(description="What to compare: language, style or size.")
    ] = "language",
    top_k: Top = 3,
) -> Rows[Similar]:
    """List the personas most like one."""
    own = find_persona(contents, persona)
    score = _MEASURES[method](contents, own)
    others = [pair for pair in zip(contents.personas, score, strict=True) if pair[0] is not own]
    others.sort(key=lambda pair: -pair[1])  # stable: contents.personas has the largest first
    return Rows.of(
        Similar,
        [
            Similar(
                persona_id=other.persona_id,
                name=other.name,
                tweet_count=other.tweet_count,
                method=method,
                similarity=float(value),
                why=_why(contents, method, own, other),
            )
            for other, value in others[:top_k]
        ],
    )


@question
def compare(
    contents: Contents,
    a: Annotated[PersonaRef, Field(description="First persona: id, name, or rank by size.")],
    b: Annotated[PersonaRef, Field(description="Second persona: id, name, or rank by size.")],
) -> Comparison:
    """Compare two personas: terms, traits, and how alike they are."""
    one, two = find_persona(contents, a), find_persona(contents, b)
    place = contents.personas.index(two)
    traits = {(row["persona_id"], row["trait"]): row for row in _traits(contents)}
    return Comparison(
        a=contents.briefs[one.persona_id],
        b=contents.briefs[two.persona_id],
        language=float(_language(contents, one)[place]),
        style=float(_style(contents, one)[place]),
        size=float(_size(contents, one)[place]),
        shared_terms=tuple(term for term in one.top_terms if term in two.top_terms),
        only_a=tuple(term for term in one.top_terms if term not in two.top_terms),
        only_b=tuple(term for term in two.top_terms if term not in one.top_terms),
        traits=tuple(
            TraitPair(
                trait=trait,
                family=row["family"],
                unit=row["unit"],
                a=row["value"],
                b=traits[two.persona_id, trait]["value"],
                corpus=row["corpus_value"],
            )
            for (persona_id, trait), row in traits.items()
            if persona_id == one.persona_id
        ),
    )


@question
def search(
    contents: Contents,
    text: Annotated[
        str,
        Field(min_length=1, max_length=10_000, description="What the personas should be about."),
    ],
    top_k: Top = 5,
) -> Rows[Match]:
    """List the personas nearest in meaning to a text.

    The text is embedded as the snapshot's tweets were; the model is loaded, offline.

    Raises
    ------
    QueryError
        Nothing of the text is left without handles and links.
    ModelError
        The model of the snapshot's profile is not on this machine, or has other files.
    """
    from ri_assets.pipeline.text import body

    words = body(text)
    if not words:
        raise QueryError(
            f"the text is {text!r}",
            "a text with words besides handles and links",
            "describe what the personas should be about, such as 'late refunds'",
        )
    # Searches are not cached: reading a snapshot changes nothing.
    [vector] = encoder_of(contents).encode([words])
    scores = cosines(contents.centroids, vector - contents.corpus_mean)
    found = [
        Match(
            persona_id=p.persona_id,
            name=p.name,
            tweet_count=p.tweet_count,
            score=float(score),
            top_terms=p.top_terms,
        )
        for p, score in zip(contents.personas, scores, strict=True)
    ]
    return Rows.of(Match, sorted(found, key=lambda match: -match.score)[:top_k])


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


def encoder_of(contents: Contents) -> Encoder:
    """Return the encoder of a snapshot's model, if its files are those of the run.

    Vectors of another tokenizer could not be compared with the snapshot's. Snapshots of earlier
    versions don't know the digest of the files; for those, only the weights are compared.

    Raises
    ------
    ModelError
        The model is not on this machine, or one of its files has changed.
    """
    settings, manifest = contents.profile.embed, contents.snapshot.manifest
    found = encoder(settings)
    if manifest.model_sha256 and found.files_sha256 != manifest.model_sha256:
        raise ModelError(
            f"the files of the model {settings.model} are not the ones that the snapshot "
            f"{manifest.snapshot} was made with; their sha256 is {found.files_sha256}",
            f"files with the sha256 {manifest.model_sha256}",
            "reinstall the model; or run the pipeline with these files and read the new snapshot",
        )
    return found


@lru_cache(maxsize=2)
def encoder(settings: EmbedSettings) -> Encoder:
    """Load a model once for all questions; what it embeds is not kept."""
    from ri_assets.pipeline.embed import Encoder, NoCache

    return Encoder(settings, NoCache(), lambda _: None)
