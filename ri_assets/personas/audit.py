"""A second opinion: whether anything private is left in a text that will be published.

Belongs here: detectors that share no pattern and no code with the cleaner
(`ri_assets.personas.privacy`), so that one mistake does not blind both. They rest on
`phonenumbers`, on the checksums of `python-stdnum`, on `ipaddress` and on plain reading
of words; no regular expression is used. Does not belong here: hiding what is found.

A finding blocks publication, so a detector errs on the side of certainty: what is only
perhaps a number of somebody's is the cleaner's to hide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from ipaddress import ip_address
from itertools import groupby

import phonenumbers
from stdnum import iban, luhn
from stdnum.exceptions import ValidationError
from stdnum.in_ import aadhaar, gstin, pan

FINDINGS = (
    "author handle", "handle", "address", "link", "phone", "number", "reference", "card",
    "identity number", "bank account", "ip address",
)  # fmt: skip
"""Kinds that `Auditor.kinds` may give; an address is one of e-mail or of payment."""

_HOME = "IN"
_LONG = 7
_CARD_DIGITS = range(13, 20)
_AADHAAR_DIGITS = 12
_IFSC_CHARS = 11
_REFERENCE_CHARS, _REFERENCE_DIGITS = 5, 4
_SHOWS_NOTHING = ("Cf", "Mn", "Me", "Cs")
_LINKS = (
    "www.", "t.co/", "bit.ly/", "goo.gl/", "youtu.be/", "amzn.to/", "wa.me/", "fb.me/",
    "tinyurl.com/", "youtube.com/", "instagram.com/", "facebook.com/", "twitter.com/",
)  # fmt: skip
_MAILERS = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com")
_REFERRING = frozenset(
    ["order", "ticket", "awb", "tracking", "reference", "booking", "pnr", "txn", "transaction",
     "invoice", "docket", "consignment", "shipment"]
)  # fmt: skip
_BETWEEN = frozenset(["id", "no", "number", "num"])


class Auditor:
    """Finds what should not be published.

    Parameters
    ----------
    people
        Handles of authors, case-folded: found as whole words, with or without @.
    brands
        Handles that are no people, in lower case without @.
    placeholders
        What the cleaner writes; it is no finding.

    Examples
    --------
    >>> auditor = Auditor({"jolly_cedar9"}, {"zomato"}, ("[phone]",))
    >>> sorted(auditor.kinds("@zomato asked Jolly_Cedar9 to ring 98765 43210, not [phone]"))
    ['author handle', 'phone']
    """

    def __init__(
        self,
        people: AbstractSet[str],
        brands: AbstractSet[str],
        placeholders: tuple[str, ...] = (),
    ) -> None:
        self._people, self._brands, self._placeholders = people, brands, placeholders

    def kinds(self, text: str) -> frozenset[str]:
        """Kinds of private data in a text, some of `FINDINGS`; none is an empty set."""
        for placeholder in self._placeholders:
            text = text.replace(placeholder, " ; ")
        seen = _as_seen(text)
        return frozenset(
            kind
            for kind, is_found in (
                ("author handle", not self._people.isdisjoint(_words(seen, "_"))),
                ("handle", any(not before for before, _ in self._mentions(seen))),
                ("address", any(before for before, _ in self._mentions(seen)) or _has_mail(seen)),
                ("link", "://" in seen or any(_begins_word(link, seen) for link in _LINKS)),
                ("phone", _has_phone(seen)),
                ("number", any(len(run) >= _LONG for run in _digit_runs(seen))),
                ("reference", _has_reference(seen)),
                ("card", _has_card(seen)),
                ("identity number", _has_identity_number(seen)),
                ("bank account", _has_bank_account(seen)),
                ("ip address", _has_ip_address(seen)),
            )
            if is_found
        )

    def _mentions(self, seen: str) -> Iterator[tuple[str, str]]:
        """Each @ with a word behind it that is no brand: the character before, and the word."""
        before, *parts = seen.split("@")
        for part in parts:
            word = next(_words(part, "_"), "")
            if word and part.startswith(word) and word not in self._brands:
                yield before[-1:] if before[-1:].isalnum() else "", word
            before = part


def _as_seen(text: str) -> str:
    """Text as a reader sees it: lower case, ASCII digits, plain letters, nothing invisible."""
    shown = []
    for char in unicodedata.normalize("NFKC", text):
        digit = unicodedata.digit(char, None)
        if digit is not None:
            shown.append(str(digit))
        elif unicodedata.category(char) not in _SHOWS_NOTHING:
            shown.append(char)
    return "".join(shown).casefold()


def _begins_word(part: str, seen: str) -> bool:
    place = seen.find(part)
    while place >= 0:
        if not seen[max(place - 1, 0) : place].isalnum():
            return True
        place = seen.find(part, place + 1)
    return False


def _words(seen: str, joiners: str = "") -> Iterator[str]:
    """Give runs of letters, digits and `joiners`."""
    for is_word, run in groupby(seen, lambda char: char.isalnum() or char in joiners):
        if is_word:
            yield "".join(run)


def _digit_runs(seen: str) -> Iterator[str]:
    for is_digit, run in groupby(seen, lambda char: char in "0123456789"):
        if is_digit:
            yield "".join(run)


def _chains(seen: str) -> Iterator[list[str]]:
    """Give groups of digits that one space, dot or hyphen parts: how people write long numbers."""
    chain: list[str] = []
    for is_digit, run in groupby(seen, lambda char: char in "0123456789"):
        text = "".join(run)
        if is_digit:
            chain.append(text)
        elif text not in {" ", "-", "."} and chain:
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


def _has_mail(seen: str) -> bool:
    return any(mailer in seen for mailer in _MAILERS) or "[at]" in seen or "(at)" in seen


def _has_phone(seen: str) -> bool:
    if sum(char in "0123456789" for char in seen) < _LONG:
        return False
    found = phonenumbers.PhoneNumberMatcher(seen, _HOME, leniency=phonenumbers.Leniency.VALID)
    return found.has_next()


def _has_reference(seen: str) -> bool:
    words = list(_words(seen, "-_"))
    for place, word in enumerate(words):
        if word not in _REFERRING:
            continue
        behind = words[place + 1 : place + 3]
        if len(behind) > 1 and behind[0] in _BETWEEN:
            behind = behind[1:]
        if behind and len(behind[0]) >= _REFERENCE_CHARS:
            digits = sum(char in "0123456789" for char in behind[0])
            if digits >= _REFERENCE_DIGITS:
                return True
    return False


def _has_card(seen: str) -> bool:
    return any(
        len(number) in _CARD_DIGITS and luhn.is_valid(number)
        for chain in _chains(seen)
        for number in _joined(chain, _CARD_DIGITS[-1])
    )


def _has_identity_number(seen: str) -> bool:
    if any(pan.is_valid(word) or gstin.is_valid(word) for word in _words(seen)):
        return True
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
        try:
            ip_address(word.strip(".;:!?'\"[]"))
        except ValueError:
            continue
        if any(char.isdigit() for char in word):
            return True
    return False
