from __future__ import annotations

from ri_assets.config import GateSettings, load_profile
from ri_assets.quality.checks import CHECKS, checks_of
from ri_assets.records.assets import ASSETS, CONTRACTS

GATES = load_profile("report").gates


def test_every_check_is_of_an_asset_and_every_asset_is_checked() -> None:
    assert {check.asset for check in CHECKS} == set(CONTRACTS)
    for asset in ASSETS:
        assert {"contract", "conservation"} <= {check.name for check in checks_of(asset)}


def test_names_are_unique_within_an_asset() -> None:
    names = [(check.asset, check.name) for check in CHECKS]
    assert len(names) == len(set(names))


def test_contract_and_conservation_block_everywhere() -> None:
    for asset in ASSETS:
        blocking = {check.name for check in checks_of(asset) if check.is_blocking}
        assert blocking >= {"contract", "conservation"}


def test_every_gate_is_the_bound_of_some_check() -> None:
    for gate, value in GATES.model_dump().items():
        moved = GateSettings.model_construct(**{**GATES.model_dump(), gate: value + 1})
        assert any(
            check.bounds(moved) != check.bounds(GATES)
            or check.null_margin(moved) != check.null_margin(GATES)
            for check in CHECKS
        ), gate


def test_the_gates_of_the_design_block() -> None:
    blocking = {check.name for check in CHECKS if check.is_blocking}
    assert blocking >= {"retention", "coverage", "coherence", "resample_ari", "persona_count"}
    against_null = {check.name for check in CHECKS if check.must_beat_null}
    assert against_null >= {"coherence", "resample_ari", "name_agreement"}
    shipped = {name: getattr(GATES, name) for name in ("retention_min", "coverage_min")}
    assert shipped == {"retention_min": 0.85, "coverage_min": 0.95}


def test_every_check_says_what_it_guards_and_what_to_do() -> None:
    assert all(check.why and check.remedy for check in CHECKS)
