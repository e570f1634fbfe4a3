"""The figures of `personas_enriched` and `ri_index_app`, measured on what is stored.

Belongs here: personas, their number, their evidence and their ids. Does not belong here: the
other assets (`measure`), and figures that the store is needed for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.quality.lineage import history_breaches
from ri_assets.quality.metrics import Figure
from ri_assets.quality.tables import read_figures
from ri_assets.store.tables import Tables

Read = Callable[[str], Tables]
"""Gives the tables of an asset, as the run sees them."""


def measure_personas(tables: Tables, read: Read) -> list[Figure]:
    """Measure the personas; parameters as of `ri_assets.quality.measure.measure`."""
    personas, samples = tables.frame(), tables.frame("samples")
    kept = read("denoised_tweets").frame()
    withheld = set(personas.loc[personas["is_evidence_withheld"].astype(bool), "persona_id"])
    unfit = int(samples["persona_id"].isin(withheld).sum())
    shown = samples.merge(kept.assign(author=read_authors(kept).codes), on="tweet_id")
    repeated = int(shown[["persona_id", "author"]].duplicated().sum())
    lineage = tables.frame("persona_lineage")
    broken = history_breaches(personas, lineage)
    this_run = lineage["sequence"] == lineage["sequence"].max()
    stored = read_figures(tables.frame("figures")).values()
    return [
        *(replace(figure, details={"what": figure.note}) for figure in stored),
        _persona_count(tables, read),
        Figure("conservation", abs(int(personas["tweet_count"].sum()) - len(kept)), len(kept)),
        Figure(
            "evidence",
            unfit + repeated,
            len(samples),
            details={
                "samples_that_stay_withheld": unfit,
                "samples_by_an_author_shown_before": repeated,
            },
        ),
        Figure(
            "lineage",
            len(broken),
            len(lineage),
            facts={"found": "; ".join(broken)},
            details={
                "breaches": broken,
                "published_runs_told_of": int(lineage["sequence"].nunique()),
                "ids_ever_used": int(lineage["persona_id"].nunique()),
                "events_of_this_run": lineage.loc[this_run, "event"].value_counts().to_dict(),
            },
        ),
    ]


def _persona_count(tables: Tables, read: Read) -> Figure:
    """Count the personas that people left; the clusters' figures say what the run found."""
    stored = read_figures(read("clusters").frame("figures"))
    joined, found = stored["clusters_joined"], stored["cluster_count"]
    n, n_found = len(tables.frame()), len(tables.frame("parts"))
    facts: dict[str, float | str] = {"joined": int(joined.value)} if joined.value else {}
    details = {"what": found.note, "joined": joined.note, "clusters": n_found}
    if n == n_found:
        return replace(found, value=n, facts=facts, details=details)
    return replace(
        found,
        value=n,
        facts={**facts, "found": n_found, "merged": n_found - n},
        details=details,
        remedy="take a merge back with `ri-index undo`, or waive the check, and run again",
    )


def measure_index(tables: Tables, read: Read) -> list[Figure]:
    """Compare what applications look up with the personas, hidden ones too."""
    mapping = tables.frame("tweet_personas")
    sizes = mapping["persona_id"].value_counts()
    listed = tables.frame().set_index("persona_id")["tweet_count"]
    personas = read("personas_enriched").frame().set_index("persona_id")
    enriched, is_hidden = personas["tweet_count"], personas["hidden_note"].notna()
    kept = read("denoised_tweets").frame()["tweet_id"]
    wrong = int((sizes.reindex(enriched.index, fill_value=0) != enriched).sum())
    wrong += int((enriched.reindex(listed.index, fill_value=0) != listed).sum())
    wrong += len(set(sizes.index) ^ set(enriched.index))
    wrong += len(set(enriched.index[~is_hidden]) ^ set(listed.index))
    wrong += len(set(mapping["tweet_id"]) ^ set(kept))
    details = {
        "personas": len(listed),
        "hidden_personas": int(is_hidden.sum()),
        "hidden_tweets": int(enriched[is_hidden].sum()),
    }
    return [Figure("conservation", wrong, len(mapping), details=details)]
