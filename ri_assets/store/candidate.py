"""Candidates: what runs wrote, from which inputs, and the results of their checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Receipt, Verdict
from ri_assets.store import locks
from ri_assets.store.active_runs import latest_runs, start_of
from ri_assets.store.files import Files
from ri_assets.store.reading_marks import unread

if TYPE_CHECKING:
    from ri_assets.store.tables import Tables


class StoredTables(Mapping[str, pa.Table]):
    """Tables that are read when they are needed.

    Tables of vectors are not kept: those of a large corpus would fill the memory, and most stages
    need one of them, once.
    """

    def __init__(self, files: Files, paths: Mapping[str, str]) -> None:
        self._files, self._paths = files, paths
        self._kept: dict[str, pa.Table] = {}

    def __getitem__(self, name: str) -> pa.Table:
        if name in self._kept:
            return self._kept[name]
        table = self._files.read_table(self._paths[name])
        if not any(pa.types.is_fixed_size_list(column.type) for column in table.schema):
            self._kept[name] = table
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths


class Candidates:
    """The candidates in a store."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def write(
        self,
        asset: str,
        run_id: str,
        tables: Tables,
        inputs: Sequence[str],
        *,
        config_hash: str,
        profile: str,
        source: str,
        made_from: Mapping[str, str] | None = None,
    ) -> Receipt:
        """Write an asset's tables, then its receipt, then mark it as the latest.

        Parameters
        ----------
        inputs
            Assets that it was computed from; the receipt records their digests.
        made_from
            Digests of what every asset is made from, beside what `tables` names itself.
        """
        stamp = {b"ri.corpus": tables.corpus.encode(), b"ri.config_hash": config_hash.encode()}
        folder = f"candidate/{run_id}/{asset}"
        stored = {
            name: self.files.write_table(
                f"{folder}/{name}.parquet", table.replace_schema_metadata(stamp)
            )
            for name, table in tables.by_name.items()
        }
        receipt = Receipt(
            asset=asset,
            run_id=run_id,
            written_at=datetime.now(UTC).isoformat(timespec="seconds"),
            files=stored,
            config_hash=config_hash,
            profile=profile,
            corpus=tables.corpus,
            source=source,
            inputs={name: self.receipt(name, run_id).sha256 for name in inputs},
            previous=tables.previous,
            made_from={**(made_from or {}), **tables.made_from},
        )
        self.files.write_json(f"{folder}/receipt.json", receipt.model_dump())
        self.files.write_json(f"latest/{asset}.json", {"run_id": run_id})
        return receipt

    def receipt(self, asset: str, run_id: str) -> Receipt:
        """Receipt of the asset as a run sees it: its own, else the latest when the run started.

        Raises
        ------
        StoreError
            No run has written the asset.
        """
        name = f"candidate/{run_id}/{asset}/receipt.json"
        if not self.files.exists(name):
            started = start_of(self.files, run_id)
            known = {} if started is None else started.latest
            latest = known.get(asset) or latest_runs(self.files).get(asset)
            if latest is None:
                raise StoreError(
                    f"the asset {asset} has never been materialised in {self.files.location}",
                    "its Parquet file, written by this run or an earlier one",
                    f"materialise {asset} first, or the whole graph (`make run`)",
                )
            name = f"candidate/{latest}/{asset}/receipt.json"
        return Receipt.model_validate(self.files.read_json(name))

    def read(self, asset: str, run_id: str) -> Tables:
        """Tables of the asset as a run sees it."""
        from ri_assets.store.tables import (
            Tables,
        )  # imports pandas, which readers of snapshots don't need

        receipt = self.receipt(asset, run_id)
        paths = {name: file.path for name, file in receipt.files.items()}
        return Tables(receipt.corpus, StoredTables(self.files, paths), asset, receipt.previous)

    def record(self, receipt: Receipt, verdicts: Sequence[Verdict]) -> None:
        """Store verdicts next to the files; a newer verdict of a check replaces the older."""
        name = f"candidate/{receipt.run_id}/{receipt.asset}/verdicts.json"
        kept = {verdict.check: verdict for verdict in self.verdicts(receipt)}
        kept |= {verdict.check: verdict for verdict in verdicts}
        self.files.write_json(name, [kept[check].model_dump() for check in sorted(kept)])

    def verdicts(self, receipt: Receipt) -> list[Verdict]:
        """Verdicts on exactly these files; verdicts on earlier files don't count."""
        name = f"candidate/{receipt.run_id}/{receipt.asset}/verdicts.json"
        if not self.files.exists(name):
            return []
        found = [Verdict.model_validate(item) for item in self.files.read_json(name)]
        return [verdict for verdict in found if verdict.sha256 == receipt.sha256]

    def schema(self, receipt: Receipt, table: str) -> pa.Schema:
        """Arrow schema of a stored table."""
        return self.files.read_table(receipt.files[table].path).schema

    def sweep(self, keep_runs: int) -> None:
        """Remove old candidates, but none that is in use or latest, and not the newest few."""
        for run in self.aged(keep_runs):
            self.remove(run)

    def aged(self, keep_runs: int) -> list[str]:
        """List the runs that `sweep` removes, newest first; none while a run is starting."""
        runs = self.files.names("candidate")
        # The latest runs are read before and after, because they change as runs start and end.
        kept = {*latest_runs(self.files).values()}
        for run in locks.under_way(self.files):
            started = start_of(self.files, run)
            if started is None:
                return []  # it is about to start, and may read any candidate
            kept |= {run, *started.latest.values()}
        kept |= {*latest_runs(self.files).values()}
        aged = sorted((run for run in runs if run not in kept), key=self._age, reverse=True)
        return aged[keep_runs:]

    def unused(self) -> list[str]:
        """List the runs that no run in progress uses, latest ones too; none while one starts."""
        used: set[str] = set()
        for run in locks.under_way(self.files):
            started = start_of(self.files, run)
            if started is None:
                return []
            used |= {run, *started.latest.values()}
        return [run for run in self.files.names("candidate") if run not in used]

    def unmark(self, run_id: str) -> None:
        """Let no asset of a candidate be the latest, so that later runs make them again."""
        for asset, run in latest_runs(self.files).items():
            if run == run_id:
                self.files.remove(f"latest/{asset}.json")

    def remove(self, run_id: str) -> bool:
        """Remove a candidate, unless somebody reads its draft; return whether it is removed."""
        with unread(self.files, draft_file(run_id)) as is_free:
            if is_free:
                self.files.remove(f"candidate/{run_id}")
        return is_free

    def _age(self, run_id: str) -> str:
        folder = f"candidate/{run_id}"
        started = start_of(self.files, run_id)
        began = [] if started is None else [started.began_at]
        times = [
            self.files.read_json(f"{folder}/{asset}/receipt.json")["written_at"]
            for asset in self.files.names(folder)
            if self.files.exists(f"{folder}/{asset}/receipt.json")
        ]
        return max([*began, *times], default="")


def draft_file(run_id: str) -> str:
    """Path of the file that describes the draft of a run."""
    return f"candidate/{run_id}/draft.json"
