"""Fixtures of the store's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from ri_assets.store.candidate import Candidates
from ri_assets.store.files import Files


@pytest.fixture
def candidates(tmp_path: Path) -> Candidates:
    """Candidates of an empty local store."""
    return Candidates(Files(str(tmp_path)))
