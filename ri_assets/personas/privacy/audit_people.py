"""The detectors of people and their homes among the second opinion (`auditor`).

Belongs here: names behind words that announce them, addresses, account names behind a
platform's name, number plates, dates of birth, one-time and booking codes, and coordinates. A
text is read token by token; no regular expression is used. The lists of words are those that
the cleaner reads (`ri_assets.personas.text.lexicon`): they are facts, not judgement. Does not
belong here: numbers, links, handles.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby, pairwise

from ri_assets.personas.privacy.audit_numbers import HIDDEN
from ri_assets.personas.text.lexicon import is_word, proper_words

_TITLES = frozenset(["mr", "mrs", "ms", "dr", "shri", "smt"])
_ROLES = frozenset(["agent", "rider", "driver", "executive", "boy", "valet", "supervisor"])
_THANKS = frozenset(["thanks", "regards", "thx"])
_NAMED = frozenset(["is", "was", "named", "called"])
_NETWORKS = frozenset(["insta", "instagram", "snapchat", "telegram", "facebook", "discord"])
_SECRETS = frozenset(["otp", "cvv", "mpin", "passcode", "password"])
_LINKING = frozenset(["is", "was", "no", "number", "code"])
_BIRTH = frozenset(["dob", "birth", "birthdate", "born", "birthday"])
_HOUSES = frozenset(["flat", "house", "door", "plot", "apartment", "apt"])
_NUMBERED = frozenset(["no", "number", "num", "nbr"])
_BOOKINGS = frozenset(["pnr", "locator"])
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = frozenset(["rs", "min", "mins", "minutes", "hr", "hrs", "hours", "times", "days"])
_STATES = frozenset(
    ["AN", "AP", "AR", "AS", "BR", "CG", "CH", "DD", "DL", "DN", "GA", "GJ", "HP", "HR", "JH", "JK",
     "KA", "KL", "LA", "LD", "MH", "ML", "MN", "MP", "MZ", "NL", "OD", "OR", "PB", "PY", "RJ", "SK",
     "TG", "TN", "TR", "TS", "UK", "UP", "WB"]
)  # fmt: skip
_NO_SERIES = frozenset(
    ["RS", "INR", "KM", "PM", "AM", "GB", "MB", "KG", "ML", "TO", "FOR", "AND", "OF"]
)
_MIN_LETTERS, _MAX_GAP, _PIN_DIGITS, _DECIMALS = 3, 3, 6, 4
_SECRET_DIGITS = range(4, 9)
_BIRTH_REACH = 5
_LATITUDE, _LONGITUDE = 90, 180

Token = tuple[str, str]
"""What stands before a word, and the word."""


def kinds_of_people(
    plain: str, brands: AbstractSet[str], names: AbstractSet[str]
) -> frozenset[str]:
    """Kinds of what tells who or where somebody is, in a text with its capitals and ASCII digits.

    Parameters
    ----------
    plain
        A text as a reader sees it.
    brands
        Words by which brands are called, in lower case.
    names
        Words that are names wherever they stand, in casefold.
    """
    tokens = list(_tokens(plain))
    low = [word.casefold() for _, word in tokens]
    found = {"name": not names.isdisjoint(low) or _has_name(tokens, low, brands)}
    if any(map(str.isdigit, plain)):
        found |= {
            "home address": _has_address(tokens, low),
            "number plate": _has_plate(tokens),
            "birth date": _has_birth_date(low),
            "one-time code": _has_secret(tokens, low),
            "reference": _has_booking(tokens, low),
            "coordinates": _has_coordinates(plain),
        }
    found["account name"] = _has_account(tokens, low, brands)
    return frozenset(kind for kind, is_found in found.items() if is_found)


def _tokens(plain: str) -> Iterator[Token]:
    """Give runs of letters, digits and what the cleaner hid, each with what stands before it."""
    before = ""
    for is_read, run in groupby(plain, lambda char: char.isalnum() or char == HIDDEN):
        if is_read:
            yield before, "".join(run)
            before = ""
        else:
            before = "".join(run)


def _near(gap: str) -> bool:
    return 0 < len(gap) <= _MAX_GAP and all(sign in " .,:-\n" for sign in gap)


def _has_name(tokens: list[Token], low: list[str], brands: AbstractSet[str]) -> bool:
    for place, ((_, cue), (gap, word)) in enumerate(pairwise(tokens)):
        is_announced = (
            low[place] in _TITLES
            or (low[place] in _ROLES and "." not in gap)
            or low[place] in _THANKS
            or (low[place] in _NAMED and place > 0 and _is_naming(low, place))
        )
        if is_announced and _near(gap) and cue[:1].isalpha() and _may_be_name(word, brands):
            return True
    return False


def _is_naming(low: list[str], place: int) -> bool:
    """Whether "is" stands behind "my name", "his name" or "her name"."""
    return low[place - 1] == "name" and place > 1 and low[place - 2] in {"my", "his", "her"}


def _may_be_name(word: str, brands: AbstractSet[str]) -> bool:
    low = word.casefold()
    return (
        len(word) >= _MIN_LETTERS
        and word[0].isupper()
        and word[1:].islower()
        and word.isalpha()
        and low not in brands
        and low not in proper_words()
        and not is_word(low)
    )


def _has_address(tokens: list[Token], low: list[str]) -> bool:
    for place, word in enumerate(low):
        behind = place + 1
        if word in {"pin", "zip"} and low[behind : behind + 1] == ["code"]:
            behind += 1
        if word in {"pin", "zip", "pincode"} and behind < len(tokens):
            digits = low[behind]
            if (
                behind + 1 < len(tokens)
                and len(digits) < _PIN_DIGITS
                and tokens[behind + 1][0] == " "
            ):
                digits += low[behind + 1]
            if digits.isdecimal() and len(digits) == _PIN_DIGITS:
                return True
        if (
            word in _HOUSES
            and behind + 1 < len(tokens)
            and low[behind] in _NUMBERED
            and low[behind + 1].isdecimal()
        ):
            return True
    return False


def _has_plate(tokens: list[Token]) -> bool:
    for place, (_, word) in enumerate(tokens):
        if word[:2].upper() not in _STATES:
            continue
        if _is_plate(word.upper()) and (word.isupper() or word.islower()):
            return True
        whole = word
        for gap, more in tokens[place + 1 : place + 4]:
            if not (gap and gap.strip(" -.") == "" and len(gap) <= _MAX_GAP):
                break
            if more in _NO_SERIES or not more.isascii():
                break
            whole += more
            if whole.isupper() and _is_plate(whole):
                return True
    return False


def _is_plate(word: str) -> bool:
    """Whether a word is a state, one or two digits, one to three letters and four digits."""
    middle, last = word[2:-4], word[-4:]
    digits = "".join(char for char in middle if char.isdecimal())
    letters = middle[len(digits) :]
    return (
        last.isdecimal()
        and middle.startswith(digits)
        and len(digits) in (1, 2)
        and letters.isalpha()
        and len(letters) <= len("ABC")
    )


def _has_birth_date(low: list[str]) -> bool:
    for place, word in enumerate(low):
        if word not in _BIRTH:
            continue
        for start in range(place + 1, min(place + _BIRTH_REACH, len(low) - 2)):
            parts = low[start : start + 3]
            n_months = sum(part[:3] in _MONTHS and part.isalpha() for part in parts)
            numbers = [part.rstrip("stndrh") for part in parts if part[:1].isdecimal()]
            if (
                n_months + len(numbers) == len(parts)
                and n_months <= 1
                and all(number.isdecimal() for number in numbers)
                and any(len(n) == len("1990") and n[:2] in {"19", "20"} for n in numbers)
            ):
                return True
    return False


def _has_secret(tokens: list[Token], low: list[str]) -> bool:
    for place, word in enumerate(low):
        if word not in _SECRETS:
            continue
        behind = place + 1
        while behind < len(low) and low[behind] in _LINKING and behind - place <= 2:  # noqa: PLR2004
            behind += 1
        if (
            behind < len(low)
            and low[behind].isdecimal()
            and len(low[behind]) in _SECRET_DIGITS
            and tokens[behind][0].strip(" :#=-") == ""
            and low[behind + 1 : behind + 2] not in [[unit] for unit in _UNITS]
        ):
            return True
    return False


def _has_booking(tokens: list[Token], low: list[str]) -> bool:
    for place, word in enumerate(low[:-1]):
        code = tokens[place + 1][1]
        if (
            word in _BOOKINGS
            and len(code) == len("ABC12D")
            and code.isascii()
            and any(map(str.isdecimal, code))
            and any(map(str.isalpha, code))
        ):
            return True
    return False


def _has_coordinates(plain: str) -> bool:
    words = [word.strip("()[],;°+-NSEWnsew") for word in plain.replace(",", " ").split()]
    for north, east in pairwise(words):
        pair = (north.partition("."), east.partition("."))
        if all(
            whole.isdecimal() and rest.isdecimal() and len(rest) >= _DECIMALS
            for whole, _, rest in pair
        ):
            return len(north) < 12 and float(north) <= _LATITUDE and float(east) <= _LONGITUDE  # noqa: PLR2004
    return False


def _has_account(tokens: list[Token], low: list[str], brands: AbstractSet[str]) -> bool:
    for place, (gap, word) in enumerate(tokens[1:]):
        if (
            low[place] in _NETWORKS
            and gap.strip(" ") in {":", "="}
            and word.isalpha()
            and len(word) > _MIN_LETTERS
            and low[place + 1] not in brands
            and low[place + 1] not in proper_words()
            and not is_word(low[place + 1])
        ):
            return True
    return False
