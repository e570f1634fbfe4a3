"""`ri-index open`."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from ri_assets.explorer.page import EXPLORER
from ri_assets_tests.command_line import Cli
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.published import Published, opened


@pytest.fixture(scope="module")
def small(small_run: FinishedRun) -> Published:
    return opened(small_run.store.with_name("as_published"))


def test_it_says_where_the_page_is(cli: Cli, small: Published) -> None:
    outcome = cli("open", "--print-path", "--store", small.store)
    assert outcome.code == 0, outcome.text
    assert Path(outcome.text.strip()) == small.folder / EXPLORER


def test_it_opens_the_page_in_the_browser(
    cli: Cli, small: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def show(url: str) -> bool:
        seen.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    assert cli("open", "--store", small.store).code == 0
    assert seen == [(small.folder / EXPLORER).as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda _url: False)
    outcome = cli("open", "--store", small.store)
    assert EXPLORER in outcome.text  # no browser here: the path at least


def test_a_snapshot_without_a_page_and_a_damaged_page_are_refused(
    cli: Cli, synthetic: Published
) -> None:
    outcome = cli("open", "--print-path", "--store", synthetic.store)
    assert outcome.code != 0
    assert "rerun the pipeline" in outcome.text
