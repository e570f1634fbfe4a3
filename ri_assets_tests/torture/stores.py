"""Looking a store over after a fault: is what was published whole, and is anything left behind.

Belongs here: reading a store and comparing. Does not belong here: bringing faults about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ri_assets.errors import RIError
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets.store.snapshot import Snapshot

Digests = dict[str, str]


def damage(store: Path) -> tuple[int, list[str]]:
    """Verify every published snapshot.

    Returns
    -------
    int
        Bytes of snapshots that are not whole.
    list of str
        What is wrong with them.
    """
    files, lost, problems = Files(str(store)), 0, []
    for snapshot in published_ids(files):
        try:
            Snapshot(files, snapshot).verify()
        except RIError as error:
            folder = store / "snapshots" / snapshot
            lost += max(1, sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()))
            problems.append(f"snapshot {snapshot}: {error.found}")
    return lost, problems


def cache_problems(store: Path, whole: Mapping[bytes, bytes]) -> list[str]:
    """Compare the vectors of a cache with those of an undisturbed run.

    A text in two segments was embedded twice.
    """
    problems = []
    keys: Counter[bytes] = Counter()
    try:
        for key, vector in vectors(store):
            keys[key] += 1
            if key in whole and whole[key] != vector:
                problems.append("a vector of the cache differs from an undisturbed run's")
    except RIError as error:
        problems.append(f"the cache: {error.found}")
    if n_twice := sum(n > 1 for n in keys.values()):
        problems.append(f"{n_twice} texts were embedded twice")
    return problems


def vectors(store: Path) -> list[tuple[bytes, bytes]]:
    """Give each key of a cache with the bytes of its vector."""
    files = Files(str(store))
    found = []
    for name in EmbeddingCache(files).segments():
        table = files.read_table(name)
        values = table["vector"].combine_chunks().flatten().to_numpy()
        rows = values.reshape(len(table), -1)
        found += [(k, row.tobytes()) for k, row in zip(table["key"].to_pylist(), rows, strict=True)]
    return found


def left_behind(store: Path, scratch: Path) -> list[str]:
    """Name unfinished files, locks of runs, marks and temporary files."""
    found = [str(part.relative_to(store)) for part in store.rglob("*.part")]
    found += [str(mark.relative_to(store)) for mark in store.rglob("publishing.json")]
    locks = store / "locks"
    if locks.is_dir():
        found += [one.name for one in locks.iterdir() if one.name != "publishing.lock"]
    # PyTorch makes a folder for compiled code in every run, killed or not.
    found += [one.name for one in scratch.iterdir() if not one.name.startswith("torchinductor_")]
    return [f"left behind: {name}" for name in found]


def digests(store: Path, assets: tuple[str, ...]) -> Digests:
    """Digest of each table of the latest candidates, by asset and table."""
    candidates = Candidates(Files(str(store)))
    return {
        f"{asset}.{name}": file.sha256
        for asset in assets
        for name, file in candidates.receipt(asset, "a run that never began").files.items()
    }


def differing(found: Digests, expected: Digests) -> list[str]:
    """Name the tables of a rerun that differ from an undisturbed run's."""
    return [
        f"after the fault, the rerun gives another {name}"
        for name, digest in found.items()
        if name in expected and expected[name] != digest
    ]


def rows_of_snapshot(store: Path) -> tuple[int, int]:
    """Count the rows that the current snapshot's run took in, and those in one of its tables.

    The first figure comes from the run's own count of the source's rows.
    """
    snapshot = Snapshot(Files(str(store)))

    def n(asset: str, *tables: str) -> int:
        return sum(snapshot.table(asset, table).num_rows for table in tables)

    taken = sum(
        int(sum(snapshot.table(asset, "intake")["n_read"].to_pylist()))
        for asset in ("raw_tweets", "raw_replies")
    )
    found = n("denoised_tweets", "denoised_tweets", "dropped")
    found += n("raw_tweets", "rejected", "left_out")
    found += n("raw_replies", "raw_replies", "rejected", "left_out")
    return taken, found
