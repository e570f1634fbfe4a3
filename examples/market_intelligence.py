"""Market intelligence: the share of each persona, and of a market, in the conversation.

Shares of tweets and of distinct authors have Wilson intervals. If the store has an earlier
snapshot, the shares are compared with it.
"""

from __future__ import annotations

from common import arguments, earlier_snapshot, holds, interval, report_errors, say, table, title

from ri_assets.ri_index import RIIndex


def report(ri: RIIndex, terms: list[str]) -> None:
    """Print all shares, and those of the market that the terms describe."""
    personas = [ri.get_persona(brief) for brief in ri.list_personas()]
    everyone = ri.get_audience()
    title("Market share of every persona")
    table(
        [
            {
                "persona": persona.name,
                "tweets": f"{persona.tweet_count:,}",
                "share of tweets": f"{persona.share:.1%}",
                "95% interval": wilson(persona.tweet_count, everyone.tweet_count),
                "share of authors": _percent(persona.author_share),
                "95% interval ": wilson(persona.author_count, everyone.author_count),
            }
            for persona in personas
        ]
    )
    say("An author may write in several personas, so these shares add up to more than 100%.")
    say("One author's tweets are alike: if the two intervals differ, trust that of authors.")

    title(f"The market of {', '.join(terms)}")
    market = [ri.get_persona(brief) for brief in ri.filter_personas(top_terms=terms)]
    if not market:
        say("No persona has one of these terms.")
    else:
        together = ri.get_audience(market)
        say(
            f"{', '.join(persona.name for persona in market)}: {together.tweet_count:,} tweets, "
            f"{together.share:.1%} ({wilson(together.tweet_count, everyone.tweet_count)}); "
            f"authors {_percent(together.author_share)} "
            f"({wilson(together.author_count, everyone.author_count)})."
        )
    for persona in market:
        lift = interval(persona.complaint_lift_low, persona.complaint_lift_high)
        say(
            f"{persona.name}: {_percent(persona.complaint_share, 0)} of its tweets complain, "
            f"{persona.complaint_lift or 0:.2f} times the average ({lift}); words: "
            f"{', '.join(persona.complaint_words) or 'none'}."
        )
        for term in ri.get_persona_terms(persona):
            if holds(term.term, terms):
                say(
                    f"  “{term.term}” is in {term.share:.1%} of its tweets and in "
                    f"{term.corpus_share:.1%} of all; {term.author_count} of its authors use it."
                )
        for sample in ri.get_tweet_samples(persona, 2):
            say(f"  “{sample.text}”")


def count_mentions(ri: RIIndex, terms: list[str]) -> None:
    """Print how many tweets mention each term, by persona. This reads and cleans every text."""
    title("Mentions")
    found = {term: dict.fromkeys((p.name for p in ri.list_personas()), 0) for term in terms}
    n_read = 0
    for persona in ri.list_personas():
        for tweet in ri.get_persona_tweets(persona, limit=None, with_text=True):
            n_read += tweet.text is not None
            for term in terms:
                found[term][persona.name] += holds(tweet.text or "", [term])
    table(
        [
            {
                "term": term,
                "tweets": sum(counts.values()),
                "95% interval": wilson(sum(counts.values()), n_read),
                "most in": "; ".join(
                    f"{name} ({n})"
                    for name, n in sorted(counts.items(), key=lambda pair: -pair[1])[:3]
                    if n
                ),
            }
            for term, counts in found.items()
        ]
    )
    say(f"Of {n_read:,} cleaned texts. A mention is not an opinion.")


def compare(ri: RIIndex, store: str | None) -> None:
    """Print how each persona's share changed since the previous snapshot."""
    title("Since the previous snapshot")
    before = earlier_snapshot(ri)
    if before is None:
        say("There is no earlier snapshot to compare with.")
        return
    earlier, found = RIIndex.open(before, store=store), ri.diff(before)
    say(
        f"{found.shared_tweets:,} tweets are in both, {found.only_b:,} only in this snapshot, "
        f"{found.only_a:,} only in the earlier one; {found.moved_tweets:,} changed persona."
    )
    rows = []
    for change in found.personas:
        old = earlier.get_persona(change.persona_a)
        new = None if change.persona_b is None else ri.get_persona(change.persona_b)
        rows.append(
            {
                "persona before": old.name,
                "now": new.name if new else "gone",
                "share before": f"{old.share:.1%}",
                "95% interval": interval(old.share_low, old.share_high, ".1%"),
                "share now": f"{new.share:.1%}" if new else "",
                "95% interval ": interval(new.share_low, new.share_high, ".1%") if new else "",
            }
        )
    table(rows)
    if found.is_profile_changed:
        say("The configuration changed too, which may explain a change of share.")
    say(f"New: {', '.join(ri.get_persona(p).name for p in found.new_personas) or 'none'}.")


def wilson(part: int | None, whole: int | None) -> str:
    """Write the 95% Wilson interval of a share, empty if it is unknown."""
    from statsmodels.stats.proportion import proportion_confint

    if part is None or whole is None:
        return ""
    low, high = proportion_confint(part, whole, alpha=0.05, method="wilson")
    return interval(float(low), float(high), ".1%")


def _percent(share: float | None, decimals: int = 1) -> str:
    return "unknown" if share is None else f"{share:.{decimals}%}"


if __name__ == "__main__":
    parser = arguments(__doc__)
    brands = ["india", "flipkart", "amazon", "blinkit", "zepto", "quick commerce"]
    parser.add_argument("--term", nargs="+", default=brands, help="terms that describe the market")
    parser.add_argument("--mentions", action="store_true", help="count mentions in all texts")
    given = parser.parse_args()
    with report_errors():
        asked = RIIndex.open(given.snapshot, store=given.store)
        report(asked, given.term)
        if given.mentions:
            count_mentions(asked, given.term)
        compare(asked, given.store)
