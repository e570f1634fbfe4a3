"""What may import what: pure modules no Dagster, the command line nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ri_assets

PACKAGE = Path(ri_assets.__file__).parent
PURE = (
    *("pipeline", "personas", "sample", "sources", "store", "records"),
    *("quality", "freeze", "explorer"),
)
HEAVY = (
    "torch",
    "umap",
    "hdbscan",
    "spacy",
    "sentence_transformers",
    "presidio_analyzer",
    "matplotlib",
    "ray",
)


def modules(zone: str) -> list[str]:
    """Names of the modules of a zone; `__main__` runs when it is imported."""
    files = [path for path in (PACKAGE / zone).rglob("*.py") if path.stem != "__main__"]
    return [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(files)
    ]


def imported(path: Path) -> set[str]:
    """Everything that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def loaded_by(*names: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after importing modules."""
    code = (
        f"import importlib, sys\nfor name in {list(names)!r}: importlib.import_module(name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(ended.stdout.split())


@pytest.mark.parametrize("zone", PURE)
def test_no_file_of_a_pure_zone_names_dagster(zone: str) -> None:
    files = list((PACKAGE / zone).rglob("*.py"))
    assert files
    for path in files:
        assert not [name for name in imported(path) if name.startswith("dagster")], path.name


def test_pure_zones_load_no_dagster_even_by_way_of_others() -> None:
    pure = [name for zone in PURE for name in modules(zone)]
    assert len(pure) > 50
    found = loaded_by(*pure)
    assert not found & {"dagster", "dagster_pandas", *HEAVY}


def test_the_command_line_starts_without_what_takes_seconds() -> None:
    assert not loaded_by("ri_assets.cli.app") & {"dagster", "fastapi", *HEAVY}


def test_the_index_is_imported_at_once() -> None:
    found = loaded_by("ri_assets.ri_index")
    assert not found & {"dagster", "pandas", "typer", "rich", *HEAVY}


def test_the_code_location_loads_without_what_takes_seconds() -> None:
    assert not loaded_by("ri_assets.definitions") & {"faiss", "sklearn", *HEAVY}
