"""What hides the private data of one corpus, and what checks that nothing was missed.

Belongs here: the one place that makes a cleaner and an auditor. The run, its checks, the
index, the command line, HTTP and the exports all use it, so they all know the same
handles. Also here: whether a text may be shown, the count of withheld texts, and the
last look at an asset's tables. Does not belong here: how cleaner and auditor work
(`ri_assets.personas.privacy.cleaner`, `ri_assets.personas.privacy.auditor`), or the
choice of the next best text, which each chooser of texts makes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import pandas as pd
import pyarrow as pa

from ri_assets.personas.privacy.auditor import Auditor
from ri_assets.personas.privacy.cleaner import Cleaner, load_brands
from ri_assets.personas.privacy.patterns import KINDS
from ri_assets.personas.privacy.person_names import NameFinder, proper_names
from ri_assets.personas.privacy.private_handles import POST_COLUMNS, private_handles
from ri_assets.personas.privacy.reading import readable
from ri_assets.personas.privacy.recogniser import Recogniser, recognise
from ri_assets.personas.text.lexicon import brand_words
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.records.record import Column, free_texts
from ri_assets.records.table import AssetContract
from ri_assets.store.tables import corpus_fingerprint

Passes = Callable[[str], bool]
"""Whether a text may be shown."""

OWN_PARTS = frozenset(["terms", "quotes", "names", "sentences"])
"""Parts by which a persona is known: in these no word may stand that may be a name."""
PLACEHOLDERS = tuple(f"[{kind}]" for kind in KINDS)
_REMEMBERED = 20_000
_CHUNK = 2048  # texts of one job
_WORTH_PROCESSES = 50_000  # texts; fewer take less time than starting processes
# What stands around words; apostrophes and hyphens within them are left to the comparison.
_APART = {ord(sign): " " for sign in '.,:;!?()[]{}"“”‘…/|*&<>#@~+=-–—_'}


class Guard:
    """Cleaner and auditor of one corpus, which know the same people and brands.

    Use `corpus_guard`, or `build_guard` where no Arrow tables are at hand.

    Parameters
    ----------
    people
        Handles that are hidden without @ too.
    brands
        Handles that are no people, in lower case without @.
    names
        Words, and words in a row, that are hidden as names wherever they stand, in casefold.
    unknown
        Words that are written with a capital and are on no list, in casefold: perhaps names.
    addresses
        Words in a row that are hidden as addresses, in casefold.
    """

    def __init__(
        self,
        people: Iterable[str],
        brands: Iterable[str],
        names: Iterable[str] = (),
        unknown: Iterable[str] = (),
        addresses: Iterable[str] = (),
    ) -> None:
        self.people, self.brands = frozenset(people), frozenset(brands)
        self.names, self.unknown = frozenset(names), frozenset(unknown)
        self.addresses = frozenset(addresses)
        self.cleaner = Cleaner(self.brands, self.people, self.names, self.addresses)
        # Terms and sentences repeat, and looking for phones takes its time.
        self.uncached_findings = Auditor(
            self.people, self.brands, PLACEHOLDERS, self.names, self.addresses
        ).kinds
        self._kinds = lru_cache(_REMEMBERED)(self.uncached_findings)

    def __reduce__(self) -> tuple[Any, ...]:
        """Give another process the same lists, from which it makes the guard once."""
        return _elsewhere, (self.people, self.brands, self.names, self.unknown, self.addresses)

    def clean(self, text: str) -> str:
        """Write placeholders over what is private."""
        return self.cleaner.clean(text)

    def clean_all(self, texts: Sequence[str], engine: Engine = LOCAL) -> list[str]:
        """Clean many texts, as `clean` does one."""
        jobs = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        found = engine.run(
            jobs,
            lambda job: partial(_cleaned, self, job),
            is_worth_processes=len(texts) >= _WORTH_PROCESSES,
        )
        return [text for part in found for text in part]

    def findings(self, text: str) -> frozenset[str]:
        """Kinds of private data that the auditor finds in a text that is to be shown."""
        return self._kinds(text)

    def passes(self, text: str) -> bool:
        """Whether the auditor finds nothing, so that the text may be shown."""
        return not self._kinds(text)

    def names_nobody(self, text: str) -> bool:
        """Whether no word of a text is one that may be a name (`unknown`)."""
        if not self.unknown:
            return True
        words = text.replace("’", "'").casefold().translate(_APART).split()
        return self.unknown.isdisjoint(word.removesuffix("'s") for word in words)

    def shown(self, text: str) -> str | None:
        """Clean a text; None where cleaner and auditor disagree, so that it must be withheld."""
        cleaned = self.clean(text)
        return cleaned if self.passes(cleaned) else None


def _cleaned(guard: Guard, texts: Sequence[str]) -> list[str]:
    return [guard.clean(text) for text in texts]


@lru_cache(maxsize=1)  # its patterns are compiled in a second, and each job brings the lists
def _elsewhere(*lists: frozenset[str]) -> Guard:
    return Guard(*lists)


class Screen:
    """Lets through what may be shown, and counts what is withheld by what it was for.

    Examples
    --------
    >>> screen = Screen(Guard({"jolly_cedar9"}, ()))
    >>> [term for term in ("refund", "jolly_cedar9") if screen.of("terms")(term)]
    ['refund']
    >>> screen.counts()
    {'terms': 1}
    """

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._withheld: dict[str, set[str]] = {}
        self._seen: dict[str, set[str]] = {}

    def of(self, part: str) -> Passes:
        """Give the question whether a text of a part (samples, terms …) may be shown."""

        def passes(text: str) -> bool:
            self._seen.setdefault(part, set()).add(text)
            if self.guard.passes(text) and (part not in OWN_PARTS or self.guard.names_nobody(text)):
                return True
            self._withheld.setdefault(part, set()).add(text)
            return False

        return passes

    def counts(self) -> dict[str, int]:
        """Count distinct texts that were withheld, by part, in alphabetical order."""
        return {part: len(self._withheld[part]) for part in sorted(self._withheld)}

    def total(self) -> int:
        """Count distinct texts that were looked at, part by part."""
        return sum(map(len, self._seen.values()))


def everything(_: str) -> bool:
    """Let every text pass: for callers whose texts need no screen, such as tests."""
    return True


def build_guard(
    posts: Iterable[pd.DataFrame],
    brands: Iterable[str],
    min_authors: int,
    recogniser: Recogniser | None = None,
) -> Guard:
    """Make the guard of a corpus.

    Parameters
    ----------
    posts
        Tweets and replies of the corpus, with columns of `people.POST_COLUMNS`.
    brands
        Handles that stay readable beside those that ship.
    min_authors
        A handle that so many others write as a plain word is an ordinary word.
    recogniser
        Finds more names, and addresses, in the whole corpus; None: rules alone find them.
    """
    everyone = load_brands() | set(brands)
    frames = [
        frame[[name for name in POST_COLUMNS if name in frame]]
        for frame in posts
        if "text" in frame
    ]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"text": []})
    texts = whole["text"].dropna().tolist()
    called = brand_words(everyone)
    unknown = proper_names(texts, called)
    finder = NameFinder(called)
    announced = {
        word
        for text in texts
        for start, end in finder.announced(text)
        for word in text[start:end].casefold().translate(_APART).split()
    }
    people = private_handles(whole, everyone, min_authors)
    found = recognise(recogniser, map(readable, texts), called)
    names = (announced & unknown) | found.names
    return Guard(people, everyone, names, unknown, found.addresses)


def corpus_guard(
    tweets: pa.Table,
    replies: pa.Table,
    brands: Iterable[str],
    min_authors: int,
    recogniser: Recogniser | None = None,
) -> Guard:
    """Make the guard of a corpus from its tables `raw_tweets` and `raw_replies`.

    The last one is kept: a run asks for the same guard several times, and each reads every post.
    """
    tables = [
        table.select([name for name in POST_COLUMNS if name in table.column_names])
        for table in (tweets, replies)
    ]
    key = (corpus_fingerprint(*tables), frozenset(brands), min_authors, recogniser)
    guard = _last_guard.get(key)
    if guard is None:
        frames = (table.to_pandas() for table in tables)
        guard = build_guard(frames, key[1], min_authors, recogniser)
        _last_guard.clear()
        _last_guard[key] = guard
    return guard


_last_guard: dict[tuple[object, ...], Guard] = {}


IN_PLACE = "(withheld: it may be private)"
"""What stands where a text must be and none may be shown."""


def withhold(
    contract: AssetContract, frames: Mapping[str, pd.DataFrame], screen: Screen
) -> dict[str, pd.DataFrame]:
    """Take the texts out of an asset's tables that may not be shown.

    Of a list the text is left out; where a text may be missing, it then is; else
    `IN_PLACE` stands there.

    Parameters
    ----------
    contract
        Columns of the asset.
    frames
        Its tables by name; those of no contract stay as they are.
    screen
        Says what may be shown, and counts what is withheld by table.
    """
    found = dict(frames)
    for table in contract.tables:
        if table.name not in found:
            continue
        passes = screen.of(table.name)
        for column in table.columns:
            if column.is_free_text and column.name in found[table.name]:
                found[table.name] = _screened(found[table.name], column, passes)
    return found


def _screened(frame: pd.DataFrame, column: Column, passes: Passes) -> pd.DataFrame:
    values = [_shown(value, column, passes) for value in frame[column.name]]
    return frame.assign(**{column.name: pd.Series(values, index=frame.index, dtype=object)})


def _shown(value: Any, column: Column, passes: Passes) -> Any:
    if pa.types.is_list(column.type):
        return value if value is None else [one for one in value if _passes(one, column, passes)]
    if not isinstance(value, str) or passes(value):
        return value
    return None if column.nullable else IN_PLACE


def _passes(value: Any, column: Column, passes: Passes) -> bool:
    return all(passes(text) for _, text in free_texts(column, value))
