"""Frames: one wording with slots, such as "I reviewed … and rated it 4/5 on @…".

Belongs here: finding what many texts share word by word, and where they differ. Does not
belong here: what becomes of such texts (`denoise`, and `sources.left_out`).
"""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ri_assets.pipeline.text import HANDLE, LINK, collapse

START, END, SLOT = "^", "$", "…"
_SHINGLE = 3
_LEVEL_STEP = 1.5
_MAX_SLOTS = 3
_MAX_SLOT_TOKENS = 8
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class FrameBars:
    """What a shared wording must reach to count as a frame.

    Parameters
    ----------
    min_copies
        Texts in it.
    min_words
        Words that all of them share. Links, handles and numbers are no words.
    min_fixed_share
        Share of its words that the median text takes from the frame.
    must_close
        Whether the frame must hold from the first word to the last: people begin alike
        ("can you tell me how …"), and programs end alike too. A wording that shares twice
        `min_words` need not.
    """

    min_copies: int
    min_words: int
    min_fixed_share: float
    must_close: bool = True


@dataclass(frozen=True)
class Frame:
    """One frame and the texts in it.

    Parameters
    ----------
    wording
        The shared words in order, `…` for a slot, `<link>`, `<handle>` and 0 for what they
        stand for.
    rows
        Places of the texts, ascending.
    """

    wording: str
    rows: tuple[int, ...]


def find_frames(texts: Sequence[str], bars: FrameBars) -> list[Frame]:
    """Find the frames of a collection of texts.

    A word belongs to the frame where it stands in three words in a row that enough texts
    share; runs of other words are slots. What is enough is tried from `min_copies` upwards
    in steps of a half, because the words in a slot may be common as well. Time grows with
    the number of words, since only texts that still share `min_words` go to the next level.

    Parameters
    ----------
    texts
        Texts as written, in any order.
    bars
        What counts as a frame.

    Returns
    -------
    list of Frame
        Largest first, then by wording. A text is in at most one. Shuffling the texts changes
        nothing but the places. The texts outside all frames hold no frame.
    """
    tokens = [[START, *_tokens(text), END] for text in texts]
    left = list(range(len(texts)))
    frames: list[Frame] = []
    while found := _round(tokens, left, bars):
        frames += found
        caught = {row for frame in found for row in frame.rows}
        left = [row for row in left if row not in caught]
    return sorted(frames, key=lambda frame: (-len(frame.rows), frame.wording))


def _round(tokens: Sequence[list[str]], rows: Sequence[int], bars: FrameBars) -> list[Frame]:
    """Frames at every level; a text in several takes the largest."""
    counts = Counter(shingle for row in rows for shingle in set(_shingles(tokens[row])))
    candidates, level = list(rows), bars.min_copies
    best: dict[int, tuple[int, str]] = {}
    while len(candidates) >= bars.min_copies and level <= len(rows):
        groups: dict[str, list[tuple[int, float]]] = defaultdict(list)
        still = []
        for row in candidates:
            is_fixed = _fixed(tokens[row], counts, level)
            shared, share = _shared_words(tokens[row], is_fixed)
            if shared < bars.min_words:
                continue
            still.append(row)
            if wording := _wording(tokens[row], is_fixed, shared, bars):
                groups[wording].append((row, share))
        for wording, members in groups.items():
            size = len(members)
            if (
                size >= bars.min_copies
                and median(share for _, share in members) >= bars.min_fixed_share
            ):
                for row, _ in members:
                    best[row] = min(best.get(row, (0, "")), (-size, wording))
        candidates, level = still, int(level * _LEVEL_STEP) + 1
    members_of: dict[str, list[int]] = defaultdict(list)
    for row, (_, wording) in best.items():
        members_of[wording].append(row)
    return [
        Frame(wording.removeprefix(START).removesuffix(END).strip(), tuple(sorted(members)))
        for wording, members in members_of.items()
    ]


def _tokens(text: str) -> list[str]:
    """Words as written, case and punctuation included: a program writes them alike each time.

    Handles in front say whom a text answers, and are left out.
    """
    masked = LINK.sub(" <link> ", html.unescape(text))
    masked = collapse(_NUMBER.sub("0", HANDLE.sub("<handle>", masked)))
    found = masked.split()
    while found and found[0] == "<handle>":
        found = found[1:]
    return found


def _shingles(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(tokens[i : i + _SHINGLE]) for i in range(len(tokens) - _SHINGLE + 1)]


def _fixed(tokens: Sequence[str], counts: Counter[tuple[str, ...]], level: int) -> list[bool]:
    is_fixed = [False] * len(tokens)
    for place, shingle in enumerate(_shingles(tokens)):
        if counts[shingle] >= level:
            is_fixed[place : place + _SHINGLE] = [True] * _SHINGLE
    return is_fixed


def _shared_words(tokens: Sequence[str], is_fixed: Sequence[bool]) -> tuple[int, float]:
    """Words of the frame, and their share of all words of the text."""
    are_words = [not token.startswith("<") and any(map(str.isalpha, token)) for token in tokens]
    shared = sum(word and fixed for word, fixed in zip(are_words, is_fixed, strict=True))
    return shared, shared / max(sum(are_words), 1)


def _wording(
    tokens: Sequence[str], is_fixed: Sequence[bool], shared: int, bars: FrameBars
) -> str | None:
    """Write the text with its slots; None where they are too many, too long or too open."""
    is_closed = is_fixed[0] and is_fixed[-1]
    if bars.must_close and not is_closed and shared < 2 * bars.min_words:
        return None
    parts: list[str] = []
    slots = run = 0
    for token, fixed in zip(tokens, is_fixed, strict=True):
        run = 0 if fixed else run + 1
        if fixed:
            parts.append(token)
        elif run == 1:
            parts.append(SLOT)
            slots += 1
        if run > _MAX_SLOT_TOKENS:
            return None
    return " ".join(parts) if slots <= _MAX_SLOTS else None
