"""Frames: wordings with slots that many texts share, like "I reviewed … and rated it 4/5 on @…".

`denoise` drops tweets that share a frame, and `sources.left_out` leaves automated posts out.
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
# They define what a frame is: the thresholds of the profile (`denoise.frame_*`) were chosen for
# them. Words in a row that texts must share, the step between two levels of sharing, and the
# most slots and words in a slot.
_SHINGLE = 3
_LEVEL_STEP = 1.5
_MAX_SLOTS = 3
_MAX_SLOT_TOKENS = 8
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class FrameBars:
    """The thresholds from which a shared wording counts as a frame.

    Parameters
    ----------
    min_copies
        Number of texts in it.
    min_words
        Number of words that all of them share. Links, handles and numbers do not count.
    min_fixed_share
        Share of its words that the median text takes from the frame.
    must_close
        Whether the frame must include the first and the last word: people begin alike ("can
        you tell me how …"), only programs also end alike. A wording that shares twice
        `min_words` is exempt.
    """

    min_copies: int
    min_words: int
    min_fixed_share: float
    must_close: bool = True


@dataclass(frozen=True)
class Frame:
    """A frame and the texts in it.

    Parameters
    ----------
    wording
        The shared words in order, with `…` for a slot, `<link>` and `<handle>`, and 0 for a
        number.
    rows
        Positions of the texts, ascending.
    """

    wording: str
    rows: tuple[int, ...]


def find_frames(texts: Sequence[str], bars: FrameBars) -> list[Frame]:
    """Find the frames in a collection of texts.

    A word belongs to the frame if it is one of three words in a row that enough texts share;
    runs of other words are slots. "Enough" starts at `min_copies` and grows by a half at each
    level, because the words in a slot may be common too. Time grows linearly with the number
    of words, since only texts that still share `min_words` go to the next level.

    Parameters
    ----------
    texts
        Texts as written, in any order.
    bars
        The thresholds.

    Returns
    -------
    list of Frame
        Largest first, then by wording. A text is in at most one frame. Shuffling the texts
        only changes their positions. The texts outside all frames hold no further frame.
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
    """Find frames at every level; a text in several frames goes to the largest."""
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
    """Split into words as written, with case and punctuation, which a program never varies.

    Handles in front of a text say whom it answers and are removed.
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
    """Count the words of the frame, and give their share of all words of the text."""
    are_words = [not token.startswith("<") and any(map(str.isalpha, token)) for token in tokens]
    shared = sum(word and fixed for word, fixed in zip(are_words, is_fixed, strict=True))
    return shared, shared / max(sum(are_words), 1)


def _wording(
    tokens: Sequence[str], is_fixed: Sequence[bool], shared: int, bars: FrameBars
) -> str | None:
    """Give the text with slots; None if they are too many or too long, or an end is open."""
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
