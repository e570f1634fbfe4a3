"""One string names a source, everywhere.

Belongs here: what the string means. Does not belong here: any source itself.
"""

from __future__ import annotations

from pathlib import Path

import ri_assets
from ri_assets.errors import SourceError
from ri_assets.sources.base import Source, SourceOptions
from ri_assets.sources.files import FileSource
from ri_assets.sources.mysql import MySQLSource
from ri_assets.sources.mysql_url import MySQLTarget

SAMPLE = "sample"


def open_source(spec: str, options: SourceOptions) -> Source:
    """Source that a string names; nothing is read yet.

    Parameters
    ----------
    spec
        `sample`; the path of a file of tweets, or of a folder with `tweets.*` and
        `replies.*`; or `mysql://host:port/database`.
    options
        What to leave out.

    Raises
    ------
    SourceError
        The string names no source. It is not repeated where it may hold a password.
    """
    if spec.lower().startswith("mysql:"):
        return MySQLSource(MySQLTarget.from_url(spec), options)
    path = local_path(spec)
    return FileSource(path, options, SAMPLE if spec == SAMPLE else str(path))


def local_path(spec: str) -> Path:
    """Path of a file or folder that a string names, `sample` included.

    Raises
    ------
    SourceError
        The string names no path, or nothing is there.
    """
    if spec == SAMPLE:
        return _sample_path()
    if not spec or "://" in spec:
        raise SourceError(
            f"the source begins with {spec.partition('://')[0]}://"
            if spec
            else "no source is named",
            "sample, the path of a file or folder, or mysql://host:port/database",
            "name one of these three",
        )
    path = Path(spec).expanduser()
    if not path.exists():
        raise SourceError(
            # With @ in it, it may be a URL without its scheme, password and all.
            f"{'the source' if '@' in spec else spec} does not exist",
            "sample, the path of a file or folder, or mysql://host:port/database",
            "correct the path; `sample` reads the bundled sample",
        )
    return path


def _sample_path() -> Path:
    path = Path(ri_assets.__file__).parents[1] / "data" / SAMPLE
    if not path.is_dir():
        raise SourceError(
            f"the bundled sample is not at {path}",
            "data/sample beside the package, as in a checkout of the repository",
            "install from a checkout in editable mode, or name files of your own",
        )
    return path
