from __future__ import annotations

import pandas as pd
import pytest

from benchmarks import persona_page
from ri_assets_tests.conftest import FinishedRun


@pytest.mark.slow
def test_the_page_tells_of_every_persona_and_shows_no_tweet(
    small_run: FinishedRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = small_run.store.with_name("as_published")
    monkeypatch.setattr("sys.argv", ["persona_page", "--store", str(store)])
    persona_page.main()
    page = capsys.readouterr().out
    snapshot = next((store / "snapshots").iterdir())
    personas = pd.read_parquet(snapshot / "personas_enriched.parquet")
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        f"## {one.persona_id} {one.name}" for one in personas.itertuples(index=False)
    ]
    samples = pd.read_parquet(snapshot / "personas_enriched.samples.parquet")
    assert len(samples)
    assert not [text for text in samples["text"] if text in page]
