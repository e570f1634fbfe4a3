from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.cli.terminal import print_json, safe

SHAPING = "\u200c\u200d\ufe0e\ufe0f"


@given(text=st.text())
def test_what_is_shown_has_no_control_character(text: str) -> None:
    shown = safe(text).plain
    assert all(char.isprintable() or char in SHAPING for char in shown)
    assert [c for c in text if c.isprintable()] == [
        c for c, was in zip(shown, text, strict=True) if was.isprintable()
    ]


@pytest.mark.parametrize("text", ["👩‍💻 ok", "क्‍ष", "[bold]no markup[/]"])
def test_emoji_scripts_and_brackets_stay(text: str) -> None:
    assert safe(text).plain == text


@pytest.mark.parametrize("text", ["plain", "\x1b[31m \x9b \u202e \U000e0041", "héllo \ud83d"])
def test_json_stays_the_same_json_without_control_characters(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_json(json.dumps({"text": text}, ensure_ascii=False))
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": text}
    assert out.rstrip("\n").isprintable()
