"""The Dagster checks, made from the table of checks: one op for each asset.

Belongs here: measuring and judging within a run, and how a verdict looks in the Dagster UI.
Does not belong here: what is measured and enforced (`ri_assets.quality`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from ri_assets.assets.dagster_metadata import shown
from ri_assets.config import Profile
from ri_assets.errors import RefusedError
from ri_assets.quality.checks import Check, checks_of
from ri_assets.quality.judge import judge_all
from ri_assets.quality.measure import measure_run
from ri_assets.quality.metrics import Figure
from ri_assets.records.manifest import Verdict, Waiver
from ri_assets.resources.dagster_pandas_contract import breaches
from ri_assets.resources.settings import ProfileResource, StoreResource, WaiversResource
from ri_assets.store.candidate import Candidates


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
        run_id = context.run.run_id
        results = judge_run(asset, run_id, store.candidates(), profile.load(), waivers.load())
        stopping = {check.name for check in checks if check.stops_downstream}
        wanted = {key.name for key in context.selected_asset_check_keys}
        for verdict, figure in results:
            if verdict.check not in wanted:
                continue
            if not verdict.is_passed:
                goes_on = verdict.stops_publication and verdict.check not in stopping
                context.log.warning(
                    f"{verdict.check}: {verdict.message}"
                    + (" The run goes on and ends as a draft" if goes_on else "")
                )
            yield check_result(verdict, figure)
        refusals = [
            f"{verdict.check}: {verdict.message}"
            for verdict, _ in results
            if verdict.check in wanted & stopping and verdict.stops_publication
        ]
        if refusals:
            raise RefusedError(
                "; ".join(refusals),
                f"checks of {asset} that pass, because the next stages need them",
                "see the failed checks of this run for what to do, and run again",
            )

    return run_checks


def judge_run(
    asset: str,
    run_id: str,
    candidates: Candidates,
    profile: Profile,
    waivers: Sequence[Waiver] = (),
) -> list[tuple[Verdict, Figure | None]]:
    """Measure and judge an asset as a run sees it, and record the verdicts.

    Parameters
    ----------
    asset, run_id, candidates
        What is judged.
    profile
        Settings of the run.
    waivers
        Gates that a person set aside for this run.

    Returns
    -------
    Each verdict with the figure that it judges, in the order of the table of checks.
    """
    checks, receipt = checks_of(asset), candidates.receipt(asset, run_id)
    figures = measure_run(asset, run_id, candidates, profile, breaches, waivers)
    verdicts = judge_all(checks, figures, profile.gates, receipt.sha256, waivers)
    candidates.record(receipt, verdicts)
    return [
        (verdict, figures.get(check.metric.name))
        for check, verdict in zip(checks, verdicts, strict=True)
    ]


def check_spec(check: Check) -> dg.AssetCheckSpec:
    """Declare a check of the table to Dagster.

    To Dagster, blocking means that nothing downstream is computed. A gate that fails is an error
    in the UI too, but the run goes on, and `publication` of `ri_index_app` refuses it at its end.
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
