"""Authors whom personas share, pair by pair.

Belongs here: the counts, and which pairs are left out because too few authors wrote in both. No
count names an author. Does not belong here: who counts as one author (`privacy.author_ids`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ri_assets.records.answers import Overlap

if TYPE_CHECKING:
    from ri_assets.personas.privacy.author_ids import Authors  # it loads pandas


@dataclass(frozen=True)
class Overlaps:
    """Pairs of personas by their shared authors.

    Parameters
    ----------
    pairs
        Most shared authors first.
    n_left_out
        Pairs that fewer than `min_authors` share.
    """

    pairs: tuple[Overlap, ...]
    n_left_out: int


def overlaps(
    names: Mapping[str, str],
    personas: Sequence[str],
    persona: NDArray[np.integer],
    authors: Authors,
    min_authors: int,
    own: str | None = None,
) -> Overlaps:
    """Count the authors in both of every two personas, with the number expected by chance.

    Parameters
    ----------
    names
        Name of each persona to compare by its id; pairs that are equal come in this order.
    personas
        Ids that `persona` counts in.
    persona
        Place of each tweet's persona, shape (n_tweets,).
    authors
        Author of each tweet, in the same order; tweets without a known one are ignored.
    min_authors
        A pair that fewer authors share is left out.
    own
        Give only the pairs of this persona, which then comes first.
    """
    shared = shared_authors(persona, authors, len(personas))
    n_authors = len(np.unique(authors.codes[authors.codes >= 0]))
    place = {one: personas.index(one) for one in names}
    pairs = [(own, other) for other in names if other != own] if own else combinations(names, 2)
    found, n_pairs = [], 0
    for a, b in pairs:
        n_pairs += 1
        n_shared = int(shared[place[a], place[b]])
        if n_shared < min_authors:
            continue
        n_a, n_b = int(shared[place[a], place[a]]), int(shared[place[b], place[b]])
        expected = n_a * n_b / n_authors
        found.append(
            Overlap(
                persona_id=a,
                name=names[a],
                other_persona_id=b,
                other_name=names[b],
                author_count=n_a,
                other_author_count=n_b,
                shared_authors=n_shared,
                author_share=n_shared / n_a,
                other_author_share=n_shared / n_b,
                expected_authors=expected,
                lift=n_shared / expected,
            )
        )
    found.sort(key=lambda pair: -pair.shared_authors)  # stable: larger personas stay first
    return Overlaps(tuple(found), n_pairs - len(found))


def shared_authors(
    persona: NDArray[np.integer], authors: Authors, n_personas: int
) -> NDArray[np.int64]:
    """Count the distinct known authors that each two personas share.

    Parameters
    ----------
    persona
        Place of each tweet's persona, shape (n_tweets,).
    authors
        Author of each tweet, in the same order.

    Returns
    -------
    ndarray
        int64, shape (n_personas, n_personas), symmetric; the diagonal counts each persona's
        authors.
    """
    is_known = authors.codes >= 0
    wrote_in = np.zeros((n_personas, int(authors.codes.max(initial=-1)) + 1), dtype=np.bool_)
    wrote_in[persona[is_known], authors.codes[is_known]] = True
    counts = [[np.count_nonzero(one & other) for other in wrote_in] for one in wrote_in]
    return np.array(counts, dtype=np.int64).reshape(n_personas, n_personas)


def united_authors(counts: Sequence[int], united: int, everyone: int, min_authors: int) -> int:
    """Give how many authors several personas have together, without telling small overlaps.

    The authors of each persona less those of all together are an overlap. So the overlap that
    the answer leaves is rounded down to a multiple of `min_authors`: a pair that fewer authors
    share looks like one that shares none, and the answer is at most `min_authors` - 1 too high.

    Parameters
    ----------
    counts
        Authors of each persona.
    united
        Distinct authors of all of them together.
    everyone
        Distinct authors of the corpus; the answer is never above.
    min_authors
        Least number of authors that may be told.

    Examples
    --------
    >>> united_authors([50, 40], 88, 300, 5), united_authors([50, 40], 83, 300, 5)
    (90, 85)
    """
    if united == everyone:
        return united
    total = sum(counts)
    return min(total - (total - united) // min_authors * min_authors, everyone)
