"""What each check says: plain sentences whose every number comes from the figure."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.quality.checks import CHECKS, Check
from ri_assets.quality.judge import judge, template
from ri_assets.quality.metrics import Figure
from ri_assets.quality.units import Null, Unit
from ri_assets.records.manifest import Waiver

GATES = load_profile("report").gates
BY_NAME = {check.name: check for check in CHECKS}
IDS = [f"{check.asset}.{check.name}" for check in CHECKS]

SAID = [
    (
        Figure("resample_ari", 0.98, 6, 0.45, 0.46, facts={"draw_share": 0.8, "left_open": 0.84}),
        ("Passed: 98% of the grouping comes back in 6 reruns on random 80% samples (needs 60%); "
        "data without structure reaches 46%; 84% comes back if each rerun chooses its own "
        "number of personas."),
    ),
    (
        Figure("resample_ari", 0.9685, 6, 0.53, 0.684, facts={"draw_share": 0.8}),
        ("Passed: 97% of the grouping comes back in 6 reruns on random 80% samples (needs more "
        "than 78%, 10 points above the 68% of data without structure)."),
    ),
    (
        Figure("resample_ari", 0.41, 5, 0.2, 0.3),
        ("Failed: 41% of the grouping comes back in 5 reruns on random samples (needs 60%); data "
        "without structure reaches 30%. What to do: the groups change when some tweets are left "
        "out: see in the draft which personas are stable, and collect more tweets."),
    ),
    (
        Figure("coherence", 0.9554, 1454, 0.741, 0.757),
        ("Passed: tweets of one persona are 0.96 alike, from 0 for random groups to 1 for "
        "identical tweets (needs more than the 0.76 of data without structure)."),
    ),
    (
        Figure("seed_ari", 0.997, 15, 0.49, 0.49),
        ("Passed: 99.7% of the grouping comes back in reruns that differ only in the random seed "
        "(needs 60%); data without structure reaches 49%."),
    ),
    (
        Figure("cluster_count", 11, 1454, 6.38, 8, facts={"joined": 2}),
        ("Passed: 11 personas (needs 8 to 15); unstable groups merged into others: 2; data without "
        "structure splits into 6 on average."),
    ),
    (Figure("size_ratio", 4.04, 9), ("Passed: the largest persona is 4 times the size of the "
     "smallest (at most 20 times).")),
    (
        Figure("retention", 0.8986, 1618, facts={"rule": "near_duplicate", "dropped": 81}),
        ("Passed: 90% of the tweets are left after denoising (needs 85%); the rule "
        "near_duplicate dropped most, 81 of 1,618."),
    ),
    (Figure("coverage", 1.0, 9), "Passed: 100% of the kept tweets have a persona (needs 95%)."),
    (
        Figure("name_agreement", 0.816, 288, 0.09, 0.25),
        ("Passed: 82% of 288 tweets that took no part in naming are closest to the name of their "
        "own persona (needs 40%); with shuffled names 25%."),
    ),
    (
        Figure("intake", 0.024, 1640, facts={"lost": "40 of 1,640 tweets (bad_id 40)"}),
        ("Failed: 2.4% of the source cannot be read (at most 2%): 40 of 1,640 tweets (bad_id "
        "40). What to do: run `ri-index check SOURCE`, which shows columns and values; correct "
        "the source, or tell what a column means with --map and the zone of times with "
        "--timezone."),
    ),
    (Figure("conservation", 0, 1618), "Passed: rows lost or added without a reason: 0 of 1,618."),
    (
        Figure("privacy", 0, 640, facts={"found": "", "withheld": 17}),
        "Passed: texts with something private: 0 of 640; withheld and replaced before: 17.",
    ),
    (
        Figure("drift", 0, 0, facts={"instead": "no earlier snapshot to compare with"}),
        "Passed: no earlier snapshot to compare with.",
    ),
    (
        Figure("drift", 1, 9, facts={"before": "S1", "changes": "coherence fell from 0.9 to 0.8"}),
        ("Warning: notable changes since S1: 1; coherence fell from 0.9 to 0.8. What to do: "
        "compare the snapshots with `ri-index diff OLD NEW` before anyone acts on personas that "
        "changed."),
    ),
]  # fmt: skip


def check_of(figure: Figure) -> Check:
    return next(check for check in CHECKS if check.metric.name == figure.name)


@pytest.mark.parametrize(("figure", "expected"), SAID, ids=[f.name for f, _ in SAID])
def test_a_reader_is_told_in_a_sentence(figure: Figure, expected: str) -> None:
    assert judge(check_of(figure), figure, GATES, "").message == expected


def test_a_waived_gate_says_who_waived_it_and_not_what_to_do() -> None:
    waiver = Waiver(gate="retention", by="Ana", reason="we study short texts", date="2026-11-27")
    figure = Figure("retention", 0.4, 100)
    assert judge(BY_NAME["retention"], figure, GATES, "", (waiver,)).message == (
        "Waived: 40% of the tweets are left after denoising (needs 85%). It was waived by Ana "
        "on 2026-11-27: we study short texts"
    )


FACTS = re.compile(r"\{(\w+)\}")
GIVEN = {"value", "needs", "n", "null_mean", "null_p95"}


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_a_sentence_claims_nothing_about_what_is_missing(check: Check) -> None:
    """With the value alone, no placeholder and no bracket is left, and no null is spoken of."""
    said = judge(check, Figure(check.metric.name, 0.5, 7), GATES, "").message
    said = said.partition(" What to do")[0]
    assert not re.search(r"[{}\[\]]", said)
    if not check.must_beat_null:  # else the message says that the null was not measured
        assert all(null.words not in said for null in Null if null.words)


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_what_was_not_measured_is_said_and_nothing_else(check: Check) -> None:
    figure = Figure(check.metric.name, None, 7, 0.1, 0.2, facts={"found": "x", "joined": 3})
    said = judge(check, figure, GATES, "").message
    assert ": this could not be measured. What to do: " in said
    assert not re.search(r"\d", said.partition(" What to do")[0])


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_every_number_comes_from_the_figure_or_the_profile(check: Check) -> None:
    """Two figures with other values share no number that is not the threshold or the scale."""
    facts = FACTS.findall(check.sentence)

    def numbers(value: float, n: int, fact: str) -> set[str]:
        given = dict.fromkeys(set(facts) - GIVEN, fact)
        figure = Figure(check.metric.name, value, n, value / 2, value / 3, facts=given)
        said = judge(check, figure, GATES, "").message.partition(" What to do")[0]
        return set(re.findall(r"\d+(?:[.,]\d+)*", said))

    scale = set(re.findall(r"\d+", FACTS.sub("", check.sentence)))
    bounds = [bound for bound in check.bounds(GATES) if bound is not None]
    fixed = {check.metric.unit.text(bound).split()[0].rstrip("%") for bound in bounds}
    margin = check.null_margin(GATES)
    fixed |= {check.metric.unit.text(margin).split()[0].rstrip("%")} if margin else set()
    factor = 10_000 if check.metric.unit is Unit.COUNT else 1
    first = numbers(0.4213 * factor, 7331, "first")
    shared = first & numbers(0.7719 * factor, 9127, "second")
    assert shared <= scale | fixed


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_the_value_is_always_said(check: Check) -> None:
    required = re.sub(r"\[[^\]]*\]", "", check.sentence)
    said = set(FACTS.findall(required))
    assert said <= GIVEN - {"null_mean", "null_p95"}, "a fact must stand in square brackets"
    assert "value" in said


@pytest.mark.parametrize("name", ["resample_ari", "retention", "silhouette", "size_ratio"])
@given(
    value=st.floats(0, 1) | st.floats(0.5999, 0.6001) | st.sampled_from([0.85, 0.25]),
    null=st.floats(0, 1) | st.none(),
)
def test_the_numbers_show_the_outcome(name: str, value: float, null: float | None) -> None:
    """A value that fails looks worse than what it needs, and one that passes does not."""
    value = 40 * value if name == "size_ratio" else value
    figure = Figure(BY_NAME[name].metric.name, value, 9, null, null)
    verdict = judge(BY_NAME[name], figure, GATES, "")
    if "not measured" in verdict.message:
        return
    shown = float(re.findall(r"-?[\d.]+", verdict.message)[0])
    found = re.search(r"(needs more than|needs|at most) (?:the )?(-?[\d.]+)", verdict.message)
    assert found is not None
    bar = float(found[2])
    passes = {"needs more than": shown > bar, "needs": shown >= bar, "at most": shown <= bar}
    assert verdict.is_passed == passes[found[1]], verdict.message


def test_the_docs_show_the_same_sentence() -> None:
    assert template(BY_NAME["retention"]) == (
        "*value* of the tweets are left after denoising (*needs*)[; the rule *rule* dropped most, "
        "*dropped* of *n*]"
    )
