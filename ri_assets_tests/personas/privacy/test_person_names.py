"""Who and where somebody is: names, addresses, plates, codes. And what only looks like them."""

from __future__ import annotations

import pandas as pd
import pytest

from ri_assets.personas.privacy.cleaner import Cleaner
from ri_assets.personas.privacy.guard import Guard, Screen, build_guard
from ri_assets.personas.privacy.person_names import proper_names
from ri_assets.personas.text.lexicon import is_word

HIDDEN = [
    ("call 98765*43210 now", "call [phone] now"),
    ("call 98765|43210 now", "call [phone] now"),
    ("call 987=654=3210 now", "call [phone] now"),
    ("call 9*8*7*6*5*4*3*2*1*0 now", "call [phone] now"),
    ("call +91*98765*43210 now", "call [phone] now"),
    ("bike KA 01 AB 1234 hit me", "bike [plate] hit me"),
    ("bike MH12DE1433 hit me", "bike [plate] hit me"),
    ("bike dl-3c-ab-1234 hit me", "bike [plate] hit me"),
    ("bike DL 3C AB 1234 hit me", "bike [plate] hit me"),
    ("bike 22 BH 1234 AA hit me", "bike [plate] hit me"),
    ("DOB 12/05/1990", "DOB [birthdate]"),
    ("my date of birth is 12 May 1990", "my date of birth is [birthdate]"),
    ("born on May 12, 1990 here", "born on [birthdate] here"),
    ("OTP is 4532", "OTP is [code]"),
    ("4532 is my OTP", "[code] is my OTP"),
    ("cvv: 123", "cvv: [code]"),
    ("PNR: QWRTPX", "PNR: [number]"),
    ("pnr 4h7k2p", "pnr [number]"),
    ("12.9716, 77.5946", "[location]"),
    ("lat 12.97 long 77.59", "[location]"),
    ("insta: priyasharma", "insta: [handle]"),
    ("insta id priya.k", "insta id [handle]"),
    ("my name is Asha Rao and I", "my name is [name] and I"),
    ("my name is asha", "my name is [name]"),
    ("MY NAME IS RAHUL AND I AM", "MY NAME IS [name] AND I AM"),
    ("My name is Ján M. Novák but they call me Ján", "My name is [name] but they call me [name]"),
    ("Thanks Rahul", "Thanks [name]"),
    ("Thank you so much, Priya!", "Thank you so much, [name]!"),
    ("Regards,\nAnita Desai", "Regards, [name]"),
    ("Mr Sharma and Ms. Iyer", "Mr [name] and Ms. [name]"),
    ("agent Rahul was rude, Rahul is", "agent [name] was rude, [name] is"),
    ("agent rahul told me", "agent [name] told me"),
    ("Rider Name: Imran Khan", "Rider Name: [name]"),
    ("delivery boy Suresh came", "delivery boy [name] came"),
    ("Flat 302, Prestige Towers, MG Road, Bangalore 560034", "[address]"),
    ("I live at flat no. B-204 but he came", "I live at [address] but he came"),
    ("house no 12/3, 5th cross, Indiranagar", "[address]"),
    ("to 12 Hosur Road, Koramangala please", "to [address] please"),
    ("at street no 5", "at [address]"),
    ("pin code 560 034", "[address]"),
]  # fmt: skip

SHOWN = [
    "open 24*7, it was 50_50, at 9:30, 10:30-11:45, 5*6 pieces, 100*100*100",
    "1500|2000 and 700*500 = 350000, up by 2*3*4",
    "up 2 to 1500 rs, or 2 rs 1000 OR 2 RS 1500, as 1 am 2019, KA 01 AB",
    "born in 1990, birthday party, birthday on 12-05, my birthday order of 1500",
    "OTP not received, otp after 30 mins, otp 300 rs, password reset 3 times",
    "PNR STATUS and booking id missing",
    "rated 4.125, 5.250 and 3.5, 4.5",
    "insta: coming soon, fb - please, twitter: worst service, insta-worthy food",
    "Thanks Zomato, thanks Acme, thank you Team, thanks! The food was good. Regards",
    "My name is not on the list, name is wrong, restaurant name is Quorvex Garden",
    "Mr President, Mr Bean, 50 ms delay, dr appointment",
    "the agent is rude, rider nahi aaya, agent bola ki, agent support, Rider App",
    "spoke to your executive. Horrible. The manager refused",
    "flat 50% off, flat 100 off, Flat Rs 100, flat 60 cashback, flat 150 on food, flat tyre",
    "room 5 mins away, plot twist, house of 4 people, shop for 500, unit 2 of 3",
    "MG Road outlet, 2 main road issues, 3 street food stalls, 5 star place, one way road",
    "#DeliveryBoy #ThanksZomato order 2 Butter Chicken and 3 Naan",
]


@pytest.mark.parametrize(("text", "expected"), HIDDEN)
def test_who_and_where_is_hidden(cleaner: Cleaner, text: str, expected: str) -> None:
    assert cleaner.clean(text) == expected


@pytest.mark.parametrize("text", SHOWN)
def test_what_only_looks_like_it_stays(text: str) -> None:
    guard = Guard((), {"acme", "zomato"})
    assert guard.clean(text) == text
    assert guard.passes(text)


def test_inflected_and_british_words_are_words_and_names_are_none() -> None:
    words = "details faced asks behaviour unreachable cancelled apologise stopped rider nahi refund"
    assert all(map(is_word, words.split()))
    assert not any(
        map(is_word, ["rahul", "priya", "imran", "nitin", "deepak", "sharma", "novak", "quorvex"])
    )


TEXTS = [
    "We met Quorvex at lunch",
    "and Quorvex again, Zomato Care",
    "so Biryani or biryani or biryani",
    "Tamara came. Tamara left",
    "the food from Pune #Vadapav",
    "ALL THE BLARGH IS HERE",
    "मेरा ऑर्डर नहीं आया",
]


def test_capitalised_words_of_no_language_are_found_in_a_corpus() -> None:
    assert proper_names(TEXTS, frozenset({"zomato"})) == {"quorvex"}


def _corpus() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "author_handle": [f"shy_yak{n}" for n in range(14)],
            "text": [f"that agent Imran lost my order {n}" for n in range(7)]
            + ["so Imran and quorvex came", "ask Quorvex or Imran"] * 3
            + ["and imran again"],
        }
    )


def test_a_name_behind_agent_is_hidden_wherever_the_corpus_has_it() -> None:
    guard = build_guard((_corpus(),), (), 5)
    assert guard.names == {"imran"}
    assert guard.clean("and imran again, IMRAN's fault") == "and [name] again, [name] fault"
    assert guard.findings("and imran again") == {"name"}


def test_no_part_of_a_persona_holds_a_word_that_may_be_a_name() -> None:
    guard = build_guard((_corpus(),), (), 5)
    screen = Screen(guard)
    assert "quorvex" in guard.unknown
    for part in ("terms", "quotes", "names", "sentences"):
        assert not screen.of(part)("ask “quorvex” now")
        assert screen.of(part)("ask for a refund now")
    # A sample may: such texts only come last. And a person answers for the names that they give.
    assert screen.of("samples")("ask Quorvex now")
    assert screen.of("given names")("Quorvex Fans")
    assert Guard((), ()).names_nobody("Quorvex")
