"""A share is rounded once, when it is shown, so that every command shows the same."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ri_assets.records.manifest import Verdict
from ri_assets.records.quality import FIGURES
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published, rewrite

SHARE = 0.21048
"""21.0%; through four decimals it would be 21.05% and then 21.1%."""
JUDGED = (
    ("denoised_tweets", "retention"),
    *(
        ("clusters", name)
        for name in ("coverage", "coherence", "resample_ari", "seed_ari", "silhouette")
    ),
)


@pytest.fixture
def judged(synthetic: Published) -> Published:
    """The synthetic snapshot with verdicts and figures, and `SHARE` for its largest persona."""
    path = synthetic.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["verdicts"] = [
        Verdict(
            check=check,
            asset=asset,
            sha256="",
            is_passed=True,
            is_blocking=True,
            figure=check,
            value=0.9,
            threshold=">= 0.5",
            baseline=None,
            n=600,
            message="passed",
        ).model_dump()
        for asset, check in JUDGED
    ]
    path.write_text(json.dumps(manifest))
    values = {
        "figure": ["coherence", "resample_ari"],
        "value": [0.9, 0.9],
        "n": [1, 1],
        "note": ["", ""],
    }
    figures = pa.table(values).to_pandas().reindex(columns=FIGURES.names)
    rewrite(
        synthetic,
        "clusters.figures.parquet",
        pa.Table.from_pandas(figures, schema=FIGURES.schema, preserve_index=False),
    )
    largest = synthetic.personas["persona_id"].iloc[0]
    for asset in ("ri_index_app", "personas_enriched"):
        table = pq.read_table(synthetic.folder / f"{asset}.parquet")
        shares = [
            SHARE if persona == largest else share
            for persona, share in zip(
                table["persona_id"].to_pylist(), table["share"].to_pylist(), strict=True
            )
        ]
        place = table.column_names.index("share")
        rewrite(
            synthetic, f"{asset}.parquet", table.set_column(place, table.field("share"), [shares])
        )
    return synthetic


@pytest.mark.parametrize("command", ["summary", "personas", "coverage", ("persona", "0")])
def test_every_command_shows_the_same_share(
    judged: Published, cli: Cli, command: str | tuple[str, ...]
) -> None:
    words = (command,) if isinstance(command, str) else command
    shown = cli(*words, "--store", judged.store)
    assert shown.code == 0, shown.text
    assert "21.0%" in shown.out
    assert "21.1%" not in shown.out
    assert "0.2105" not in shown.out


@pytest.mark.parametrize("command", ["summary", "personas", "coverage"])
def test_programs_get_all_digits(judged: Published, cli: Cli, command: str) -> None:
    found = json.loads(cli(command, "--json", "--store", judged.store).out)
    rows = found["persona_list" if command == "summary" else "items"]
    assert rows[0]["share"] == SHARE
