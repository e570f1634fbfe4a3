"""The optional recogniser: what it must be, what it takes for a name, and who hides that."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.errors import ConfigError
from ri_assets.personas.privacy.guard import Guard, Screen, build_guard
from ri_assets.personas.privacy.phrases import Phrases, phrase_of
from ri_assets.personas.privacy.recogniser import (
    Recognised,
    find_recogniser,
    names_in,
    recognise,
)
from ri_assets_tests.pipelines import save_ruler, train_names

HOME = "14 Quince Terrace, Oldport"
KNOWN = {
    "PERSON": ["Rose Quorvex", "Tavi", "Tavi's", "Momobar", "Gold Plan", "Acme", "@Tavi", "refund"],
    "STREET_ADDRESS": [HOME, "Oldport"],
    "GPE": ["Mumbai", "Newport"],
    "FAC": ["Central Station 12"],
}
TEXTS = [
    "Rose Quorvex lost my parcel",
    "so I asked Rose Quorvex and Tavi again",
    "Acme, Mumbai and Newport: refund the Gold Plan",
    "Momobar is cold",
    "my momobar is warm, all momobar is",
    "order momobar here",
    f"send it to {HOME} or to Central Station 12",
    "it rains in Oldport",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_ruler(tmp_path_factory.mktemp("pipelines") / "ruler", KNOWN)


def guard_of(folder: Path | None, texts: list[str], brands: tuple[str, ...] = ("acme",)) -> Guard:
    recogniser = find_recogniser(None if folder is None else str(folder))
    posts = pd.DataFrame({"author_handle": "shy_yak1", "text": texts})
    return build_guard((posts,), brands, 5, recogniser)


def test_only_what_may_be_a_name_is_taken(folder: Path) -> None:
    found = recognise(find_recogniser(str(folder)), TEXTS, frozenset({"acme"}))
    assert not list(names_in("@Tavi and #Tavi", 0, 15, frozenset()))
    # Places, brands, words of the language, and what is mostly written small are no names.
    assert found == Recognised(
        frozenset({"rose quorvex", "quorvex", "tavi"}), frozenset({phrase_of(HOME)})
    )
    assert recognise(None, TEXTS, frozenset()) == Recognised()


def test_names_and_addresses_are_hidden_wherever_the_corpus_has_them(folder: Path) -> None:
    guard, by_rule = guard_of(folder, TEXTS), guard_of(None, TEXTS)
    for text, cleaned in [
        ("ROSE QUORVEX was rude, says tavi", "[name] was rude, says [name]"),
        ("Tavi-like, Quorvex's", "[name]-like, [name]"),
        ("a rose for Mumbai", "a rose for Mumbai"),
        ("at 14 quince terrace,  Oldport", "at [address]"),
        ("Oldport is far, momobar is near", "Oldport is far, momobar is near"),
    ]:
        assert guard.clean(text) == cleaned
        assert guard.passes(cleaned)
        assert by_rule.clean(text) == " ".join(text.split())
    assert guard.findings("ask rose, quorvex") == {"name"}
    assert guard.findings("14 Quince-Terrace Oldport") == {"home address"}
    assert not by_rule.findings("ask rose, quorvex")


def test_no_part_of_a_persona_holds_what_the_recogniser_found(folder: Path) -> None:
    screen = Screen(guard_of(folder, TEXTS))
    for part in ("terms", "quotes", "names", "sentences", "samples"):
        assert not screen.of(part)("fans of tavi")
        assert screen.of(part)("fans of momobar")


def test_a_trained_pipeline_finds_names_that_it_never_saw(tmp_path: Path) -> None:
    names = ["Rahul Menon", "Asha Rao", "Imran Qureshi", "Nitin Gadre", "Priya Nair", "Deepak Sahu"]
    folder = train_names(tmp_path / "trained", names)
    recogniser = find_recogniser(str(folder))
    assert recogniser is not None
    assert str(recogniser).startswith("en_trained_names 1.0 sha256:")
    texts = ["Sanjay Bhosle was rude to me", "ask Kavita Ghosh for the refund", "Parcel is late"]
    guard = guard_of(folder, texts)
    assert [guard.clean(text) for text in texts] == [
        "[name] was rude to me",
        "ask [name] for the refund",
        "Parcel is late",
    ]


@given(
    st.text("Aa Qq'-.@#_1é\u0301\n", max_size=40),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_every_name_is_found_again_in_its_text(text: str, start: int, end: int) -> None:
    for name in names_in(text, start, max(start, min(end, len(text))), frozenset()):
        assert name == phrase_of(name) != ""
        assert name in Phrases([name]).in_text(text)


def test_the_cleaner_and_the_detectors_agree_on_phrases() -> None:
    guard = Guard((), (), {"rose quorvex"}, addresses={"14 quince terrace"})
    for text in (
        "Rose Quorvex",
        "ROSE\n quorvex",
        "rose_quorvex",
        "Ｒｏｓｅ Quorvex",
        "14, Quince  Terrace",
    ):
        assert guard.findings(text)
        assert guard.shown(text) is not None or "_" in text
    assert guard.clean("rose and quorvex") == "rose and quorvex"
    assert guard.passes("rose and quorvex")


def test_a_missing_pipeline_is_told_with_its_remedy(tmp_path: Path) -> None:
    for name in ("en_no_such_names", str(tmp_path / "nowhere"), "en no.such/names"):
        with pytest.raises(ConfigError, match="there is no recogniser") as error:
            find_recogniser(name)
        assert "pip install 'ri-persona-system[names]'" in error.value.remedy


def test_missing_spacy_is_told_with_its_remedy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="spaCy is not installed") as error:
        find_recogniser(str(folder))
    assert "[names]" in error.value.remedy


def test_a_package_gives_the_folder_that_it_holds(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "en_packed_names"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('it was run')", encoding="utf-8")
    (package / "en_packed_names-1.0").symlink_to(folder)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = find_recogniser("en-packed-names")
    assert found is not None
    assert found.folder == package / "en_packed_names-1.0"
    assert recognise(found, TEXTS, frozenset()).addresses
    (package / "another").symlink_to(folder)
    with pytest.raises(ConfigError, match=r"has 2 files config\.cfg"):
        find_recogniser("en-packed-names")


def test_other_files_are_refused_if_the_profile_names_a_digest(tmp_path: Path) -> None:
    folder = save_ruler(tmp_path / "one", {"PERSON": ["Tavi"]})
    one = find_recogniser(str(folder))
    assert one is not None
    assert find_recogniser(str(folder), one.sha256) == one
    two = find_recogniser(str(save_ruler(folder, {"PERSON": ["Tavi", "Momobar"]})))
    assert two is not None
    assert two.sha256 != one.sha256
    with pytest.raises(ConfigError, match="have sha256") as error:
        find_recogniser(str(folder), one.sha256)
    assert one.sha256 in error.value.expected


def test_a_pipeline_without_people_is_refused(tmp_path: Path) -> None:
    folder = save_ruler(tmp_path / "places", {"GPE": ["Mumbai"]})
    with pytest.raises(ConfigError, match="knows no names") as error:
        find_recogniser(str(folder))
    assert "GPE" in error.value.found
    (folder / "meta.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        find_recogniser(str(folder))


def test_a_broken_pipeline_is_told_when_it_is_loaded(tmp_path: Path) -> None:
    folder = save_ruler(tmp_path / "broken", {"PERSON": ["Tavi"]})
    config = folder / "config.cfg"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('"entity_ruler"', '"no_such_part"'), encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        recognise(find_recogniser(str(folder)), ["Tavi"], frozenset())


def test_finding_a_pipeline_loads_nothing(folder: Path) -> None:
    code = (
        "import json, sys\nfrom ri_assets.personas.privacy.recogniser import find_recogniser\n"
        f"find_recogniser({str(folder)!r})\nprint(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"spacy", "torch", "pandas"} & set(json.loads(ended.stdout))
