"""When posts are written, and the ids that follow from it.

Belongs here: the twelve weeks of the sample, its hourly and weekly curves, and
ids that ascend with time. Does not belong here: who writes.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ri_assets.sample.audiences import Clock
from ri_assets.sample.portable_random import Dice

ZONE = ZoneInfo("Asia/Kolkata")
FIRST_DAY = datetime(2025, 8, 4, tzinfo=ZONE)
N_DAYS = 84

# How much is written in each local hour when no audience is looked at.
_HOURLY = (
    *(1.6, 0.9, 0.5, 0.3, 0.3, 0.5, 1.0, 1.9, 3.0, 4.1, 5.0, 5.3),
    *(5.2, 5.1, 5.2, 5.3, 5.2, 5.1, 5.0, 5.1, 5.3, 5.2, 4.3, 2.9),
)
_PEAK_HEIGHT = 9.0
_SATURDAY = 5
_EPOCH_MS = 1_288_834_974_657


def _hour_weights(clock: Clock) -> list[float]:
    weights = []
    for hour, common in enumerate(_HOURLY):
        away = abs(hour - clock.peak_hour)
        away = min(away, 24 - away)
        bump = _PEAK_HEIGHT * math.exp(-0.5 * (away / clock.width) ** 2)
        # Even the keenest audience sleeps: its peak is damped where nobody writes.
        weights.append(common + bump * min(1.0, common / 3.0))
    return weights


def moment(clock: Clock, dice: Dice) -> datetime:
    """Draw when one tweet of this audience is written, in UTC, to the second."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(N_DAYS)]
    day = days[dice.weighted([clock.weekend if d.weekday() >= _SATURDAY else 1.0 for d in days])]
    hour = dice.weighted(_hour_weights(clock))
    return (day + timedelta(hours=hour, seconds=dice.between(0, 3599))).astimezone(UTC)


def later(time: datetime, median_minutes: float, dice: Dice) -> datetime:
    """Draw a moment after `time`, at most three days, to the second."""
    minutes = min(3 * 1440.0, dice.lognormal(median_minutes, 1.1))
    return time + timedelta(seconds=30 + int(60 * minutes))


def snowflake(time: datetime, dice: Dice) -> int:
    """Make an id that ascends with time: milliseconds, then 22 random bits."""
    milliseconds = int(time.timestamp()) * 1000 + dice.between(0, 999)
    return (max(0, milliseconds - _EPOCH_MS) << 22) | dice.between(0, (1 << 22) - 1)
