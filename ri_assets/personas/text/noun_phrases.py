"""Noun phrases of a corpus, as its authors write them, without a model of the language.

Belongs here: which words and phrases may stand as a subject. Whether a word is a noun is
read from the words around it: nouns follow "the", "my" or "of", verbs follow "to" or "I",
and a phrase ends where its last word is followed by a function word or a stop. Small closed
lists (`grammar.yaml`) decide the rest. Does not belong here: which subject a persona has
(`ri_assets.personas.naming.subjects`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import regex
import yaml
from scipy import sparse

from ri_assets.personas.text.lexicon import is_word
from ri_assets.personas.text.vocabulary import MIN_TWEETS, Vocabulary
from ri_assets.personas.text.words import phrases, stem, word_lists, words_of

GRAMMAR_FILE = Path(__file__).parent / "grammar.yaml"
MAX_WORDS = 3
MIN_PHRASE_TWEETS = 4
MIN_NOUN_SHARE = 0.5
"""Of the words before a noun that tell, at least this share announce a noun."""
MIN_CLOSED_SHARE = 0.3
"""A noun phrase is followed by a stop or a function word at least this often."""
MIN_PLURAL = 0.25
"""A plural that fewer write, against the singular, is no common form of the word."""
MOSTLY_TAGGED = 0.6
MOSTLY_CAPITALS = 0.8
_SHORT = regex.compile(r"\b\p{L}{2,5}\b")
_HASHTAG = regex.compile(r"#(\w+)")
_NOUN_ENDINGS = ("tion", "sion", "ment", "ness", "ity", "ship", "ance", "ence", "age", "ery")
_PRIOR = 2
# Scripts that set no space between words: a run of letters is no word there.
_UNSPACED = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}]")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Grammar:
    """The lists of `grammar.yaml`; see there."""

    before_nouns: frozenset[str]
    before_verbs: frozenset[str]
    verbs: frozenset[str]
    judgement: frozenset[str]
    vague: frozenset[str]
    weak: frozenset[str]
    nouns: frozenset[str]
    foreign: frozenset[str]
    inside: frozenset[str]


@cache
def grammar() -> Grammar:
    """Read the lists that ship in `grammar.yaml`."""
    content: dict[str, str] = yaml.safe_load(GRAMMAR_FILE.read_text(encoding="utf-8"))
    return Grammar(**{name: frozenset(text.split()) for name, text in content.items()})


@dataclass(frozen=True, eq=False)
class NounPhrases:
    """Content words of a corpus, and phrases of them.

    Parameters
    ----------
    vocabulary
        Single content words and noun phrases of up to three, each in the form that most
        tweets use.
    subjects
        Terms of the vocabulary that may stand as a subject.
    singular, plural
        Other number of a term, where members write that too.
    """

    vocabulary: Vocabulary
    subjects: frozenset[str]
    singular: dict[str, str]
    plural: dict[str, str]


@dataclass
class _Uses:
    """What is known of one word or phrase."""

    tweets: set[int] = field(default_factory=set)
    forms: Counter[str] = field(default_factory=Counter)
    n_noun: int = 0
    n_verb: int = 0
    n_closed: int = 0
    n: int = 0

    @property
    def noun_share(self) -> float:
        """Of the words before it that tell, the share that announces a noun."""
        return (self.n_noun + 0.5) / (self.n_noun + self.n_verb + 1)

    @property
    def closed_share(self) -> float:
        return self.n_closed / self.n


def find_noun_phrases(texts: Sequence[str], dull: Set[str]) -> NounPhrases:
    """Collect the words and noun phrases of a corpus.

    Parameters
    ----------
    texts
        Tweets, cleaned of what is private.
    dull
        Words that say nothing new, such as the brand under discussion.
    """
    stops = word_lists().stop | grammar().foreign
    dull = dull | _hashtags(texts)
    found: dict[Key, _Uses] = defaultdict(_Uses)
    for row, text in enumerate(texts):
        for words in phrases(text):
            for start, end in _spans(words, stops | dull):
                _count(found[tuple(_stems(words[start:end]))], row, words, start, end, stops, dull)
    kept = {
        key: uses
        for key, uses in found.items()
        if len(uses.tweets) >= (MIN_TWEETS if len(key) == 1 else MIN_PHRASE_TWEETS)
        and (len(key) == 1 or _is_phrase(key, found))
    }
    shown = {key: _best_form(uses) for key, uses in kept.items()}
    ordered = sorted(kept, key=lambda key: (shown[key], key))
    # Two keys may share a form only if their stems differ by accident; the first one keeps it.
    ordered = list({shown[key]: key for key in reversed(ordered)}.values())[::-1]
    rows = [(row, place) for place, key in enumerate(ordered) for row in kept[key].tweets]
    at = np.array(rows, dtype=np.int64).reshape(-1, 2)
    uses = sparse.csr_array(
        (np.ones(len(at), dtype=np.int64), (at[:, 0], at[:, 1])), shape=(len(texts), len(ordered))
    )
    return NounPhrases(
        vocabulary=Vocabulary(tuple(shown[key] for key in ordered), uses, {}),
        subjects=frozenset(shown[key] for key in ordered if _is_subject(key, found)),
        singular={
            shown[key]: one
            for key in ordered
            if (one := shown[key].removesuffix("s")) in kept[key].forms and one != shown[key]
        },
        plural={
            shown[key]: many
            for key in ordered
            if kept[key].forms[many := f"{shown[key]}s"] >= MIN_PLURAL * kept[key].forms[shown[key]]
        },
    )


def written_in_capitals(texts: Sequence[str]) -> frozenset[str]:
    """Words of two to five letters that mostly stand in capitals, in lower case: LAX, TSA."""
    words = Counter(word for text in texts for word in _SHORT.findall(text))
    total: Counter[str] = Counter()
    for word, n in words.items():
        total[word.lower()] += n
    return frozenset(
        word.lower()
        for word, n in words.items()
        if word.isupper() and n >= MIN_TWEETS and n >= MOSTLY_CAPITALS * total[word.lower()]
    )


def _hashtags(texts: Sequence[str]) -> set[str]:
    """Words that are no words of the language and mostly stand behind a #, such as "abflood"."""
    tagged = Counter(tag.lower() for text in texts for tag in _HASHTAG.findall(text))
    total = Counter(word for text in texts for word in set(words_of(text)))
    return {
        tag
        for tag, count in tagged.items()
        if count >= MOSTLY_TAGGED * total[tag] and not is_word(tag)
    }


def _spans(words: Sequence[str], no_subject: Set[str]) -> Iterator[tuple[int, int]]:
    """Places of words and phrases that begin and end with a content word."""
    is_content = [
        len(word) > 2 - (not word.isascii()) and word not in no_subject and not word.endswith("ly")
        and not _UNSPACED.search(word)
        for word in words
    ]  # fmt: skip
    inside = grammar().inside
    for start, is_start in enumerate(is_content):
        if not is_start:
            continue
        yield start, start + 1
        for end in range(start + 2, min(start + MAX_WORDS, len(words)) + 1):
            between = range(start + 1, end - 1)
            if not is_content[end - 1]:
                continue
            if all(is_content[place] or words[place] in inside for place in between):
                yield start, end


def _stems(words: Sequence[str]) -> list[str]:
    return [stem(word) for word in words]


def _count(
    uses: _Uses,
    row: int,
    words: Sequence[str],
    start: int,
    end: int,
    stops: Set[str],
    dull: Set[str],
) -> None:
    form = " ".join(words[start:end])
    if row not in uses.tweets:
        uses.forms[form] += 1
    uses.tweets.add(row)
    before = words[start - 1] if start else ""
    uses.n += 1
    # A brand before a word does what an article does: "acme gold", "the gold".
    uses.n_noun += before in grammar().before_nouns or before in dull
    uses.n_verb += before in grammar().before_verbs and before not in grammar().before_nouns
    uses.n_closed += end == len(words) or words[end] in stops


def _is_phrase(key: Key, found: dict[Key, _Uses]) -> bool:
    """Whether words that follow each other are a noun phrase, as far as the corpus shows."""
    if len(set(key)) < len(key):
        return False
    first, last = found.get(key[:1]), found.get(key[-1:])
    uses = found[key]
    if first is None or last is None or not _is_noun(last) or uses.closed_share < MIN_CLOSED_SHARE:
        return False
    lists = grammar()
    words = set(_best_form(uses).split()) - lists.inside
    opening = _best_form(first)
    if words & lists.judgement or (_is_verb(opening) and not opening.endswith("ed")):
        return False
    if _best_form(uses).split()[0].endswith("ed"):
        # "My cancelled order" is a noun phrase and "I ordered food" is none.
        return uses.n_noun > max(uses.n_verb, 1)
    if max(first.noun_share, uses.noun_share) < MIN_NOUN_SHARE:
        return False
    return all(
        found.get(pair) is None or found[pair].noun_share >= MIN_NOUN_SHARE - 0.2
        for pair in pairwise(key)
    )


def _is_subject(key: Key, found: dict[Key, _Uses]) -> bool:
    uses = found[key]
    if word_lists().rude & set(_best_form(uses).split()):
        return False
    if len(key) > 1:
        return True
    word = _best_form(uses)
    lists = grammar()
    return _is_noun(uses) and word not in lists.judgement | lists.vague and not _is_verb(word)


def _is_noun(uses: _Uses) -> bool:
    word = _best_form(uses)
    lists = grammar()
    if word in lists.judgement or _is_verb(word):
        return False
    if word.endswith("ed") and word not in lists.nouns:
        return False
    prior = _PRIOR * word.endswith(_NOUN_ENDINGS) - _PRIOR * word.endswith("ing")
    n_noun, n_verb = uses.n_noun + max(prior, 0), uses.n_verb - min(prior, 0)
    is_told = n_noun >= 1 or not word.isascii()
    return (
        is_told
        and n_noun + 0.5 >= MIN_NOUN_SHARE * (n_noun + n_verb + 1)
        and (uses.closed_share >= MIN_CLOSED_SHARE)
    )


def _is_verb(word: str) -> bool:
    return word in grammar().verbs or stem(word) in _verb_stems()


@cache
def _verb_stems() -> frozenset[str]:
    return frozenset(map(stem, grammar().verbs))


def _best_form(uses: _Uses) -> str:
    return min(uses.forms.items(), key=lambda item: (-item[1], item[0]))[0]
