"""Who counts as one author.

Belongs here: one number for each distinct author, also where authors are
unknown. Does not belong here: what is withheld when authors are too few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Authors:
    """Authors of tweets by number.

    Parameters
    ----------
    codes
        int64, shape (n_tweets,): equal numbers are, as far as known, one author.
    is_known
        False where the corpus names no author at all. Every tweet then counts as
        its own author, because nothing tells them apart.
    """

    codes: NDArray[np.int64]
    is_known: bool


def read_authors(tweets: pd.DataFrame) -> Authors:
    """Give each author a number, by id, or by handle where no id is known.

    Where only some tweets lack both, those count as the work of one author
    together: too few authors are then assumed rather than too many.
    """
    empty = pd.Series(None, index=tweets.index, dtype=object)
    ids = tweets["author_id"].astype(object) if "author_id" in tweets else empty
    handles = tweets["author_handle"].astype(object) if "author_handle" in tweets else empty
    keys = ids.map("id {}".format, na_action="ignore")
    keys = keys.fillna(handles.str.lower().map("handle {}".format, na_action="ignore"))
    if keys.isna().all():
        return Authors(np.arange(len(tweets), dtype=np.int64), is_known=False)
    codes, _ = pd.factorize(keys, use_na_sentinel=True)
    return Authors(codes.astype(np.int64), is_known=True)
