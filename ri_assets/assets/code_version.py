"""The code version of an asset: a digest of the pure code that its module imports.

The import graph is read from the source code, so no list by hand can forget a module. It starts
at the asset's own module and follows every import, also those inside functions. It stops at
modules that import Dagster (resources, checks): they wire, and compute nothing that an asset
stores. Imports for type checkers only do not count.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_CODE = {".py", ".pyc"}


def code_version(*modules: str, package: Path = PACKAGE) -> str:
    """Give twelve hex digits over modules and all pure code that they reach.

    They change with every byte of a reached module, and of a data file (word list, catalogue)
    in a reached module's folder. No other change affects them.

    Parameters
    ----------
    *modules
        Dotted names, such as ``ri_assets.assets.clusters``.
    package
        Folder of the top-level package.
    """
    digest = hashlib.sha256()
    for file in sorted(reached_files(*modules, package=package)):
        digest.update(file.relative_to(package).as_posix().encode())
        digest.update(_digest(file))
    return digest.hexdigest()[:12]


def reached_files(*modules: str, package: Path = PACKAGE) -> set[Path]:
    """Give the source files that modules reach, and the data files in their folders.

    Raises
    ------
    ModuleNotFoundError
        One of the modules does not exist.
    """
    waiting: list[Path] = []
    for module in modules:
        start = _module_file(module, package)
        if start is None:
            raise ModuleNotFoundError(f"{module} is not a module of the package {package.name}")
        waiting.append(start)
    found = set(waiting)
    while waiting:
        imported = {_file_of(name, package) for name in _imports(waiting.pop())}
        pure = {file for file in imported if file and not _imports_dagster(file)} - found
        found |= pure
        waiting += pure
    folders = {file.parent for file in found} - {package}
    return found.union(*(_data_files(folder) for folder in folders))


def _file_of(name: str, package: Path) -> Path | None:
    """Find the file of a module, or of the module that defines a name; None if not ours."""
    return _module_file(name, package) or _module_file(name.rpartition(".")[0], package)


@cache
def _module_file(name: str, package: Path) -> Path | None:
    top, *parts = name.split(".")
    if top != package.name:
        return None
    path = package.joinpath(*parts)
    files = (path / "__init__.py", *([path.with_suffix(".py")] if parts else []))
    return next((file for file in files if file.is_file()), None)


@cache
def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


@cache
def _data_files(folder: Path) -> frozenset[Path]:
    return frozenset(f for f in folder.iterdir() if f.is_file() and f.suffix not in _CODE)


@cache
def _imports(file: Path) -> frozenset[str]:
    """Give the dotted names that a file imports; of `from a import b` it is `a.b`.

    Patterns find them in a tenth of the time that a parser takes, which each start of a code
    server would wait for. They need the project's own form: absolute imports, formatted by ruff.
    A test compares them with the parser on every file.
    """
    code = _TYPES.sub("", _STRING.sub("", file.read_text(encoding="utf-8")))
    found = set()
    for module, listed in _IMPORT.findall(code):
        for one in _COMMENT.sub("", listed).strip("()").split(","):
            if name := one.split(" as ")[0].strip():
                found.add(f"{module}.{name}" if module else name)
    return frozenset(found)


def _imports_dagster(file: Path) -> bool:
    return any(name.startswith("dagster") for name in _imports(file))


_STRING = re.compile(r'""".*?"""', re.DOTALL)
_COMMENT = re.compile(r"#.*")
# With all indented lines below it.
_TYPES = re.compile(r"^( *)if TYPE_CHECKING:.*\n(?:\1 .*\n|\n)*", re.MULTILINE)
_IMPORT = re.compile(r"^ *(?:from ([\w.]+) )?import (\([^)]*\)|.+)", re.MULTILINE)
