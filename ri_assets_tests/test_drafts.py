"""A refused run and what is left to look at; a waiver and everywhere it must be told."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ri_assets.errors import NotFoundError, QueryError, StoreError
from ri_assets.quality.publication import Decision, decide
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.http.dependencies import Indexes
from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files
from ri_assets.store.pointer import POINTER, published_ids
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Cli, Outcome, ri_index
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.small import profile_with

pytestmark = pytest.mark.slow

EXPORTS = 8


@dataclass(frozen=True)
class Refused:
    """A run that retention refused, in a store that has a published snapshot."""

    store: Path
    published: str
    profile: Path
    outcome: Outcome


@pytest.fixture(scope="module")
def refused(
    small_run: FinishedRun, dagster_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Refused:
    folder = tmp_path_factory.mktemp("refused")
    store = folder / "store"
    shutil.copytree(small_run.store.with_name("as_published"), store)
    published = json.loads((store / "published.json").read_text())["snapshot"]
    profile = profile_with(folder, denoise={"min_words": 12}, gates={"retention_min": 0.999})
    outcome = ri_index(
        "run", "--source", small_run.source, "--profile", profile, "--store", store,
        home=dagster_home,
    )  # fmt: skip
    return Refused(store, published, profile, outcome)


def objects(answer: Outcome) -> list[dict[str, Any]]:
    found = json.loads(answer.out)
    return [found, *found.get("items", ())]


def test_a_refused_run_says_why_what_held_and_where_to_look(refused: Refused) -> None:
    outcome = refused.outcome
    assert outcome.code == 3, outcome.text
    assert "result: not published: retention 0.969 (needs >= 0.999)\n" in outcome.err
    assert "no stable personas" not in outcome.text
    assert "held: 4 of 4 groups came back in the reruns (Jaccard >= 0.60): P0" in outcome.err
    assert f"ri-index personas --draft --store {refused.store}\n" in outcome.err
    assert '--waive retention="why"' in outcome.err


def test_readers_of_what_is_published_see_nothing_of_it(refused: Refused, cli: Cli) -> None:
    ri = RIIndex.open(store=refused.store)
    assert ri.snapshot == refused.published
    assert ri.draft is None
    assert published_ids(Files(str(refused.store))) == [refused.published]
    assert "DRAFT" not in cli("snapshots", "--store", refused.store).out
    assert "DRAFT" not in cli("personas", "--store", refused.store).text
    draft = RIIndex.open(store=refused.store, draft=True).snapshot
    with pytest.raises(StoreError, match="there is no snapshot"):
        RIIndex.open(draft, store=refused.store)
    with pytest.raises(NotFoundError):
        Indexes(str(refused.store)).contents(draft)


QUESTIONS = [
    ["personas"], ["personas", "--full"], ["persona", "0"], ["find", "india watchers"],
    ["filter", "--min-size", "1"], ["similar", "0"], ["terms", "0"], ["rhythm", "0"],
    ["audience"], ["compare", "0", "1"], ["search", "late parcel"], ["lineage", "0"],
    ["tweets", "0", "--limit", "3", "--text"], ["samples", "0"], ["stats"], ["coverage"],
    ["quality"], ["summary"], ["assign", "the payment api is down again"],
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[0])
def test_every_question_can_be_put_to_the_draft_and_is_marked(
    refused: Refused, cli: Cli, question: list[str]
) -> None:
    table = cli(*question, "--draft", "--store", refused.store)
    assert table.code == 0, table.text
    assert table.out.startswith("DRAFT of ")
    assert "not published: retention 0.969 (needs >= 0.999)" in table.out
    answer = cli(*question, "--draft", "--store", refused.store, "--json")
    assert answer.code == 0, answer.text
    assert answer.err.startswith("DRAFT of ")
    for record in objects(answer):
        assert record["is_draft"] is True
        assert str(record.get("snapshot", "DRAFT-")).startswith("DRAFT-")


def test_the_draft_is_verified_and_compared_with_what_is_published(
    refused: Refused, cli: Cli
) -> None:
    verified = cli("verify", "--draft", "--store", refused.store)
    assert verified.code == 0
    assert verified.out.startswith("DRAFT of ")
    [found] = objects(cli("diff", refused.published, "--draft", "--store", refused.store, "--json"))
    assert found["snapshot_a"] == refused.published
    assert found["snapshot_b"].startswith("DRAFT-")
    assert found["only_b"] == 0
    assert found["only_a"] > 0


def test_ids_that_are_new_in_the_draft_are_provisional(refused: Refused, cli: Cli) -> None:
    ri = RIIndex.open(store=refused.store, draft=True)
    assert ri.draft is not None
    published = {p.persona_id for p in RIIndex.open(store=refused.store).list_personas()}
    drafted = {p.persona_id for p in ri.list_personas()}
    assert set(ri.draft.provisional_ids) == drafted - published
    listed = cli("personas", "--draft", "--store", refused.store, "--json")
    for record in json.loads(listed.out)["items"]:
        assert record["is_id_provisional"] is (record["persona_id"] not in published)


def test_every_export_of_the_draft_is_marked(refused: Refused, cli: Cli, tmp_path: Path) -> None:
    outcome = cli("export", tmp_path / "out", "--draft", "--store", refused.store)
    assert outcome.code == 0, outcome.text
    assert outcome.out.startswith("DRAFT of ")
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == EXPORTS
    for file in files:
        if file.suffix == ".json":
            content = json.loads(file.read_text(encoding="utf-8"))
            assert content["is_draft"] is True
            assert content["snapshot"].startswith("DRAFT-")
        else:
            with file.open(encoding="utf-8-sig", newline="") as rows:
                for row in csv.DictReader(rows):
                    assert row["is_draft"] == "true"
                    assert row["snapshot"].startswith("DRAFT-")


def test_a_draft_and_a_snapshot_at_once_are_refused(refused: Refused) -> None:
    with pytest.raises(QueryError, match="and the draft were given"):
        RIIndex.open(refused.published, store=refused.store, draft=True)


def test_there_is_no_draft_after_a_run_was_published(small_run: FinishedRun, cli: Cli) -> None:
    store = small_run.store.with_name("as_published")
    outcome = cli("personas", "--draft", "--store", store)
    assert outcome.code == 2
    assert "the last run was published, as " in outcome.err


def test_a_waiver_publishes_and_is_told_everywhere(
    refused: Refused, small_run: FinishedRun, cli: Cli, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(refused.store, store)
    outcome = cli(
        "run", "--source", small_run.source, "--profile", refused.profile, "--store", store,
        "--waive", "retention=short messages = what we study", "--waive", "coherence=in case",
        "--waived-by", "Ana",
    )  # fmt: skip
    assert outcome.code == 0, outcome.text
    reason = "short messages = what we study"
    assert "waiver: retention 0.9688 (needs >= 0.999), waived by Ana on 2" in outcome.out
    assert reason in outcome.out
    assert "waiver: coherence" in outcome.out
    assert "unused, waived by Ana" in outcome.out
    manifest = Snapshot(Files(str(store))).manifest
    assert manifest.snapshot != refused.published
    retention, coherence = manifest.waivers
    assert (retention.gate, retention.by, retention.reason) == ("retention", "Ana", reason)
    assert retention.value == pytest.approx(155 / 160)
    assert retention.threshold == ">= 0.999"
    assert retention.is_used
    assert not coherence.is_used
    [summary] = objects(cli("summary", "--store", store, "--json"))
    assert [w["gate"] for w in summary["waivers"]] == ["retention", "coherence"]
    assert not summary["is_draft"]
    assert reason in cli("summary", "--store", store).out
    checks = objects(cli("quality", "--store", store, "--json"))[0]["checks"]
    assert [c["check"] for c in checks if c["waived_by"]] == ["retention"]
    cli("export", tmp_path / "out", "--store", store)
    for file in (tmp_path / "out").iterdir():
        text = file.read_text(encoding="utf-8-sig")
        assert reason in text, file.name
        assert "Ana" in text, file.name
        assert "DRAFT" not in text, file.name


def test_who_waives_is_the_user_of_the_machine_unless_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ri_assets.cli.run import waivers_of

    monkeypatch.setenv("LOGNAME", "ana.user")
    assert waivers_of(["retention=because"], None).by == "ana.user"
    assert waivers_of(["retention=because"], "Ana").by == "Ana"
    assert waivers_of([], None).load() == ()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--waive", "privacy=we know them"], "privacy cannot be waived"),
        (["--waive", "retentoin=x"], "did you mean 'retention'?"),
        (["--waive", "retention"], "has no reason"),
        (["--waive", "retention=x", "--waived-by", " "], "the name of the person"),
        (["--waived-by", "Ana"], "--waived-by was given without --waive"),
    ],
)
def test_a_waiver_that_cannot_be_used_is_refused_before_anything_starts(
    cli: Cli, tmp_path: Path, options: list[str], found: str
) -> None:
    outcome = cli("run", "--source", "sample", "--store", tmp_path / "store", *options)
    assert outcome.code == 2
    assert found in outcome.err
    assert not (tmp_path / "store").exists()


def test_a_run_never_reports_a_snapshot_that_another_run_published(
    refused: Refused,
    small_run: FinishedRun,
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another run moves the pointer while this one is refused."""
    store = tmp_path / "store"
    shutil.copytree(refused.store, store)
    other = "20260101T000000Z-00000000"
    shutil.copytree(store / "snapshots" / refused.published, store / "snapshots" / other)

    def decided_late(candidates: Candidates, *others: Any) -> Decision:
        candidates.files.write_json(POINTER, {"snapshot": other})
        return decide(candidates, *others)

    monkeypatch.setattr("ri_assets.assets.ri_index_app.decide", decided_late)
    outcome = cli(
        "run", "--source", small_run.source, "--profile", refused.profile, "--store", store
    )
    assert outcome.code == 3, outcome.text
    assert "result: not published: retention" in outcome.err
    assert other not in outcome.text
