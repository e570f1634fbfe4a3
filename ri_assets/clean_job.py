"""Cleaning as a whole: the store and Dagster's records; also the Dagster job `clean`."""

from datetime import UTC, datetime

import dagster as dg

from ri_assets.environment import Environment, Retention
from ri_assets.old_runs import find_old_runs, remove_old_runs, runs_in_store
from ri_assets.personas.lineage.published import ids_in
from ri_assets.resources.settings import StoreResource
from ri_assets.ri_index.snapshot_reader import screened_in
from ri_assets.store.cleaned import Cleaning, sentences
from ri_assets.store.cleaning import find_old, remove_old
from ri_assets.store.files import Files
from ri_assets.store.pointer import require_store

CLEAN_JOB = "clean"


def clean(
    files: Files, instance: dg.DagsterInstance, retention: Retention, *, is_dry_run: bool
) -> Cleaning:
    """Remove what retention lets go, from the store and then from Dagster's records.

    Parameters
    ----------
    is_dry_run
        Remove nothing, and say what would be removed.
    """
    require_store(files)
    now = datetime.now(UTC)
    if is_dry_run:
        found = find_old(files, retention, now)
        in_store = runs_in_store(files) - {old.name for old in found.gone}
        return found + find_old_runs(instance, retention.run_days, now, in_store)
    done = remove_old(files, retention, now, ids_in, screened_in)
    return done + remove_old_runs(instance, retention.run_days, now, runs_in_store(files))


@dg.op(description="Removes old snapshots, candidates, vectors and runs; see `ri-index clean`.")
def clean_store(context: dg.OpExecutionContext, store: StoreResource) -> None:
    """Clean, and say what was done."""
    retention = Environment.from_env().retention
    done = clean(store.candidates().files, context.instance, retention, is_dry_run=False)
    for sentence in sentences(done, retention, is_dry_run=False):
        context.log.info(sentence)
    context.add_output_metadata(
        {
            "removed": len(done.gone),
            "bytes": sum(old.bytes for old in done.gone),
            "kept": [f"{kept.kind} {kept.name}: {kept.why}" for kept in done.kept],
        }
    )


@dg.job(
    name=CLEAN_JOB,
    description="Removes old snapshots, candidates, vectors and runs. What stays is set by "
    "RI_KEEP_SNAPSHOTS, RI_KEEP_CANDIDATES, RI_KEEP_CACHE_DAYS and RI_KEEP_RUN_DAYS. If "
    "RI_KEEP_RAW is set, the raw posts of older snapshots go too.",
)
def clean_job() -> None:
    """Clean the store."""
    clean_store()
