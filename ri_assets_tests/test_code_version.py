"""The code version of an asset follows exactly the pure code that it imports."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ri_assets.assets.code_version import PACKAGE, _imports, code_version, reached_files

HOUSE = {
    "__init__.py": "",
    "assets/__init__.py": "",
    "assets/asset.py": "import dagster as dg\nfrom house.resources import settings\n"
    "from house.pure import direct\nfrom house.pure.names import one\nfrom house import package\n",
    "resources/__init__.py": "",
    "resources/settings.py": "import dagster\nfrom house.pure import behind_a_resource\n",
    "pure/__init__.py": "",
    "pure/direct.py": "from typing import TYPE_CHECKING\nimport numpy\n"
    "if TYPE_CHECKING:\n    from house.pure import for_types\n"
    "def work():\n    try:\n        from house.pure import lazy\n"
    "    except ImportError:\n        import house.pure.fallback\n",
    "pure/names.py": "one = 1\n",
    "pure/lazy.py": "from house.pure import direct, indirect\n",  # a circle
    "pure/indirect.py": "",
    "pure/fallback.py": "",
    "pure/for_types.py": "",
    "pure/behind_a_resource.py": "",
    "pure/words.txt": "a\n",
    "pure/stranger.py": "from house.pure import direct\n",
    "package/__init__.py": "from house.package.inner import two\n",
    "package/inner.py": "two = 2\n",
    "other/__init__.py": "",
    "other/words.txt": "b\n",
}
REACHED = {
    "assets/asset.py",
    "pure/direct.py",
    "pure/names.py",
    "pure/lazy.py",
    "pure/indirect.py",
    "pure/fallback.py",
    "pure/words.txt",
    "package/__init__.py",
    "package/inner.py",
}


def parsed(node: ast.AST) -> Iterator[str]:
    """What a parser says that a file imports, except for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from (name for other in child.orelse for name in parsed(other))
        else:
            yield from parsed(child)


def test_the_imports_of_every_file_are_those_that_a_parser_finds(tmp_path: Path) -> None:
    odd = tmp_path / "odd.py"
    odd.write_text(
        '"""Example.\n\nfrom house import not_this\nimport nor_this\n"""\n'
        "from typing import TYPE_CHECKING\n\nimport a.b as c, d\n"
        "if TYPE_CHECKING:\n    from e import (\n        f,\n    )\n\n    import g\n"
        "if c:\n    from h.i import (\n        j as k,  # why\n        l,\n    )\n"
        "TEXT = 'import nothing'\n"
    )
    assert _imports(odd) == {"typing.TYPE_CHECKING", "a.b", "d", "h.i.j", "h.i.l"}
    files = [odd, *PACKAGE.rglob("*.py")]
    assert len(files) > 200
    for file in files:
        assert _imports(file) == set(parsed(ast.parse(file.read_bytes()))), file


def house_in(folder: Path, **changes: str) -> Path:
    for name, source in {**HOUSE, **changes}.items():
        file = folder / "house" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return folder / "house"


def test_it_changes_with_every_file_that_is_reached_and_with_no_other(tmp_path: Path) -> None:
    def version(folder: str, **changes: str) -> str:
        return code_version("house.assets.asset", package=house_in(tmp_path / folder, **changes))

    plain = version("plain")
    assert version("again") == plain
    for place, name in enumerate(HOUSE):
        changed = version(str(place), **{name: HOUSE[name] + "\n"})
        assert (changed != plain) == (name in REACHED), name


def test_what_an_asset_calls_through_a_resource_can_be_named(tmp_path: Path) -> None:
    package = house_in(tmp_path)
    files = reached_files("house.assets.asset", "house.pure.behind_a_resource", package=package)
    assert package / "pure/behind_a_resource.py" in files
    with pytest.raises(ModuleNotFoundError, match=r"house\.pure\.missing is not a module"):
        reached_files("house.assets.asset", "house.pure.missing", package=package)


def names_of(asset: str) -> set[str]:
    files = reached_files(f"ri_assets.assets.{asset}")
    return {file.relative_to(PACKAGE).as_posix() for file in files}


def test_assets_reach_what_computes_them() -> None:
    fitting = {"reduce", "fuse", "fit", "cluster", "out_of_sample", "consensus", "ensemble"}
    judging = {"evidence", "null_model", "stability", "coherence", "count_curve"}
    assert {f"pipeline/{name}.py" for name in fitting | judging} <= names_of("clusters")
    assert {f"pipeline/{name}.py" for name in fitting} <= names_of("umap_50d")
    assert {"pipeline/text.py", "pipeline/frames.py"} <= names_of("denoised_tweets")
    assert {"personas/naming/catalogue.yaml", "personas/privacy/brands.txt"} <= names_of(
        "personas_enriched"
    )
    assert "pipeline/assigner.py" in names_of("ri_index_app")


def test_assets_reach_nothing_that_comes_after_them() -> None:
    for asset in ("raw", "denoised_tweets", "embeddings", "behavioral_features", "umap_50d"):
        found = names_of(asset)
        assert not {name for name in found if name.startswith(("ri_index/", "personas/naming/"))}
        assert "pipeline/evidence.py" not in found
    assert not {name for name in names_of("clusters") if name.startswith(("ri_index/", "cli/"))}


@pytest.mark.parametrize(
    ("changed", "with_it", "without_it"),
    [
        ("pipeline/reduce.py", {"umap_50d", "clusters", "ri_index_app"}, {"raw", "embeddings"}),
        ("pipeline/null_model.py", {"clusters"}, {"umap_50d", "denoised_tweets"}),
        ("pipeline/behavior.py", {"behavioral_features"}, {"embeddings", "umap_50d"}),
    ],
)
def test_versions_of_the_assets_follow_a_change(
    tmp_path: Path, changed: str, with_it: set[str], without_it: set[str]
) -> None:
    package = tmp_path / "ri_assets"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / changed).open("a") as file:
        file.write("\n")
    for asset in with_it | without_it:
        module = f"ri_assets.assets.{asset}"
        was_changed = code_version(module, package=package) != code_version(module)
        assert was_changed == (asset in with_it), asset
