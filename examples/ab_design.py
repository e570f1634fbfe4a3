"""A/B design: who can be compared with whom, and how small a change that could show.

Authors are assigned to groups, never single tweets, so authors are what counts. The rate
whose change is sought is the share of tweets that get a reply, as the snapshot has it, or
a rate of your own. Nothing here says that a campaign will have an effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from common import arguments, interval, problems_told, say, table, title

from ri_assets.errors import QueryError
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.records import Audience, Persona

ALPHA, POWER = 0.05, 0.80
METHODS = ("size", "style", "language")


@dataclass(frozen=True)
class Group:
    """Authors who can be assigned, and what one of them is worth.

    `rate` is what is measured of a tweet, `weight` the unrelated tweets that all tweets of
    one author count for: their number, less what their likeness takes away.
    """

    authors: int
    rate: float
    weight: float


def group(audience: Audience, rate: float | None) -> Group:
    """Read a group off an audience; a rate of your own is known for one tweet an author."""
    if audience.author_count is None or audience.tweets_per_author is None:
        raise QueryError(
            "the corpus names no author", "authors, who are assigned", "read a source with authors"
        )
    if rate is not None:
        return Group(audience.author_count, rate, 1.0)
    if audience.reply_share is None:
        raise QueryError(
            "the corpus does not say which tweets got a reply",
            "replies or their counts",
            "give a rate of your own with --baseline",
        )
    alike = max(1.0, audience.reply_design_effect or 1.0)
    weight = max(1.0, audience.tweets_per_author / alike)
    return Group(audience.author_count, audience.reply_share, weight)


def detectable(rate: float, n_a: float, n_b: float, alpha: float) -> float | None:
    """Smallest change of a rate that shows with 80 % power; None where none would.

    The change is towards one half, where it is hardest to see.
    """
    from statsmodels.stats.power import NormalIndPower

    if min(n_a, n_b) < 2:  # noqa: PLR2004 - fewer cannot vary
        return None
    effect = NormalIndPower().solve_power(nobs1=n_a, ratio=n_b / n_a, alpha=alpha, power=POWER)
    angle = math.asin(math.sqrt(rate)) + float(effect) / 2 * (-1 if rate > 1 / 2 else 1)
    return abs(math.sin(angle) ** 2 - rate) if 0 <= angle <= math.pi / 2 else None


def needed(rate: float, change: float, alpha: float) -> int:
    """Authors that each of two groups needs to show a change, one tweet of each measured."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    other = rate - change if rate > 1 / 2 else rate + change
    effect = abs(float(proportion_effectsize(rate, other)))
    return math.ceil(NormalIndPower().solve_power(effect, alpha=alpha, power=POWER))


def match(ri: RIIndex, test: Persona, method: str, n_controls: int) -> list[Persona]:
    """Print the candidates of every method; give those of the chosen one."""
    title(f"Matched controls for {test.name}")
    found = {m: ri.find_similar_personas(test, method=m, top_k=n_controls) for m in METHODS}
    table(
        [
            {
                "by": way,
                "control": one.name,
                "tweets": f"{one.tweet_count:,}",
                "likeness": f"{one.similarity:.2f}",
                "evidence": one.why,
            }
            for way, controls in found.items()
            for one in controls
        ]
    )
    say("Likeness: size up to 1; style up to 1; language from -1 to 1, where 0 is unrelated.")
    return list(ri.get_personas(found[method]))


def differences(ri: RIIndex, test: Persona, controls: list[Persona]) -> None:
    """Print the traits in which target and controls differ, corrected for looking at many."""
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
                p_values.append(float(test_proportions_2indep(*counts).pvalue))
                rows.append((trait.trait, control.name, trait.a, trait.b))
    title("On what they are not matched")
    if not rows:
        say("No trait is known of both.")
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
    say(f"{len(clear)} of {len(rows)} comparisons differ, at one observation an author.")


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
                "design effect": f"{audience.reply_design_effect or math.nan:.2f}",
            }
            for name, audience, one in (("target", ours, a), ("controls", theirs, b))
        ]
    )
    say(f"{shared} authors write in both. They would see both treatments and must be left out.")
    if rate is None:
        n_a, n_b = a.authors * a.weight, b.authors * b.weight
        low, high = confint_proportions_2indep(a.rate * n_a, n_a, b.rate * n_b, n_b)
        say(
            f"Before anything is done, their rates differ by {a.rate - b.rate:+.1%} "
            f"({interval(low, high, '+.1%')}), so compare changes over time, not levels."
        )
    n_a, n_b, half = a.authors - shared, b.authors - shared, a.authors // 2
    # A difference of two changes has twice the variance of a difference of two rates.
    rows = [("target against controls, change against change", n_a / 2, n_b / 2, f"{n_a}, {n_b}")]
    rows.append(("random halves of the target", half, half, f"{half}, {half}"))
    table(
        [
            {
                "design": name,
                "authors": sizes,
                "one tweet each": _points(detectable(a.rate, m, n, ALPHA)),
                "all tweets": _points(detectable(a.rate, m * a.weight, n * b.weight, ALPHA)),
            }
            for name, m, n, sizes in rows
        ]
    )
    say(
        f"Smallest change of a rate of {a.rate:.1%} that shows with {POWER:.0%} power at "
        f"{ALPHA:.0%}. All tweets: over as long a time as the corpus covers, design effect "
        "applied. Only random halves can say that the treatment was the cause."
    )


def attribute(ri: RIIndex, rate: float | None, change: float) -> None:
    """Print what random halves of every persona could show, corrected for their number."""
    personas = ri.list_personas()
    alpha = ALPHA / len(personas)
    title(f"One experiment in every persona (Bonferroni: {alpha:.2%} each)")
    rows, n_enough = [], 0
    for persona in personas:
        one = group(ri.get_audience([persona]), rate)
        half, least = one.authors // 2, needed(one.rate, change, alpha)
        n_enough += half >= least
        rows.append(
            {
                "persona": persona.name,
                "authors a half": half,
                "rate": f"{one.rate:.1%}",
                "shows from": _points(detectable(one.rate, half, half, alpha)),
                "all tweets": _points(
                    detectable(one.rate, half * one.weight, half * one.weight, alpha)
                ),
                f"needed for {change:.0%}": f"{least:,}",
                "verdict": "enough" if half >= least else "too small",
            }
        )
    table(rows)
    say(
        f"{n_enough} of {len(personas)} could show a change of {change:.0%} points, one tweet each."
    )
    if n_enough == 0:
        say("So measured persona by persona, nothing sensible can be shown: pool personas,")
        say("measure for longer, or collect more authors. Do not read a null result as no effect.")
    say("An author who writes in several personas keeps one assignment in all of them.")


def _points(change: float | None) -> str:
    return "nothing" if change is None else f"{change * 100:.1f} points"


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--persona", default="0", help="the target (default: the largest)")
    parser.add_argument("--method", choices=METHODS, default="size", help="of matching")
    parser.add_argument("--controls", type=int, default=2, help="matched personas (default 2)")
    parser.add_argument("--baseline", type=float, help="a rate of your own, between 0 and 1")
    parser.add_argument("--change", type=float, default=0.10, help="worth seeing (default 0.10)")
    given = parser.parse_args()
    with problems_told():
        if given.baseline is not None and not 0 < given.baseline < 1:
            raise QueryError(
                f"--baseline is {given.baseline:g}", "a rate between 0 and 1", "give 0.05, say"
            )
        asked = RIIndex.open(given.snapshot, store=given.store)
        target = asked.get_persona(given.persona)
        matched = match(asked, target, given.method, given.controls)
        differences(asked, target, matched)
        design(asked, target, matched, given.baseline)
        attribute(asked, given.baseline, given.change)
