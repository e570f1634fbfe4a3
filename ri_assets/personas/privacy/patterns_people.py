"""What tells who or where somebody is in a tweet, as rules for Presidio's pattern engine.

Belongs here: addresses, coordinates, number plates, dates of birth, one-time and booking codes,
and account names behind a platform's name. Does not belong here: numbers and addresses of the
net (`ri_assets.personas.privacy.patterns`), and names (`ri_assets.personas.privacy.person_names`).
"""

from __future__ import annotations

import re

from ri_assets.personas.privacy.patterns import Rule, digits_of, is_no_amount, is_no_date
from ri_assets.personas.text.lexicon import is_word, proper_words

_STATES = (
    "A[NPRS]|BR|CG|CH|D[DLN]|G[AJ]|H[PR]|J[HK]|K[AL]|L[AD]|M[HLNPZ]|NL|O[DR]|P[BY]|RJ|SK|T[GNRS]"
    "|U[AKP]|WB"
)
_UNITS = "AND|AM|FOR|GB|INR|KG|KM|MB|ML|OF|OR|PM|RS|TO|X|AT|IN|ON|THE|BY"
_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}"
_SECRETS = (
    r"(?:otp|one[\s\-]?time[\s\-]?(?:password|code|pin|passcode)|verification\s?(?:code|pin)|passcode"
    r"|cvv|m-?pin|(?:upi|atm|debit\scard)\s?pin|password|passwd|pwd)"
)
_NETWORKS = (
    "insta(?:gram)?|ig|snap(?:chat)?|telegram|discord|skype|twitter|fb|facebook|linkedin|tiktok"
)

# A sign that people put within a phone number, where those of `patterns` do not reach.
_SIGN = r"\s?[^\w\s,.:/]\s?|\s?[_,.:/|]\s?"
_HOUSE = r"(?:flat|house|h|door|d|plot|room|shop|apartment|apt|suite|unit|villa|quarter|qtr|bungalow|office)"  # noqa: E501
_NO = r"(?:\s?[.\-:#/]?\s?(?:no|num|number|nbr)\b\s?[.:\-#]?|\s?[.:#\-])?"
_HOUSE_NUMBER = r"(?:(?!rs|re)[a-z](?:[a-z]?[\-/]|\s?)\s?)?\d{1,5}(?:\s?[\-/]\s?[a-z\d]{1,5}){0,3}[a-z]?(?![\w%])"  # noqa: E501
_NO_OFFER = (
    r"(?!\s?(?:%|/-|per\s?cent|percent|rs\b|inr\b|rupees|off\b|discount|cash\s?back|on\b|for\b|flat\b"
    r"|k\b|of\b|items?|orders?|mins?\b|minutes|hours?|hrs?\b|days?|times|people|persons?|guests))"
)
_STREET = (
    r"(?:street|str|st|road|rd|avenue|ave|lane|drive|dr|boulevard|blvd|marg|cross|main|gali|nagar|layout"
    r"|colony|square|terrace|highway|way|court|place|close|crescent|parkway)"
)
_AREA = (
    rf"{_STREET}|sector|sec|phase|block|tower|wing|floor|stage|society|soc|apartments?|residency"
    r"|heights|enclave|vihar|complex|park|garden|gardens|market|chowk|bazaar|towers|estate|puram"
    r"|opp|opposite|near|behind|next\sto|city|dist|district|taluk|po\sbox|suite|apt|unit|building|bldg"
)
_CAPITAL = r"(?-i:\p{Lu})[\w'’.\-]{0,30}"
_RUN = rf"(?:{_CAPITAL}|\d{{1,6}}(?:st|nd|rd|th)?|\((?-i:\p{{Lu}})\w{{1,20}}\)|d[aeio]s?|la|of|nan)"
# What goes on after a house: parts between commas with a word of an address or with capitals
# throughout, and capitals that end with the sentence or with the code of a place.
_PART = (
    rf"(?:(?=[^,\n]{{0,40}}\b(?:{_AREA})\b)(?:[^,.!?\n]|\.(?=\s?\d)){{1,45}}"
    rf"|{_RUN}(?:\s{{1,2}}{_RUN}){{0,6}})"
)
_MORE = (
    rf"(?:\s{{0,2}}[,\n\-]\s{{0,2}}{_PART}|\s{{1,2}}{_RUN}(?:\s{{1,2}}{_RUN}){{1,6}}"
    rf"|\s{{1,2}}{_CAPITAL}(?=\s?(?:[,\n.!?]|$))){{0,6}}"
)
# What stands before a flat: a number, and with it capitals or short words.
_HEAD = (
    rf"(?:(?<![\w.,₹$€£])(?:{_CAPITAL}\s){{0,2}}\d{{1,6}}[a-z]?,?\s{{1,2}}"
    rf"(?:(?:{_CAPITAL}|\d{{1,5}}|[a-z]{{1,3}})[,.]?\s{{1,2}}){{0,6}})?"
)
_PIN = (
    r"(?:pin\s?-?(?:code)?|postal\s?code|post\s?code|zip\s?(?:code)?)\s?(?:is|no|:|-|=|\.){0,3}\s?"
    r"\d{3}\s?\d{2,3}(?!\d)"
)


def _is_plain_code(text: str, _brands: frozenset[str]) -> bool:
    """Whether capitals and digits are a booking's code and no word, as in PNR STATUS."""
    return bool(digits_of(text)) or not is_word(text.lower())


def _is_account(text: str, brands: frozenset[str]) -> bool:
    """Whether an account name follows a platform's name: "insta: priya", but not "fb: worst"."""
    low = text.lower().strip("._")
    if low in brands or low in proper_words():
        return False
    return bool(digits_of(low)) or "_" in low or "." in low or not is_word(low)


def _is_phone_length(text: str, brands: frozenset[str]) -> bool:
    digits = digits_of(text)
    for code in ("0091", "91", "0"):
        if len(digits) > len("9876543210") and digits.startswith(code):
            digits = digits.removeprefix(code)
            break
    return (
        len(digits) == len("9876543210")
        and digits[0] in "6789"
        and is_no_amount(text, brands)
        and is_no_date(text, brands)
    )


def _is_position(text: str, _brands: frozenset[str]) -> bool:
    north, *more = re.findall(r"\d{1,3}(?:\.\d{1,9})?", text)
    return float(north) <= 90 and (not more or float(more[0]) <= 180)  # noqa: PLR2004


PEOPLE_RULES: tuple[Rule, ...] = (
    # They come before those of `patterns` in precedence.
    Rule(
        "location",
        r"\d\.\d|\d\s?[°º]",
        (
            r"(?<![\d.])[+\-]?\d{1,2}\.\d{4,9}\s?[°º]?\s?[ns]?\s?[,;/ ]\s{0,2}[+\-]?\d{1,3}\.\d{4,9}(?:\s?[°º]?\s?[ew]\b)?(?![\d.])",  # noqa: E501
            r"\blat(?:itude)?\W{0,3}[+\-]?\d{1,2}\.\d{1,9}\W{1,4}(?:and\s)?(?:lon|long|lng)(?:itude)?\W{0,3}[+\-]?\d{1,3}\.\d{1,9}",
            r"\d{1,2}\s?[°º]\s?\d{1,2}(?:\.\d{1,4})?\s?['’′](?:\s?\d{1,2}(?:\.\d{1,4})?\s?[\"”″])?\s?[ns]\W{0,3}\d{1,3}\s?[°º]\s?\d{1,2}(?:\.\d{1,4})?\s?['’′](?:\s?\d{1,2}(?:\.\d{1,4})?\s?[\"”″])?\s?[ew]\b",
        ),
        _is_position,
    ),
    Rule(
        "plate",
        r"[a-z][ \-.]{0,3}\d{4}|bh[ \-]?\d{4}",
        (
            rf"(?<![^\W_])(?-i:(?:{_STATES})[ \-.]{{0,3}}\d{{1,2}}[ \-.]{{0,3}}(?!(?:{_UNITS})\b)[A-Z](?:[ \-.]?[A-Z]){{0,2}}[ \-.]{{0,3}}\d{{4}})(?![^\W_])",  # noqa: E501
            rf"(?<![^\W_])(?:{_STATES})[\-]?\d{{1,2}}[\-]?[a-z](?:-?[a-z]){{0,2}}[\-]?\d{{4}}(?![^\W_])",
            r"(?<![^\W_])\d{2}[ \-]?BH[ \-]?\d{4}[ \-]?[a-z]{1,2}(?![^\W_])",
        ),
    ),
    Rule(
        "birthdate",
        r"birth|b\.?o\.?b|d\.?o\.?b|born|janam",
        (
            (
                r"(?:\bd\.?o\.?b\b\.?|birth(?:\s?-?day|\s?date)?|\bborn|janam\s?din)(?:\s(?:is|was|on|in|the|my|date)\b|\W){0,6}?\K(?:"
                r"\d{1,2}\s?[\-/. ]\s?\d{1,2}\s?[\-/. ]\s?\d{2,4}(?!\d)|\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}(?!\d)|\d{8}(?!\d)"  # noqa: E501
                rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:\sof)?[\s\-/,.]{{1,2}}{_MONTHS}[\s\-/,.']{{1,3}}\d{{2,4}}(?!\d)"
                rf"|{_MONTHS}[\s\-]\d{{1,2}}(?:st|nd|rd|th)?[\s,]{{1,2}}\d{{4}}(?!\d))"
            ),
        ),
    ),
    Rule(
        "code",
        r"otp|one|code|cvv|pin|pass|pwd",
        (
            rf"\b{_SECRETS}(?:\s(?:is|was|no|number|code|received|came|as)\b|[\s:#=\-]){{0,4}}\K\d(?:[\s\-]?\d){{2,7}}(?![\d%]|\s?(?:rs|mins?|minutes|hours?|hrs?|times|days?|sec)\b)",
            rf"(?<!\d)\d{{4,8}}(?=\s(?:is|was)\s(?:my|the|your|ur|our)?\s?{_SECRETS}\b)",
        ),
    ),
    Rule(
        "number",
        r"pnr|booking|locator|confirmation",
        (
            r"\b(?:pnr|booking\s?(?:code|ref(?:erence)?|id)|record\slocator|confirmation\s?(?:code|no|number))(?:\s(?:is|was|no|number|code)\b|[\s:#=.\-]){0,4}\K(?:(?-i:[A-Z\d]{6})|(?=[a-z]{0,5}\d)[a-z\d]{6})\b",
        ),
        _is_plain_code,
    ),
    Rule(
        "handle",
        rf"(?:{_NETWORKS})\W|(?:id|handle|username)\s?(?:is|:)",
        (
            rf"\b(?:{_NETWORKS})(?:\s?(?:id|handle|username|page|account|profile)\b(?:\s(?:is|name)\b)?\s?[:=\-]{{0,2}}|\s?[:=]{{1,2}}|\s-{{1,2}}|\s(?:is|name\sis)\s?:?)\s?\K[a-z][\w.]{{2,30}}",
        ),
        _is_account,
    ),
    Rule(
        "phone",
        r"\d[^\w\s]?[^\w]{0,2}\d{2}|_\d{3}|\d([^\w\s]|_)\d\1\d",
        (
            rf"(?<![\w.])(?:\+?(?:91|0)(?:{_SIGN}|\s)?)?[6-9]\d{{2,5}}(?:(?:{_SIGN})\d{{2,6}}){{1,3}}(?![\d%])",
            r"(?<![\w.])[6-9]\s?([^\w\s]|_)\s?\d(?:\s?\1\s?\d){8}(?!\d)",
        ),
        _is_phone_length,
    ),
    Rule(
        "address",
        r"pin|zip|post",
        (rf"\b{_PIN}",),
    ),
    Rule(
        "address",
        rf"{_HOUSE}\W|box",
        (
            # A number that is named one, or holds a letter, or stands before a comma.
            rf"{_HEAD}(?<![\w\-])(?:{_HOUSE}\s?[.\-]?\s?(?:no|num|number|nbr|\#)\b\s?[.:\-#]{{0,2}}\s?|{_HOUSE}\s?[#:\-]\s?|(?:flat|house|door|plot|apartment|apt|suite|unit|villa)\b\.?\s)(?!\d{{1,5}}\s?%){_HOUSE_NUMBER}{_NO_OFFER}{_MORE}",
            rf"{_HEAD}\bp\.?\s?o\.?\s?box\s?\d{{1,6}}{_MORE}",
        ),
    ),
    Rule(
        "address",
        rf"\d.{{0,40}}{_STREET}\b|{_STREET}\W.{{0,12}}\d",
        (
            # "12 MG Road, Indiranagar": a number, then capitals that end with a street.
            rf"(?<![\w.,₹$£€])#?\d{{1,5}}[a-z]?(?:/\d{{1,4}})?,?\s(?-i:(?:\d{{1,3}}(?:st|nd|rd|th)\s|[A-Z][\w'’.\-]{{0,25}},?\s){{1,5}}(?=[A-Z]))(?:{_STREET})\b\.?{_MORE}",
            rf"(?<![\w.])#\s?\d{{1,5}}[a-z]?,\s?\d{{1,3}}(?:st|nd|rd|th)\s(?:{_STREET})\b{_MORE}",
            rf"\b(?:street|road|gali|lane)\s(?:no|number|num)\b\.?\s?[:\-]?\s?\d{{1,4}}[a-z]?\b{_MORE}",
        ),
    ),
)
