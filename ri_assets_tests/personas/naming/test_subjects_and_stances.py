"""What members share and others do not: subjects, stances, languages and templates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ri_assets.personas.naming import subjects as subjects_module
from ri_assets.personas.naming.stances import choose_stances, load_stances, show_stances
from ri_assets.personas.naming.subjects import find_bonds, rank_subjects
from ri_assets.personas.text.noun_phrases import find_noun_phrases, written_in_capitals

BAGS = [
    "They lost my baggage, the lost baggage desk is closed",
    "My lost baggage is still in Delhi",
    "Please find the lost baggage of my mother",
    "No news of our lost baggage",
]
GOLD = [
    "I bought the gold membership and it is a joke",
    "Your gold membership is of no use?",
    "Why pay for a gold membership at all?",
    "With the gold membership I get nothing, why?",
]
TEXTS = [f"{text} {word}" for text in BAGS + GOLD for word in ("today", "now", "here", "again")]
CLUSTERS = np.repeat([0, 1], 16)
AUTHORS = np.arange(32)
ALL = np.ones(32, dtype=bool)


def _subjects(texts: list[str], dull: set[str] | None = None) -> dict[int, list[str]]:
    found = rank_subjects(find_noun_phrases(texts, dull or set()), CLUSTERS, AUTHORS, ALL, 5)
    return {cluster: [subject.text for subject in own] for cluster, own in found.items()}


def test_subjects_are_noun_phrases_as_members_write_them() -> None:
    found = _subjects(TEXTS)
    assert found[0][0] == "lost baggage"
    assert found[1][0] == "gold membership"
    words = {word for own in found.values() for text in own for word in text.split()}
    assert words.isdisjoint({"find", "bought", "pay", "get", "my", "the", "still", "today"})


def test_a_subject_is_never_the_brand_and_its_words_appear_once() -> None:
    found = _subjects([f"{text} @acme acme" for text in TEXTS], {"acme"})
    assert "acme" not in " ".join(found[0] + found[1])
    assert len({word for text in found[0] for word in text.split()}) == len(
        [word for text in found[0] for word in text.split()]
    )


def test_a_subject_needs_authors_and_may_be_refused() -> None:
    phrases = find_noun_phrases(TEXTS, set())
    one = rank_subjects(phrases, CLUSTERS, np.zeros(32, dtype=np.int64), ALL, 5)
    assert one == {0: (), 1: ()}
    found = rank_subjects(phrases, CLUSTERS, AUTHORS, ALL, 5, lambda text: "gold" not in text)
    assert "gold" not in " ".join(subject.text for subject in found[1])


def test_the_choice_rests_on_some_tweets_and_the_figures_on_all() -> None:
    chosen = np.arange(32) % 4 != 0
    texts = [
        text if is_chosen else "nothing" for text, is_chosen in zip(TEXTS, chosen, strict=True)
    ]
    found = rank_subjects(find_noun_phrases(texts, set()), CLUSTERS, AUTHORS, chosen, 5)
    assert found[0][0].text == "lost baggage"
    assert found[0][0].share == pytest.approx(0.75)


def test_phrases_of_other_scripts_keep_their_words_whole() -> None:
    hindi = ["ग्राहक सेवा की शिकायत", "ग्राहक सेवा है", "यह ग्राहक सेवा", "ग्राहक सेवा में"] * 4
    found = _subjects(hindi + TEXTS[16:])
    assert found[0] == ["ग्राहक सेवा"]
    thai = ["อาหารอร่อยมาก ขอบคุณ", "อาหารอร่อยมาก นะ"] * 8
    assert _subjects(thai + TEXTS[16:])[0] == []  # no spaces, so no words that could be told


def test_hashtags_are_no_subjects_and_capitals_are_seen() -> None:
    texts = [f"The #prayforacme of the LAX gate {n}" for n in "abcdefgh"] * 2
    assert "prayforacme" not in " ".join(_subjects(texts + TEXTS[16:])[0])
    assert written_in_capitals(texts) == {"lax"}


def test_a_stance_sets_a_cluster_apart_beyond_chance() -> None:
    asking = ["Where is it?", "thanks a lot", "the worst scam https://t.co/a", "plain words"]
    names = [stance.name for stance in load_stances()]
    shown = show_stances(asking, asking)
    found = [{names[place] for place in np.flatnonzero(row)} for row in shown]
    assert found == [{"Askers"}, {"Thankers"}, {"Complainers", "Link Sharers", "Warners"}, set()]
    texts = ["Where is it?"] * 40 + ["It is here"] * 60
    clusters = np.repeat([0, 1], [40, 60])
    chosen = choose_stances(show_stances(texts, texts), clusters, np.ones(100, dtype=bool))
    assert list(chosen) == [0]
    assert chosen[0].stance.name == "Askers"
    assert (chosen[0].share, chosen[0].lift) == (1.0, 2.5)
    mixed = np.random.default_rng(0).integers(0, 2, 100)
    assert not choose_stances(show_stances(texts, texts), mixed, np.ones(100, dtype=bool))


def test_irony_is_no_praise() -> None:
    text = ["Love how you lost my order, worst and amazing service"]
    names = [stance.name for stance in load_stances()]
    assert "Fans" not in {names[n] for n in np.flatnonzero(show_stances(text, text)[0])}


def test_a_language_a_template_and_short_texts_bind() -> None:
    spanish = ["Las inundaciones en la ciudad han causado muchos daños esta semana"] * 8
    template = [f"I just reviewed {place} and gave it five stars" for place in "abcdefgh"]
    english = ["The weather in the city is quite pleasant this week, they say"] * 8
    texts = spanish + template + ["ok", "thank you"] * 4 + english
    clusters = np.repeat([0, 1, 2, 3], 8)
    found = find_bonds(texts, clusters, np.ones(32, dtype=bool))
    assert [found[n].language for n in range(4)] == ["Spanish", None, None, None]
    assert found[0].language_share == 1
    assert found[1].template == "and gave it five stars"
    assert found[1].template_share == 1
    assert [found[n].is_short for n in range(4)] == [False, False, True, False]


def test_a_subject_that_chance_explains_is_none() -> None:
    """Of 120 members 4 write one phrase where chance expects 2.5, and 12 another where 4."""
    own = pd.DataFrame(
        {"weight": [0.1, 0.2], "share": [4 / 120, 12 / 120], "lift": [1.6, 3.0],
         "tweet_count": [4, 12]},
        index=["customer support", "lost baggage"],
    )  # fmt: skip
    found = subjects_module._ranked(own, frozenset(own.index), lambda _: True)
    assert [text for text, _ in found] == ["lost baggage"]
