"""Published snapshots that the tests of the index ask."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.index_snapshot import write_snapshot
from ri_assets.config import load_profile
from ri_assets.records.assets import CONTRACTS
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.app_tables import LOOKUP, Lookup
from ri_assets.ri_index.posts import ANSWERED, NEEDED, POSTS, posts_bytes, posts_table
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets.store.tables import Tables
from ri_assets_tests.small import SMALL_PROFILE

if TYPE_CHECKING:
    from ri_assets_tests.conftest import FinishedRun

Stored = dict[str, Tables]


@dataclass(frozen=True)
class Published:
    """A store with one snapshot, the index over it, and its Parquet for plain pandas."""

    store: Path
    folder: Path
    ri: RIIndex

    def place(self, name: str) -> Path:
        """Path of a file by its name in the manifest; raw posts have a folder of their own."""
        manifest = json.loads((self.folder / "manifest.json").read_text())
        raw = self.store / "raw" / self.folder.name
        return (raw if name in manifest["raw"] else self.folder) / name

    def frame(self, name: str) -> pd.DataFrame:
        """Read a table by its file's name."""
        return pd.read_parquet(self.place(f"{name}.parquet"))

    @property
    def personas(self) -> pd.DataFrame:
        """Read the personas, largest first."""
        table = self.frame("personas_enriched")
        return table.sort_values(
            ["tweet_count", "persona_id"], ascending=[False, True], ignore_index=True
        )


def opened(store: Path) -> Published:
    """Open the current snapshot of a store."""
    name = json.loads((store / "published.json").read_text())["snapshot"]
    return Published(store, store / "snapshots" / name, RIIndex.open(store=store))


def rewrite(published: Published, name: str, table: pa.Table) -> None:
    """Put another table in a file's place, as if it had been published so."""
    pq.write_table(table, published.place(name))
    note_digest(published, name)
    if name in {"denoised_tweets.parquet", "raw_replies.parquet"}:
        write_posts(published)


def note_digest(published: Published, name: str) -> None:
    """Let the manifest name a file as it is now."""
    path = published.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    digest = hashlib.sha256(published.place(name).read_bytes()).hexdigest()
    manifest["raw" if name in manifest["raw"] else "files"][name] = digest
    path.write_text(json.dumps(manifest))


def write_posts(published: Published) -> None:
    """Write the file of posts anew from the tables that it is made from."""
    snapshot = Snapshot(Files(str(published.store)), published.folder.name)
    table = posts_table(
        snapshot.verified("denoised_tweets", columns=NEEDED),
        snapshot.verified("raw_replies", columns=[ANSWERED]),
        Lookup.of(snapshot.content(LOOKUP)).tweet_id,
    )
    published.place(POSTS).write_bytes(posts_bytes(table))
    note_digest(published, POSTS)


@pytest.fixture(scope="session", params=["small", pytest.param("sample", marks=pytest.mark.slow)])
def published(request: pytest.FixtureRequest) -> Published:
    """The small run's snapshot, and in slow tests the bundled sample's."""
    run: FinishedRun = request.getfixturevalue(f"{request.param}_run")
    # Other tests publish more into the small run's store.
    return opened(run.store if request.param == "sample" else run.store.with_name("as_published"))


@pytest.fixture
def store(small_run: FinishedRun, tmp_path: Path) -> Path:
    """Store of a whole published run, to go on with."""
    as_published = small_run.store.with_name("as_published")
    return Path(shutil.copytree(as_published, tmp_path / "store"))


@pytest.fixture(scope="session")
def as_stored(small_run: FinishedRun) -> Stored:
    """The tables of the small run's snapshot, by asset."""
    snapshot = Snapshot(Files(str(small_run.store.with_name("as_published"))))
    return {
        asset: Tables(
            "corpus",
            {table.name: snapshot.table(asset, table.name) for table in contract.tables},
            asset,
        )
        for asset, contract in CONTRACTS.items()
    }


@pytest.fixture(scope="session")
def synthetic_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 synthetic tweets, published; no test may change it."""
    store = tmp_path_factory.mktemp("synthetic") / "store"
    write_snapshot(str(store), 600, load_profile(str(SMALL_PROFILE)))
    return store


@pytest.fixture
def synthetic(synthetic_store: Path, tmp_path: Path) -> Published:
    """A copy of them that the test may change."""
    shutil.copytree(synthetic_store, tmp_path / "store")
    return opened(tmp_path / "store")
