from __future__ import annotations

import json
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.errors import ConfigError
from ri_assets.personas.privacy import Cleaner, load_brands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask @some_one now", "ask [handle] now"),
        ("ask @Acme now", "ask @Acme now"),
        ("RT @a_b1: hi", "RT [handle]: hi"),
        ("insta: jolly_cedar9 dm", "insta: [handle] dm"),
        ("see https://t.co/ab12?x=1 ok", "see [link] ok"),
        ("see bit.ly/ab12 ok", "see [link] ok"),
        ("mail jo.doe+x@mail.example.co.in please", "mail [email] please"),
        ("mail jo.doe [at] example [dot] com please", "mail [email] please"),
        ("call +44 20 7946 0958 now", "call [phone] now"),
        ("call 98765-43210 now", "call [phone] now"),
        ("call ९८७६५४३२१० now", "call [phone] now"),
        ("call 98\u200d765\u200b43210 now", "call [phone] now"),
        ("call 9️⃣8️⃣7️⃣6️⃣5️⃣4️⃣3️⃣2️⃣1️⃣0️⃣ now", "call [phone] now"),
        ("mail jo&#64;example.com now", "mail [email] now"),
        ("order 402-1234567-1234567 late", "order [number] late"),
        ("AWB: SRT99812 lost", "AWB: [number] lost"),
        ("pay jo.doe-1@okaxis today", "pay [upi] today"),
        ("pay 9876543210@ybl today", "pay [upi] today"),
        ("IFSC HDFC0001234 here", "IFSC [bank] here"),
        ("IBAN GB82 WEST 1234 5698 7654 32 here", "IBAN [bank] here"),
        ("PAN ABCPK1234L here", "PAN [id] here"),
        ("Aadhaar 2345 6789 0123 here", "Aadhaar [id] here"),
        ("GST 27ABCPK1234L1Z5 here", "GST [id] here"),
        ("card 4111 1111 1111 1111 here", "card [card] here"),
        ("from 192.168.1.20 and 2001:db8::1 only", "from [ip] and [ip] only"),
    ],
)
def test_private_data_becomes_a_placeholder(cleaner: Cleaner, text: str, expected: str) -> None:
    assert cleaner.clean(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "AmazonHelp was late by 2 hours, paid Rs 1,00,000 for 3 items",
        "ordered on 12-05-2019 at 9:30, version 2.1",
        "meet me @ home at 10pm; 50% off, 24x7",
        "acme.com is down",
    ],
)
def test_ordinary_text_stays(cleaner: Cleaner, text: str) -> None:
    assert cleaner.clean(text) == text


def test_entities_and_control_characters_are_resolved(cleaner: Cleaner) -> None:
    assert cleaner.clean("a &amp;lt;b&gt;\x00\u202e c\n\nd") == "a <b> c d"


HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["<b>", "&amp;", "&#64;", "\u202e", "\u200d", "\x00", "=cmd|' /C'!A0", "😭", "@", "."]
        ),
    ),
    max_size=12,
).map("".join)


@given(HOSTILE)
@settings(deadline=None, max_examples=200)
def test_cleaning_is_final_and_spans_are_apart(cleaner: Cleaner, text: str) -> None:
    spans = cleaner.find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert not cleaner.find(cleaner.clean(text))


@given(
    HOSTILE,
    st.sampled_from(
        ["@very_private1", "jo.private@example.com", "9876543210", "https://private.example/x"]
    ),
    HOSTILE,
)
@settings(deadline=None, max_examples=200)
def test_nothing_private_is_left(cleaner: Cleaner, before: str, secret: str, after: str) -> None:
    cleaned = cleaner.clean(f"{before} {secret} {after}")
    assert "private" not in cleaned
    assert "9876543210" not in cleaned


@pytest.mark.parametrize(
    "unit", ["a", "9", "@", "a.", "1 ", "@a ", "a@", "x@y.", "GB82 ", "::", "/"]
)
def test_long_hostile_texts_take_time_in_proportion(cleaner: Cleaner, unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    start = time.perf_counter()
    cleaner.clean(text)
    assert time.perf_counter() - start < 5


def test_no_network(cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert cleaner.clean("jo@example.com") == "[email]"


def test_recall_on_real_tweets(shared_data: Path) -> None:
    folder = shared_data / "zomato_2019"
    cleaner = Cleaner(load_brands(folder / "brands.txt"))
    found: dict[str, list[bool]] = {}
    n_outside = n_masked_outside = 0
    with (folder / "pii_spans.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            tweet = json.loads(line)
            masked = {n for s in cleaner.find(tweet["text"]) for n in range(s.start, s.end)}
            labelled = {n for start, end, _ in tweet["spans"] for n in range(start, end)}
            for start, end, kind in tweet["spans"]:
                found.setdefault(kind, []).append(masked.issuperset(range(start, end)))
            n_outside += len(tweet["text"]) - len(labelled)
            n_masked_outside += len(masked - labelled)
    for kind in ("EMAIL", "PHONE", "HANDLE", "NUMBER", "UPI", "URL"):
        assert sum(found[kind]) / len(found[kind]) >= 0.995, kind
    assert not any(found["BRAND_HANDLE"])
    assert n_masked_outside / n_outside <= 0.01


def test_brands_that_ship_are_handles() -> None:
    brands = load_brands()
    assert "amazonhelp" in brands
    assert all(brand == brand.lower() for brand in brands)


@pytest.mark.parametrize("content", [b"two words\n", b"\xff\xfe"])
def test_broken_list_of_brands(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "brands.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="list of brands"):
        load_brands(path)
