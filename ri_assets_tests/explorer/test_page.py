"""The page as a file: what is in it, what cannot get into it, and what of it is checked."""

from __future__ import annotations

import copy
import io
import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ri_assets.explorer
from ri_assets.explorer.candidate import texts_of_page
from ri_assets.explorer.page import EXPLORER, MODULES, data_of, page, policy_of, safe_json
from ri_assets_tests.published import Published

FOLDER = Path(ri_assets.explorer.__file__).parent
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
# How people without red, green or blue cones see linear RGB (Machado, Oliveira, Fernandes 2009).
SIGHTS = [
    np.array(list(map(float, numbers.split()))).reshape(3, 3)
    for numbers in (
        "1 0 0 0 1 0 0 0 1",
        "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998",
        "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881",
        "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900",
    )
]
TO_XYZ = np.array(
    [[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07218], [0.01933, 0.11919, 0.95030]]
)


def text_of(published: Published) -> str:
    return (published.folder / EXPLORER).read_text(encoding="utf-8")


@given(JSON)
def test_data_comes_out_as_it_went_in_and_no_character_of_html_with_it(data: Any) -> None:
    written = safe_json(data)
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == data


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_page_gives_its_data_back(data: dict[str, Any]) -> None:
    assert data_of(page(data)) == data


def test_what_is_no_page_of_ours_is_not_read() -> None:
    text = page({"snapshot": "s"})
    for other in ("", text.replace("<title>", "<title>x"), text + "<script>1</script>"):
        with pytest.raises(ValueError, match="page of this version"):
            data_of(other)


def test_the_policy_names_each_script_and_style_and_allows_nothing_else() -> None:
    text = page({"snapshot": "s"})
    policy = dict(part.split(" ", 1) for part in policy_of(text).split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    for directive, tag in (("script-src", "script"), ("style-src", "style")):
        contents = re.findall(rf"<{tag}(?: type=\"module\")?>(.*?)</{tag}>", text, re.DOTALL)
        digests = [
            f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
            for content in contents
        ]
        assert policy[directive].split() == digests
    assert not re.search(r"\son\w+=|\sstyle=|(?:src|href)=\"(?!#)", text.split("</style>")[0])


def test_every_module_ships_and_stays_small() -> None:
    files = {path.stem for path in (FOLDER / "js").glob("*.js")}
    assert files == set(MODULES)
    for path in (FOLDER / "js").glob("*.js"):
        code = path.read_text(encoding="utf-8")
        assert len(code.splitlines()) < 350, path
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)
        for imported in re.findall(r'from "\./(\w+)\.js"', code):
            assert MODULES.index(imported) < MODULES.index(path.stem)


def lab(colours: list[str], sight: Any) -> Any:
    srgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ sight.T, 0, 1)
    xyz = seen @ TO_XYZ.T / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(np.maximum(xyz, 1e-9)), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


@pytest.mark.parametrize(("name", "ground"), [("LIGHT", 0.98), ("DARK", 0.012)])
def test_fifteen_colours_are_told_apart_by_the_colour_blind_too(name: str, ground: float) -> None:
    code = (FOLDER / "js" / "palette.js").read_text(encoding="utf-8")
    colours = re.findall(r"#\w{6}", code.split(f"const {name} = [")[1].split("]")[0])
    assert len(colours) == 15
    for sight in SIGHTS:
        seen = lab(colours, sight)
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15
    for lightness in lab(colours, np.eye(3))[:, 0]:
        y = ((lightness + 16) / 116) ** 3
        low, high = sorted((y, ground))
        assert (high + 0.05) / (low + 0.05) >= 2.9


def test_a_snapshot_has_its_page(published: Published) -> None:
    text = text_of(published)
    assert len(text.encode()) <= 3_000_000
    data = data_of(text)
    assert data["snapshot"] == published.ri.snapshot
    assert not data["is_draft"]
    assert [p["persona_id"] for p in data["personas"]] == list(published.personas["persona_id"])
    tweets = data["tweets"]
    kept = published.frame("denoised_tweets")
    assert tweets["total"] == tweets["drawn"] == len(kept) == len(tweets["texts"])
    ids = np.frombuffer(b64decode(tweets["columns"]["id"]), dtype="<i8")
    np.testing.assert_array_equal(ids, kept["tweet_id"])
    own = np.frombuffer(b64decode(tweets["columns"]["persona"]), dtype="<u2")
    names = [data["personas"][place]["persona_id"] for place in own]
    assert names == list(published.frame("ri_index_app.tweet_personas")["persona_id"])
    features = np.frombuffer(b64decode(tweets["columns"]["features"]), dtype="u1")
    assert features.shape == (36 * len(kept),)
    figures = published.frame("ri_index_app.figures").set_index("figure")["value"]
    assert float(figures["map_trustworthiness"]) >= 0.9
    assert {check["check"] for check in data["quality"]["checks"]} >= {"retention", "resample_ari"}


def test_texts_on_the_page_are_those_of_the_index(published: Published) -> None:
    data = data_of(text_of(published))
    ids = np.frombuffer(b64decode(data["tweets"]["columns"]["id"]), dtype="<i8").tolist()
    shown = dict(zip(ids, data["tweets"]["texts"], strict=True))
    for persona in published.ri.list_personas():
        rows = published.ri.get_persona_tweets(persona, None, with_text=True)
        assert {row.tweet_id: row.text for row in rows}.items() <= shown.items()


def opened(text: str) -> Any:
    def open_it(name: str) -> BinaryIO:
        assert name == EXPLORER
        return io.BytesIO(text.encode())

    return open_it


def test_the_privacy_check_reads_every_text_of_the_finished_page(published: Published) -> None:
    text = text_of(published)
    read = {value for _, _, value in texts_of_page(opened(text))}
    data = data_of(text)
    assert {one for one in data["tweets"]["texts"] if one} <= read
    assert set(data["tweets"]["vocabulary"]) <= read
    for persona in data["personas"]:
        assert {persona["name"], persona["focus"], *(s["text"] for s in persona["samples"])} <= read
    hurt = copy.deepcopy(data)
    hurt["tweets"]["texts"][3] = "write to jane.doe@mail.example or +91 98765 43210"
    found = [v for _, _, v in texts_of_page(opened(page(hurt))) if "jane.doe" in v]
    assert len(found) == 1
    with pytest.raises(ValueError, match="page of this version"):
        list(texts_of_page(opened(text + "jane.doe@mail.example")))
