"""The detectors of numbers among the second opinion (`ri_assets.personas.privacy.auditor`).

Belongs here: phone, order and card numbers, numbers of identity and of bank accounts, and
addresses of machines. They rest on `phonenumbers`, on the checksums of `python-stdnum`, on
`ipaddress` and on plain reading of runs of digits; no regular expression is used. Does not
belong here: names, links and addresses of mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import groupby

import phonenumbers
from stdnum import iban, luhn
from stdnum.exceptions import ValidationError
from stdnum.in_ import aadhaar, gstin, pan

HIDDEN = "\x00"
"""Stands for what the cleaner hid; a text that is to be shown holds no such character."""

_HOME = "IN"
_LONG = 7
_CARD_DIGITS = range(13, 20)
_AADHAAR_DIGITS = 12
_IFSC_CHARS, _PAN_CHARS, _GSTIN_CHARS = 11, 10, 15
_REFERENCE_CHARS, _REFERENCE_DIGITS = 5, 4
_REFERRING = frozenset(
    ["order", "ticket", "awb", "tracking", "reference", "booking", "pnr", "txn", "transaction",
     "invoice", "docket", "consignment", "shipment"]
)  # fmt: skip
_BETWEEN = frozenset(["id", "no", "number", "num"])
_REFERENCE_GAP, _REFERENCE_PREFIX = 8, 10
_DIGITS = "0123456789"
_NO_JOINS = ".:/()%₹$€£\n"
_SUM_GROUPS = range(2, 4)
_DOTS_OF_IP, _COLONS_OF_IP = 3, 2


def kinds_of_numbers(seen: str) -> frozenset[str]:
    """Kinds of numbers in a text that is in lower case and has no digits but those of ASCII."""
    n_digits = sum(map(seen.count, _DIGITS))
    found = {"ip address": n_digits > 0 and _has_ip_address(seen)}
    if n_digits >= _REFERENCE_DIGITS:
        found |= {
            "reference": _has_reference(seen),
            "identity number": _has_tax_number(seen),
            "bank account": _has_bank_account(seen),
        }
    if n_digits >= _LONG:
        joined = _plainly_joined(seen)
        found |= {
            "phone": _has_phone(joined),
            "number": any(len(run) >= _LONG for is_digit, run in _runs(seen) if is_digit),
            "card": _has_card(joined),
            "identity number": found["identity number"] or _has_aadhaar(joined),
        }
    return frozenset(kind for kind, is_found in found.items() if is_found)


def _words(seen: str) -> Iterator[str]:
    """Give runs of letters and digits."""
    for is_word, run in groupby(seen, str.isalnum):
        if is_word:
            yield "".join(run)


def _runs(seen: str) -> list[tuple[bool, str]]:
    """Parts of a text in order, digits and what stands between them by turns."""
    return [(is_digit, "".join(run)) for is_digit, run in groupby(seen, _DIGITS.__contains__)]


def _plainly_joined(seen: str) -> str:
    """Text with a hyphen for every sign by which people part the digits of one number.

    Commas between digits part a number too, but for those of a sum: 1,00,000.
    """
    runs = _runs(seen)
    last = len(runs) - 1
    of_sums = _places_in_sums(runs)
    joined = []
    for place, (is_digit, run) in enumerate(runs):
        if is_digit or place in (0, last) or not _is_join(run.strip(" ")):
            joined.append(run)
        elif "," in run:
            joined.append("-" if run == "," and place not in of_sums else run)
        else:
            joined.append(run.replace(run.strip(" "), "-"))
    return "".join(joined)


def _is_join(sign: str) -> bool:
    """Whether a sign may part the digits of one number: any but those of times and dates."""
    return len(sign) == 1 and sign not in _NO_JOINS and not sign.isalnum() and sign != HIDDEN


def _places_in_sums(runs: list[tuple[bool, str]]) -> set[int]:
    """Places of commas between digits that look like a sum: the last three digits apart."""
    found: set[int] = set()
    place = 1
    while place < len(runs) - 1:
        if runs[place][1] != ",":
            place += 1
            continue
        end = place
        while end + 2 < len(runs) - 1 and runs[end + 2][1] == ",":
            end += 2
        if _is_sum([run for is_digit, run in runs[place - 1 : end + 2] if is_digit]):
            found.update(range(place, end + 1, 2))
        place = end + 1
    return found


def _is_sum(groups: list[str]) -> bool:
    first, *middle, final = groups
    return (
        len(first) <= len("100")
        and all(len(group) in _SUM_GROUPS for group in middle)
        and len(final) == len("000")
    )


def _chains(seen: str) -> Iterator[list[str]]:
    """Give groups of digits that one space, dot or hyphen parts: how people write long numbers."""
    chain: list[str] = []
    for is_digit, run in _runs(seen):
        if is_digit:
            chain.append(run)
        elif run not in {" ", "-", ".", " - "} and chain:
            yield chain
            chain = []
    if chain:
        yield chain


def _joined(groups: list[str], longest: int) -> Iterator[str]:
    """Neighbouring groups written together, up to a length."""
    for start in range(len(groups)):
        whole = ""
        for group in groups[start:]:
            whole += group
            if len(whole) > longest:
                break
            yield whole


def _has_phone(seen: str) -> bool:
    found = phonenumbers.PhoneNumberMatcher(seen, _HOME, leniency=phonenumbers.Leniency.VALID)
    return found.has_next()


def _has_reference(seen: str) -> bool:
    """Whether a word such as order has a number close behind it, which no hashtag is."""
    if not any(word in seen for word in _REFERRING):
        return False
    runs = [
        (is_word, "".join(run))
        for is_word, run in groupby(seen, lambda char: char.isalnum() or char in "-_")
    ]
    words = [place for place, (is_word, _) in enumerate(runs) if is_word]
    for nth, place in enumerate(words):
        if runs[place][1] not in _REFERRING:
            continue
        behind = words[nth + 1 : nth + 3]
        if len(behind) > 1 and runs[behind[0]][1] in _BETWEEN:
            behind = behind[1:]
        if behind and _is_reference(runs[behind[0]][1], runs[behind[0] - 1][1]):
            return True
    return False


def _is_reference(word: str, gap: str) -> bool:
    """Whether a word with these characters before it is a number that a firm gave."""
    if gap.endswith("#"):  # a hyphen ends a hashtag
        tag = word.partition("-")[0]
        if _is_hashtag(tag, [place for place, char in enumerate(tag) if char in _DIGITS]):
            return False
    places = [place for place, char in enumerate(word) if char in _DIGITS]
    if len(word) < _REFERENCE_CHARS or len(places) < _REFERENCE_DIGITS:
        return False
    return len(gap) <= _REFERENCE_GAP and HIDDEN not in gap and places[0] <= _REFERENCE_PREFIX


def _is_hashtag(word: str, places: list[int]) -> bool:
    """Whether a word behind # is a topic: DiwaliSale2025 and ipl2019 are, od12345 is not."""
    if len(places) != len("2019"):
        return False
    n_letters = sum(char.isalpha() for char in word)
    year = word[places[0] : places[0] + len("2019")]
    is_year = year.isdecimal() and year[:2] in {"19", "20"}
    return n_letters > 3 or (n_letters > 0 and is_year)  # noqa: PLR2004


def _has_card(seen: str) -> bool:
    return any(
        len(number) in _CARD_DIGITS and luhn.is_valid(number)
        for chain in _chains(seen)
        for number in _joined(chain, _CARD_DIGITS[-1])
    )


def _has_tax_number(seen: str) -> bool:
    return any(
        (len(word) == _PAN_CHARS and pan.is_valid(word))
        or (len(word) == _GSTIN_CHARS and gstin.is_valid(word))
        for word in _words(seen)
    )


def _has_aadhaar(seen: str) -> bool:
    return any(
        len(number) == _AADHAAR_DIGITS and aadhaar.is_valid(number)
        for chain in _chains(seen)
        for number in _joined(chain, _AADHAAR_DIGITS)
    )


def _has_bank_account(seen: str) -> bool:
    words = list(_words(seen))
    for place, word in enumerate(words):
        if (
            len(word) == _IFSC_CHARS
            and word.isascii()
            and word[:4].isalpha()
            and word[4] == "0"
            and sum(char.isdigit() for char in word) >= _REFERENCE_DIGITS
        ):
            return True
        # An IBAN begins with two letters and two check digits; it is written in groups of four.
        if word[:2].isalpha() and word[2:4].isdigit() and word.isascii():
            whole = ""
            for part in words[place : place + 9]:
                whole += part
                if _is_iban(whole):
                    return True
    return False


def _is_iban(number: str) -> bool:
    try:
        iban.validate(number, check_country=False)
    except ValidationError:
        return False
    return len(number) > len("GB82WEST")


def _has_ip_address(seen: str) -> bool:
    for word in seen.replace(",", " ").replace("(", " ").replace(")", " ").split():
        if word.count(".") < _DOTS_OF_IP and word.count(":") < _COLONS_OF_IP:
            continue
        try:
            ip_address(word.strip(".;:!?'\"[]"))
        except ValueError:
            continue
        if any(char.isdigit() for char in word):
            return True
    return False
