"""Candidates: what runs wrote, from what, and what the checks said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Receipt, Verdict
from ri_assets.store import begun, locks
from ri_assets.store.files import Files

if TYPE_CHECKING:
    from ri_assets.store.tables import Tables


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
    ) -> Receipt:
        """Write an asset's tables, then its receipt, then make it the latest.

        Parameters
        ----------
        inputs
            Assets that it was made from; their digests go into the receipt.
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
        )
        self.files.write_json(f"{folder}/receipt.json", receipt.model_dump())
        self.files.write_json(f"latest/{asset}.json", {"run_id": run_id})
        return receipt

    def receipt(self, asset: str, run_id: str) -> Receipt:
        """Receipt of the asset as this run sees it: its own, else the latest when it began.

        Raises
        ------
        StoreError
            No run ever wrote the asset.
        """
        name = f"candidate/{run_id}/{asset}/receipt.json"
        if not self.files.exists(name):
            started = begun.start_of(self.files, run_id)
            known = {} if started is None else started.latest
            latest = known.get(asset) or begun.latest_runs(self.files).get(asset)
            if latest is None:
                raise StoreError(
                    f"the asset {asset} has never been materialised in {self.files.location}",
                    "its Parquet, written by this run or an earlier one",
                    f"materialise {asset} first, or the whole graph (`make run`)",
                )
            name = f"candidate/{latest}/{asset}/receipt.json"
        return Receipt.model_validate(self.files.read_json(name))

    def read(self, asset: str, run_id: str) -> Tables:
        """Tables of the asset as this run sees it."""
        from ri_assets.store.tables import Tables  # pandas; readers of snapshots do without

        receipt = self.receipt(asset, run_id)
        return Tables(
            receipt.corpus,
            {name: self.files.read_table(file.path) for name, file in receipt.files.items()},
            asset,
            receipt.previous,
        )

    def record(self, receipt: Receipt, verdicts: Sequence[Verdict]) -> None:
        """Keep verdicts beside what they judged; a check's newer verdict replaces its older."""
        name = f"candidate/{receipt.run_id}/{receipt.asset}/verdicts.json"
        kept = {verdict.check: verdict for verdict in self.verdicts(receipt)}
        kept |= {verdict.check: verdict for verdict in verdicts}
        self.files.write_json(name, [kept[check].model_dump() for check in sorted(kept)])

    def verdicts(self, receipt: Receipt) -> list[Verdict]:
        """Verdicts on exactly these files; those on earlier files do not count."""
        name = f"candidate/{receipt.run_id}/{receipt.asset}/verdicts.json"
        if not self.files.exists(name):
            return []
        found = [Verdict.model_validate(item) for item in self.files.read_json(name)]
        return [verdict for verdict in found if verdict.sha256 == receipt.sha256]

    def schema(self, receipt: Receipt, table: str) -> pa.Schema:
        """Arrow schema of a stored table."""
        return self.files.read_table(receipt.files[table].path).schema

    def sweep(self, keep_runs: int) -> None:
        """Remove old candidates: none that is in use or latest, and not the newest few."""
        runs = self.files.names("candidate")
        # Latest pointers are read before and after: they move while runs begin and end.
        kept = {*begun.latest_runs(self.files).values()}
        for run in locks.under_way(self.files):
            started = begun.start_of(self.files, run)
            if started is None:
                return  # it is about to begin, and nobody knows yet what it will read
            kept |= {run, *started.latest.values()}
        kept |= {*begun.latest_runs(self.files).values()}
        aged = sorted((run for run in runs if run not in kept), key=self._age, reverse=True)
        for run in aged[keep_runs:]:
            self.files.remove(f"candidate/{run}")

    def _age(self, run_id: str) -> str:
        folder = f"candidate/{run_id}"
        started = begun.start_of(self.files, run_id)
        began = [] if started is None else [started.began_at]
        times = [
            self.files.read_json(f"{folder}/{asset}/receipt.json")["written_at"]
            for asset in self.files.names(folder)
            if self.files.exists(f"{folder}/{asset}/receipt.json")
        ]
        return max([*began, *times], default="")
