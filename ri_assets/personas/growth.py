"""Whether a persona's part of the conversation grew within the corpus's time range.

Belongs here: the rule for when that can be said at all, the ratio and its interval.
Does not belong here: the rhythm of days and weeks (`rhythm`).

The range from the first tweet to the last is cut in the middle. A persona's ratio is its
tweets after over its tweets before, divided by the same of all other tweets of the
corpus, so that a corpus that grew as a whole makes nothing emerge. It is an odds ratio:
each of the four counts is raised by a half (Haldane and Anscombe), the variance of the
logarithm is the sum of their reciprocals (Woolf 1955), and the interval is normal in the
logarithm. It holds jointly for all personas (95%, Bonferroni), because the reader looks
at all of them for one that stands out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

GROWTH_COLUMNS = (
    "cluster", "trend", "trend_basis", "growth_ratio", "growth_low", "growth_high",
)  # fmt: skip

MIN_DAYS = 14
"""Each half must hold whole weeks' worth of days; a shorter range tells days, not trends."""
MIN_TIMED_SHARE = 0.90
MIN_HALF_SHARE = 0.05
"""Of the corpus, in either half: otherwise a few stray dates make the range."""
MIN_TWEETS = 10
"""Of the persona, with a time."""
_ERROR_RATE = 0.05


def growth_table(created_at: pd.Series[pd.Timestamp], clusters: NDArray[np.int64]) -> pd.DataFrame:
    """Growth of each cluster against the corpus.

    Parameters
    ----------
    created_at
        Time of each tweet with time zone; may be missing.
    clusters
        int64, shape (n_tweets,).

    Returns
    -------
    DataFrame
        Columns `GROWTH_COLUMNS`, one row a cluster, ascending. The three figures are
        missing where the trend is `unknown`; `trend_basis` then says why.
    """
    ids = np.unique(clusters)
    reason = _unfit(created_at)
    if reason is not None:
        rows = [_unknown(int(cluster), reason) for cluster in ids]
        return pd.DataFrame(rows, columns=list(GROWTH_COLUMNS))
    is_timed = created_at.notna().to_numpy()
    is_late = _is_late(created_at[is_timed])
    labels = clusters[is_timed]
    bound = -ndtri(_ERROR_RATE / 2 / len(ids))
    rows = [_row(int(cluster), labels == cluster, is_late, bound) for cluster in ids]
    return pd.DataFrame(rows, columns=list(GROWTH_COLUMNS))


def _unfit(created_at: pd.Series[pd.Timestamp]) -> str | None:
    """Why no trend can be told from these times; none where it can."""
    known = created_at.dropna()
    if len(known) < MIN_TIMED_SHARE * len(created_at) or known.empty:
        return (
            f"{len(known) / max(len(created_at), 1):.0%} of the tweets have a time; "
            f"a trend needs {MIN_TIMED_SHARE:.0%}"
        )
    days = (known.max() - known.min()) / pd.Timedelta(days=1)
    if days < MIN_DAYS:
        return f"the tweets span {days:.1f} days; a trend needs {MIN_DAYS}"
    late = float(_is_late(known).mean())
    if not MIN_HALF_SHARE <= late <= 1 - MIN_HALF_SHARE:
        return (
            f"{late:.0%} of the tweets lie in the second half of the time range; a trend "
            f"needs {MIN_HALF_SHARE:.0%} in either half"
        )
    return None


def _is_late(known: pd.Series[pd.Timestamp]) -> NDArray[np.bool_]:
    middle = known.min() + (known.max() - known.min()) / 2
    return np.asarray(known > middle, dtype=bool)


def _row(
    cluster: int, is_member: NDArray[np.bool_], is_late: NDArray[np.bool_], bound: float
) -> dict[str, object]:
    n, after = int(is_member.sum()), int((is_member & is_late).sum())
    if n < MIN_TWEETS:
        return _unknown(cluster, f"{n} of its tweets have a time; a trend needs {MIN_TWEETS}")
    before, other_after = n - after, int((~is_member & is_late).sum())
    counts = np.array([after, before, other_after, len(is_late) - n - other_after]) + 0.5
    ratio = float(counts[0] / counts[1] / (counts[2] / counts[3]))
    spread = float(np.exp(bound * np.sqrt((1 / counts).sum())))
    low, high = ratio / spread, ratio * spread
    trend = "emerging" if low > 1 else "fading" if high < 1 else "no clear change"
    return {
        "cluster": cluster,
        "trend": trend,
        "trend_basis": f"{before:,} tweets in the first half of the time range and {after:,} in "
        f"the second: {ratio:.2f} times the change of all others ({low:.2f} to {high:.2f})",
        "growth_ratio": ratio,
        "growth_low": low,
        "growth_high": high,
    }


def _unknown(cluster: int, why: str) -> dict[str, object]:
    return {
        "cluster": cluster,
        "trend": "unknown",
        "trend_basis": why,
        "growth_ratio": np.nan,
        "growth_low": np.nan,
        "growth_high": np.nan,
    }
