"""Content and keywords: a theme for each persona, its terms with weights, and sample tweets.

A weight measures how much a term sets the persona apart in this corpus (class-based TF-IDF
minus that of the rest). It is not a search volume. Samples are cleaned of personal data.
"""

from __future__ import annotations

from common import arguments, report_errors, say, table, title

from ri_assets.ri_index import RIIndex


def plan(ri: RIIndex, chosen: list[str], n_terms: int, n_samples: int) -> None:
    """Print the themes of all personas, and terms and samples of the chosen ones."""
    personas = ri.list_personas()
    keywords = {persona.name: ri.get_persona_terms(persona)[:n_terms] for persona in personas}
    title("Themes")
    table(
        [
            {
                "persona": persona.name,
                "share": f"{persona.share:.1%}",
                "terms (weight)": ", ".join(f"{t.term} ({t.weight:.2f})" for t in terms),
            }
            for persona in personas
            for terms in [keywords[persona.name]]
        ]
    )
    all_terms = [term.term for terms in keywords.values() for term in terms]
    n_shown = sum(ri.get_tweet_samples(persona, n_samples).total for persona in personas)
    say(
        f"{len(personas)} themes, {len(all_terms)} terms ({len(set(all_terms))} distinct), "
        f"{n_shown} samples in the snapshot."
    )
    for persona in ri.get_personas(chosen):
        title(persona.name)
        say(f"Theme: {persona.focus}")
        say(f"Key insight: {persona.key_insight}")
        table(
            [
                {
                    "term": term.term,
                    "weight": f"{term.weight:.3f}",
                    "of its tweets": f"{term.share:.1%}",
                    "of all tweets": f"{term.corpus_share:.1%}",
                    "times the average": f"{term.lift:.1f}",
                    "authors": term.author_count,
                }
                for term in ri.get_persona_terms(persona)
            ]
        )
        say(f"Emoji that set it apart: {' '.join(persona.top_emoji) or 'none'}.")
        samples = ri.get_tweet_samples(persona, n_samples)
        for sample in samples:
            say(f"“{sample.text}”")
        if samples.note:
            say(samples.note)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument(
        "--persona", nargs="+", default=["0"], help="ids, names, or ranks by size (default: 0)"
    )
    parser.add_argument("--terms", type=int, default=5, help="terms of each theme (default 5)")
    parser.add_argument(
        "--samples", type=int, default=3, help="samples of each chosen persona (default 3)"
    )
    given = parser.parse_args()
    with report_errors():
        plan(
            RIIndex.open(given.snapshot, store=given.store),
            given.persona,
            given.terms,
            given.samples,
        )
