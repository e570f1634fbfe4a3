from __future__ import annotations

import ast
import inspect
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.personas.privacy.auditor import FINDINGS, Auditor
from ri_assets_tests.personas.privacy.test_cleaner import IDENTIFIERS, identifier

PLANTED = {
    "author handle": "and gentle_yak7 said no",
    "handle": "ask @whoever now",
    "address": "mail jo.doe@example.org now",
    "link": "see https://example.org now",
    "phone": "ring 080 2345 6789 now",
    "number": "it is 1234567 there",
    "reference": "my order no 12345 is late",
    "card": "card 4111 1111 1111 1111 here",
    "identity number": "PAN ABCPK1234L here",
    "bank account": "IFSC HDFC0001234 here",
    "ip address": "from 192.168.1.20, twice",
    "name": "the agent Imran was rude",
    "home address": "I live at pin code 560034",
    "account name": "insta: priyasharma",
    "number plate": "a bike KA 01 AB 1234 hit me",
    "birth date": "DOB 12/05/1990 is on it",
    "one-time code": "he asked for the OTP 4532 twice",
    "coordinates": "come to 12.9716, 77.5946 please",
}


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor(
        {"gentle_yak7", "Some.Name-9"}, {"acme"}, ("[phone]", "[link]"), frozenset({"tamara"})
    )


def test_every_finding_has_a_plant() -> None:
    assert set(PLANTED) == set(FINDINGS)


@pytest.mark.parametrize("kind", FINDINGS)
def test_each_kind_is_found(auditor: Auditor, kind: str) -> None:
    assert kind in auditor.kinds(PLANTED[kind])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("GENTLE_YAK7's", "author handle"),
        ("@gentle\u200b_yak7", "author handle"),
        ("pay jo@okaxis", "address"),
        ("jo at gmail.com", "address"),
        ("see www.example.org", "link"),
        ("see bit.ly/abc", "link"),
        ("ring 98\u200b765 43210", "phone"),
        ("ring ９８７６５ ４３２１０", "phone"),
        ("ring ९८७६५४३२१०", "number"),
        ("ring +44 20 7946 0958", "phone"),
        ("27AAPFU0939F1ZV", "identity number"),
        ("2345 6789 0124", "identity number"),
        ("GB82 WEST 1234 5698 7654 32", "bank account"),
        ("AWB: SRT99812", "reference"),
        ("ring 98765 – 43210", "phone"),
        ("ring 98765~43210", "phone"),
        ("ring 98765,43210", "phone"),
        ("ring 98765·43210", "phone"),
        ("ring +44−20−7946−0958", "phone"),
        ("card 4111–1111–1111–1111 here", "card"),
        ("order #OD99812", "reference"),
        ("order #40219", "reference"),
        ("_gentle_yak7_", "author handle"),
        ("mail to some.name-9!", "author handle"),
        ("ring 98765*43210", "phone"),
        ("ring 98765_43210", "phone"),
        ("ring 98765|43210", "phone"),
        ("Mr. Sharma came", "name"),
        ("my name is Asha", "name"),
        ("thanks, Priya", "name"),
        ("TAMARA said so", "name"),
        ("MH12DE1433", "number plate"),
        ("born on 12 May 1990", "birth date"),
        ("PNR 4H7K2P", "reference"),
        ("flat no. 302", "home address"),
    ],
)
def test_other_ways_of_writing(auditor: Auditor, text: str, kind: str) -> None:
    assert kind in auditor.kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "@acme lost my order, Rs 1,00,000 for 3 items on 12-05-2019 at 9:30 [phone] [link]",
        "24*7 and 50_50, 9:30, 5*6, 1500|2000, Mr Bean, thanks Acme, OTP after 30 mins",
        "flat 50% off, flat 100 off, room 5, fb: please, PNR STATUS, up 2 rs 1000, born in 1990",
        "Wowww. 24x7, 50% off @ home; a/c and and/or, food.Pathetic service 4.5/5",
        "gentle yak7 and gentle_yak77 are others",
        "order 2 pizzas for 12000 people",
        "my order #DiwaliSale2025, order #HappyNewYear2019 and ticket #IPL2019",
        "Rs 1,00,00,000 or 98,765,432.10 in all; some.names-9 and awesome.name-9",
        "",
    ],
)
def test_ordinary_text_is_no_finding(auditor: Auditor, text: str) -> None:
    assert not auditor.kinds(text)


# A pattern must not be taken for a checksum: of these the detector is certain.
CERTAIN = [kind for kind in IDENTIFIERS if kind not in {"pan", "gstin", "aadhaar", "phone abroad"}]


@pytest.mark.parametrize("kind", CERTAIN)
@given(st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_what_the_cleaner_is_tried_on_is_found(auditor: Auditor, kind: str, dice: Random) -> None:
    assert auditor.kinds(f"so {identifier(kind, dice)} it is")


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_can_be_read(auditor: Auditor, text: str) -> None:
    assert auditor.kinds(text) <= set(FINDINGS)


def test_detectors_share_nothing_with_the_cleaner() -> None:
    """But the lists of words, which are facts: what a text says is judged apart."""
    from ri_assets.personas.privacy import audit_numbers, audit_people, auditor

    modules = {
        name
        for module in (auditor, audit_numbers, audit_people)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "phonenumbers" in modules
    assert not modules & {"re", "regex"}
    own = {name for name in modules if name.startswith("ri_assets")}
    assert own == {
        "ri_assets.personas.privacy.audit_numbers",
        "ri_assets.personas.privacy.audit_people",
        "ri_assets.personas.text.lexicon",
    }
