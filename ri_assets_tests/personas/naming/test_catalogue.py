from __future__ import annotations

from pathlib import Path

import pytest

from ri_assets.errors import ConfigError
from ri_assets.personas.naming.catalogue import keyword_uses, load_catalogue, proofs

ENTRY = """
- name: Testers
  focus: testing
  keywords: [test case, refund]
  proof: [[test, refund], [case, money]]
  insight: "{share} and {lift}."
  needs: []
"""
REPORTED = (
    "Tech Builders", "India Watchers", "Conversational Commerce Users", "Customer Service Critics",
    "Counterfeit Warriors", "UX Shoppers", "Delivery Trackers", "Payment Gateway Shoppers",
    "Trust-First Buyers", "Return Scrutinizers", "Platform Complainers",
)  # fmt: skip


def _write(path: Path, text: str) -> Path:
    file = path / "catalogue.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_catalogue_that_ships() -> None:
    names = [audience.name for audience in load_catalogue()]
    assert set(REPORTED) <= set(names)
    assert len(names) >= len(REPORTED) + 20


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("focus: testing", "fokus: testing", "entry 1 (Testers), focus"),
        ("focus: testing", "focus: testing\n  colour: red", "line 4, entry 1 (Testers), colour"),
        ("focus: testing", "focus: testing\n  focus: red", "line 4, focus: the key is given twice"),
        ("  focus: testing", "\tfocus: testing", "line 3"),
        ("focus: testing", "focus: 3", "line 3, entry 1 (Testers), focus: Input should be"),
        ("focus: testing", "focus: *no_anchor", "line 3"),
        ("testing", "te\x00sting", "unacceptable character"),
        ("[test case, refund]", "[off]", "line 4, entry 1 (Testers), keywords, 1"),
        ("[test case, refund]", "[]", "entry 1 (Testers), keywords"),
        ("[[test, refund], [case, money]]", "[]", "line 5, entry 1 (Testers), proof"),
        ("[case, money]", "[]", "entry 1 (Testers), proof, 2"),
        ("[case, money]", "[7]", "entry 1 (Testers), proof, 2, 1"),
        ('"{share} and {lift}."', '"{size}"', "entry 1 (Testers), insight"),
        ("needs: []", "needs: [charm]", "entry 1 (Testers), needs"),
        ("name: Testers", "name: ''", "entry 1 (), name"),
        (ENTRY, ENTRY + ENTRY, "line 9, entry 2 (Testers), name: 'Testers' appears twice"),
        (ENTRY, "- 3", "entry 1"),
        (ENTRY, "a: [", "line 1, column 5"),
        (ENTRY, "", "the file"),
    ],
)
def test_a_broken_catalogue_names_the_key(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = _write(tmp_path, ENTRY.replace(old, new))
    with pytest.raises(ConfigError) as error:
        load_catalogue(path)
    assert named in error.value.found


def test_a_missing_catalogue(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_catalogue(tmp_path / "none.yaml")


def test_keywords_match_whole_words_in_any_form(tmp_path: Path) -> None:
    audiences = load_catalogue(_write(tmp_path, ENTRY))
    texts = ["they REFUNDED me", "test cases here", "test the case", "refundable"]
    uses, found = keyword_uses(texts, audiences)
    assert uses[:, 0].tolist() == [True, True, False, False]
    assert found[0][0] == ["refund"]


def test_a_tweet_proves_an_audience_by_a_word_of_every_group(tmp_path: Path) -> None:
    audiences = load_catalogue(_write(tmp_path, ENTRY))
    texts = ["they refunded my money", "two tests", "a case of money", "testing the cases"]
    assert proofs(texts, audiences)[:, 0].tolist() == [True, False, False, True]
