"""Print the cards of a published snapshot as a Markdown page, for a reader to judge.

`docs/research/real_personas.md` is this page for real tweets.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.reading import run_or_explain
from ri_assets.environment import DEFAULT_STORE
from ri_assets.records.personas import Persona
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.card import QUOTES, card_markdown

_INTRODUCTION = """# Personas of {about}

The cards of all {count} personas that a run found there, for a reader to judge. The page \
leaves out the quotes of whole tweets, because they are other people's. Several authors use \
each word of the pieces in a focus. `python -m benchmarks.persona_page --store STORE --about \
TEXT` writes this page."""


def lines(ri: RIIndex, persona: Persona) -> Iterator[str]:
    """Give the paragraphs of one persona."""
    card = ri.card(persona.persona_id)
    sections = tuple(section for section in card.sections if section.heading != QUOTES)
    yield card_markdown(replace(card, sections=sections)).strip()
    yield "**Evidence for the name**"
    yield "\n".join(f"- {sentence}" for sentence in persona.name_evidence) or "- none"


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default=os.environ.get("RI_STORE", DEFAULT_STORE))
    parser.add_argument("--about", default="the published snapshot", help="whose tweets they are")
    given = parser.parse_args()
    ri = RIIndex.open(store=given.store)
    personas = [ri.get_persona(brief) for brief in ri.list_personas()]
    paragraphs = [_INTRODUCTION.format(about=given.about, count=len(personas))]
    paragraphs += [line for persona in personas for line in lines(ri, persona)]
    print("\n\n".join(paragraphs))


if __name__ == "__main__":
    run_or_explain(main)
