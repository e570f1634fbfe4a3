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


def loaded_by(*names: str, then: str = "") -> set[str]:
    """Top-level packages that a fresh interpreter holds after importing modules.

    `then` is code that goes on with them.
    """
    code = (
        f"import importlib, sys\nfor name in {list(names)!r}: importlib.import_module(name)\n"
        f"{then}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(ended.stdout.splitlines()[-1].split())


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


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_no_library_but_those_that_print_it(option: str) -> None:
    then = (
        f"sys.argv[1:] = [{option!r}]\ntry: sys.modules['ri_assets.cli.app'].main()\n"
        "except SystemExit as end: assert not end.code"
    )
    found = loaded_by("ri_assets.cli.app", then=then)
    assert "rich" in found
    assert not found & {"numpy", "pandas", "pyarrow", "fsspec", "pydantic", "dagster", *HEAVY}


def test_the_index_is_imported_at_once() -> None:
    found = loaded_by("ri_assets.ri_index")
    assert not found & {"dagster", "pandas", "typer", "rich", *HEAVY}


def test_the_code_location_loads_without_what_takes_seconds() -> None:
    unused = {"faiss", "sklearn", "sqlalchemy", "httpx", "pymysql", *HEAVY}
    assert not loaded_by("ri_assets.definitions") & unused


def test_the_code_location_reads_no_template_of_the_sample() -> None:
    then = "print(*(name for name in sys.modules if name.startswith('ri_assets.sample.')))\n"
    code = f"import sys, ri_assets.definitions\n{then}"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ended.stdout.split() == []
