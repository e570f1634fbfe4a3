"""Emerging trends: which personas are growing, and how certain that is.

Growth compares the second half of the corpus's time range with the first, relative to all
other tweets. Nothing is called emerging unless its interval is above 1.
"""

from __future__ import annotations

from datetime import datetime

from common import arguments, earlier_snapshot, interval, report_errors, say, table, title

from ri_assets.records.personas import Persona
from ri_assets.ri_index import RIIndex


def growth(ri: RIIndex, personas: list[Persona]) -> None:
    """Print the time range, and the growth of every persona with its interval."""
    title("Growth within the corpus's time range")
    range_ = ri.get_audience()
    if range_.first_tweet_at is None or range_.last_tweet_at is None:
        say("No tweet has a time.")
    else:
        first, last = map(datetime.fromisoformat, (range_.first_tweet_at, range_.last_tweet_at))
        middle = first + (last - first) / 2
        say(f"{first:%d %B %Y} to {last:%d %B %Y}, cut on {middle:%d %B %Y} (UTC).")
    known = [(p, p.growth_ratio, p.growth_low) for p in personas if p.growth_ratio and p.growth_low]
    table(
        [
            {
                "persona": persona.name,
                "tweets": f"{persona.tweet_count:,}",
                "growth": f"{ratio:.2f}",
                "95% interval": interval(low, persona.growth_high),
                "needed": f"{ratio / low:.2f}",  # it is symmetric in the logarithm
                "trend": persona.trend,
            }
            for persona, ratio, low in sorted(known, key=lambda row: -row[2])
        ]
    )
    for persona in personas:
        if persona.growth_ratio is None:
            say(f"{persona.name}: unknown; {persona.trend_basis}.")
    say("Growth 1 means as much as all others. The intervals hold for all personas together.")
    say("Needed: the growth from which a persona of this size would be called emerging.")


def conclude(ri: RIIndex, personas: list[Persona]) -> None:
    """Print what clearly grew or shrank, or that nothing did."""
    title("Conclusion")
    if all(persona.trend == "unknown" for persona in personas):
        say("The trend of every persona is unknown, for the reasons above.")
        return
    for trend, side in (("emerging", "above"), ("fading", "below")):
        found = [persona for persona in personas if persona.trend == trend]
        if not found:
            say(f"Nothing is {trend}: no interval is {side} 1.")
        for persona in found:
            say(f"{persona.name} is {trend}: {persona.trend_basis}.")
            say(f"  terms: {', '.join(persona.top_terms)}")
            for sample in ri.get_tweet_samples(persona, 2):
                say(f"  “{sample.text}”")


def subject(ri: RIIndex, personas: list[Persona], terms: list[str]) -> None:
    """Print the size, rank and trend of the personas with given terms."""
    title(f"The subject {', '.join(terms)}")
    about = {brief.persona_id for brief in ri.filter_personas(top_terms=terms)}
    for place, persona in enumerate(personas, start=1):
        if persona.persona_id in about:
            share = interval(persona.share_low, persona.share_high, ".1%")
            say(
                f"{persona.name}: number {place} of {len(personas)} by size, "
                f"{persona.tweet_count:,} tweets ({persona.share:.1%}, {share}); "
                f"trend: {persona.trend}. Large is not the same as growing."
            )
    if not about:
        say("No persona has it as a term.")


def new_personas(ri: RIIndex, personas: list[Persona]) -> None:
    """Print the personas that the previous snapshot did not have."""
    title("New since the previous snapshot")
    if earlier_snapshot(ri) is None:
        say("There is no earlier snapshot to compare with.")
        return
    events = [event for persona in personas for event in ri.lineage(persona)]
    latest = max((event.sequence for event in events), default=0)
    born = {e.sentence for e in events if e.sequence == latest and e.event == "born"}
    for sentence in sorted(born) or ["No persona is new."]:
        say(sentence)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--term", nargs="+", default=["ai"], help="a subject (default: ai)")
    given = parser.parse_args()
    with report_errors():
        asked = RIIndex.open(given.snapshot, store=given.store)
        everyone = [asked.get_persona(brief) for brief in asked.list_personas()]
        growth(asked, everyone)
        conclude(asked, everyone)
        subject(asked, everyone, given.term)
        new_personas(asked, everyone)
