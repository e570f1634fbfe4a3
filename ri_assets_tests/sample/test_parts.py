"""PortableRandom, patterns, shares and duplicates, each by what it promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import CorpusError
from ri_assets.sample.audiences import AUDIENCE_NAMES, Story, audiences, shared
from ri_assets.sample.compose import kept_texts, shares
from ri_assets.sample.portable_random import PortableRandom
from ri_assets.sample.sentences import Deck, Speaker, nearly_same, same
from ri_assets_tests.sample.reading import collapsed


def test_dice_of_one_name_fall_alike() -> None:
    one, other, third = PortableRandom("a", 1), PortableRandom("a", 1), PortableRandom("a", 2)
    throws = [one.uniform() for _ in range(5)]
    assert throws == [other.uniform() for _ in range(5)]
    assert throws != [third.uniform() for _ in range(5)]


def test_the_stream_is_the_same_on_every_machine() -> None:
    rng = PortableRandom("fixed")
    assert [rng.between(0, 999) for _ in range(4)] == [914, 525, 968, 755]


@given(st.integers(), st.integers(-50, 50), st.integers(0, 50))
def test_between_stays_between(seed: int, low: int, width: int) -> None:
    assert low <= PortableRandom(seed).between(low, low + width) <= low + width


@given(st.integers(), st.lists(st.integers(), max_size=20))
def test_shuffling_loses_nothing(seed: int, items: list[int]) -> None:
    assert sorted(PortableRandom(seed).shuffled(items)) == sorted(items)


@given(st.integers(), st.lists(st.floats(0.1, 9), min_size=1, max_size=9))
def test_a_weight_of_zero_is_never_drawn(seed: int, weights: list[float]) -> None:
    assert PortableRandom(seed).weighted([0.0, *weights]) > 0


def test_a_speaker_chooses_nests_and_remembers() -> None:
    slots = {"city": ("Pune", "Kochi"), "code": ("A##",)}
    said = {
        Speaker(slots, PortableRandom(n)).say("{in|at {dear|old}} <city>, <city> <1..3>")
        for n in range(200)
    }
    assert len(said) == 3 * 2 * 3
    assert all(words.count("Pune") in (0, 2) for words in said)
    assert Speaker(slots, PortableRandom(1)).say("<code>")[1:].isdigit()
    assert (
        Speaker(slots, PortableRandom(1), {"city": "Agra"}).say("a {|} old <city> {|} .")
        == "an old Agra."
    )


def test_a_deck_deals_all_before_any_again() -> None:
    deck = Deck(("a", "b", "c"), PortableRandom("deck"))
    assert [sorted(deck.deal() for _ in range(3)) for _ in range(4)] == [["a", "b", "c"]] * 4


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.integers(0, 500))
def test_shares_sum_up_and_stay_near(weights: list[float], total: int) -> None:
    counts = shares(weights, total)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count - total * weight / sum(weights)) < 1 + 1e-6


TEXTS = st.sampled_from(
    [
        "We waited a week. Nobody came, and nobody called.",
        "@ShopKaro no café here, only queues https://t.co/abcdefghij",
        "all lower case and no marks at all in here",
    ]
)


@given(TEXTS, st.integers())
def test_a_copy_is_an_exact_duplicate(text: str, seed: int) -> None:
    assert collapsed(same(text, PortableRandom(seed))) == collapsed(text)


@given(TEXTS, st.integers())
def test_an_edit_is_no_exact_duplicate(text: str, seed: int) -> None:
    assert collapsed(nearly_same(text, PortableRandom(seed))) != collapsed(text)


def test_material_can_all_be_said() -> None:
    assert tuple(audience.name for audience in audiences()) == AUDIENCE_NAMES
    for audience in audiences():
        story_lines = [line for story in audience.stories for line in story.leads + story.details]
        for line in (*story_lines, *audience.asides, *audience.passing, *audience.hinglish):
            said = Speaker(shared().slots, PortableRandom(line)).say(line)
            assert not set(said) & set("{}|<>"), line
        assert set(audience.neighbours) < set(AUDIENCE_NAMES) - {audience.name}


def test_too_few_phrases_are_named() -> None:
    everyone = {audience.name: audience for audience in audiences()}
    one_line = ("We have only one thing to say and we say it every day",)
    poor = everyone["platform_complainers"].model_copy(
        update={
            "stories": (Story(leads=one_line[0], details=one_line[0]),),
            "asides": one_line,
            "hinglish": one_line,
        }
    )
    with pytest.raises(CorpusError, match=r"templates/audiences/platform_complainers\.yaml"):
        kept_texts(poor, everyone)
