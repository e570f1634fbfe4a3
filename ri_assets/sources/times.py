"""Parse times in the forms that tools write, and convert them to UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

TIME_FORMS = (
    "2018-06-09T17:55:28Z",
    "2018-06-09 17:55:28+05:30",
    "2018-06-09 17:55:28 UTC",
    "Sat Jun 09 17:55:28 +0000 2018",
    "seconds or milliseconds since 1970",
)

_V1_TIME = "%a %b %d %H:%M:%S %z %Y"
_V1_FORM = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{1,2} ")
# A blank before the offset, a name of UTC, or the ISO forms.
_ZONED = re.compile(r"(.*[0-9])\s*(?:(Z|UTC|GMT)|([+-])([0-9]{2}):?([0-9]{2}))", re.IGNORECASE)
_WITH_OFFSET = re.compile(r"(.*[0-9]) ?(?:UTC|GMT)([+-][0-9]{2}:?[0-9]{2})")
_FRACTION = re.compile(r"\.([0-9]+)")
_SLASHES = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
_BARE_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
_SLASHED = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}\b.*")
_EPOCH = re.compile(r"([0-9]{9,19})(?:\.([0-9]+))?")
_ZERO_DATE = re.compile(r"0000-00-00([ T].*)?")
# The number of digits gives the unit: seconds have ten digits from 2001 to 2286.
_UNITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
_MICROSECONDS = 10**6
_START = datetime(1970, 1, 1, tzinfo=UTC)


class TimeProblem(Exception):  # noqa: N818 - no fault of the program: a value becomes missing
    """A time cannot be parsed.

    Parameters
    ----------
    detail
        What a time should look like, and what helps; without the value.
    lacks_zone
        Whether only the zone is missing.
    """

    def __init__(self, detail: str, *, lacks_zone: bool = False) -> None:
        self.detail, self.lacks_zone = detail, lacks_zone
        super().__init__(detail)


def instant_of(value: object, zone: tzinfo | None) -> datetime:
    """Parse a time and convert it to UTC.

    Parameters
    ----------
    value
        A text, a number of seconds or milliseconds, or a datetime.
    zone
        Zone of a time without one.

    Raises
    ------
    TimeProblem
        It is not a time, or has no zone and none is given.
    """
    if isinstance(value, bool):
        raise _no_time()
    found: datetime | None
    if isinstance(value, int | float):
        found = _from_epoch(str(int(value)) if value == value // 1 else str(value))
    elif isinstance(value, str):
        found = _from_text(value)
    elif isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        raise _no_hour()
    else:
        found = None
    if found is None:
        raise _no_time()
    if found.tzinfo is None:
        if zone is None:
            raise TimeProblem(
                "has no time zone; name it with --timezone, as in --timezone Europe/Berlin,"
                " or write times with their offset, as in 2018-06-09T17:55:28+05:30",
                lacks_zone=True,
            )
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise TimeProblem("is outside the years 1 to 9999") from None


def is_zero_date(text: str) -> bool:
    """Whether this is MySQL's notation for no date."""
    return text.startswith("0000") and bool(_ZERO_DATE.fullmatch(text))


def _no_time() -> TimeProblem:
    return TimeProblem("should be like 2018-06-09T17:55:28+00:00, or empty")


def _no_hour() -> TimeProblem:
    return TimeProblem("should have a time of day, as in 2018-06-09T17:55:28+00:00, or be empty")


def _from_text(text: str) -> datetime | None:
    if _V1_FORM.match(text):
        try:
            return datetime.strptime(text, _V1_TIME)
        except ValueError:
            return None
    if _BARE_DATE.fullmatch(text) and not (text.isdigit() and len(text) != 8):  # noqa: PLR2004
        raise _no_hour()
    if _EPOCH.fullmatch(text):
        return _from_epoch(text)
    if _SLASHED.fullmatch(text):
        raise TimeProblem(
            "can be read with the day or with the month first; write the year first, as in"
            " 2018-06-09 17:55:28 (Excel: format the cells as yyyy-mm-dd hh:mm:ss)"
        )
    text = _SLASHES.sub(lambda found: "{}-{:0>2}-{:0>2}".format(*found.groups()), text, count=1)
    if match := _WITH_OFFSET.fullmatch(text):
        text = match.group(1) + match.group(2)
    if match := _ZONED.fullmatch(text):
        plain = _iso(match.group(1))
        return None if plain is None or plain.tzinfo else plain.replace(tzinfo=_zone(match))
    return _iso(text)


def _zone(match: re.Match[str]) -> tzinfo:
    _, word, sign, hours, minutes = match.groups()
    if word:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset >= timedelta(days=1):
        raise _no_time()
    return timezone(-offset if sign == "-" else offset)


def _iso(text: str) -> datetime | None:
    """Parse ISO 8601; cuts nanoseconds to microseconds, which Python's parser rejects."""
    text = _FRACTION.sub(lambda found: f".{found.group(1)[:6]:0<6}", text, count=1)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    unit = _UNITS.get(len(match.group(1))) if match else None
    if match is None or unit is None:
        return None
    fraction = f"{match.group(2) or '0':0<6}"[:6] if unit == 1 else "0"
    microseconds = int(match.group(1)) * _MICROSECONDS // unit + int(fraction)
    return _START + timedelta(microseconds=microseconds)
