"""Campaign targeting: which personas to address, how many people they reach, when and how.

Coverage counts every tweet and every author once. An hour is listed only if a persona
clearly writes more than average at that hour.
"""

from __future__ import annotations

from common import arguments, interval, report_errors, say, table, title

from ri_assets.ri_index import RIIndex

N_KEYWORDS = 5


def target(ri: RIIndex, min_size: int, hours: tuple[int, int] | None) -> None:
    """Print coverage, hours, keywords and advice for the personas that are large enough."""
    chosen = ri.filter_personas(min_size=min_size, peak_hour_range=hours)
    everyone = ri.get_audience()
    title(f"Personas of {min_size} tweets or more" + (f", peak {hours}" if hours else ""))
    if not chosen:
        say("None fits. A persona has no peak hour if the peak could be chance.")
        return
    rows = []
    for place, persona in enumerate(chosen, start=1):
        so_far = ri.get_audience(chosen[:place])
        rows.append(
            {
                "persona": persona.name,
                "tweets": f"{persona.tweet_count:,}",
                "share so far": f"{so_far.share:.1%}",
                "authors": persona.author_count or "unknown",
                "authors so far": so_far.author_count or "unknown",
                "stability": persona.stability or "unknown",
            }
        )
    table(rows)
    reached = ri.get_audience(chosen)
    say(
        f"{len(chosen)} campaigns reach {reached.tweet_count:,} of {everyone.tweet_count:,} tweets "
        f"({reached.share:.1%})."
    )
    if reached.author_count is not None:
        added = sum(persona.author_count or 0 for persona in chosen)
        say(
            f"They reach about {reached.author_count:,} of {everyone.author_count:,} authors "
            f"({reached.author_share:.1%}). The sum over personas would say {added:,}, because "
            "some authors write in several."
        )

    title(f"When: hours with more of their tweets than average ({ri.get_persona(0).timezone})")
    rhythms = {persona.name: ri.get_persona_rhythm(persona) for persona in chosen}
    rows = [
        {
            "persona": name,
            "hour": f"{slot.slot:02d}:00",
            "times the average": f"{slot.lift:.2f}",
            "95% interval": interval(slot.lift_low, slot.lift_high),
            "tweets": slot.tweet_count,
        }
        for name, slots in rhythms.items()
        for slot in slots
        if slot.cycle == "hour" and slot.lift_low is not None and slot.lift_low > 1
    ]
    table(rows)
    flat = [name for name in rhythms if name not in {row["persona"] for row in rows}]
    say("An hour's figure is smoothed over its neighbours. The interval holds for all 24 together.")
    everyday = [slot for slot in next(iter(rhythms.values())) if slot.cycle == "hour"]
    if flat and everyday:
        busiest = max(everyday, key=lambda slot: slot.corpus_share)
        say(
            f"No hour differs clearly for {', '.join(flat)}. Most tweets overall come at "
            f"{busiest.slot:02d}:00 ({busiest.corpus_share:.1%})."
        )
    elif not everyday:
        say("No tweet has a time.")

    title("How: their words, and advice with figures")
    for persona in chosen:
        say(f"{persona.name}: {persona.focus}")
        terms = ri.get_persona_terms(persona)[:N_KEYWORDS]
        say("  keywords: " + ", ".join(f"{term.term} ({term.share:.0%})" for term in terms))
        known = ri.get_persona(persona)
        for hint in (*known.do_hints, *known.dont_hints):
            say(f"  - {hint}")
        for sample in ri.get_tweet_samples(persona, 1):
            say(f"  sounds like: {sample.text}")


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument(
        "--min-size", type=int, default=100, help="minimum number of tweets (default 100)"
    )
    parser.add_argument(
        "--hours", type=int, nargs=2, metavar=("FIRST", "LAST"), help="range of local peak hours"
    )
    given = parser.parse_args()
    with report_errors():
        target(
            RIIndex.open(given.snapshot, store=given.store),
            given.min_size,
            tuple(given.hours) if given.hours else None,
        )
