"""A snapshot in one page: funnel, personas, checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Column
from rich.table import Table as Grid
from rich.text import Text

from ri_assets.cli.columns import share, stability, without_outcome
from ri_assets.cli.terminal import safe
from ri_assets.quality.metrics import HEADLINES, WITHHELD
from ri_assets.sources.base import left_out_counts, told_left_out
from ri_assets.store.candidate import Verdict
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.waiver import Waiver

_PASS, _WARN, _FAIL = "[green]pass[/]", "[yellow]warn[/]", "[red]FAIL[/]"
_WAIVED = "[yellow]waived[/]"
_LISTED = ("persona_id", "name", "tweet_count", "share", "top_terms", "jaccard", "verdict")


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """Give the figures of a snapshot as one JSON object.

    Returns
    -------
    dict
        Counts are integers, shares lie in 0 to 1, `personas` is the number of personas
        and `persona_list` holds one object for each, largest first. A figure that could
        not be computed is None. Every row of tweets is in one place:
        `rows_read = left_out_tweets + rejected_tweets + dropped_tweets + kept_tweets`.
    """
    value = {(v.asset, v.check): _number(v.value) for v in snapshot.manifest.verdicts}
    figures = snapshot.table("clusters", "figures", ["figure", "null_p95"]).to_pandas()
    null_p95 = {row.figure: _number(row.null_p95) for row in figures.itertuples()}
    personas = (
        snapshot.table("ri_index_app", columns=_LISTED)
        .to_pandas()
        .sort_values(["tweet_count", "persona_id"], ascending=[False, True])
    )
    funnel = snapshot.table("denoised_tweets", "funnel").to_pandas()
    kept = snapshot.table("denoised_tweets", columns=["tweet_id"]).num_rows
    raw = snapshot.table("raw_tweets", columns=["tweet_id"]).num_rows
    rejected = snapshot.table("raw_tweets", "rejected").num_rows
    left_out = _left_out(snapshot)
    described = (
        snapshot.table("personas_enriched", "figures", ["figure", "value"])
        .to_pandas()
        .set_index("figure")
    )
    return {
        "snapshot": snapshot.manifest.snapshot,
        "is_draft": snapshot.is_draft,
        "waivers": [asdict(waiver) for waiver in snapshot.manifest.waivers],
        "published_at": snapshot.manifest.published_at,
        "profile": snapshot.manifest.profile,
        "config_hash": snapshot.manifest.config_hash,
        "corpus": snapshot.manifest.corpus,
        "source": snapshot.manifest.source,
        "rows_read": sum(left_out.values()) + rejected + raw,
        "left_out_tweets": sum(left_out.values()),
        "left_out_by_reason": left_out,
        "raw_tweets": raw,
        "raw_replies": snapshot.table("raw_replies", columns=["tweet_id"]).num_rows,
        "rejected_tweets": rejected,
        "dropped_tweets": raw - kept,
        "kept_tweets": kept,
        "retention": value["denoised_tweets", "retention"],
        "coverage": value["clusters", "coverage"],
        **{name: value["clusters", name] for name in HEADLINES},
        **{f"{name}_null_p95": null_p95.get(name) for name in HEADLINES},
        "withheld_texts": int(described["value"].get(WITHHELD, 0)),
        "personas": len(personas),
        "persona_list": [
            {
                "persona_id": row.persona_id,
                "name": row.name,
                "tweet_count": int(row.tweet_count),
                "share": float(row.share),
                "top_terms": list(row.top_terms[:5]),
                "jaccard": _number(row.jaccard),
                "verdict": row.verdict,
            }
            for row in personas.itertuples(index=False)
        ],
        "funnel": funnel.to_dict("records"),
        "checks": [
            {
                "asset": verdict.asset,
                "check": verdict.check,
                "value": _number(verdict.value),
                "threshold": verdict.threshold,
                "null_mean": verdict.baseline,
                "is_passed": verdict.is_passed,
                "is_blocking": verdict.is_blocking,
                "is_waived": verdict.waiver is not None,
                "message": verdict.message,
            }
            for verdict in snapshot.manifest.verdicts
        ],
    }


def _left_out(snapshot: Snapshot) -> dict[str, int]:
    """Tweets left out at the source by reason, most first.

    Snapshots of earlier versions know only how many there were.
    """
    if "raw_tweets.left_out.parquet" in snapshot.manifest.files:
        return left_out_counts(snapshot.table("raw_tweets", "left_out").to_pandas())
    n = int(snapshot.table("raw_tweets", "intake")["n_left_out"][0].as_py())
    return {"left out": n} if n else {}


def _number(value: float) -> float | None:
    """Give None for what is no number: JSON has no NaN."""
    return float(value) if math.isfinite(value) else None


def show_summary(console: Console, content: dict[str, Any]) -> None:
    """Print a summary for a person."""
    source = safe(content["source"])
    line = Text.assemble(
        "\n", (f"{'Draft' if content['is_draft'] else 'Snapshot'} {content['snapshot']}", "bold"),
        f" · profile {content['profile']} · source ", source,
    )  # fmt: skip
    console.print(line, highlight=False, soft_wrap=True)
    if content["left_out_tweets"]:
        told = safe(f"left out: {told_left_out(content['left_out_by_reason'])}")
        console.print(told, highlight=False, soft_wrap=True)
    if content["rejected_tweets"]:
        console.print(f"unreadable: {content['rejected_tweets']:,} rows", highlight=False)
    funnel = Grid("funnel", "tweets", "dropped", "left", title_justify="left")
    for row in content["funnel"]:
        funnel.add_row(
            row["rule"], f"{row['n_in']:,}", f"{row['n_dropped']:,}", f"{row['n_out']:,}"
        )
    funnel.add_row(
        "[bold]kept[/]",
        f"{content['raw_tweets']:,}",
        "",
        f"{content['kept_tweets']:,} ({content['retention']:.2%})",
    )
    console.print(funnel)
    personas = Grid("id", "persona", "tweets", "share", "top terms", "stability")
    for row in content["persona_list"]:
        personas.add_row(
            row["persona_id"],
            safe(row["name"]),
            f"{row['tweet_count']:,}",
            share(row["share"]),
            safe(", ".join(row["top_terms"])),
            stability(row["jaccard"], row["verdict"]),
        )
    console.print(personas)
    if n_withheld := content.get("withheld_texts"):
        console.print(f"withheld because they may be private: {n_withheld:,} texts")


def show_waivers(console: Console, waivers: Sequence[Waiver]) -> None:
    """Print who set which gate aside and why, and which waivers were not needed."""
    for waiver in waivers:
        console.print(
            Text.assemble(("waiver: ", "yellow"), safe(waiver)), highlight=False, soft_wrap=True
        )


def show_verdicts(console: Console, verdicts: list[Verdict]) -> None:
    """Print what each check found; contracts and conservation that pass share one line."""
    grid = Grid(Column("check", no_wrap=True), "verdict", "what it found")
    routine = [v for v in verdicts if v.check in {"contract", "conservation"} and v.is_passed]
    for verdict in verdicts:
        if verdict not in routine:
            failing = _FAIL if verdict.is_blocking else _WARN
            failing = failing if verdict.waiver is None else _WAIVED
            grid.add_row(
                f"{verdict.asset}.{verdict.check}",
                _PASS if verdict.is_passed else failing,
                safe(without_outcome(verdict.message)),
            )
    if routine:
        name = f"contract and conservation × {len(routine)}"
        grid.add_row(name, _PASS, "tables as promised, no row lost or added")
    console.print(grid)
