"""What a person does in the Dagster UI, in a real browser on the real server."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from ri_assets.environment import PROJECT
from ri_assets.quality.checks import CHECKS
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import environment
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.test_definitions import NAMES

pytestmark = pytest.mark.slow

START_SECONDS = 90
RUN_SECONDS = 300
PAGE_MILLISECONDS = 30_000
LISTENING = "0A"  # as the kernel writes it
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


@dataclass(frozen=True)
class Server:
    """The UI's server, with the folders that it works on."""

    url: str
    process: subprocess.Popen[bytes]
    home: Path
    store: Path
    log: Path


def make_ui_command(port: int) -> list[str]:
    """Give the command behind `make ui`, on another port."""
    planned = subprocess.run(
        ["make", "--no-print-directory", "-n", "ui"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.replace("\\\n", " ")
    command = shlex.split(planned.strip().splitlines()[-1])
    assert command[-4:] == ["-h", "127.0.0.1", "-p", "3000"]
    return [str(Path(sys.executable).with_name("dg")), *command[1:-1], str(port)]


def wait_for(what: Callable[[], bool], seconds: float, server: Server) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline or server.process.poll() is not None:
            pytest.fail(f"the UI did not get there:\n{server.log.read_text()[-4000:]}")
        time.sleep(0.5)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ui")
    tweets = small_tweets()
    source = write_folder(folder / "source", tweets, replies_to(tweets))
    home = folder / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "RI_SOURCE": str(source),
        "RI_PROFILE": str(SMALL_PROFILE),
        "RI_STORE": str(folder / "store"),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            make_ui_command(port),
            cwd=PROJECT,
            env={**environment(home), **settings},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    running = Server(f"http://127.0.0.1:{port}", process, home, folder / "store", folder / "log")
    try:
        wait_for(lambda: answers(port), START_SECONDS, running)
        yield running
    finally:
        # The server has helpers of its own; all are in the group that it leads.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    """Give a tab of a headless browser."""
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": 1500, "height": 900})
        page.set_default_timeout(PAGE_MILLISECONDS)
        expect.set_options(timeout=PAGE_MILLISECONDS)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def materialised(server: Server, page: Page) -> str:
    """Id of the run that a person started with one button; it has ended well."""
    page.goto(f"{server.url}/asset-groups")
    page.get_by_role("button", name="Materialize all").click()
    wait_for(lambda: len(runs(page, server)) == 1, 60, server)
    [run] = runs(page, server)
    wait_for(lambda: runs(page, server)[run] in ENDED, RUN_SECONDS, server)
    assert runs(page, server)[run] == "SUCCESS", server.log.read_text()[-4000:]
    return run


def runs(page: Page, server: Server) -> dict[str, str]:
    """Status of each run by its id."""
    found = ask(page, server, "{ runsOrError { ... on Runs { results { runId status } } } }")
    return {run["runId"]: run["status"] for run in found["runsOrError"]["results"]}


def ask(page: Page, server: Server, query: str) -> dict[str, Any]:
    """Ask the endpoint from which the UI has everything that it shows."""
    answer = page.request.post(f"{server.url}/graphql", data={"query": query}).json()
    assert "errors" not in answer, answer
    return dict(answer["data"])


def test_the_graph_shows_every_asset_at_first_sight(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/asset-groups")
    for name in NAMES:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Materialize all")).to_be_enabled()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_everything_is_materialised_with_one_button(
    server: Server, page: Page, materialised: str
) -> None:
    page.goto(f"{server.url}/runs/{materialised}")
    expect(page.get_by_text("9 assets")).to_be_visible()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    # What the stages say on their way is seen by whoever waits.
    expect(page.get_by_text("published snapshot").first).to_be_visible()
    snapshot = Snapshot(Files(str(server.store)))
    snapshot.verify()
    assert snapshot.manifest.run_id == materialised


@pytest.mark.usefixtures("materialised")
def test_checks_show_their_verdicts_and_can_be_executed(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/clusters?view=checks")
    of_clusters = [check.name for check in CHECKS if check.asset == "clusters"]
    for name in of_clusters:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text("Succeeded", exact=True)).to_have_count(len(of_clusters))
    for shown in ("value", "threshold", "null_p95", "sample_size"):
        expect(page.get_by_text(shown, exact=True).first).to_be_visible()
    assert "Show JSON" not in page.content()
    before = set(runs(page, server))
    page.get_by_role("button", name="Execute all").click()
    wait_for(lambda: set(runs(page, server)) > before, 60, server)
    [rechecked] = set(runs(page, server)) - before
    wait_for(lambda: runs(page, server)[rechecked] in ENDED, 60, server)
    assert runs(page, server)[rechecked] == "SUCCESS"


def test_an_asset_shows_its_columns_rows_and_figures(
    server: Server, page: Page, materialised: str
) -> None:
    page.goto(f"{server.url}/assets/personas_enriched?view=overview")
    expect(page.get_by_text("Name, unique within a run.")).to_be_visible()
    expect(page.get_by_text("Row count", exact=True)).to_be_visible()
    page.goto(f"{server.url}/assets/personas_enriched?view=events")
    expect(page.get_by_text(materialised[:8]).first).to_be_visible()
    personas = Snapshot(Files(str(server.store))).table("personas_enriched")["name"].to_pylist()
    for name in personas:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    page.goto(f"{server.url}/assets/raw_tweets?view=events")
    expect(page.get_by_text("corpus_fingerprint")).to_be_visible()
    assert "{}" not in page.locator("table").first.inner_text()


@pytest.mark.usefixtures("materialised")
def test_schedule_and_sensor_are_listed_and_the_sensor_starts_a_run(
    server: Server, page: Page
) -> None:
    page.goto(f"{server.url}/automation")
    expect(page.get_by_text("weekly_personas", exact=True)).to_be_visible()
    expect(page.get_by_text("At 04:00 AM UTC, only on Monday")).to_be_visible()
    expect(page.get_by_text("new_tweets", exact=True)).to_be_visible()
    before = set(runs(page, server))
    tweets = server.store.with_name("source") / "tweets.parquet"
    small_tweets().iloc[1:].to_parquet(tweets, index=False)
    page.goto(f"{server.url}/locations/ri_assets/sensors/new_tweets")
    page.locator("label:has(input[type=checkbox])").click()
    wait_for(lambda: set(runs(page, server)) > before, 90, server)
    [run] = set(runs(page, server)) - before
    wait_for(lambda: runs(page, server)[run] in ENDED, RUN_SECONDS, server)
    assert runs(page, server)[run] == "SUCCESS"
    assert Snapshot(Files(str(server.store))).manifest.run_id == run


def test_it_listens_on_this_machine_alone_and_tells_nobody(server: Server, page: Page) -> None:
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{server.url}/overview")
    expect(page.get_by_text("Automation", exact=True).first).to_be_visible()
    assert hosts == {server.url.removeprefix("http://")}
    assert listening_addresses(server.process.pid) == {"127.0.0.1"}
    # Telemetry would be gathered in this file before it is sent.
    assert not list(server.home.rglob("event.log"))


def link_target(link: Path) -> str:
    """What a link names; nothing where it was closed meanwhile, as a busy server's files are."""
    try:
        return str(link.readlink())
    except OSError:
        return ""


def listening_addresses(group: int) -> set[str]:
    """Addresses on which the processes of a group listen, by the kernel's own tables."""
    inodes = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process ended meanwhile
            if os.getpgid(int(entry.name)) == group:
                links = [link_target(link) for link in (entry / "fd").iterdir()]
                inodes |= {link[8:-1] for link in links if link.startswith("socket:[")}
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_rest = fields = line.split()
            if state == LISTENING and fields[9] in inodes:
                raw = bytes.fromhex(local.split(":")[0])
                words = [raw[i : i + 4][::-1] for i in range(0, len(raw), 4)]
                found.add(socket.inet_ntop(family, b"".join(words)))
    return found
