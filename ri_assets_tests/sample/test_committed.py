"""What is committed under `data/sample` is what the generator makes, wherever it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from ri_assets.sample import LABELS_FILE
from ri_assets.sample.corpus import REPLIES_FILE, TWEETS_FILE, SampleCorpus

PROJECT = Path(__file__).parents[2]
COMMITTED = PROJECT / "data" / "sample"


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as another process with other hash seeds and another time zone writes it."""
    folder = tmp_path_factory.mktemp("sample") / "new"
    subprocess.run(
        [sys.executable, "-m", "ri_assets.sample", str(folder)],
        check=True,
        cwd=PROJECT,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "America/Lima"},
    )
    return folder


@pytest.mark.parametrize("name", [TWEETS_FILE, REPLIES_FILE])
def test_committed_tables_are_the_generated_ones(anew: Path, name: str) -> None:
    assert parquet.read_table(COMMITTED / name).equals(parquet.read_table(anew / name))


def test_committed_labels_are_the_generated_ones(anew: Path) -> None:
    assert (COMMITTED / LABELS_FILE).read_bytes() == (anew / LABELS_FILE).read_bytes()


def test_this_process_builds_the_same(corpus: SampleCorpus) -> None:
    assert parquet.read_table(COMMITTED / TWEETS_FILE).equals(corpus.tweets)
    assert parquet.read_table(COMMITTED / REPLIES_FILE).equals(corpus.replies)


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 2_000_000


def test_no_module_but_the_sample_knows_the_labels() -> None:
    package = PROJECT / "ri_assets"
    readers = [
        path.relative_to(package)
        for path in package.rglob("*.py")
        if "sample" not in path.relative_to(package).parts[:1]
        and LABELS_FILE in path.read_text(encoding="utf-8")
    ]
    assert readers == []
