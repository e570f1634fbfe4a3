"""Digests of what an asset was made from, beside its code, its settings and its inputs.

An asset adds them to its receipt, and a later run compares them (`ri_assets.store.unchanged`).
"""

from __future__ import annotations

from ri_assets.store.files import Files
from ri_assets.store.forgotten import FILE as FORGOTTEN_FILE
from ri_assets.store.tables import Tables


def rows_origin(tables: Tables, forgotten: str) -> dict[str, str]:
    """Give those of an asset that was read: all its tables, and the list of people left out."""
    return {"rows": tables.fingerprint, "forgotten": forgotten}


def forgotten_origin(files: Files) -> str:
    """Give the digest of the list of people who asked to be forgotten; empty without one."""
    return files.sha256(FORGOTTEN_FILE) if files.exists(FORGOTTEN_FILE) else ""


def model_origin(identity: str) -> dict[str, str]:
    """Give that of an asset that embeds texts; `identity` is the model's name in the cache."""
    return {"model": identity}


def personas_origin(naming: str, recogniser: object) -> dict[str, str]:
    """Give those of `personas_enriched`: names and corrections, and what hides names."""
    return {"naming": naming, **index_origin(recogniser)}


def index_origin(recogniser: object) -> dict[str, str]:
    """Give that of `ri_index_app`: what hides names."""
    return {"recogniser": str(recogniser or "")}
