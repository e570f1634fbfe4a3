"""Print the personas of a published snapshot as a Markdown page, for a reader to judge.

`docs/research/real_personas.md` is this page for real tweets.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence

from benchmarks.reading import run_or_explain
from ri_assets.environment import DEFAULT_STORE
from ri_assets.records.display import share
from ri_assets.records.personas import Persona
from ri_assets.ri_index import RIIndex

_INTRODUCTION = """# Personas of {about}

All {count} personas that a run found there, as published, for a reader to judge. The page \
leaves out the samples, because they are other people's tweets. \
Several authors use each word of a quote. `python -m benchmarks.persona_page --store \
STORE --about TEXT` writes this page."""


def lines(ri: RIIndex, persona: Persona) -> Iterator[str]:
    """Give the paragraphs of one persona."""
    source = {"catalogue": "name from the catalogue", "terms": "name from its terms"}
    yield f"## {persona.persona_id} {persona.name}"
    yield (
        f"{persona.tweet_count:,} tweets, {persona.share:.1%} of those kept "
        f"({share(persona.share_low)} to {share(persona.share_high)}), "
        f"{persona.author_count} authors; "
        f"{persona.tier_label}; Jaccard {persona.jaccard:.2f}, {persona.stability}; "
        f"{source.get(str(persona.name_source), persona.name_source)}."
    )
    yield f"**Focus.** {persona.focus}."
    yield f"**Key insight.** {persona.key_insight}"
    yield "**Evidence for the name.**"
    yield _listed(persona.name_evidence)
    terms = "; ".join(
        f"{t.term} ({t.share:.0%}, {t.lift:.1f})" for t in ri.get_persona_terms(persona)
    )
    yield f"**Terms** (share of members, times the corpus): {terms or 'none of its own'}."
    if persona.complaint_share is not None and persona.complaint_lift is not None:
        yield (
            f"**Complaints.** {persona.complaint_share:.1%} of the tweets, "
            f"{persona.complaint_lift:.2f} times the corpus"
            f"{': a pain point' if persona.is_pain_point else ''}."
        )
    yield f"**Trend.** {persona.trend.capitalize()}: {persona.trend_basis}."
    yield "**Do.**"
    yield _listed(persona.do_hints)
    yield "**Don't.**"
    yield _listed(persona.dont_hints)


def _listed(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items) or "- none"


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
