"""What private data looks like in a tweet, as rules for Presidio's pattern engine.

Belongs here: one rule for each kind, with the checks that a pattern alone
cannot make. Does not belong here: how overlapping findings are merged and
written over, which is `ri_assets.personas.privacy.cleaner`.

Presidio's own e-mail recogniser is not used (it asks the network for a suffix
list), nor its weak PAN pattern (it fires on ordinary words). Every repetition
is bounded or possessive, so a hostile text costs time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

Check = Callable[[str, frozenset[str]], bool]
"""Second look at a finding: its text and the brands that are no people, to whether it stands."""

KINDS = (
    "link", "email", "upi", "handle", "ip", "id", "bank", "card", "plate", "code", "birthdate",
    "location", "phone", "number", "address", "name",
)  # fmt: skip
"""Names of placeholders."""


@dataclass(frozen=True)
class Rule:
    """One kind of private data.

    Parameters
    ----------
    kind
        One of `KINDS`; also the placeholder, in square brackets.
    trigger
        Regular expression without which none of `regexes` can match; read first, for speed,
        on the text in lower case, so it must be cheap and seldom found.
    regexes
        Read without regard to case, on text whose digits and signs are folded to ASCII.
    check
        Second look at a finding.
    """

    kind: str
    trigger: str
    regexes: tuple[str, ...]
    check: Check = lambda _text, _brands: True


def digits_of(text: str) -> str:
    """Only the digits of `text`, in order."""
    return "".join(char for char in text if char.isdigit())


def is_card_number(text: str, _brands: frozenset[str] = frozenset()) -> bool:
    """Whether the digits could be those of a payment card (Luhn's checksum)."""
    digits = [int(digit) for digit in reversed(digits_of(text))]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def is_iban(text: str, _brands: frozenset[str] = frozenset()) -> bool:
    """Whether the text is an IBAN by its checksum (ISO 13616: modulo 97 it is 1)."""
    letters = "".join(char for char in text.upper() if char.isalnum())
    return int("".join(str(int(char, 36)) for char in letters[4:] + letters[:4])) % 97 == 1


def is_ip_address(text: str, _brands: frozenset[str] = frozenset()) -> bool:
    """Whether the text is an IPv4 or IPv6 address with a figure in it."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return bool(digits_of(text))


def is_no_date(text: str, _brands: frozenset[str] = frozenset()) -> bool:
    """Whether groups of digits are anything but a day, month and year, perhaps with a time."""
    groups = "".join(char if char.isdigit() else " " for char in text).split()
    n_of_date = 3
    if len(groups) < n_of_date:
        return True
    year, *day_and_month = sorted(groups[:n_of_date], key=len, reverse=True)
    is_date = (
        (year == groups[0] or year == groups[2])
        and year[:2] in ("19", "20")
        and len(year) == len("2019")
    )
    is_short = all(len(group) <= len("31") for group in (*day_and_month, *groups[n_of_date:]))
    return not (is_date and is_short and all(1 <= int(part) <= 31 for part in day_and_month))  # noqa: PLR2004


def is_no_amount(text: str, _brands: frozenset[str] = frozenset()) -> bool:
    """Whether digits with commas are anything but a sum: 1,00,000 and 12,345.50 are sums."""
    is_long = text.lstrip().startswith("+") and len(digits_of(text)) >= len("12345678")
    return is_long or not _AMOUNT.fullmatch(text.strip())


def is_no_range(text: str, _brands: frozenset[str] = frozenset()) -> bool:
    """Whether digits are anything but "from – to": short numbers, round ones, months, dates."""
    ends = _SPAN_DASH.split(text.strip())
    n_ends = 2
    return len(ends) != n_ends or not (
        all(len(digits_of(end)) <= len("2019") for end in ends)
        or all(digits_of(end).endswith("00") for end in ends)
        or all(_MONTH.fullmatch(end) or not is_no_date(end) for end in ends)
    )


def _is_number(text: str, brands: frozenset[str]) -> bool:
    return is_no_date(text, brands) and is_no_range(text, brands)


def _is_person(text: str, brands: frozenset[str]) -> bool:
    return text.lstrip("@").strip().lower() not in brands


def _is_private_domain(text: str, brands: frozenset[str]) -> bool:
    return brands.isdisjoint(text.lower().split("."))


def _is_payment_address(text: str, brands: frozenset[str]) -> bool:
    return text.rpartition("@")[2].lower() not in brands


def _is_reference(text: str, _brands: frozenset[str]) -> bool:
    n_digits = 4
    return len(digits_of(text)) >= n_digits


# Full-width forms are folded before rules are read. The last dash is a sound mark of Japanese,
# which phones are written with too.
_DASHES = "\\-\u2010-\u2015\u2043\u2212\u30fc"
_WAVES_AND_DOTS = "~\u2053\u223c\u301c\u00b7\u2022\u2027\u2219\u22c5\u30fb"
_SPAN_DASH = re.compile(rf"\s[{_DASHES}~/]\s|\s?(?!-)[{_DASHES}~]\s?")
_AMOUNT = re.compile(r"\+?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_MONTH = re.compile(r"\d{1,2}[/.]\d{4}")
_PAYMENT_SUFFIXES = (
    "paytm|pt(?:axis|yes|sbi|hdfc)|ybl|ibl|axl|apl|yapl|rapl|upi|ok(?:axis|sbi|hdfcbank|icici)"
    "|axis(?:bank|b)|sbi|hdfcbank|icici|kotak|kmbl|yesbank|yesg|barodampay|pnb|cnrb|idfcbank|indus"
    "|federal|freecharge|jio|wa(?:axis|hdfcbank|icici|sbi)|postbank|dbs|rbl|airtel|i?kwik|superyes"
    "|fam|fbl|tapicici|yescred|abfspay|goaxb|timecosmos|ptys|pingpay|(?:navi|jupiter|slice)axis|idbi"
    "|(?:union|central|indian|au|hsbc|rmhdfc|all)bank|boi|mahb|uco|equitas|kbl|sib|dcb|kvb|hsbc|citi|iob"
)
_MAIL_HOSTS = "gmail|yahoo|ymail|hotmail|outlook|rediff(?:mail)?|icloud|proton(?:mail)?"
_REFERRED = (
    r"(?:order|ordr|ticket|tkt|awb|docket|track(?:ing)?|ref(?:erence)?|complain(?:t|ts)?|booking|pnr"
    r"|txn|transaction|case|request|sr|invoice|acc(?:oun)?t|a/c|customer|consignment|shipment)"
)
_NETWORKS = (
    "insta(?:gram)?|ig|snap(?:chat)?|telegram|discord|skype|twitter|fb|facebook|linkedin|tiktok"
)

# An underscore is no part of a number, though it is a word's to regular expressions.
_BEGINS, _ENDS = r"(?<![^\W_])", r"(?![^\W_])"
# Digits that end a handle or a link begin no number.
_APART = r"(?<!@\d{0,20}[a-z_]\w{0,30}|://\S{0,60})"
_SEVEN_DIGITS = rf"\d(?:[\s./()#,_{_DASHES}{_WAVES_AND_DOTS}]{{0,4}}\d){{6}}"
# Between two digits of one number: a sign with a space on either side, or what is named first.
_SIGN_BETWEEN = rf"\s?[{_DASHES}{_WAVES_AND_DOTS}]\s?"
_IN_PHONE = rf"(?:[\s.\-()]{{0,2}}|{_SIGN_BETWEEN}|[,_])"
_IN_INDIAN = rf"(?:[\s.\-]?|{_SIGN_BETWEEN}|[,_])"
_INDIA = rf"(?:\(?(?:\+?91|0)\)?(?:[\s\-]{{0,2}}|{_SIGN_BETWEEN}|[,_]))?"
_IN_NUMBER = rf"(?:[\s.\-/()#]{{0,2}}+|{_SIGN_BETWEEN}|\s/\s)"
_NUMBER_OF = r"\W{0,3}(?:(?:id|i'd|no|num|number|nbr)(?![a-z]))?\W{0,5}"
# After a word such as order, "#DiwaliSale2025" is a hashtag; "#OD12345" and "#4021" are numbers.
_HASHTAG = (
    r"(?<=#)(?=\w{0,30}[^\W\d])(?!(?:[^\W\d]{0,30}+\d){5})"
    r"(?:(?=(?:\d{0,8}+[^\W\d]){4})|(?=[^\W\d]{0,30}(?:19|20)\d\d(?!\d)))"
)

RULES: tuple[Rule, ...] = (
    # In order of precedence: of findings that overlap, the first rule names the whole.
    Rule(
        "link",
        r"://|www\.|\./|/|https?:",
        (
            r"(?:https?|ftp)\s?:\s?/\s?/\s?\S*|https?:\S*|www\.\S+",
            r"(?:[\w\-]{1,63}\.){1,4}(?:com|org|net|in|co|ly|me|io|gl|be|cc|app|info|page|link|to)/\S+",
        ),
    ),
    Rule(
        "link",
        r"\.(?:com|org|net|info|io|biz|co\.)",
        (r"(?<![\w.@])(?:[\w\-]{1,63}\.){1,4}(?:com|org|net|info|io|biz|co\.in|co\.uk)(?![\w@])",),
        _is_private_domain,
    ),
    Rule(
        "email",
        rf"\S@[\w\-]+\.|@\s?(?:{_MAIL_HOSTS})",
        (
            r"[\w!#$%&'*+/=?^`{|}~.\-]{1,128}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}",
            rf"[\w!#$%&'*+/=?^`{{|}}~.\-]{{1,128}}\s?@\s?(?:{_MAIL_HOSTS})\b(?:\s?\.\s?(?:com|co|in)\b){{0,3}}",
        ),
    ),
    Rule(
        "email",
        rf"at\s?[\])}}]|{_MAIL_HOSTS}",
        (
            r"[\w.+\-]{1,64}\s?[\[({]\s?at\s?[\])}]\s?[\w\-]{1,63}(?:\s?(?:\.|[\[({]\s?dot\s?[\])}]|\sdot\s)\s?\w{2,20}){0,3}",
            rf"[\w.+\-]{{1,64}}\s(?:at|@)\s(?:{_MAIL_HOSTS})\s?(?:\.|dot)\s?\w{{2,20}}",
        ),
    ),
    Rule("upi", r"[\w.\-]@[a-z]", (rf"[\w.\-]{{2,64}}@(?:{_PAYMENT_SUFFIXES})\b(?![.\-]\w)",)),
    Rule(
        "upi",
        r"[\w.\-]@[a-z]",
        (r"(?=[\w.\-]{0,64}\d)[\w.\-]{2,64}@[a-z]{2,20}\b(?![.\-]\w)",),
        _is_payment_address,
    ),
    Rule(
        "handle",
        "@",
        (r"@\w+|@\s{1,2}(?=[a-z_])(?=\w{0,30}[\d_])\w{3,}",),
        _is_person,
    ),
    Rule(
        "handle",
        r"[:=\-]|u/",
        (
            rf"\b(?:{_NETWORKS})\s?(?:id|handle|username)?\s?[:=\-]{{1,2}}\s?\K(?=\w{{0,30}}[\d_.])\w[\w.]{{2,30}}",
            r"(?<!\w)u/\w{3,20}",
        ),
    ),
    Rule(
        "ip",
        r"\d\.\d|:",
        (
            r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)",
            r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])",
        ),
        is_ip_address,
    ),
    Rule(
        "id",
        rf"\d{{4}}[a-z]|\d{{4}}[ {_DASHES}]\d{{4}}|-[0-9a-f]{{4}}-",
        (
            rf"{_BEGINS}[a-z]{{3}}[abcfghjklpt][a-z]\d{{4}}[a-z]{_ENDS}",
            rf"{_BEGINS}\d{{2}}[a-z]{{5}}\d{{4}}[a-z][a-z\d]z[a-z\d]{_ENDS}",
            rf"(?<!\d)[2-9]\d{{3}}([ {_DASHES}])\d{{4}}\1\d{{4}}(?![ {_DASHES}]?\d)",
            r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
        ),
    ),
    Rule(
        "bank", "[a-z]0[a-z\\d]{6}", (rf"{_BEGINS}[a-z]{{4}}0[a-z\d]{{6}}{_ENDS}",), _is_reference
    ),
    Rule(
        "bank",
        r"[a-z]{2}\d\d",
        (
            rf"{_BEGINS}[a-z]{{2}}\d{{2}}(?:[\s.\-]?[a-z\d]{{4}}){{2,7}}(?:[\s.\-]?[a-z\d]{{1,3}})?{_ENDS}",
        ),
        is_iban,
    ),
    Rule(
        "card",
        rf"\d(?:[ {_DASHES}]?\d){{12}}",
        (rf"(?<!\d)\d(?:[ {_DASHES}]?\d){{12,18}}(?![ {_DASHES}]?\d)",),
        is_card_number,
    ),
    Rule(
        "number",
        r"\d[\w\-]*\d",
        (
            rf"\b{_REFERRED}{_NUMBER_OF}\K(?!{_HASHTAG})(?=[a-z_\-\u00c0-\u1fff\u2c00-\U0010ffff]{{0,10}}\d)\w[\w\-]{{4,30}}",
        ),
        _is_reference,
    ),
    Rule(
        "phone",
        _SEVEN_DIGITS,
        (
            rf"(?:\+|(?<!\d)00)[\s(]{{0,2}}\d(?:{_IN_PHONE}\d){{6,14}}(?!\d)",
            rf"(?<!\d)(?=[\d(+]){_APART}{_INDIA}[6-9]\d(?:{_IN_INDIAN}\d){{8}}(?!\d)",
        ),
        is_no_amount,
    ),
    Rule(
        "number",
        _SEVEN_DIGITS,
        (rf"(?=[\d(]){_APART}\(?\d(?:{_IN_NUMBER}\d){{6,}}+(?:\s?(?:x|ext\.?)\s?\d{{1,6}})?",),
        _is_number,
    ),
)
