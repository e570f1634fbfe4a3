from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from ri_assets.errors import StoreError
from ri_assets.records.manifest import Manifest, Waiver
from ri_assets.store.candidate import Candidates
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.publishing import obstacles, publish, write_draft
from ri_assets.store.snapshot import Draft, Snapshot
from ri_assets.store.tables import Tables
from ri_assets_tests.store.test_candidate import verdict

ASSETS = ("first", "ri_index_app")
BLOCKING = dict.fromkeys(ASSETS, ("sound",))
ANA = Waiver(gate="sound", by="Ana", reason="near enough", date="2026-11-27")


def whole_run(candidates: Candidates, run: str, value: int = 1, *, is_passed: bool = True) -> None:
    for asset in ASSETS:
        tables = Tables("c", {asset: pa.table({"tweet_id": [value]})}, asset)
        receipt = candidates.write(
            asset, run, tables, [], config_hash="h", profile="p", source="sample"
        )
        candidates.record(receipt, [verdict(receipt, is_passed=is_passed or asset != "first")])


def draft(candidates: Candidates, run: str) -> Manifest:
    return write_draft(
        candidates, run, ASSETS, {"extra.bin": b"for readers"}, {}, (), "sound 0.5 (needs >= 1)"
    )


def test_a_draft_reads_the_candidate_where_it_lies(candidates: Candidates) -> None:
    whole_run(candidates, "run1", 7, is_passed=False)
    made = draft(candidates, "run1")
    found = Draft(candidates.files)
    assert found.is_draft
    assert found.manifest == made
    assert found.manifest.snapshot.startswith("DRAFT-")
    assert found.manifest.published_at == ""
    assert found.why == "sound 0.5 (needs >= 1)"
    assert found.table("first").to_pydict() == {"tweet_id": [7]}
    assert bytes(found.content("extra.bin")) == b"for readers"
    assert found.missing() == []
    found.verify()


def test_a_draft_is_no_snapshot(candidates: Candidates) -> None:
    whole_run(candidates, "run1", 1)
    first = publish(candidates, "run1", ASSETS).snapshot
    pointer = candidates.files.read_json(POINTER)
    whole_run(candidates, "run2", 2, is_passed=False)
    made = draft(candidates, "run2")
    assert candidates.files.read_json(POINTER) == pointer
    assert published_ids(candidates.files) == [first]
    assert Snapshot(candidates.files).manifest.snapshot == first
    with pytest.raises(StoreError, match="there is no snapshot"):
        Snapshot(candidates.files, made.snapshot)


def test_the_next_run_takes_the_place_of_a_draft(candidates: Candidates) -> None:
    whole_run(candidates, "run1", 1, is_passed=False)
    draft(candidates, "run1")
    whole_run(candidates, "run2", 2)
    with pytest.raises(StoreError, match=r"no draft .*was not judged to its end"):
        Draft(candidates.files)
    published = publish(candidates, "run2", ASSETS).snapshot
    with pytest.raises(StoreError, match=f"the last run was published, as {published}"):
        Draft(candidates.files)


def test_no_run_has_got_so_far(candidates: Candidates) -> None:
    with pytest.raises(StoreError, match="no run has got as far as personas"):
        Draft(candidates.files)


def test_damage_to_a_draft_is_found(candidates: Candidates) -> None:
    whole_run(candidates, "run1", is_passed=False)
    draft(candidates, "run1")
    path = Path(candidates.files.path("candidate/run1/beside/extra.bin"))
    path.write_bytes(b"for Readers")
    with pytest.raises(StoreError, match="its sha256 is not the one in the manifest"):
        Draft(candidates.files).content("extra.bin")
    path.unlink()
    assert Draft(candidates.files).missing() == ["extra.bin"]


def test_a_damaged_description_is_told(candidates: Candidates) -> None:
    whole_run(candidates, "run1", is_passed=False)
    draft(candidates, "run1")
    Path(candidates.files.path("candidate/run1/draft.json")).write_text('{"paths": {}}')
    with pytest.raises(StoreError, match=r"draft\.json is damaged"):
        Draft(candidates.files)


def test_a_waived_gate_is_no_obstacle_and_stands_in_the_manifest(candidates: Candidates) -> None:
    whole_run(candidates, "run1", is_passed=False)
    assert obstacles(candidates, "run1", ASSETS, BLOCKING) == ["check sound of first failed: low"]
    assert obstacles(candidates, "run1", ASSETS, BLOCKING, waivers=[ANA]) == []
    publish(candidates, "run1", ASSETS, waivers=[ANA])
    manifest = Snapshot(candidates.files).manifest
    used = ANA.applied(0.5, ">= 1", is_used=True)
    assert manifest.waivers[0] == used
    [failed] = [v for v in manifest.verdicts if not v.is_passed]
    assert failed.waiver == used
    assert failed.value == 0.5


def test_a_waiver_that_was_recorded_with_its_verdict_still_counts(candidates: Candidates) -> None:
    whole_run(candidates, "run1", is_passed=False)
    receipt = candidates.receipt("first", "run1")
    used = ANA.applied(0.5, ">= 1", is_used=True)
    candidates.record(
        receipt, [verdict(receipt, is_passed=False).model_copy(update={"waiver": used})]
    )
    assert obstacles(candidates, "run1", ASSETS, BLOCKING) == []
    assert list(publish(candidates, "run1", ASSETS).waivers) == [used]


def test_manifests_and_verdicts_of_earlier_versions_are_read(candidates: Candidates) -> None:
    whole_run(candidates, "run1")
    folder = f"snapshots/{publish(candidates, 'run1', ASSETS).snapshot}"
    for name in (f"{folder}/manifest.json", "candidate/run1/first/verdicts.json"):
        path = Path(candidates.files.path(name))
        content = json.loads(path.read_text())
        verdicts = content if isinstance(content, list) else content["verdicts"]
        for item in verdicts:
            del item["waiver"]
        if isinstance(content, dict):
            del content["waivers"]
        path.write_text(json.dumps(content))
    manifest = Snapshot(candidates.files).manifest
    assert list(manifest.waivers) == []
    assert [v.waiver for v in manifest.verdicts] == [None, None]
    assert candidates.verdicts(candidates.receipt("first", "run1"))[0].waiver is None
