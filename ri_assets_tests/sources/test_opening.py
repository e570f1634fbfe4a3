from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ri_assets.errors import SourceError
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.files import FileSource
from ri_assets.sources.mysql import MySQLSource
from ri_assets.sources.opening import open_source
from ri_assets_tests.sources.corpora import post, write

OPTIONS = SourceOptions()


def test_a_path_is_a_file_source(tmp_path: Path) -> None:
    path = write(tmp_path / "tweets.csv", [post(1)])
    source = open_source(str(path), OPTIONS)
    assert isinstance(source, FileSource)
    assert source.name == str(path)
    assert len(source.read().tweets) == 1


def test_a_mysql_url_is_a_database_and_its_name_shows_no_credentials() -> None:
    source = open_source("mysql://asha:s3cret@db.example/ri", OPTIONS)
    assert isinstance(source, MySQLSource)
    assert source.name == "mysql://db.example:3306/ri"
    assert "s3cret" not in repr(source)
    assert "asha" not in repr(source)


def test_sample_is_the_bundled_folder() -> None:
    source = open_source("sample", OPTIONS)
    assert isinstance(source, FileSource)
    assert source.name == "sample"
    assert source.path.parts[-2:] == ("data", "sample")


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "postgres://asha:s3cret@db/ri",
        "asha:s3cret@db/ri",
        "mysql:/asha:s3cret@db/ri",
        "samples",
    ],
)
def test_anything_else_is_refused_without_repeating_a_password(spec: str) -> None:
    with pytest.raises(SourceError) as error:
        open_source(spec, OPTIONS)
    assert "s3cret" not in str(error.value)
    assert error.value.remedy


def test_sources_do_not_know_dagster() -> None:
    code = "import sys, ri_assets.sources.mysql; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_sample_is_read_without_remarks() -> None:
    reading = open_source("sample", OPTIONS).read().reading
    assert (reading.notes, reading.unreadable, reading.ignored) == ((), (), ())
