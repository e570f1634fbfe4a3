from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.pipeline.frames import FrameBars, find_frames

BARS = FrameBars(min_copies=4, min_words=5, min_fixed_share=0.6)
DISHES = ("Bay 15", "Toro", "The Burger Club", "Cafe Cones &amp; Curries", "Jai Hind Lunch Home")
CHATTER = (
    "my parcel from last week is still not here and nobody answers",
    "thank you so much for the quick help today, that was kind",
    "thank you so much for nothing, I am done with this app",
    "thank you so much for bringing the old menu back to town",
    "thank you so much for the cold noodles, as always",
)


def shared(name: str) -> str:
    return f"I reviewed {name} and rated it 4/5 on @FoodApp https://t.co/{abs(hash(name)):x}"


def test_a_wording_with_a_slot_is_one_frame() -> None:
    [frame] = find_frames([*CHATTER, *map(shared, DISHES)], BARS)
    assert frame.wording == "I reviewed … and rated it 0/0 on <handle> <link>"
    assert frame.rows == (5, 6, 7, 8, 9)


def test_a_short_phrase_of_many_is_no_frame() -> None:
    assert find_frames(CHATTER, BARS) == []


@pytest.mark.parametrize("opening", ["can you tell me how to", "does anybody here know why the"])
def test_a_common_opening_is_no_frame(opening: str) -> None:
    ends = ("cook rice", "reach the airport", "cancel it", "pay the bill", "reset it")
    assert find_frames([f"{opening} {end}" for end in ends], BARS) == []


def test_too_few_copies_are_no_frame() -> None:
    assert find_frames([*CHATTER, *map(shared, DISHES[:3])], BARS) == []


def test_a_wording_mostly_of_slots_is_no_frame() -> None:
    said = [f"I {a} it and then {a} {a} {a} {a} {a} {a} {a} on Monday" for a in "abcdefgh"]
    assert find_frames(said, BARS) == []


def test_words_in_a_slot_may_be_common() -> None:
    """Half of the reviews are of one place, which then looks like part of the wording."""
    names = [f"The Burger Club {n}" for n in "abcdefgh"] + list(DISHES)
    frames = find_frames([*CHATTER, *map(shared, names)], BARS)
    assert [frame.wording for frame in frames] == [
        "I reviewed … and rated it 0/0 on <handle> <link>"
    ]


def test_handles_in_front_say_whom_a_text_answers() -> None:
    said = [f"{'@a ' * n}Hi! Please share your order id and we check this. ^SS" for n in range(4)]
    [frame] = find_frames(said, BARS)
    assert len(frame.rows) == 4


def test_a_long_shared_text_needs_no_shared_end() -> None:
    said = [f"We are sorry, our team tried to call you but could not reach you {n}" for n in "abcd"]
    assert len(find_frames(said, BARS)) == 1


PIECES = st.lists(
    st.one_of(
        st.sampled_from([shared(name) for name in DISHES]),
        st.sampled_from(CHATTER),
        st.lists(st.sampled_from("abcd"), max_size=9).map(" ".join),
        st.text(max_size=30),
    ),
    max_size=40,
)


@given(PIECES, st.randoms(use_true_random=False))
def test_the_order_of_texts_never_matters(texts: list[str], rng: random.Random) -> None:
    order = list(range(len(texts)))
    rng.shuffle(order)
    shuffled = find_frames([texts[row] for row in order], BARS)
    found = [(frame.wording, frame.rows) for frame in find_frames(texts, BARS)]
    back = [(frame.wording, tuple(sorted(order[row] for row in frame.rows))) for frame in shuffled]
    assert back == found


@given(PIECES)
def test_what_is_outside_all_frames_holds_none(texts: list[str]) -> None:
    frames = find_frames(texts, BARS)
    caught: list[Any] = [row for frame in frames for row in frame.rows]
    assert len(caught) == len(set(caught))
    rest = [text for row, text in enumerate(texts) if row not in set(caught)]
    assert find_frames(rest, BARS) == []
