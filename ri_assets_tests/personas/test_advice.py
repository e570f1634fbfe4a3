"""Advice: what it follows from, and what holds for every corpus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.personas.advice import (
    MAX_DONTS,
    MAX_DOS,
    Hints,
    PersonaFacts,
    write_hints,
)
from ri_assets.personas.effects import MIN_EFFECT, Effect, find_effects
from ri_assets.personas.naming.stances import StanceFigures, load_stances
from ri_assets.personas.text.terms import TERM_COLUMNS
from ri_assets.personas.traits import TRAITS, trait_table

NO_TERMS = pd.DataFrame(columns=list(TERM_COLUMNS))
NO_RHYTHM = pd.DataFrame(columns=["cycle", "slot", "share", "lift", "lift_low"])
NO_REPLIES = pd.DataFrame({"in_reply_to_tweet_id": []})
STANCES = {stance.name: stance for stance in load_stances()}
# What each reason is about, whatever the numbers and the persona's own words are.
_OWN = re.compile(r"“.*?”(, )?|\d[\d.]*%?")


def _term(word: str, share: float = 0.4, corpus_share: float = 0.1) -> dict[str, object]:
    return {
        "term": word, "share": share, "corpus_share": corpus_share, "lift": share / corpus_share,
        "tweet_count": round(200 * share),
    }  # fmt: skip


def _peak(hour: int, share: float = 0.3) -> pd.DataFrame:
    return pd.DataFrame(
        [{"cycle": "hour", "slot": hour, "share": share, "lift": 3.0, "lift_low": 2.0}]
    )


def _effects(**values: list[float]) -> dict[int, dict[str, Effect]]:
    """Effects of one measure by persona, with narrow intervals."""
    rows = [
        {
            "cluster": cluster, "trait": trait, "value": value, "lift": value / np.mean(numbers),
            "lift_low": value / np.mean(numbers) * 0.95,
            "lift_high": value / np.mean(numbers) * 1.05,
        }
        for trait, numbers in values.items()
        for cluster, value in enumerate(numbers)
    ]  # fmt: skip
    return find_effects(rows)


def _hints(
    values: Mapping[str, list[float]],
    stance: str | None = None,
    *terms: dict[str, object],
    **more: object,
) -> Hints:
    """Hints for the first persona, which alone has a stance, terms and a peak."""
    effects = _effects(**values)
    facts = {
        cluster: PersonaFacts(effects=own, terms=NO_TERMS, rhythm=NO_RHYTHM)
        for cluster, own in effects.items()
    }
    facts[0] = PersonaFacts(
        effects=effects[0],
        terms=pd.DataFrame(list(terms)) if terms else NO_TERMS,
        stance=None if stance is None else StanceFigures(STANCES[stance], 0.5, 2.0),
        **{"rhythm": NO_RHYTHM, **more},  # type: ignore[arg-type]
    )
    return write_hints(facts)[0]


def test_a_complaint_is_answered_in_its_words_and_its_anger_is_not_copied() -> None:
    values = {
        "complaint_share": [0.6, 0.2, 0.2, 0.1],
        "exclamation_share": [0.5, 0.1, 0.2, 0.2],
        "emoji_share": [0.4, 0.1, 0.1, 0.2],
        "uppercase_share": [0.3, 0.05, 0.05, 0.05],
    }
    found = _hints(
        values,
        "Complainers",
        _term("worst"),
        _term("refund"),
        subjects=["late refunds"],
        complaint_words=["late", "worst"],
    )
    assert found.do == (
        (
            "Do say first what you will do about “refund”: "
            "40% of their tweets say it, 4.0 times the corpus's share."
        ),
        (
            "Do name the problem in their words, such as “late”, “worst”: 60% of their tweets use "
            "a word of complaint, against 20% in the median persona."
        ),
    )
    assert [hint.split(":")[0] for hint in found.dont] == [
        "Don't answer in capitals",
        "Don't answer in their tone",
    ]
    calm = _hints({**values, "complaint_share": [0.1, 0.2, 0.2, 0.6]})
    assert any("energy" in hint for hint in calm.do)
    assert any("emoji" in hint for hint in calm.do)


@pytest.mark.parametrize(
    ("stance", "trait", "about", "how"),
    [
        ("Askers", "question_share", "Do answer with what to know about", "Do give the answer"),
        ("Link Sharers", "link_share", "Do link to facts about", "Do bring a source"),
        ("Thankers", None, "Do quote what they say about", "Do thank them and quote them"),
        (None, None, "Do write about", None),
    ],
)
def test_advice_follows_the_stance(
    stance: str | None, trait: str | None, about: str, how: str | None
) -> None:
    values = {trait or "word_count": [0.6, 0.2, 0.2] if trait else [20.0, 20.0, 20.0]}
    found = _hints(values, stance, _term("biryani"), subjects=["biryani"])
    assert found.do[0].startswith(f"{about} “biryani”: 40% of their tweets")
    assert [hint.split(":")[0].split(" in ")[0] for hint in found.do[1:]] == ([how] if how else [])


def test_a_word_that_is_no_subject_is_only_a_word() -> None:
    found = _hints({"word_count": [9.0, 9.0]}, None, _term("yaar"), subjects=["biryani"])
    assert found.do[0].startswith("Do use their word “yaar”")


def test_two_subjects_and_no_word_that_a_phrase_beside_it_holds() -> None:
    terms = [_term("customer"), _term("customer service"), _term("refund"), _term("chat")]
    subjects = ["customer service", "refund", "chat"]
    found = _hints({"word_count": [9.0, 9.0]}, None, *terms, subjects=subjects)
    assert found.do[0] == (
        "Do write about “customer service” and “refund”: 40% and 40% of their tweets say so."
    )


def test_one_verbose_persona_makes_nobody_else_short() -> None:
    values = [90.0, 20.0, 21.0, 19.0, 20.0, 20.0, 22.0, 18.0]
    effects = _effects(word_count=values)
    assert [cluster for cluster, own in effects.items() if own] == [0]


def test_a_share_that_few_tweets_have_is_no_advice() -> None:
    assert not _effects(emoji_share=[0.06, 0.02, 0.02, 0.02])[0]


def test_what_fits_most_personas_is_no_advice() -> None:
    same = PersonaFacts(effects={}, terms=NO_TERMS, rhythm=_peak(21))
    other = PersonaFacts(effects={}, terms=NO_TERMS, rhythm=_peak(9))
    assert write_hints({0: same, 1: same, 2: other})[0] == Hints()
    assert write_hints({0: same, 1: same, 2: other})[2].do[0].startswith("Do post around 09:00")
    assert write_hints({0: same, 1: other})[0].do == (
        "Do post around 21:00: 30% of their tweets come then, 3.0 times the corpus's share.",
    )


def test_a_weak_peak_is_no_advice() -> None:
    weak = _peak(21).assign(lift=1.2, lift_low=1.1)
    facts = PersonaFacts(effects={}, terms=NO_TERMS, rhythm=weak)
    assert write_hints({0: facts, 1: PersonaFacts({}, NO_TERMS, NO_RHYTHM)})[0] == Hints()


def test_a_hint_that_is_refused_leaves_its_place_to_the_next() -> None:
    facts = {
        0: PersonaFacts({}, pd.DataFrame([_term("refund")]), _peak(9)),
        1: PersonaFacts({}, NO_TERMS, NO_RHYTHM),
    }
    assert "refund" in write_hints(facts)[0].do[0]
    [only] = write_hints(facts, lambda text: "refund" not in text)[0].do
    assert only.startswith("Do post around 09:00")


def test_nothing_to_say_gives_no_hint() -> None:
    traits = trait_table(
        pd.DataFrame({"tweet_id": range(10), "text": ["one two three"] * 10}),
        np.repeat([0, 1], 5),
        NO_REPLIES,
    )
    assert find_effects(traits.to_dict("records")) == {0: {}, 1: {}}


corpora = st.integers(2, 12).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            trait.name: st.lists(
                st.floats(1, 60) if trait.name == "word_count" else st.floats(0.01, 1),
                min_size=n,
                max_size=n,
            )
            for trait in TRAITS
        }
        | {
            "stances": st.lists(st.sampled_from([None, *STANCES]), min_size=n, max_size=n),
            "words": st.lists(st.sampled_from(["refund", "late", "bag"]), min_size=n, max_size=n),
            "hours": st.lists(st.integers(0, 3), min_size=n, max_size=n),
        }
    )
)


@given(corpora)
@settings(max_examples=40)
def test_what_holds_for_every_corpus(corpus: dict[str, list[object]]) -> None:
    stances, words, hours = (corpus.pop(name) for name in ("stances", "words", "hours"))
    values: dict[str, list[float]] = corpus  # type: ignore[assignment]
    effects = _effects(**values)
    facts = {
        cluster: PersonaFacts(
            effects=own,
            terms=pd.DataFrame([_term(str(words[cluster]))]),
            rhythm=_peak(int(str(hours[cluster]))),
            stance=None
            if stances[cluster] is None
            else StanceFigures(STANCES[str(stances[cluster])], 0.5, 2.0),
            subjects=["refund"],
        )
        for cluster, own in effects.items()
    }
    found = write_hints(facts)
    given_to = Counter(
        hint.split(":")[0].split(", such as")[0]
        for own in found.values()
        for hint in {*own.do, *own.dont}
    )
    assert all(2 * number <= len(facts) for number in given_to.values())
    for cluster, hints in found.items():
        assert len(hints.do) <= MAX_DOS
        assert len(hints.dont) <= MAX_DONTS
        reasons = [_OWN.sub("", hint.split(": ", 1)[1]) for hint in (*hints.do, *hints.dont)]
        # A mirror would rest on the same figure; so each figure is behind one hint only.
        dos, donts = reasons[: len(hints.do)], reasons[len(hints.do) :]
        assert not set(dos) & set(donts)
        assert len(set(donts)) == len(donts)
        for trait, effect in effects[cluster].items():
            typical = float(np.median(values[trait]))
            assert abs(values[trait][cluster] / typical - 1) >= MIN_EFFECT - 1e-9, (trait, effect)
        told = sum("median persona" in hint for hint in (*hints.do, *hints.dont))
        assert told <= len(effects[cluster])
        if facts[cluster].is_angry:
            assert not any("energy" in h or "Do add an emoji" in h for h in hints.do)
