"""Product priorities: which personas complain more than average, about what, and how many people.

A persona is a pain point if the interval of its share of complaining tweets is above the
corpus's share. The data does not say what a fix is worth.
"""

from __future__ import annotations

from common import arguments, holds, interval, report_errors, say, table, title

from ri_assets.records.personas import Persona
from ri_assets.ri_index import RIIndex

N_SAMPLES = 2
TAIL = 0.025  # of a 95% interval, above


def prioritise(ri: RIIndex, terms: list[str]) -> None:
    """Print all personas by complaints, the pain points, and the personas with given terms."""
    personas = [ri.get_persona(brief) for brief in ri.list_personas()]
    ordered = sorted(personas, key=lambda p: (not p.is_pain_point, -_complaints(p)))
    title("Complaints, largest pain points first")
    table(
        [
            {
                "persona": persona.name,
                "pain point": "yes" if persona.is_pain_point else "",
                "complaining tweets": f"{_complaints(persona):,}",
                "of": f"{persona.tweet_count:,}",
                "share": share_of(persona.complaint_share),
                "times the average": f"{persona.complaint_lift or 0:.2f}",
                "95% interval": interval(persona.complaint_lift_low, persona.complaint_lift_high),
                "words": ", ".join(persona.complaint_words),
            }
            for persona in ordered
        ]
    )
    say(
        "A tweet complains if it uses a word from a list, which does not detect irony. The "
        f"intervals are separate: of {len(personas)} personas, {TAIL * len(personas):.2g} would "
        "look like a pain point by chance."
    )

    pains = [persona for persona in ordered if persona.is_pain_point]
    title("Priorities")
    if not pains:
        say("No persona clearly complains more than the rest, so nothing here sets a priority.")
    else:
        together = ri.get_audience(pains)
        of_authors = f", about {together.author_count:,} authors" if together.author_count else ""
        say(f"Pain points hold {together.tweet_count:,} tweets ({together.share:.1%}){of_authors}.")
    for place, persona in enumerate(pains, start=1):
        say(f"{place}. {persona.name} ({persona.share:.1%} of tweets): {persona.focus}")
        for sample in ri.get_tweet_samples(persona, N_SAMPLES):
            say(f"   “{sample.text}”")

    title(f"Personas with one of these terms: {', '.join(terms)}")
    about = ri.filter_personas(top_terms=terms)
    table(
        [
            {
                "persona": persona.name,
                "term": term.term,
                "tweets with it": term.tweet_count,
                "share": f"{term.share:.1%}",
                "of all tweets": f"{term.corpus_share:.1%}",
                "authors": term.author_count,
            }
            for persona in about
            for term in ri.get_persona_terms(persona)
            if holds(term.term, terms)
        ]
    )
    if about:
        found = ri.get_audience(about)
        say(f"{len(about)} personas, {found.tweet_count:,} tweets ({found.share:.1%}) in all.")


def share_of(value: float | None) -> str:
    """Write a share, empty if an older snapshot does not have it."""
    return "" if value is None else f"{value:.1%}"


def _complaints(persona: Persona) -> int:
    return round((persona.complaint_share or 0) * persona.tweet_count)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--term", nargs="+", default=["service", "trust", "fake", "issues"])
    given = parser.parse_args()
    with report_errors():
        prioritise(RIIndex.open(given.snapshot, store=given.store), given.term)
