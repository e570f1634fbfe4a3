"""A whole run on tweets that try to break out, and what comes of it in every place people read."""

from __future__ import annotations

import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from dagster._core.instance.ref import InstanceRef
from rich.console import Console

from ri_assets.cli.show import show_summary
from ri_assets.cli.terminal import safe
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot
from ri_assets_tests.command_line import Outcome, ri_index
from ri_assets_tests.conftest import PROJECT
from ri_assets_tests.small import profile_with, replies_to, small_tweets, write_folder

# Markup that a browser would act on: a tag, a link of Markdown, direction marks.
# A formula acts in a spreadsheet alone; the tests of the exports look for it.
ACTS = re.compile(r"<(script|img|a )|(?<!\\)\]\(\s*javascript|\u202e", re.IGNORECASE)
HOSTILE = (
    "<script>alert('owned')</script> ",
    "[red]owned[/] [/] [link=http://x.example]owned[/link] ",
    "\x1b[31mowned\x1b[0m\x07\x00 ",
    "\u202eowned\u202c \u2066 ",
    '=HYPERLINK("http://x.example","owned") ',
    "![owned](javascript:alert(1)) | a | b |\n|---| ",
    "👩\u200d👩\u200d👧 क\u094d\u200dष ",
)
SECRETS = (
    "ring 98\u200b765 43210 ",
    "ring ９８７６５４３２１０ ",
    "ring ९८७६५४३२१० ",
    "mail very.private＠mail.com ",
    "ask @very_\u200dprivate1 ",
    "my pan ABCPK1234L ",
    "ticket no. 4455667788 ",
)
# Not a part of the planted number alone: five digits stand by chance in some figure or time.
LEFT = re.compile(r"765\W{0,6}43210|very.?private|ABCPK|4455667788|x\.example", re.IGNORECASE)


@dataclass(frozen=True)
class HostileRun:
    home: Path
    store: Path
    handles: frozenset[str]
    outcome: Outcome

    def table(self, name: str) -> pd.DataFrame:
        snapshot = Snapshot(Files(str(self.store)))
        return pd.read_parquet(self.store / snapshot.path(f"{name}.parquet"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> HostileRun:
    """The small corpus, each tweet with something hostile and something private around it."""
    folder = tmp_path_factory.mktemp("hostile")
    tweets = small_tweets()
    replies = replies_to(tweets)
    tweets["text"] = [
        HOSTILE[n % len(HOSTILE)] + text + " " + SECRETS[n % len(SECRETS)]
        for n, text in enumerate(tweets["text"])
    ]
    # Some texts that are hostile as a whole, by authors who are named in another tweet.
    odd = ["😭😡" * 20, "long words " * 910, "\u200d\u200d\u200d", "=1+1", "𝔬𝔴𝔫𝔢𝔡 𝔟𝔶 𝔪𝔢 𝔬𝔴𝔫𝔢𝔡"]
    extra = tweets.head(len(odd)).copy()
    extra["tweet_id"] = range(1, len(odd) + 1)
    extra["text"] = odd
    tweets = pd.concat([extra, tweets], ignore_index=True)
    (folder / "home").mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder / "home")
    # Names of groups that hostile texts hold together are not what is judged here.
    profile = profile_with(folder, gates={"name_agreement_min": 0})
    outcome = ri_index(
        "run", "--source", write_folder(folder / "source", tweets, replies),
        "--profile", profile, "--store", folder / "store", home=folder / "home",
    )  # fmt: skip
    handles = pd.concat([tweets["author_handle"], replies["author_handle"]]).dropna()
    # A handle without figure or underscore may be an ordinary word of a log.
    telling = {str(h).lower() for h in handles if not str(h).isalpha()}
    return HostileRun(folder / "home", folder / "store", frozenset(telling), outcome)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


@pytest.mark.slow
def test_it_runs_to_a_published_snapshot(run: HostileRun) -> None:
    assert run.outcome.code == 0, run.outcome.text
    assert "Traceback" not in run.outcome.text
    assert len(run.table("raw_tweets")) == 165


@pytest.mark.slow
def test_what_is_published_is_clean(run: HostileRun) -> None:
    assert run.outcome.code == 0, run.outcome.text
    assert len(run.handles) > 100
    samples = run.table("personas_enriched.samples")["text"]
    assert len(samples) > 10
    assert samples.str.contains(r"\[phone\]|\[email\]|\[handle\]|\[id\]|\[number\]").any()
    shown = {"samples": "\n".join(samples)}
    for name in ("personas_enriched", "ri_index_app", "personas_enriched.terms",
                 "personas_enriched.emoji"):  # fmt: skip
        frame = run.table(name).drop(columns="text_centroid", errors="ignore")
        shown[name] = frame.to_csv()
    for name, text in shown.items():
        assert not LEFT.search(text), name
        assert not LEFT.search(unicodedata.normalize("NFKC", text)), name
        assert not words(text) & run.handles, name
        controls = {c for c in text if unicodedata.category(c) in ("Cc", "Cs")} - {"\n", "\r"}
        assert not controls, name
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), name
    names = run.table("ri_index_app")["name"]
    assert not names.str.contains(r"[<>\[\]=|`\x1b]").any()


@pytest.mark.slow
def test_terminal_and_dagster_keep_nothing_private_and_nothing_that_acts(run: HostileRun) -> None:
    """The whole event log as Dagster serialises it, then every byte of its records.

    The cards quote cleaned samples, so words of hostile texts may appear, escaped.
    """
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(run.home))) as instance:
        records = [
            dg.serialize_value(entry)
            for found in instance.get_runs()
            for entry in instance.all_logs(found.run_id)
        ]
    assert len(records) > 50
    files = [path for path in run.home.rglob("*") if path.is_file()]
    stored = "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    for name, text in (
        ("event log", "\n".join(records)), ("files", stored), ("terminal", run.outcome.text)
    ):  # fmt: skip
        assert "personas_enriched" in text, name
        assert not LEFT.search(text), name
        assert not ACTS.search(text), name
        assert not words(text) & run.handles, name
    assert "\x1b" not in run.outcome.text


EVIL = "[red]x[/] [/] \x1b[31m\u202eowned [link=http://x.example]\\"


def test_a_summary_shows_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"persona_id": "P01", "name": EVIL, "tweet_count": 1, "share": 1.0,
           "top_terms": ["[/]", "[bold]b"], "jaccard": 1.0, "stability": "stable"}  # fmt: skip
    content = {"snapshot": "s", "profile": "p", "source": EVIL, "funnel": [], "raw_tweets": 1,
               "kept_tweets": 1, "retention": 1.0, "persona_list": [row], "is_draft": False,
               "left_out_tweets": 0, "rejected_tweets": 0, "hidden_personas": 0,
               "hidden_tweets": 0, "corrections": []}  # fmt: skip
    show_summary(Console(width=200, force_terminal=False), content)
    shown = capsys.readouterr().out
    assert shown.count("[red]x[/] [/]  [31m owned [link=http://x.example]\\") == 2
    assert "[/], [bold]b" in shown
    assert not set(shown) & {"\x1b", "\u202e"}


def test_joined_letters_stay_as_they_are() -> None:
    assert safe("a\nक\u094d\u200dष", keep="\n").plain == "a\nक\u094d\u200dष"
