from __future__ import annotations

from ri_assets.checks.figures import Figure
from ri_assets.checks.judge import judge_all, statement
from ri_assets.checks.table import checks_of
from ri_assets.config import load_profile
from ri_assets.records.manifest import Verdict

GATES = load_profile("report").gates


def verdicts(resample_ari: float, k: int, seed_ari: float = 0.9) -> list[Verdict]:
    figures = {
        "contract": Figure(0, 1),
        "conservation": Figure(0, 1),
        "coverage": Figure(1, 100),
        "coherence": Figure(0.9, 100, 0.7, 0.8),
        "resample_ari": Figure(resample_ari, 5, 0.5, 0.55),
        "seed_ari": Figure(seed_ari, 10),
        "persona_count": Figure(k, 100),
        "silhouette": Figure(0.5, 100),
        "size_ratio": Figure(2, 100),
        "drift": Figure(0, 0),
    }
    return judge_all(checks_of("clusters"), figures, GATES, "")


def test_what_passes_needs_no_statement() -> None:
    assert statement(verdicts(0.8, 9)) is None


def test_what_only_warns_needs_no_statement() -> None:
    assert statement(verdicts(0.8, 9, seed_ari=0.1)) is None


def test_every_figure_against_the_corpus_is_in_the_statement() -> None:
    said = statement(verdicts(0.58, 2))
    assert said is not None
    assert said.startswith("no stable personas in this corpus: resample_ari 0.58 (needs >= 0.6")
    assert "persona_count 2 (needs 8 to 15)" in said
    assert "coherence" not in said
