"""Dagster checks from the table: one op for each asset, one check for each row."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO

import dagster as dg

from ri_assets.assets.dagster_metadata import shown
from ri_assets.checks.continuity import continuity
from ri_assets.checks.drift import Standing, drift
from ri_assets.checks.exports import exports
from ri_assets.checks.figures import Figure, measure
from ri_assets.checks.judge import judge_all
from ri_assets.checks.privacy import PUBLIC, Text, privacy, texts_of_exports
from ri_assets.checks.table import Check, checks_of
from ri_assets.contracts.assets import CONTRACTS
from ri_assets.explorer.candidate import texts_of_page
from ri_assets.resources.settings import ProfileResource, StoreResource, WaiversResource
from ri_assets.ri_index.exports.candidate import export_folder
from ri_assets.store.begun import base_of
from ri_assets.store.candidate import Candidates, Verdict
from ri_assets.store.waiver import Waiver


def build_checks(asset: str) -> dg.AssetChecksDefinition:
    """Give the checks of one asset as one Dagster op."""
    checks = checks_of(asset)

    @dg.multi_asset_check(
        name=f"{asset}_checks",
        specs=[check_spec(check) for check in checks],
        can_subset=True,  # without it the UI cannot execute a check
    )
    def run_checks(
        context: dg.AssetCheckExecutionContext,
        profile: ProfileResource,
        store: StoreResource,
        waivers: WaiversResource,
    ) -> Iterator[dg.AssetCheckResult]:
        candidates = store.candidates()
        given = waivers.load()
        figures, verdicts = evaluate(asset, context.run.run_id, candidates, profile, given)
        stopping = {check.name for check in checks if check.stops_downstream}
        candidates.record(candidates.receipt(asset, context.run.run_id), verdicts)
        wanted = {key.name for key in context.selected_asset_check_keys}
        for verdict in verdicts:
            if verdict.check not in wanted:
                continue
            if not verdict.is_passed:
                goes_on = verdict.stops_publication and verdict.check not in stopping
                context.log.warning(
                    verdict.message + (". The run goes on and ends as a draft" if goes_on else "")
                )
            yield check_result(verdict, figures.get(verdict.check))

    return run_checks


def evaluate(
    asset: str,
    run_id: str,
    candidates: Candidates,
    profile: ProfileResource,
    waivers: Sequence[Waiver] = (),
) -> tuple[dict[str, Figure], list[Verdict]]:
    """Measure and judge an asset as a run sees it.

    Parameters
    ----------
    waivers
        Gates that a person set aside for this run.
    """
    receipt, settings = candidates.receipt(asset, run_id), profile.load()
    figures = measure(asset, lambda name: candidates.read(name, run_id))
    if asset == "clusters" and figures["contract"].value == 0:
        figures["drift"] = drift(
            Standing.of_run(candidates, run_id),
            Standing.published(candidates.files, base_of(candidates.files, run_id)),
            settings.drift,
        )
    if asset in PUBLIC and figures["contract"].value == 0:
        figures["privacy"] = privacy(
            asset,
            CONTRACTS[asset],
            lambda name: candidates.read(name, run_id),
            settings.enrich,
            _exported(candidates, run_id) if asset == "ri_index_app" else (),
        )
    if asset == "ri_index_app" and figures["contract"].value == 0:
        figures["continuity"] = continuity(candidates, run_id)
        figures["exports"] = exports(candidates, run_id, waivers)
    return figures, judge_all(checks_of(asset), figures, settings.gates, receipt.sha256, waivers)


def _exported(candidates: Candidates, run_id: str) -> Iterator[Text]:
    files, folder = candidates.files, export_folder(candidates, run_id)

    def opened(name: str) -> BinaryIO:
        found: BinaryIO = files.fs.open(files.path(f"{folder}/{name}"), "rb")
        return found

    return chain(texts_of_exports(opened), texts_of_page(opened))


def check_spec(check: Check) -> dg.AssetCheckSpec:
    """Declare a check of the table to Dagster.

    Blocking means there that nothing downstream is computed. A gate that fails is an error in
    the UI too, but the run goes on, and `publication` of `ri_index_app` refuses it at its end.
    """
    return dg.AssetCheckSpec(
        check.name, asset=check.asset, description=check.why, blocking=check.stops_downstream
    )


def check_result(verdict: Verdict, figure: Figure | None) -> dg.AssetCheckResult:
    """Report value, threshold, null and sample size, whether it passed or failed."""
    metadata: dict[str, Any] = {
        "value": verdict.value,
        "threshold": verdict.threshold,
        "sample_size": verdict.n,
    }
    if figure is not None:
        if figure.null_mean is not None:
            metadata["null_mean"] = figure.null_mean
        if figure.null_p95 is not None:
            metadata["null_p95"] = figure.null_p95
        metadata |= figure.details
    if verdict.waiver is not None:
        metadata |= {"waived_by": verdict.waiver.by, "waived_because": verdict.waiver.reason}
    is_error = verdict.is_blocking and verdict.waiver is None
    return dg.AssetCheckResult(
        passed=verdict.is_passed,
        check_name=verdict.check,
        asset_key=verdict.asset,
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        description=verdict.message,
        metadata=shown(metadata, is_folded=True),
    )
