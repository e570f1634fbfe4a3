from __future__ import annotations

from datetime import date

import pytest

from ri_assets.config import load_profile
from ri_assets.errors import ConfigError
from ri_assets.quality.checks import CHECKS, Protects, checks_of, gate_names
from ri_assets.quality.judge import judge_all, statement
from ri_assets.quality.metrics import Figure
from ri_assets.quality.publication import read_waivers, split_waivers
from ri_assets.records.manifest import Verdict, Waiver
from ri_assets.store.manifest import settled

GATES = load_profile("report").gates


def judged(retention: float, waivers: tuple[Waiver, ...] = ()) -> Verdict:
    figures = {"retention": Figure("retention", retention, 100)}
    verdicts = judge_all(checks_of("denoised_tweets"), figures, GATES, "", waivers)
    [found] = [verdict for verdict in verdicts if verdict.check == "retention"]
    return found


def test_a_waiver_says_who_why_and_when() -> None:
    [waiver] = read_waivers({"retention": " short   texts are\nwhat we study "}, " Ana ")
    assert (waiver.gate, waiver.by) == ("retention", "Ana")
    assert waiver.reason == "short texts are what we study"
    assert abs((date.fromisoformat(waiver.date) - date.today()).days) <= 1


@pytest.mark.parametrize(
    ("gate", "found", "remedy"),
    [
        ("privacy", "privacy cannot be waived: it protects the people", "leave this waiver out"),
        ("evidence", "evidence cannot be waived: it protects the people", "leave this waiver out"),
        ("contract", "contract cannot be waived: .*broken files", "leave this waiver out"),
        ("continuity", "continuity cannot be waived: one id", "leave this waiver out"),
        ("silhouette", "silhouette cannot be waived: it only warns", "leave this waiver out"),
        ("retentoin", "there is no gate 'retentoin'", "did you mean 'retention'"),
        ("weather", "there is no gate 'weather'", "name one of these"),
    ],
)
def test_what_may_not_be_waived_is_refused_with_the_gates_that_may(
    gate: str, found: str, remedy: str
) -> None:
    with pytest.raises(ConfigError, match=found) as raised:
        read_waivers({gate: "because"}, "Ana")
    assert raised.value.expected == f"one of {', '.join(gate_names())}"
    assert remedy in raised.value.remedy


@pytest.mark.parametrize("reason", ["", "  ", "a\x1bb", "x" * 501])
def test_a_reason_is_a_line_of_text(reason: str) -> None:
    with pytest.raises(ConfigError, match="the reason"):
        read_waivers({"retention": reason}, "Ana")


@pytest.mark.parametrize("by", ["", " ", "A\x00"])
def test_somebody_signs(by: str) -> None:
    with pytest.raises(ConfigError, match="the name of the person"):
        read_waivers({"retention": "because"}, by)
    assert read_waivers({}, by) == ()


def test_the_command_line_splits_at_the_first_equals_sign() -> None:
    assert split_waivers(["retention=a=b", "coherence = c"]) == {
        "retention": "a=b",
        "coherence": " c",
    }
    with pytest.raises(ConfigError, match="has no reason"):
        split_waivers(["retention"])
    with pytest.raises(ConfigError, match="names retention twice"):
        split_waivers(["retention=a", "retention=b"])


def test_gates_have_one_name_each_and_all_that_protects_people_or_files_is_none() -> None:
    gates = [check for check in CHECKS if check.is_gate]
    assert len({check.name for check in gates}) == len(gates)
    assert {check.name for check in gates} >= {"retention", "resample_ari", "persona_count"}
    may_waive = {Protects.QUALITY, Protects.SOURCE}
    other = {c.name for c in CHECKS if c.is_blocking and c.protects not in may_waive}
    assert other >= {"privacy", "evidence", "contract", "conservation", "continuity"}
    assert not other & set(gate_names())


def test_a_waived_gate_keeps_its_figure_and_names_who_waived_it() -> None:
    [waiver] = read_waivers({"retention": "we study short texts"}, "Ana")
    waived, refused = judged(0.4, (waiver,)), judged(0.4)
    assert not waived.is_passed
    assert waived.is_blocking
    assert waived.value == refused.value == 0.4
    assert refused.stops_publication
    assert not waived.stops_publication
    assert f"waived by Ana on {waiver.date}: we study short texts" in waived.message
    assert "What to do" not in waived.message
    assert "What to do" in refused.message
    assert waived.waiver is not None
    assert (waived.waiver.value, waived.waiver.threshold) == (0.4, ">= 0.85")


def test_a_gate_that_passes_leaves_its_waiver_unused() -> None:
    given = read_waivers({"retention": "we study short texts"}, "Ana")
    passed = judged(0.9, given)
    assert passed.is_passed
    assert passed.waiver is None
    [told] = settled([passed], given)
    assert not told.is_used
    assert told.value == 0.9
    assert "unused" in str(told)


def test_a_waiver_reaches_no_check_that_is_no_gate() -> None:
    forged = Waiver(gate="contract", by="Ana", reason="because", date="2026-11-27")
    verdicts = judge_all(
        checks_of("umap_50d"), {"contract": Figure("contract", 1, 1)}, GATES, "", (forged,)
    )
    assert all(verdict.stops_publication for verdict in verdicts)


def test_the_statement_names_the_true_cause() -> None:
    assert statement([judged(0.4)]) == "retention 0.4 (needs >= 0.85)"
    given = read_waivers({"retention": "we study short texts"}, "Ana")
    assert statement([judged(0.4, given)]) is None


def test_too_few_personas_are_not_called_unstable() -> None:
    figures = [
        Figure("contract", 0, 1),
        Figure("conservation", 0, 1),
        Figure("coverage", 1, 9),
        Figure("coherence", 0.9, 9, 0.7, 0.8),
        Figure("resample_ari", 0.8, 5, 0.5, 0.55),
        Figure("cluster_count", 6, 9),
    ]
    by_name = {figure.name: figure for figure in figures}
    count = [check for check in checks_of("personas_enriched") if check.name == "persona_count"]
    said = statement(judge_all([*checks_of("clusters"), *count], by_name, GATES, ""))
    assert said == "persona_count 6 (needs 8 to 15)"


def test_checks_that_count_faults_are_told_with_their_asset() -> None:
    said = statement(
        judge_all(checks_of("umap_50d"), {"contract": Figure("contract", 2, 9)}, GATES, "")
    )
    assert said is not None
    assert said.startswith("check contract of umap_50d 2 (needs = 0)")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.asset}.{check.name}")
def test_no_remedy_sends_its_reader_to_another_profile(check: object) -> None:
    remedy = str(getattr(check, "remedy", ""))
    assert "another profile" not in remedy
    assert "no stable personas" not in remedy
