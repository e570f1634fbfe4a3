"""The catalogue of audiences, and which of them fits which cluster.

Belongs here: the shape of `catalogue.yaml`, how it is read, the minima of a match and the
one-to-one assignment. Does not belong here: how a match becomes a name
(`ri_assets.personas.naming.namers`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, field_validator

from ri_assets.config import Settings
from ri_assets.errors import ConfigError
from ri_assets.personas.naming.yaml_lines import Location, YamlFile, read_yaml, said
from ri_assets.personas.text.words import stem, words_of
from ri_assets.personas.traits import TRAITS

CATALOGUE_FILE = Path(__file__).parent / "catalogue.yaml"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Audience(Settings):
    """One entry of the catalogue; see the head of `catalogue.yaml`."""

    name: Line
    focus: Line
    keywords: tuple[Line, ...] = Field(min_length=1)
    proof: tuple[Annotated[tuple[Line, ...], Field(min_length=1)], ...] = Field(min_length=1)
    insight: Line
    needs: tuple[str, ...]

    @field_validator("needs")
    @classmethod
    def _known_traits(cls, needs: tuple[str, ...]) -> tuple[str, ...]:
        known = [trait.name for trait in TRAITS]
        for trait in needs:
            if trait not in known:
                raise ValueError(f"unknown trait {trait!r}; use one of {', '.join(known)}")
        return needs

    @field_validator("keywords")
    @classmethod
    def _holds_words(cls, keywords: tuple[str, ...]) -> tuple[str, ...]:
        for keyword in keywords:
            if not _key(keyword):
                raise ValueError(f"the keyword {keyword!r} holds no word of two letters or more")
        return keywords

    @field_validator("proof")
    @classmethod
    def _proves(cls, proof: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for word in chain.from_iterable(proof):
            if not _key(word):
                raise ValueError(f"the word {word!r} holds no word of two letters or more")
        return proof

    @field_validator("insight")
    @classmethod
    def _fills(cls, insight: str) -> str:
        try:
            insight.format(share="", lift="")
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError(f"only {{share}} and {{lift}} are filled in, not {error}") from error
        return insight


def load_catalogue(path: Path = CATALOGUE_FILE) -> tuple[Audience, ...]:
    """Read a catalogue.

    Raises
    ------
    ConfigError
        The file cannot be read, a key is missing, unknown or out of range, or
        two audiences have one name. The message names the entry and the key.
    """
    remedy = f"compare with {CATALOGUE_FILE}"
    expected = f"a YAML list of audiences with the keys {', '.join(Audience.model_fields)}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the catalogue {path} cannot be read: {error}", "a YAML list in UTF-8", remedy
        ) from error
    file = read_yaml(text, f"the catalogue {path}", expected, remedy)
    try:
        audiences = TypeAdapter(tuple[Audience, ...]).validate_python(file.content)
    except ValidationError as error:
        problems = "; ".join(
            _problem(file, problem["loc"], said(problem["msg"], problem["input"]))
            for problem in error.errors()
        )
        raise ConfigError(problems, expected, remedy) from error
    counts = Counter(audience.name.casefold() for audience in audiences)
    for number, audience in reversed(list(enumerate(audiences))):
        if counts[audience.name.casefold()] > 1:
            raise ConfigError(
                _problem(file, (number, "name"), f"{audience.name!r} appears twice"),
                "a name of its own for every audience",
                "rename or remove one of the two",
            )
    return audiences


def keyword_uses(
    texts: Sequence[str], audiences: Sequence[Audience]
) -> tuple[NDArray[np.bool_], list[list[list[str]]]]:
    """Which tweet uses which audience's keywords.

    Returns
    -------
    uses
        bool, shape (n_tweets, n_audiences).
    found
        For each tweet and audience the keywords found, in the order of the catalogue.
    """
    keys = [[(keyword, f" {_key(keyword)} ") for keyword in a.keywords] for a in audiences]
    found = []
    for text in texts:
        spoken = f" {_key(text)} "
        found.append([[keyword for keyword, key in own if key in spoken] for own in keys])
    uses = np.array([[bool(own) for own in row] for row in found], dtype=bool)
    return uses.reshape(len(texts), len(audiences)), found


def proofs(texts: Sequence[str], audiences: Sequence[Audience]) -> NDArray[np.bool_]:
    """Which tweet proves which audience: bool, shape (n_tweets, n_audiences).

    A tweet proves an audience if it holds a word of every group of its `proof`.
    """
    keys = [[[f" {_key(word)} " for word in group] for group in a.proof] for a in audiences]
    found = np.zeros((len(texts), len(audiences)), dtype=bool)
    for row, text in enumerate(texts):
        spoken = f" {_key(text)} "
        for place, groups in enumerate(keys):
            found[row, place] = all(any(key in spoken for key in group) for group in groups)
    return found


def _key(text: str) -> str:
    return " ".join(stem(word) for word in words_of(text))


def _problem(file: YamlFile, location: Location, what: str) -> str:
    """Say what is wrong where: "…, line 12, entry 3 (UX Shoppers), keywords: …"."""
    entry, *keys = location or ("the file",)
    name, content = "", file.content
    if isinstance(entry, int) and isinstance(content, list) and isinstance(content[entry], dict):
        name = f" ({content[entry].get('name', 'without name')})"
    first = f"entry {entry + 1}{name}" if isinstance(entry, int) else str(entry)
    rest = [str(key + 1 if isinstance(key, int) else key) for key in keys]
    return f"{file.name}, line {file.line(location)}, {', '.join([first, *rest])}: {what}"


Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit embeddings, float32 (n, d), of short texts."""

MIN_PROOF_SHARE = 1 / 3
"""An entry fits if this share of members prove what it asserts, …"""
MIN_LIFT = 1.5
"""… proof and keywords are this many times as frequent as in the corpus, …"""
MIN_COSINE = 0.10
"""… and the meaning is this close, after each side's mean is taken off."""


@dataclass(frozen=True)
class CatalogueMatch:
    """Why an entry of the catalogue fits a cluster.

    Parameters
    ----------
    audience
        The entry.
    keywords
        Its keywords that members use, most frequent first.
    share
        Members that use any of them, 0 to 1.
    lift
        That share over the corpus's.
    cosine
        Of the members' mean text vector to the entry, both centred; none without encoder.
    proof_share
        Members whose own words prove what the entry asserts, 0 to 1.
    """

    audience: Audience
    keywords: tuple[str, ...]
    share: float
    lift: float
    cosine: float | None
    proof_share: float


def by_size(clusters: NDArray[np.int64]) -> list[int]:
    """Clusters, largest first; of equals the one that has the earliest tweet."""
    ids, firsts, sizes = np.unique(clusters, return_index=True, return_counts=True)
    return [int(ids[n]) for n in np.lexsort((firsts, -sizes))]


def match_catalogue(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    clusters: NDArray[np.int64],
    catalogue: Sequence[Audience],
    encode: Encode | None,
    chosen_by: NDArray[np.bool_] | None = None,
) -> dict[int, CatalogueMatch]:
    """Assign entries to clusters one to one, with the greatest sum of scores.

    The score of a pair is the contrast of keyword use (share of members less
    share of all others) plus, with an encoder, the centred cosine. Pairs below
    the minima of this module are not assigned, so clusters may go without: above all,
    a third of the members must prove what the entry asserts, by its `proof`.

    Parameters
    ----------
    texts
        Cleaned texts of the tweets.
    vectors
        float32, shape (n_tweets, d): unit text vectors.
    clusters
        int64, shape (n_tweets,).
    catalogue
        Entries to choose from; may be empty.
    encode
        Embeds the entries; without it only keywords count.
    chosen_by
        bool, shape (n_tweets,): tweets that the choice rests on, all without it. The figures of
        a fit are those of all tweets, as everywhere else.
    """
    from scipy.optimize import linear_sum_assignment  # loads slowly

    uses, found = keyword_uses(texts, catalogue)
    proven = proofs(texts, catalogue)
    entries = None
    if encode is not None and catalogue:
        said = encode([f"{a.name}: {a.focus}. {', '.join(a.keywords)}" for a in catalogue])
        entries = said - said.mean(axis=0)
    chooses = np.ones(len(clusters), dtype=bool) if chosen_by is None else chosen_by
    order = by_size(clusters[chooses])
    pairs = _measured(uses[chooses], vectors[chooses], clusters[chooses], order, entries)
    score = pairs.share - pairs.rest
    proof = _measured(proven[chooses], vectors[chooses], clusters[chooses], order, None)
    fits = (proof.share >= MIN_PROOF_SHARE) & (proof.lift >= MIN_LIFT) & (pairs.lift >= MIN_LIFT)
    if pairs.cosine is not None:
        score = score + pairs.cosine
        fits &= pairs.cosine >= MIN_COSINE
    rows, columns = linear_sum_assignment(np.where(fits, score, 0.0), maximize=True)
    told = _measured(uses, vectors, clusters, order, entries)
    matched = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if not fits[row, column]:
            continue
        members = np.flatnonzero(clusters == order[row])
        spoken = Counter(key for n in members for key in found[n][column])
        matched[order[row]] = CatalogueMatch(
            audience=catalogue[column],
            keywords=tuple(key for key, _ in _frequent_first(spoken)),
            share=float(told.share[row, column]),
            lift=float(told.lift[row, column]),
            cosine=None if told.cosine is None else float(told.cosine[row, column]),
            proof_share=float(proven[members, column].mean()),
        )
    return matched


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Figures of every cluster with every entry, float64, shape (n_clusters, n_entries)."""

    share: NDArray[np.float64]
    rest: NDArray[np.float64]
    lift: NDArray[np.float64]
    cosine: NDArray[np.float64] | None


def _measured(
    uses: NDArray[np.bool_],
    vectors: NDArray[np.float32],
    clusters: NDArray[np.int64],
    order: Sequence[int],
    entries: NDArray[np.float32] | None,
) -> _Pairs:
    masks = [clusters == cluster for cluster in order]
    share = np.array([uses[mask].mean(axis=0) for mask in masks])
    cosine = None
    if entries is not None:
        means = np.array([vectors[mask].mean(axis=0) for mask in masks])
        cosine = _cosine(means - vectors.mean(axis=0), entries)
    return _Pairs(
        share=share,
        rest=np.array([uses[~mask].sum(axis=0) / max((~mask).sum(), 1) for mask in masks]),
        lift=share / np.maximum(uses.mean(axis=0), 1 / len(clusters)),
        cosine=cosine,
    )


def _frequent_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    sides = (
        side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
        for side in (left.astype(np.float64), right.astype(np.float64))
    )
    one, other = sides
    cosine: NDArray[np.float64] = one @ other.T
    return cosine
