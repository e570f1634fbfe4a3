"""The optional recogniser: a spaCy pipeline that finds names of people and addresses.

Belongs here: finding an installed pipeline, verifying it, and reading a corpus with it. Of what
the pipeline finds, only what may be a name is taken (`names_in`), and only if the corpus agrees:
a word that is a name in less than half of its texts is none. Does not belong here: hiding what
was found. Cleaner and auditor get lists and know no pipeline, so readers of a snapshot need none.

Places (FAC, GPE, LOC) are left alone. They are what people talk about, and hardly any of them
is part of a private address (`docs/adr/0041-names-from-an-installed-pipeline.md`).
"""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from ri_assets.config import EnrichSettings
from ri_assets.errors import ConfigError
from ri_assets.personas.privacy.phrases import Phrases, phrase_of, words_of
from ri_assets.personas.text.lexicon import GIVEN_NAMES, is_word, proper_words
from ri_assets.personas.text.words import word_lists
from ri_assets.pipeline.embedding_model import digest_of, file_digests

PEOPLE = frozenset(["PERSON", "PER", "PRS"])
ADDRESSES = frozenset(["ADDRESS", "STREET_ADDRESS"])
"""Labels that pipelines of one's own give; those of spaCy know places, not addresses."""
NAME_SHARE = 0.5
"""A word or phrase is a name if the pipeline says so in at least this share of its texts."""
MAX_WORDS, _MIN_LETTERS = 6, 3
_CONFIG, _META = "config.cfg", "meta.json"
_RULERS = frozenset(["entity_ruler", "span_ruler"])
# They name no entities, and take more than half of the time.
_UNUSED = ("tagger", "morphologizer", "parser", "senter", "lemmatizer", "attribute_ruler")
_PARTICLES = frozenset(["de", "da", "di", "van", "von", "der", "den", "bin", "al", "el", "la"])
_JOINED = frozenset("@#_/")
_BETWEEN = frozenset(" .'’-")
_REMEDY = (
    "pip install 'ri-persona-system[names]' and a pipeline (docs/operations.md), or set "
    "enrich.recogniser to null"
)


@dataclass(frozen=True)
class Recogniser:
    """An installed pipeline, verified but not loaded."""

    name: str
    version: str
    sha256: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.name} {self.version} sha256:{self.sha256}"


class Recognised(NamedTuple):
    """What a corpus's texts name: words and phrases, as `phrase_of` writes them."""

    names: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


def find_recogniser(name: str | None, sha256: str | None = None) -> Recogniser | None:
    """Find a pipeline and verify its files, without loading it; None if none is named.

    Parameters
    ----------
    name
        An installed package, or a folder.
    sha256
        Expected digest of its files; None accepts any.

    Raises
    ------
    ConfigError
        spaCy or the pipeline is missing, knows no names, or has other files.
    """
    if name is None:
        return None
    if importlib.util.find_spec("spacy") is None:
        raise ConfigError(
            f"the profile names the recogniser {name!r}, but spaCy is not installed",
            "spaCy 3.8",
            _REMEDY,
        )
    folder = _folder_of(name)
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        labels = {str(label) for part in meta["labels"].values() for label in part}
        called = f"{meta.get('lang', '')}_{meta.get('name', '')}", str(meta.get("version", ""))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConfigError(
            f"{folder / _META} of the recogniser {name!r} cannot be read: {error}",
            "a file that spaCy wrote, with the pipeline's labels",
            "save the pipeline again with nlp.to_disk, or reinstall its package",
        ) from error
    if not labels & (PEOPLE | ADDRESSES):
        raise ConfigError(
            f"the recogniser {name!r} knows no names (its labels: {_listed(labels)})",
            f"one of the labels {_listed(PEOPLE | ADDRESSES)}",
            "choose a pipeline that recognises people, or set enrich.recogniser to null",
        )
    found = digest_of(file_digests(folder))
    if sha256 not in {None, found}:
        raise ConfigError(
            f"the files of the recogniser {name!r} have sha256 {found}",
            f"{sha256}, as enrich.recogniser_sha256 says",
            "reinstall the pipeline, or state the new sha256 in the profile on purpose",
        )
    return Recogniser(*called, found, folder)


def recogniser_of(settings: EnrichSettings) -> Recogniser | None:
    """Find the pipeline that a profile names; raises as `find_recogniser`."""
    return find_recogniser(settings.recogniser, settings.recogniser_sha256)


def _folder_of(name: str) -> Path:
    if Path(name).is_dir():
        folders = [Path(name)]
    else:
        package = name.replace("-", "_")
        spec = importlib.util.find_spec(package) if package.isidentifier() else None
        if spec is None or not spec.submodule_search_locations:
            raise ConfigError(
                f"there is no recogniser {name!r} on this machine",
                "an installed spaCy pipeline, or the path of a folder with one",
                _REMEDY,
            )
        folders = [Path(place) for place in spec.submodule_search_locations]
    # A package holds its pipeline in a folder of its own.
    places = {
        path.parent for one in folders for path in (*one.glob(_CONFIG), *one.glob(f"*/{_CONFIG}"))
    }
    if len(places) != 1:
        raise ConfigError(
            f"the recogniser {name!r} has {len(places)} files {_CONFIG}",
            "one spaCy pipeline",
            "give the path of the pipeline's own folder",
        )
    return places.pop()


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(sorted(labels)[:10]) or "none"


def recognise(
    recogniser: Recogniser | None, texts: Iterable[str], brands: AbstractSet[str]
) -> Recognised:
    """Read a corpus and give the names and addresses in it.

    Parameters
    ----------
    recogniser
        None finds nothing.
    texts
        The corpus, as readers see it.
    brands
        Names of brands, in lower case; they are not names of people.

    Raises
    ------
    ConfigError
        The pipeline cannot be loaded.
    """
    if recogniser is None:
        return Recognised()
    # A run asks again for each of its checks.
    return _recognised(recogniser, tuple(dict.fromkeys(texts)), frozenset(brands))


@lru_cache(maxsize=2)
def _recognised(
    recogniser: Recogniser, texts: tuple[str, ...], brands: frozenset[str]
) -> Recognised:
    names: Counter[str] = Counter()
    addresses: set[str] = set()
    for text, document in zip(texts, _loaded(recogniser).pipe(texts), strict=True):
        of_text: set[str] = set()
        for entity in document.ents:
            start, end = entity.start_char, entity.end_char
            if entity.label_ in PEOPLE:
                of_text.update(names_in(text, start, end, brands))
            elif entity.label_ in ADDRESSES:
                addresses.add(phrase_of(text[start:end]))
        names.update(of_text)
    phrases = Phrases(names)
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(set(phrases.in_text(text)))
    agreed = {name for name, n in names.items() if n >= NAME_SHARE * seen[name]}
    return Recognised(frozenset(agreed), frozenset(filter(_is_long, addresses)))


def _is_long(address: str) -> bool:
    """Whether an address is one: of a single word, such as a town's, it would hide too much."""
    return " " in address


def names_in(text: str, start: int, end: int, brands: AbstractSet[str]) -> Iterator[str]:
    """Give the names in what a pipeline takes for a person: each rare word, and whole names.

    Pipelines take dishes, brands, hashtags and words of other languages for people. A name here
    is a run of words, none in lower case (except "van" and the like), none of a brand, place or
    frequent word, and at least one that no dictionary holds.

    Examples
    --------
    >>> text = "@acme Ask Mark van Quorvex about the Chicken"
    >>> list(names_in(text, 10, len(text), frozenset({"acme"})))
    ['quorvex', 'mark van quorvex']
    >>> list(names_in(text, 0, 5, frozenset({"acme"})))
    []
    """
    for run in _runs(text, start, end, brands):
        rare = [w for w in run if len(w) >= _MIN_LETTERS and not is_word(w) and w not in _PARTICLES]
        yield from rare
        if 1 < len(run) <= MAX_WORDS and (rare or not GIVEN_NAMES.isdisjoint(run)):
            yield " ".join(run)


def _runs(text: str, start: int, end: int, brands: AbstractSet[str]) -> Iterator[Sequence[str]]:
    """Give runs of words that may be a name."""
    no_name = _no_names(frozenset(brands))
    run: list[str] = []
    last = start
    for word, first, after in words_of(text, start, end):
        low = phrase_of(word)
        is_near = set(text[last:first]) <= _BETWEEN
        last = after
        if not is_near:
            yield _ended(run)
            run = []
        is_part = bool(run) and word in _PARTICLES
        if is_part or (
            word.isalpha()
            and not word[0].islower()
            and text[max(first - 1, 0) : first] not in _JOINED
            and (low not in no_name or low in GIVEN_NAMES)
        ):
            run.append(low)
        else:
            yield _ended(run)
            run = []
    yield _ended(run)


@lru_cache(maxsize=2)
def _no_names(brands: frozenset[str]) -> frozenset[str]:
    return brands | proper_words() | word_lists().stop | word_lists().hinglish


def _ended(run: list[str]) -> Sequence[str]:
    """Take off what cannot end a name."""
    while run and (run[-1] in _PARTICLES or run[-1] == "s"):
        run = run[:-1]
    return run


@lru_cache(maxsize=1)
def _loaded(recogniser: Recogniser) -> Any:
    """Load a pipeline from its folder; code of a package that holds it is not run."""
    import spacy

    try:
        pipeline = spacy.load(recogniser.folder)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise ConfigError(
            f"the recogniser {recogniser.name} {recogniser.version} cannot be loaded: {error}",
            f"a pipeline for spaCy {version('spacy')}",
            "install the pipeline's version for this spaCy, or save it again",
        ) from error
    kinds = {pipeline.get_pipe_meta(name).factory for name in pipeline.pipe_names}
    if kinds.isdisjoint(_RULERS):  # their rules may ask for any of it
        pipeline.select_pipes(disable=[n for n in _UNUSED if n in pipeline.pipe_names])
    return pipeline
