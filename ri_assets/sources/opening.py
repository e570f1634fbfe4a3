"""Open a source by the string that names it."""

from __future__ import annotations

from collections.abc import Sequence

from ri_assets.errors import SourceError
from ri_assets.sources.base import Source, SourceOptions
from ri_assets.sources.files import SAMPLE, FileSource, local_paths
from ri_assets.sources.mysql_url import MySQLTarget, is_mysql, without_credentials

_SHOWN_PATHS = 3


def open_source(spec: str | Sequence[str], options: SourceOptions) -> Source:
    """Open the source that one or several strings name, without reading it yet.

    Parameters
    ----------
    spec
        `sample`; the path of a file, of a folder of files, or a pattern such as
        `days/*.csv`; or `mysql://host:port/database`. Several paths are one source.
    options
        What to leave out, and how to read.

    Raises
    ------
    SourceError
        The string names no source. The message omits it if it may contain a password.
    """
    specs = [spec] if isinstance(spec, str) else list(spec)
    if any(map(is_mysql, specs)):
        if len(specs) > 1:
            raise SourceError(
                "a database is named together with another source",
                "one database, or any number of files and folders",
                "load the files into the database first: ri-index load FILE… --to mysql://…",
            )
        from ri_assets.sources.mysql import MySQLSource

        return MySQLSource(MySQLTarget.from_url(specs[0]), options)
    paths = [path for one in specs for path in local_paths(one)]
    name = SAMPLE if specs == [SAMPLE] else ", ".join(map(str, paths[:_SHOWN_PATHS]))
    if len(paths) > _SHOWN_PATHS:
        name += f" and {len(paths) - _SHOWN_PATHS} more"
    return FileSource(paths[0], options, name, tuple(paths[1:]))


def without_secrets(spec: str) -> str:
    """Remove user and password from a string that names a source, so that it may be recorded.

    Connections of this process still find them.

    Raises
    ------
    SourceError
        It may contain a password, but is neither a valid URL nor a path.
    """
    if is_mysql(spec):
        return without_credentials(spec)
    if "://" in spec or ":" in spec.rpartition("@")[0]:
        local_paths(spec)  # refuses, without repeating it, what is no path
    return spec
