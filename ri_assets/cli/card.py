"""A persona's card in a terminal, as wide as the terminal is."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ri_assets.cli.terminal import safe
from ri_assets.ri_index.card import Card

MAX_WIDTH = 120
_HEADINGS = 18
_BULLET = "- "


def show_card(console: Console, card: Card) -> None:
    """Print a card; weak personas are dim, and colours are left out in a pipe."""
    for line in card_lines(card, min(console.width, MAX_WIDTH)):
        console.print(line, highlight=False, no_wrap=True, crop=False, overflow="ignore")


def card_lines(card: Card, width: int) -> list[Text]:
    """Lay a card out; no line is wider than `width` cells.

    The badge comes first. Headings stand in a column at the left, unless the text beside them
    would be narrower than half the width.
    """
    colour = "yellow" if card.is_weak else "green"
    body = "dim" if card.is_weak else ""
    lines = [
        *_wrapped(card.badge, width, f"bold {colour}"),
        *_wrapped(card.title, width, body or "bold"),
        *_wrapped(card.story, width, body),
    ]
    is_beside = width >= 2 * _HEADINGS
    indent = _HEADINGS if is_beside else 2
    for section in card.sections:
        lines.append(Text())
        heading = list(_wrapped(section.heading, indent - 2 if is_beside else width, "bold"))
        content = list(_listed(section.lines, width - indent, body))
        if not is_beside:
            lines += heading
            heading = []
        for row in range(max(len(heading), len(content))):
            left = heading[row] if row < len(heading) else Text()
            right = content[row] if row < len(content) else Text()
            pad = " " * (indent - cell_len(left.plain)) if right.plain else ""
            lines.append(Text.assemble(left, pad, right))
    return lines


def _listed(lines: tuple[str, ...], width: int, style: str) -> Iterator[Text]:
    """Wrap each line; several are a list with bullets."""
    bullet = _BULLET if len(lines) > 1 else ""
    for line in lines:
        for row, part in enumerate(_wrapped(line, width - len(bullet), style)):
            yield Text.assemble(bullet if row == 0 else " " * len(bullet), part)


def _wrapped(text: str, width: int, style: str) -> Iterator[Text]:
    """Wrap at words by their width in cells; a word wider than a line is cut."""
    plain = Console(width=width)
    for part in safe(text, style=style).wrap(plain, width):
        part.rstrip()
        yield part
