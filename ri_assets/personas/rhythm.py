"""When a persona writes, read against the corpus's own curve.

Belongs here: shares of hours and weekdays, their lift with an interval, and
which of them is a peak that chance does not explain. Does not belong here: how
a peak is put into words.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

Cycle = Literal["hour", "weekday"]

RHYTHM_COLUMNS = (
    "cluster", "cycle", "slot", "tweet_count", "share", "corpus_share",
    "lift", "lift_low", "lift_high",
)  # fmt: skip

SLOTS: dict[Cycle, int] = {"hour": 24, "weekday": 7}
# An hour borrows from its neighbours, because people are not punctual; a weekday does not.
_KERNELS: dict[Cycle, dict[int, float]] = {"hour": {-1: 0.25, 0: 0.5, 1: 0.25}, "weekday": {0: 1.0}}
_ERROR_RATE = 0.05


def rhythm_table(
    created_at: pd.Series[pd.Timestamp], clusters: NDArray[np.int64], timezone: str
) -> pd.DataFrame:
    """Hourly and weekly curve of each cluster.

    The lift of a slot is the cluster's share over the corpus's share, after
    smoothing (hours by 1-2-1 over their neighbours) and after adding one tweet a
    slot that is spread like the corpus, so that a handful of tweets has no
    extreme lift. Its interval is normal in the logarithm, holds jointly for all
    slots of a cycle (95%, Bonferroni), and takes into account that the cluster
    is a part of the corpus.

    Parameters
    ----------
    created_at
        Time of each tweet with time zone; missing ones are left out.
    clusters
        int64, shape (n_tweets,).
    timezone
        IANA zone in which hours and weekdays are read.

    Returns
    -------
    DataFrame
        Columns `RHYTHM_COLUMNS`, 31 rows a cluster, sorted by cluster, cycle and
        slot (hour 0–23; weekday 0–6 from Monday). Clusters without any time have
        no rows. `lift` and its bounds are missing where the corpus is silent.
    """
    is_timed = created_at.notna().to_numpy()
    local = pd.to_datetime(created_at[is_timed], utc=True).dt.tz_convert(timezone)
    labels = clusters[is_timed]
    tables = []
    for cycle in SLOTS:
        read = local.dt.hour if cycle == "hour" else local.dt.weekday
        slots = read.astype(np.int64).to_numpy()
        all_counts = _count(slots, cycle)
        for cluster in np.unique(labels):
            counts = _count(slots[labels == cluster], cycle)
            tables.append(_curve(counts, all_counts, cycle).assign(cluster=int(cluster)))
    if not tables:
        return pd.DataFrame(columns=list(RHYTHM_COLUMNS))
    table = pd.concat(tables).sort_values(["cluster", "cycle", "slot"], ignore_index=True)
    return table[list(RHYTHM_COLUMNS)]


def peak_slot(curve: pd.DataFrame) -> int | None:
    """Slot of highest lift, if its interval lies above 1; otherwise none.

    Parameters
    ----------
    curve
        Rows of `rhythm_table` for one cluster and one cycle.
    """
    known = curve.dropna(subset=["lift"])
    if known.empty:
        return None
    best = known.loc[known["lift"].idxmax()]
    return int(best["slot"]) if best["lift_low"] > 1 else None


def busiest_slot(curve: pd.DataFrame) -> int | None:
    """Slot with most tweets, the earliest of equals; none without tweets."""
    if curve.empty:
        return None
    return int(curve["slot"].to_numpy()[curve["tweet_count"].to_numpy().argmax()])


def _count(slots: NDArray[np.integer], cycle: Cycle) -> NDArray[np.float64]:
    return np.bincount(slots, minlength=SLOTS[cycle]).astype(np.float64)


def _smooth(values: NDArray[np.float64], cycle: Cycle, power: int = 1) -> NDArray[np.float64]:
    kernel = _KERNELS[cycle]
    return sum(
        (weight**power * np.roll(values, shift) for shift, weight in kernel.items()),
        start=np.zeros_like(values),
    )


def _curve(
    counts: NDArray[np.float64], all_counts: NDArray[np.float64], cycle: Cycle
) -> pd.DataFrame:
    n, n_all, n_slots = counts.sum(), all_counts.sum(), SLOTS[cycle]
    corpus_share = all_counts / n_all
    shrunk = (counts + n_slots * corpus_share) / (n + n_slots)
    top, bottom = _smooth(shrunk, cycle), _smooth(corpus_share, cycle)
    # Variance of a weighted sum of multinomial shares, drawn without replacement.
    variance = (_smooth(shrunk, cycle, power=2) - top**2) / (n + n_slots) * (1 - n / n_all)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = top / bottom
        spread = -ndtri(_ERROR_RATE / 2 / n_slots) * np.sqrt(variance) / top
    return pd.DataFrame(
        {
            "cycle": cycle,
            "slot": np.arange(n_slots),
            "tweet_count": counts.astype(np.int64),
            "share": counts / n,
            "corpus_share": corpus_share,
            "lift": lift,
            "lift_low": lift * np.exp(-spread),
            "lift_high": lift * np.exp(spread),
        }
    )
