from __future__ import annotations

from ri_assets.config import load_profile
from ri_assets.quality.checks import checks_of
from ri_assets.quality.judge import judge_all, statement
from ri_assets.quality.metrics import Figure
from ri_assets.records.manifest import Verdict

GATES = load_profile("report").gates


def verdicts(resample_ari: float, k: int, seed_ari: float = 0.9) -> list[Verdict]:
    figures = [
        Figure("contract", 0, 1),
        Figure("conservation", 0, 1),
        Figure("coverage", 1, 100),
        Figure("coherence", 0.9, 100, 0.7, 0.8),
        Figure("resample_ari", resample_ari, 5, 0.5, 0.55),
        Figure("seed_ari", seed_ari, 10),
        Figure("cluster_count", k, 100),
        Figure("silhouette", 0.5, 100),
        Figure("size_ratio", 2, 100),
        Figure("drift", 0, 0),
    ]
    by_name = {figure.name: figure for figure in figures}
    count = [check for check in checks_of("personas_enriched") if check.name == "persona_count"]
    return judge_all([*checks_of("clusters"), *count], by_name, GATES, "")


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
