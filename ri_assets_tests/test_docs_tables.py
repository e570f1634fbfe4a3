from __future__ import annotations

import re
from pathlib import Path

import pytest

from ri_assets.definitions import PROJECT
from ri_assets.docs_tables import pages

DOCS = PROJECT / "docs"
PAGES = sorted([PROJECT / "README.md", PROJECT / "CHANGELOG.md", *DOCS.rglob("*.md")])


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_as_the_code_would_write_them(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, anchor in links(page):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"there is no {target}"
        assert file.is_relative_to(PROJECT), f"{target} is outside the project"
        if anchor:
            assert anchor in anchors(file), f"{target or page.name} has no heading #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_path_of_the_project_exists(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    roots = "ri_assets|ri_assets_tests|benchmarks|examples|docs|data/sample"
    for path in re.findall(rf"`((?:{roots})/[\w./-]*)`", text):
        assert (PROJECT / path).exists(), f"there is no {path}"


def links(page: Path) -> list[tuple[str, str]]:
    """Give the relative links of a page, each with its anchor, code left out."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\((?!https?://|mailto:)([^)#\s]*)#?([^)\s]*)\)", text)


def anchors(page: Path) -> set[str]:
    """Give the anchors that GitHub makes of a page's headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").split()) <= 900


def test_every_decision_is_short_complete_and_in_the_index() -> None:
    folder = DOCS / "adr"
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert decisions
    index = (folder / "README.md").read_text(encoding="utf-8")
    for number, page in enumerate(decisions, start=1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Alternatives rejected",
            "Consequences",
        ], page.name
        assert len(text.split()) <= 200, f"{page.name} is too long"
        assert f"({page.name})" in index


def test_every_dependency_is_justified() -> None:
    text = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"\ndependencies = \[(.*?)\n\]", project, re.DOTALL)
    assert block
    names = re.findall(r'"([A-Za-z0-9-]+)', block.group(1))
    assert len(names) > 10
    assert [name for name in names if name not in text] == []
