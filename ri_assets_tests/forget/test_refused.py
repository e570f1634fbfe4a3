"""What `ri-index forget` refuses before it looks at a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from ri_assets_tests.command_line import Cli


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), "nobody is named"),
        (("--author", "a b"), "is no handle"),
        (("--tweet", "x"), "is no id"),
        (("--author", "asha"), "there is no store in"),
    ],
)
def test_a_wrong_name_is_refused(
    cli: Cli, tmp_path: Path, options: tuple[str, ...], found: str
) -> None:
    outcome = cli("forget", *options, "--store", tmp_path / "store")
    assert outcome.code == 2
    assert found in outcome.err
    assert not (tmp_path / "store").exists()
