"""Planted secrets in whole runs, texts that take long, and clients that are slow."""

from __future__ import annotations

import random
from contextlib import ExitStack
from pathlib import Path

from ri_assets.ri_index.http.app import build_app
from ri_assets.ri_index.http.limits import LIMITS
from ri_assets_tests import test_linear as linear
from ri_assets_tests.ri_index.http.raw import POST, connect, is_healthy, is_open, listening
from ri_assets_tests.small import SMALL_PROFILE, replies_to, small_tweets, write_folder
from ri_assets_tests.torture import stores
from ri_assets_tests.torture.kills import Ground
from ri_assets_tests.torture.record import Counts, Result, Tally
from ri_assets_tests.torture.scenarios import run_scenarios
from ri_assets_tests.torture.zygote import Task
from ri_assets_tests.unpacked import places_of

CANARIES = {
    "phone": "9876501234", "handle": "canaryhandle7q", "mail": "canarymail8w",
    "order": "4455667788", "pan": "ABCPK1234L", "author": "canaryauthor9z",
}  # fmt: skip
PLANTED = (
    "ring 9876501234", "ask @canaryhandle7q", "mail canarymail8w@mail.example",
    "order no. 4455667788", "my pan ABCPK1234L",
)  # fmt: skip
CONTROL = "controlsource5k"
"""Name of the source folder, which is recorded on purpose: the search must find it."""
RAW = ("raw_tweets", "raw_replies", "denoised_tweets")
GUARD = "guard.json"
"""Assets that hold texts as people wrote them, and the names that readers hide; no more."""
SCENARIOS = ("test_secrets.py", "ri_index/http/test_limits.py")
HALVES = (b"", b"GET / HTTP/1.1\r\nX: ", POST + b"Content-Length: 1000\r\n\r\n{")


def texts(ground: Ground, counts: Counts) -> Result:
    """Search for planted secrets, time every text function, and crowd the server."""
    tally = Tally("secrets and texts", counts.text_minutes)
    if counts.is_whole:
        _canaries(ground, tally)
    _slow_clients(ground, tally, counts.clients)
    _adversarial(tally, counts.text_works)
    if counts.is_whole:
        run_scenarios(tally, ground.folder / "secrets", SCENARIOS, "tests of secrets and clients")
    return tally.result()


def _canaries(ground: Ground, tally: Tally) -> None:
    """Run over tweets with planted secrets; look through every record and file, packed ones too."""
    tweets = small_tweets()
    replies = replies_to(tweets)
    # Rarely: a name that a tenth of a corpus shares is taken for a brand's.
    tweets["text"] = [
        f"{text} {PLANTED[number // 3 % len(PLANTED)]}" if number % 3 == 0 else text
        for number, text in enumerate(tweets["text"])
    ]
    tweets.loc[::9, "author_handle"] = CANARIES["author"]
    source = write_folder(ground.folder / CONTROL, tweets, replies)
    store, home = ground.folder / "canaries", ground.folder / "canary_home"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((ground.home / "dagster.yaml").read_bytes())
    fork = ground.zygote.run(Task(str(source), str(SMALL_PROFILE), str(store), str(home)))
    # The gates are of no matter here: a refused run leaves as many records.
    if fork.wait() not in {0, 3}:
        tally.faults.append(f"the run with canaries failed: {fork.said[-500:]}")
        return
    (home / "terminal.log").write_text(fork.said)
    found = places_of({**CANARIES, "control": CONTROL}, home, store)
    secret = [f for f in found if not f.startswith("control") and not _is_raw(f)]
    if not any(f.startswith("control") for f in found):
        tally.faults.append("the search finds nothing, not even what is there")
    if fork.wait() == 0:
        tally.rows(len(tweets) + len(replies), stores.rows_of_snapshot(store)[1])
    tally.note("planted secrets", len(tweets.loc[::3]) + len(tweets.loc[::9]))
    for name in CANARIES:
        tally.fault(*(f"a planted secret is in {f}" for f in secret if f.startswith(name)))


def _is_raw(place: str) -> bool:
    """Whether a place is a stored table of texts as people wrote them."""
    path = Path(place.partition(": ")[2].partition(",")[0])
    return path.name == GUARD or (
        path.suffix == ".parquet"
        and any(
            part == asset or part.startswith(f"{asset}.") for part in path.parts for asset in RAW
        )
    )


def _slow_clients(ground: Ground, tally: Tally, n_clients: int) -> None:
    """Let clients send half a request each, and ask for `/health` between them."""
    app = build_app(str(ground.base), None, LIMITS)
    with listening(app, LIMITS) as port, ExitStack() as crowd:
        clients = []
        for number in range(n_clients):
            clients.append(crowd.enter_context(connect(port)))
            clients[-1].sendall(HALVES[number % len(HALVES)])
            if number % 20 == 19:
                problems = [] if is_healthy(port) else [f"no /health beside {number + 1} clients"]
                tally.fault(*problems)
        tally.note("slow clients", n_clients)
        tally.note("of them kept", sum(map(is_open, clients)))


def _adversarial(tally: Tally, n_works: int) -> None:
    """Time patterns and text functions of the package on strings of up to 100,000 characters."""
    works = [*linear.patterns(), *linear.functions()]
    if n_works < len(works):
        works = random.Random(0).sample(works, n_works)  # noqa: S311 - not secret
    for name, work in works:
        if tally.is_over:
            tally.note("patterns and functions not tried for want of time", 1)
            continue
        slow = linear.slow_family(work)
        tally.note("patterns and functions", 1)
        tally.fault(*([f"{name} takes more than linear time on {slow!r}"] if slow else []))
    tally.note("hostile texts for each", len(list(linear.families(linear.SHORT))))
