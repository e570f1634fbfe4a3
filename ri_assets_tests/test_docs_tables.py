from __future__ import annotations

import re

import pytest

from ri_assets.docs_tables import pages
from ri_assets.environment import PROJECT

DOCS = PROJECT / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_as_the_code_would_write_them(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in [PROJECT / "README.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_dependency_is_justified() -> None:
    text = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"\ndependencies = \[(.*?)\n\]", project, re.DOTALL)
    assert block
    names = re.findall(r'"([A-Za-z0-9-]+)', block.group(1))
    assert len(names) > 10
    assert [name for name in names if name not in text] == []
