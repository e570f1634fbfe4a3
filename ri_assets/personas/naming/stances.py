"""Who members are in their subject: askers, complainers, thankers, link sharers and others.

Belongs here: which tweets show which stance, and the stance that sets a cluster apart.
Does not belong here: the subject (`subjects`), or the words of a name (`namers`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import StringConstraints, TypeAdapter

from ri_assets.config import Settings
from ri_assets.personas.text.words import complaints, stem, word_lists, words_of
from ri_assets.pipeline.text import LINK

STANCES_FILE = Path(__file__).parent / "stances.yaml"
MIN_SHARE = 0.30
"""A stance names a persona if this share of members shows it, …"""
MIN_LIFT = 1.25
"""… this many times the corpus's share, and beyond chance."""
_ERROR_RATE = 0.01

Line = Annotated[str, StringConstraints(min_length=1)]
Feature = Literal["question", "complaint", "link", "none"]
Answer = Literal["complaint", "question", "praise", "source", "none"]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Stance(Settings):
    """One entry of `stances.yaml`; see there."""

    name: Line
    verb: Line
    shows: Line
    feature: Feature
    words: tuple[Line, ...]
    without: Feature
    answer: Answer

    @property
    def stems(self) -> frozenset[str]:
        """Stems of the words that show it; a subject of these would say the same twice."""
        own = word_lists().complaint if self.feature == "complaint" else self.words
        return frozenset(map(stem, own))


@dataclass(frozen=True)
class StanceFigures:
    """A stance that sets a cluster apart.

    Parameters
    ----------
    stance
        The entry.
    share
        Members that show it, 0 to 1.
    lift
        That share over the corpus's.
    """

    stance: Stance
    share: float
    lift: float

    @property
    def told(self) -> str:
        """Both figures in words."""
        return (
            f"{self.share:.0%} of the tweets {self.stance.shows}, "
            f"{self.lift:.1f} times the corpus's share"
        )


@cache
def load_stances() -> tuple[Stance, ...]:
    """Read the stances that ship in `stances.yaml`."""
    content = yaml.safe_load(STANCES_FILE.read_text(encoding="utf-8"))
    return TypeAdapter(tuple[Stance, ...]).validate_python(content)


def show_stances(texts: Sequence[str], raw_texts: Sequence[str]) -> Bool:
    """Which tweet shows which stance: bool, shape (n_tweets, n_stances).

    Parameters
    ----------
    texts
        Tweets, cleaned of what is private.
    raw_texts
        The same tweets as written; only whether they hold a link is read from these.
    """
    stances = load_stances()
    keys = [frozenset(map(stem, stance.words)) for stance in stances]
    shown = np.zeros((len(texts), len(stances)), dtype=bool)
    for row, (text, raw) in enumerate(zip(texts, raw_texts, strict=True)):
        words = words_of(text)
        stems = set(map(stem, words))
        has = {
            "question": "?" in LINK.sub("", raw),
            "complaint": bool(complaints(words)),
            "link": LINK.search(raw) is not None,
            "none": False,
        }
        for place, stance in enumerate(stances):
            is_shown = has[stance.feature] or not keys[place].isdisjoint(stems)
            shown[row, place] = is_shown and not has[stance.without]
    return shown


def choose_stances(shown: Bool, clusters: Int64, chosen_by: Bool) -> Mapping[int, StanceFigures]:
    """Give each cluster the stance that sets it apart most; those without are left out.

    Parameters
    ----------
    shown
        As `show_stances` gives it.
    clusters
        int64, shape (n_tweets,).
    chosen_by
        bool, shape (n_tweets,): tweets that the choice rests on. The figures are those of all.
    """
    found = {}
    numbers = np.unique(clusters)
    bound = NormalDist().inv_cdf(1 - _ERROR_RATE / len(numbers) / max(shown.shape[1], 1))
    for cluster in map(int, numbers):
        members = (clusters == cluster) & chosen_by
        others = (clusters != cluster) & chosen_by
        if not members.any() or not others.any():
            continue
        share, rest = shown[members].mean(axis=0), shown[others].mean(axis=0)
        pooled = shown[chosen_by].mean(axis=0)
        error = np.sqrt(pooled * (1 - pooled) * (1 / members.sum() + 1 / others.sum()))
        is_apart = (share >= MIN_SHARE) & (share >= MIN_LIFT * pooled)
        is_apart &= share - rest > bound * error
        if is_apart.any():
            best = int(np.argmax(np.where(is_apart, share - rest, -1.0)))
            of_all = float(shown[clusters == cluster, best].mean())
            found[cluster] = StanceFigures(
                load_stances()[best], of_all, of_all / float(shown[:, best].mean())
            )
    return found
