"""Whose handles are hidden without @, and which words point at nobody."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import yaml

from ri_assets.config import load_profile
from ri_assets.personas import advice, effects
from ri_assets.personas import sentences as sentence_module
from ri_assets.personas.enrich import enrich
from ri_assets.personas.naming import catalogue
from ri_assets.personas.naming.namers import MIXED, SHORT
from ri_assets.personas.naming.stances import load_stances
from ri_assets.personas.privacy.guard import IN_PLACE
from ri_assets.personas.privacy.private_handles import private_handles
from ri_assets.personas.text import words
from ri_assets.personas.text.lexicon import ORDINARY_FILE, ordinary_words
from ri_assets_tests.personas.conftest import Corpus, bag_of_words


def _posts(*rows: tuple[str | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["author_handle", "text"])


def test_an_ordinary_word_is_nobodys_handle() -> None:
    posts = _posts(
        ("Kombu", "my kombu is mine"),
        ("tidy_yak", "kombu rush"),
        ("b2", "more kombu, and TIDY_YAK"),
        (None, "kombu kombu kombu"),
        ("c3", "@kombu @kombu"),
    )
    assert private_handles(posts, {"c3"}, 4) == {"kombu", "tidy_yak", "b2"}
    assert private_handles(posts, {"c3"}, 3) == {"tidy_yak", "b2"}


def test_words_of_the_list_are_nobodys_handle() -> None:
    assert private_handles(_posts(("Refund", "x"), ("refund_yak", "y")), set(), 5) == {"refund_yak"}


def test_mentioned_and_answered_people_count_as_authors_do() -> None:
    posts = _posts(("b2", "thanks @Shy_Yak9, not @acme"), ("c3", "mail jo@mailhost.example"))
    posts["in_reply_to_handle"] = ["@Quiet_Emu", None]
    assert private_handles(posts, {"acme"}, 5) == {"b2", "c3", "shy_yak9", "quiet_emu"}


@pytest.mark.parametrize("mention", ["@5pm", "@10", "@24x7", "@100rs", "@me", "@food"])
def test_times_prices_and_words_with_at_are_nobody(mention: str) -> None:
    assert private_handles(_posts((None, f"meet {mention} there")), set(), 5) == frozenset()


def test_handles_are_compared_as_a_reader_sees_them() -> None:
    posts = _posts(("Ｗｉｄｅ＿Yak", "x"), ("a1", "@hid\u200bden_emu"), ("A1", "wide_yak"))
    assert private_handles(posts, set(), 2) == {"wide_yak", "a1", "hidden_emu"}


def test_texts_alone_name_whom_they_mention() -> None:
    assert private_handles(pd.DataFrame({"text": ["ask @shy_yak9"]}), set(), 5) == {"shy_yak9"}


def _said(content: object) -> str:
    if isinstance(content, dict):
        return " ".join(map(_said, content.values()))
    return " ".join(map(_said, content)) if isinstance(content, list) else str(content)


def test_the_list_holds_the_words_of_the_catalogue_and_of_the_word_lists() -> None:
    entries = yaml.safe_load(catalogue.CATALOGUE_FILE.read_text(encoding="utf-8"))
    for entry in entries:
        del entry["needs"]
        del entry["proof"]  # these words are looked for, and never shown
    lists = yaml.safe_load(words.WORDS_FILE.read_text(encoding="utf-8"))
    known = set(re.findall(r"[^\W\d_]+", f"{_said(entries)} {_said(lists)}".casefold()))
    missing = sorted(known - ordinary_words() - {"zomato"})
    assert not missing, f"add to {ORDINARY_FILE.name}: {' '.join(missing)}"


def test_the_list_is_words_in_lower_case_without_brands() -> None:
    from ri_assets.personas.privacy.cleaner import load_brands

    assert len(ordinary_words()) > 2000
    assert all(
        re.fullmatch(r"[^\W_]+", word) and word == word.casefold() for word in ordinary_words()
    )
    assert not ordinary_words() & {"zomato", "swiggy", "rahul", "priya"}
    assert "zomato" in load_brands()


def test_the_list_holds_the_words_of_the_sentences_about_personas(corpus: Corpus) -> None:
    """Else a handle that is one of them would keep whole sentences from being shown."""
    result = enrich(
        corpus.tweets, corpus.clusters, corpus.embeddings, corpus.replies, corpus.stability,
        load_profile("report"), ids={0: "P01", 1: "P02", 2: "P03"}, encode=bag_of_words,
    )  # fmt: skip
    measures = ("word_count", "uppercase_share", *effects.SHARES)
    sentences = ["key_insight", "do_hints", "dont_hints", "name_evidence", "trend_basis"]
    said = [_said(row) for row in result.personas[sentences].to_dict("records")]
    said += [
        _said([one.advice for one in advice._ADVICE]),
        _said(effects.SHARES),
        _said(advice._SUBJECT_ADVICE),
        _said(advice._STANCE_ADVICE),
        _said([advice._WORD_ADVICE, list(advice._WEEKDAYS), ", such as"]),
        _said([effects.effect_told(t, effects.Effect(0.5, 0.2)) for t in measures]),
        _said(sentence_module._TOLD),
    ]
    said += [
        IN_PLACE,
        MIXED,
        SHORT,
        "They share no subject",
        "They write about in",
        "Automatic Posts",
    ]
    said += [f"{s.name} {s.verb} {s.shows}" for s in load_stances()]
    said += ["Voices on Mixed Subjects", "Mixed Posts on"]
    terms = {word for term in result.terms["term"] for word in term.split()}
    plain = re.sub(r"\{.*?\}|“.*?”", " ", " ".join(said))
    spoken = set(re.findall(r"[^\W\d_]+", plain.casefold()))
    missing = sorted(spoken - ordinary_words() - terms)
    assert not missing, f"add to {ORDINARY_FILE.name}: {' '.join(missing)}"
