"""The Dagster job `freeze`: the same search as `ri-index freeze`, started from the UI."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
from pydantic import Field

from ri_assets.environment import Environment
from ri_assets.freeze.frozen import Plan, Written, freeze
from ri_assets.freeze.search import Search, seldom
from ri_assets.freeze.space import SHIPPED
from ri_assets.resources.settings import EngineResource, StoreResource
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.mysql_url import holds_password, recorded_password
from ri_assets.sources.opening import open_source
from ri_assets.store.forgotten import read_forgotten


class FreezeConfig(dg.Config):
    """What to search, and how far."""

    sources: list[str] = Field(description="sample, paths, or mysql://…; several are better")
    out: str = Field(description="YAML file of the frozen profile")
    trials: int = Field(default=12, ge=1, description="maximum number of configurations")
    draws: int = Field(default=5, ge=2, description="draws of each in the first round")
    finalists: int = Field(default=3, ge=1, description="configurations to rerun with 20 draws")
    space: str = Field(default=str(SHIPPED), description="YAML file of the configurations")
    keep_all: bool = Field(default=False, description="keep retweets and automated posts")


@dg.op(description="Tries configurations on every source and writes the best as a profile.")
def freeze_profile(
    context: dg.OpExecutionContext,
    config: FreezeConfig,
    store: StoreResource,
    engine: EngineResource,
) -> None:
    """Search, and report the finalists."""
    if any(map(holds_password, config.sources)):
        raise recorded_password()
    files = store.candidates().files
    options = replace(
        SourceOptions.from_env(Environment.from_env(), keep_all=config.keep_all),
        forgotten=read_forgotten(files),
    )
    plan = Plan(Path(config.space), Path(config.out), config.trials, config.draws, config.finalists)
    found, written = freeze(
        [open_source(source, options) for source in config.sources],
        files,
        plan,
        seldom(context.log.info),
        engine.of_run(),
    )
    context.add_output_metadata(_metadata(found, written))
    if written.profile is None:
        raise dg.Failure(
            "no configuration passes every blocking gate on every corpus; nothing was frozen",
            metadata=_metadata(found, written),
        )


def _metadata(found: Search, written: Written) -> dict[str, dg.MetadataValue]:
    rows = [
        f"| {result.profile.name} | {result.n_passed} | {_lift(result.worst_lift)} "
        f"| {_lift(result.mean_lift)} | {', '.join(str(trial.k) for trial in result.trials)} |"
        for result in found.finalists
    ]
    head = (
        "| finalist | corpora passed | worst lift | mean lift | personas |\n|---|---|---|---|---|\n"
    )
    return {
        "finalists": dg.MetadataValue.md(head + "\n".join(rows)),
        "evidence": dg.MetadataValue.path(str(written.evidence)),
        "picture": dg.MetadataValue.path(str(written.picture)),
    }


def _lift(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


@dg.job(
    name="freeze",
    description="Searches for the configuration whose personas are most stable above noise, "
    "across several corpora, and writes it as a frozen profile with its evidence. A stopped "
    "search continues where it was.",
    # Longer than `dagster.yaml` allows other runs: a search over large corpora may take days.
    tags={"dagster/max_runtime": str(7 * 24 * 60 * 60)},
)
def freeze_job() -> None:
    """Run the search."""
    freeze_profile()
