"""A/B design: which personas can be compared, and how small a change an experiment can detect.

Groups consist of authors, not of single tweets, so the number of authors decides. The rate
to change is the share of tweets that get a reply, from the snapshot, or a rate that you
give. Nothing here says that a campaign will have an effect.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from common import arguments, interval, report_errors, say, table, title
from power import ALPHA, POWER, Group, detectable, group, needed

from ri_assets.errors import QueryError
from ri_assets.records.personas import Persona
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.arguments import Method

METHODS: tuple[Method, ...] = ("size", "style", "language")


def match(ri: RIIndex, test: Persona, method: Method, n_controls: int) -> list[Persona]:
    """Print the candidates of every method, and return those of the chosen one."""
    title(f"Matched controls for {test.name}")
    found = {m: ri.find_similar_personas(test, method=m, top_k=n_controls) for m in METHODS}
    table(
        [
            {
                "by": way,
                "control": one.name,
                "tweets": f"{one.tweet_count:,}",
                "similarity": f"{one.similarity:.2f}",
                "evidence": one.why,
            }
            for way, controls in found.items()
            for one in controls
        ]
    )
    say("Similarity: size up to 1; style up to 1; language from -1 to 1, where 0 is unrelated.")
    title(f"The controls chosen by {method}, and their other similarities")
    chosen = list(ri.get_personas(found[method]))
    table(
        [
            {"control": control.name} | {way: f"{getattr(pair, way):.2f}" for way in METHODS}
            for control in chosen
            for pair in [ri.compare(test, control)]
        ]
    )
    return chosen


def differences(ri: RIIndex, test: Persona, controls: list[Persona]) -> None:
    """Print the traits in which target and controls differ, corrected for multiple tests."""
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import test_proportions_2indep

    rows, p_values = [], []
    for control in controls:
        n_test, n_control = test.author_count or 0, control.author_count or 0
        for trait in ri.compare(test, control).traits:
            if trait.unit != "share of tweets" or trait.a is None or trait.b is None:
                continue
            counts = (trait.a * n_test, n_test, trait.b * n_control, n_control)
            if 0 < trait.a + trait.b < 2:  # noqa: PLR2004 - both 0 or both 1 are the same
                # It divides by the rates on its way to their difference.
                with np.errstate(divide="ignore", invalid="ignore"):
                    p_values.append(float(test_proportions_2indep(*counts).pvalue))
                rows.append((trait.trait, control.name, trait.a, trait.b))
    title("Where they differ")
    if not rows:
        say("No trait is known for both.")
        return
    is_clear, corrected, *_ = multipletests(p_values, alpha=ALPHA, method="holm")
    clear = [
        {
            "trait": name,
            "target": f"{a:.1%}",
            "control": f"{b:.1%}",
            "control persona": control,
            "p (Holm)": f"{p:.3f}",
        }
        for (name, control, a, b), p, is_one in zip(rows, corrected, is_clear, strict=True)
        if is_one
    ]
    table(clear)
    say(f"{len(clear)} of {len(rows)} comparisons differ, with one observation per author.")


def design(ri: RIIndex, test: Persona, controls: list[Persona], rate: float | None) -> None:
    """Print two designs: target against controls, and a random half of the target."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    ours, theirs = ri.get_audience([test]), ri.get_audience(controls)
    a, b = group(ours, rate), group(theirs, rate)
    both = ri.get_audience([test, *controls]).author_count or 0
    shared = a.authors + b.authors - both
    title("Two designs")
    table(
        [
            {
                "group": name,
                "tweets": f"{audience.tweet_count:,}",
                "authors": f"{one.authors:,}",
                "not in both": f"{one.authors - shared:,}",
                "got a reply": ""
                if audience.reply_share is None
                else f"{audience.reply_share:.1%}",
                "design effect": _figure(audience.reply_design_effect),
            }
            for name, audience, one in (("target", ours, a), ("controls", theirs, b))
        ]
    )
    say(
        f"{shared} authors or a few more write in both. Leave them out, because they would see "
        "both treatments. The number is rounded down, so that small overlaps stay private."
    )
    if rate is None:
        n_a, n_b = a.observations, b.observations
        low, high = confint_proportions_2indep(a.rate * n_a, n_a, b.rate * n_b, n_b)
        say(
            f"Without any treatment, their rates differ by {a.rate - b.rate:+.1%} "
            f"({interval(low, high, '+.1%')}), so compare changes over time, not levels."
        )
    a, b = replace(a, authors=a.authors - shared), replace(b, authors=b.authors - shared)
    half, whole = group(ours, rate).half(), group(ri.get_audience(), rate).half()
    # A difference of two changes has twice the variance of a difference of two rates.
    designs = (
        ("target against controls, change against change", a, b, 2),
        ("random halves of the target", half, half, 1),
        ("random halves of everyone", whole, whole, 1),
    )
    table(
        [
            {
                "design": name,
                "authors": f"{one.authors} and {other.authors}",
                "rate": f"{one.rate:.1%}",
                "one tweet each": _points(
                    detectable(one.rate, one.authors / cost, other.authors / cost, ALPHA)
                ),
                "all tweets": _points(
                    detectable(one.rate, one.observations / cost, other.observations / cost, ALPHA)
                ),
            }
            for name, one, other, cost in designs
        ]
    )
    say(
        f"Smallest change of the rate that can be detected with {POWER:.0%} power at {ALPHA:.0%}. "
        "All tweets: over as long a time as the corpus covers, with the design effect. Only "
        "random halves can show that the treatment was the cause."
    )


def attribute(ri: RIIndex, rate: float | None, change: float) -> None:
    """Print what random halves of every persona can detect, corrected for multiple tests."""
    personas = ri.list_personas()
    alpha = ALPHA / len(personas)
    title(f"One experiment in every persona (Bonferroni: {alpha:.2%} each)")
    rows, n_enough = [], 0
    for persona in personas:
        half = group(ri.get_audience([persona]), rate).half()
        least, n = needed(half.rate, change, alpha), half.observations
        n_enough += half.authors >= least
        rows.append(
            {
                "persona": persona.name,
                "authors per half": half.authors,
                "rate": f"{half.rate:.1%}",
                "detects": _points(detectable(half.rate, half.authors, half.authors, alpha)),
                "all tweets": _points(detectable(half.rate, n, n, alpha)),
                f"needed for {change * 100:g}": f"{least:,}",
                "conclusion": _conclusion(half, least),
            }
        )
    table(rows)
    say(
        f"{n_enough} of {len(personas)} have enough authors per half for a change of "
        f"{change * 100:g} points, with one tweet each."
    )
    if n_enough == 0:
        say(
            "So an experiment in every persona cannot show it. Pool personas, measure for longer, "
            "or collect more authors. Finding nothing would not mean that there is no effect."
        )
    say("An author who writes in several personas keeps one assignment in all of them.")


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"


def _conclusion(half: Group, least: int) -> str:
    if half.authors >= least:
        return "enough"
    return "enough with all tweets" if half.observations >= least else "too small"


def _points(change: float | None) -> str:
    return "nothing" if change is None else f"{change * 100:.1f} points"


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--persona", default="0", help="the target (default: the largest)")
    parser.add_argument("--method", choices=METHODS, default="size", help="how to match controls")
    parser.add_argument("--controls", type=int, default=2, help="number of controls (default 2)")
    parser.add_argument("--baseline", type=float, help="rate to use, between 0 and 1")
    parser.add_argument(
        "--change", type=float, default=0.10, help="change to detect (default 0.10)"
    )
    given = parser.parse_args()
    with report_errors():
        if given.baseline is not None and not 0 < given.baseline < 1:
            raise QueryError(
                f"--baseline is {given.baseline:g}", "a rate between 0 and 1", "give 0.05, say"
            )
        if not 0 < given.change <= 1 / 2:
            raise QueryError(
                f"--change is {given.change:g}", "above 0, up to 0.5", "give 0.1 for ten points"
            )
        asked = RIIndex.open(given.snapshot, store=given.store)
        target = asked.get_persona(given.persona)
        matched = match(asked, target, given.method, given.controls)
        differences(asked, target, matched)
        design(asked, target, matched, given.baseline)
        attribute(asked, given.baseline, given.change)
