"""What variables and the command line say, to every program alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ri_assets.definitions import build_defs
from ri_assets.environment import PROJECT, VARIABLES, Environment
from ri_assets.errors import RIError
from ri_assets.resources.settings import SourceResource
from ri_assets_tests.command_line import Cli

ENVIRONMENT = {
    "RI_SOURCE": "tweets.csv",
    "RI_KEEP_ALL": "1",
    "RI_MAP": "text=content, tweet_id=id",
    "RI_TIMEZONE": "Europe/Berlin",
}
PACKAGE = PROJECT / "ri_assets"
# Variables of other programs.
READ_ELSEWHERE = {("dagster_home.py", "DAGSTER_HOME"), ("cli/terminal.py", "COLUMNS")}
NAME = re.compile(r"\bRI_[A-Z]+(?:_[A-Z]+)*\b")
LOOKED_UP = re.compile(
    r"""environ(?:\.get\(|\[)["'](\w+)["']|["'](\w+)["'] (?:not )?in os\.environ"""
)


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Set variables for this process."""

    def use(variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return use


def test_no_other_module_reads_a_variable() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), match[1] or match[2])
        for path in PACKAGE.rglob("*.py")
        for match in LOOKED_UP.finditer(path.read_text(encoding="utf-8"))
    }
    assert {one for one in found if one[0] != "environment.py"} == READ_ELSEWHERE


def test_every_variable_is_used_and_stands_in_the_one_table() -> None:
    code = PACKAGE / "environment.py"
    read = {match[1] for match in LOOKED_UP.finditer(code.read_text(encoding="utf-8"))}
    parsed = re.findall(r'_(?:switch|number)\(environ, "(\w+)"', code.read_text(encoding="utf-8"))
    assert read | {*parsed} == {*VARIABLES}
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = [line.split("|")[3] for line in page.splitlines() if line.startswith("| ")]
    assert {name for row in rows for name in NAME.findall(row)} == {*VARIABLES}


def test_no_page_or_message_names_a_variable_that_is_not_read() -> None:
    pages = [*PACKAGE.rglob("*.py"), *(PROJECT / "docs").glob("*.md"), PROJECT / "README.md"]
    named = {name for page in pages for name in NAME.findall(page.read_text(encoding="utf-8"))}
    assert {name for name in named if name != "RI_INDEX_APP"} <= {*VARIABLES}


def test_the_environment_says_all_of_it(environ: Callable[[Mapping[str, str]], None]) -> None:
    bare = SourceResource.from_env()
    assert (bare.source, bare.keep_all, bare.column_map, bare.timezone) == (
        "sample", False, {}, None,
    )  # fmt: skip
    environ(ENVIRONMENT)
    found = SourceResource.from_env()
    assert found.source == "tweets.csv"
    assert found.keep_all
    assert found.column_map == {"text": "content", "tweet_id": "id"}
    assert found.timezone == "Europe/Berlin"


def test_a_blank_variable_is_unset() -> None:
    assert Environment.from_env(dict.fromkeys(VARIABLES, "")) == Environment(http_token="")


def test_a_secret_is_not_shown() -> None:
    secrets = {"RI_LLM_KEY", "RI_MYSQL_USER", "RI_MYSQL_PASSWORD", "RI_HTTP_TOKEN"}
    assert "s3cret" not in repr(Environment.from_env(dict.fromkeys(secrets, "s3cret")))


def test_a_command_line_has_precedence(environ: Callable[[Mapping[str, str]], None]) -> None:
    environ(ENVIRONMENT)
    other = SourceResource.from_env(
        ["a.csv", "b.csv"], max_tweets=5, pairs=["lang=l"], timezone="UTC"
    )
    assert (other.source, other.more, other.max_tweets) == ("a.csv", ["b.csv"], 5)
    assert (other.column_map, other.timezone) == ({"lang": "l"}, "UTC")


@pytest.mark.parametrize(
    ("variables", "n_tweets"),
    [
        ({}, 7),
        ({"RI_EXCLUDE_RETWEETS": "1"}, 7),
        ({"RI_KEEP_ALL": "true"}, 12),
        ({"RI_KEEP_ALL": "0"}, 7),
        ({"RI_KEEP_ALL": ""}, 7),
    ],
)
def test_a_variable_means_the_same_to_every_program(
    cli: Cli,
    environ: Callable[[Mapping[str, str]], None],
    tmp_path: Path,
    variables: Mapping[str, str],
    n_tweets: int,
) -> None:
    texts = [f"{'RT @asha: ' * (n >= 7)}my parcel number {n} is late again" for n in range(12)]
    source = tmp_path / "tweets.csv"
    source.write_text("".join(["id,text\n", *(f"{n},{text}\n" for n, text in enumerate(texts, 1))]))
    environ({**variables, "RI_SOURCE": str(source), "RI_STORE": str(tmp_path / "store")})
    # `check` and `run` refuse so few tweets, and say how many there are.
    for command in ("check", "run"):
        outcome = cli(command)
        assert outcome.code == 2
        assert f" of {n_tweets} tweets are left after denoising" in outcome.err, command
    definitions = build_defs()  # of the UI, its schedule and its sensor
    resources = definitions.resources
    assert resources is not None
    assert len(resources["source"].open().read().tweets) == n_tweets
    assert resources["store"].location == "RI_STORE"  # Dagster reads it in the run


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"RI_KEEP_ALL": "maybe"}, "RI_KEEP_ALL is 'maybe'"),
        ({"RI_KEEPALL": "1"}, "there is no variable RI_KEEPALL"),
        ({"RI_EXCLUDE_RETWEETS": "0"}, "RI_EXCLUDE_RETWEETS is off"),
        ({"RI_EXCLUDE_RETWEETS": "1", "RI_KEEP_ALL": "1"}, "are both on"),
        ({"RI_MAP": "text"}, "has no ="),
        ({"RI_TIMEZONE": "Berlin"}, "Berlin is unknown"),
    ],
)
def test_a_wrong_variable_is_refused_by_every_program(
    cli: Cli,
    environ: Callable[[Mapping[str, str]], None],
    tmp_path: Path,
    variables: Mapping[str, str],
    found: str,
) -> None:
    environ(variables)
    store = tmp_path / "store"
    for command in (
        ["check"],
        ["run", "--store", store],
        ["freeze", "--source", "sample", "--out", tmp_path / "out.yaml", "--store", store],
        ["load", "sample", "--to", "mysql://127.0.0.1:1/ri?connect_timeout=1"],
    ):
        outcome = cli(*command)
        assert outcome.code == 2, command
        assert found in outcome.err, command
    assert not store.exists()
    with pytest.raises(RIError, match=found):
        build_defs()


def test_a_variable_of_another_program_is_let_alone() -> None:
    assert Environment.from_env({"RI_SHARED_DATA": "x", "RI_ORDER": "y"}) == Environment()


def test_several_files_are_opened_together(tmp_path: Path) -> None:
    for n in (1, 2):
        (tmp_path / f"{n}.csv").write_text(f"id,body\n{n},text\n")
    resource = SourceResource(
        source=str(tmp_path / "1.csv"), more=[str(tmp_path / "2.csv")], column_map={"text": "body"}
    )
    assert resource.open().read().tweets["tweet_id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--map", "text"], "has no ="),
        (["--map", "body=x"], "body is no native column"),
        (["--timezone", "Berlin"], "--timezone Berlin is unknown"),
        (["--max-tweets", "0"], "greater than or equal to 1"),
    ],
)
def test_a_run_with_a_wrong_option_ends_before_it_starts(
    cli: Cli, tmp_path: Path, options: list[str], found: str
) -> None:
    outcome = cli("run", "--source", "sample", "--store", str(tmp_path / "store"), *options)
    assert outcome.code == 2
    assert found in outcome.err
    assert not (tmp_path / "store").exists()


def test_the_option_that_is_the_default_now_says_so(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("run", "--exclude-retweets", "--map", "text", "--store", str(tmp_path))
    assert "--exclude-retweets is now the default" in outcome.err
