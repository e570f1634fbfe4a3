"""Emerging trends: which personas take a growing part of the conversation, and how surely.

Growth compares the second half of the corpus's time range with the first, against all
other tweets. Where no interval lies above 1, nothing is called emerging.
"""

from __future__ import annotations

from datetime import datetime

from common import arguments, earlier_snapshot, interval, problems_told, say, table, title

from ri_assets.ri_index import RIIndex


def watch(ri: RIIndex, terms: list[str]) -> None:
    """Print growth of all personas, what is clear of it, a subject's place, and newcomers."""
    personas = [ri.get_persona(brief) for brief in ri.list_personas()]
    range_ = ri.get_audience()
    title("Growth within the corpus's time range")
    if range_.first_tweet_at is None or range_.last_tweet_at is None:
        say("No tweet has a time.")
    else:
        first, last = map(datetime.fromisoformat, (range_.first_tweet_at, range_.last_tweet_at))
        middle = first + (last - first) / 2
        say(f"{first:%d %B %Y} to {last:%d %B %Y}, cut on {middle:%d %B %Y} (UTC).")
    known = [p for p in personas if p.growth_ratio is not None]
    known.sort(key=lambda p: -(p.growth_low or 0))
    table(
        [
            {
                "persona": persona.name,
                "tweets": f"{persona.tweet_count:,}",
                "growth": f"{persona.growth_ratio:.2f}",
                "95 % interval": interval(persona.growth_low, persona.growth_high),
                # The interval is symmetric in the logarithm.
                "would show from": f"{(persona.growth_ratio or 0) / (persona.growth_low or 1):.2f}",
                "trend": persona.trend,
            }
            for persona in known
        ]
    )
    for persona in personas:
        if persona.growth_ratio is None:
            say(f"{persona.name}: unknown; {persona.trend_basis}.")
    say("Growth 1 is as all others. The intervals hold for all personas together.")
    say("A persona of its size would be called emerging from the growth in `would show from` on.")

    title("What that means")
    for trend in ("emerging", "fading"):
        found = [persona for persona in personas if persona.trend == trend]
        if not found:
            say(
                f"Nothing is {trend}: no interval lies {'above' if trend == 'emerging' else 'below'} 1."
            )
        for persona in found:
            say(f"{persona.name} is {trend}: {persona.trend_basis}.")
            say(f"  terms: {', '.join(persona.top_terms)}")
            for sample in ri.get_tweet_samples(persona, 2):
                say(f"  “{sample.text}”")

    title(f"The subject {', '.join(terms)}")
    places = {persona.persona_id: place for place, persona in enumerate(personas, start=1)}
    about = ri.filter_personas(top_terms=terms)
    for brief in about:
        persona = ri.get_persona(brief)
        say(
            f"{persona.name}: number {places[persona.persona_id]} of {len(personas)} by size, "
            f"{persona.tweet_count:,} tweets ({persona.share:.1%}, "
            f"{interval(persona.share_low, persona.share_high, '.1%')}); trend: {persona.trend}."
        )
    if not about:
        say("No persona has it among its terms.")

    title("New since the snapshot before")
    if earlier_snapshot(ri) is None:
        say("There is no earlier snapshot, so nothing can be called new.")
        return
    events = [event for persona in personas for event in ri.lineage(persona)]
    latest = max((event.sequence for event in events), default=0)
    born = {e.sentence for e in events if e.sequence == latest > 1 and e.event == "born"}
    for sentence in sorted(born) or ["No persona is new."]:
        say(sentence)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--term", nargs="+", default=["ai"], help="a subject (default: ai)")
    given = parser.parse_args()
    with problems_told():
        watch(RIIndex.open(given.snapshot, store=given.store), given.term)
