"""The figures that checks judge, measured on what is stored.

Belongs here: the figures of one asset of a run, by name. What its own tables say is measured in
`asset_figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import BinaryIO

from ri_assets.config import Profile
from ri_assets.explorer.candidate import texts_of_page
from ri_assets.quality.asset_figures import FIGURES_OF, Read
from ri_assets.quality.checks import PUBLIC
from ri_assets.quality.drift import Standing, drift
from ri_assets.quality.exports import exports
from ri_assets.quality.lineage import continuity
from ri_assets.quality.metrics import Figure
from ri_assets.quality.privacy import Text, privacy, texts_of_exports
from ri_assets.records.assets import CONTRACTS
from ri_assets.records.manifest import Waiver
from ri_assets.records.table import AssetContract
from ri_assets.ri_index.exports.delivery import export_folder
from ri_assets.store.active_runs import base_of
from ri_assets.store.candidate import Candidates
from ri_assets.store.tables import Tables

Breaches = Callable[[AssetContract, Tables], Sequence[str]]
"""Says in what tables break their contract."""
Figures = dict[str, Figure]
"""Figures by the name of the metric."""


def measure_run(
    asset: str,
    run_id: str,
    candidates: Candidates,
    profile: Profile,
    breaches: Breaches,
    waivers: Sequence[Waiver] = (),
) -> Figures:
    """Measure an asset as a run sees it: what its tables say, and what the store says of them.

    Parameters
    ----------
    asset, run_id, candidates
        The tables.
    profile
        Settings of the run.
    breaches
        Says in what tables break their contract.
    waivers
        Gates that a person set aside, which each export must name.
    """
    read = partial(candidates.read, run_id=run_id)
    figures = measure(asset, read, profile, breaches)
    if figures["contract"].value != 0:
        return figures
    if asset == "clusters":
        before = Standing.published(candidates.files, base_of(candidates.files, run_id))
        now = Standing.of_run(candidates, run_id)
        figures["drift"] = drift(now, before, profile.drift)
    if asset in PUBLIC:
        texts = _exported(candidates, run_id) if asset == "ri_index_app" else ()
        figures["privacy"] = privacy(asset, CONTRACTS[asset], read, profile.enrich, texts)
    if asset == "ri_index_app":
        figures["continuity"] = continuity(candidates, run_id)
        figures["exports"] = exports(candidates, run_id, profile.enrich.min_authors, waivers)
    return figures


def _exported(candidates: Candidates, run_id: str) -> Iterator[Text]:
    files, folder = candidates.files, export_folder(candidates, run_id)

    def opened(name: str) -> BinaryIO:
        found: BinaryIO = files.fs.open(files.path(f"{folder}/{name}"), "rb")
        return found

    return chain(texts_of_exports(opened), texts_of_page(opened))


def measure(asset: str, read: Read, profile: Profile, breaches: Breaches) -> Figures:
    """Measure what the tables of one asset say.

    Parameters
    ----------
    asset
        Which asset.
    read
        Gives the tables of an asset, as the run sees them.
    profile
        Settings of the run.
    breaches
        Says in what tables break their contract. Tables that do are not measured further.
    """
    tables = read(asset)
    found = list(breaches(CONTRACTS[asset], tables))
    rows = sum(table.num_rows for table in tables.by_name.values())
    contract = Figure(
        "contract",
        len(found),
        rows,
        facts={"found": "; ".join(found)},
        details={"breaches": found},
    )
    figures = [contract] if found else [contract, *FIGURES_OF[asset](tables, read)]
    by_name = {figure.name: figure for figure in figures}
    if "resample_ari" in by_name:
        facts = {**by_name["resample_ari"].facts, "draw_share": profile.stability.draw_share}
        by_name["resample_ari"] = replace(by_name["resample_ari"], facts=facts)
    return by_name
