"""Texts that a terminal or a log can print without being controlled by them."""

from __future__ import annotations

# Joiners and variation selectors shape emoji and Indian scripts, so a reader needs them.
_SHAPING = frozenset("\u200c\u200d\ufe0e\ufe0f")


def printable(text: str, keep: str = "") -> str:
    """Put a space for every control or direction character; `keep` lists some to leave."""
    if text.isprintable():
        return text
    return "".join(char if is_harmless(char) or char in keep else " " for char in text)


def is_harmless(char: str) -> bool:
    """Whether a character can be printed without controlling anything else."""
    return char.isprintable() or char in _SHAPING
