"""Jobs on a real Ray cluster of two machines: what is lost, and what must not be."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest

import ri_assets
from ri_assets.errors import AccessError, ClusterError, CorpusError, NoPersonasError
from ri_assets.pipeline import ray_engine as ray_engine_module
from ri_assets.pipeline.ray_driver import RETRIES
from ri_assets.pipeline.ray_engine import ray_engine
from ri_assets_tests.ray_cluster import LOOPBACK, RayCluster, kill, running_ray

pytestmark = pytest.mark.slow
Found = TypeVar("Found")
PROJECT = Path(ri_assets.__file__).parents[1]


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LOOPBACK.items():
            patch.setenv(name, value)
        with running_ray() as found:
            yield found


def of(work: Callable[..., Found], *given: object) -> Callable[[int], Callable[[], Found]]:
    return lambda job: partial(work, job, *given)


def slow_square(number: int) -> tuple[int, int]:
    time.sleep(0.3)
    return number**2, os.getppid()


def dies_at_first(number: int, folder: str, times: int = 1) -> int:
    """Leave a mark, and end the process without a word; the last job does it `times` times."""
    marks = Path(folder)
    tries = len(list(marks.glob(f"{number}-*")))
    (marks / f"{number}-{tries}").touch()
    if number == 3 and tries < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


def refuses(number: int) -> None:
    raise NoPersonasError(f"{number} tweets", "more", "collect more")


def waits(number: int, folder: str) -> int:
    (Path(folder) / f"{number}-{os.getpid()}").touch()
    time.sleep(1)
    return number


def test_jobs_run_on_both_machines_and_results_keep_their_order(cluster: RayCluster) -> None:
    got: list[int] = []
    with ray_engine(cluster.address) as engine:
        found = engine.run(range(6), of(slow_square), received=lambda job, _: got.append(job))
        assert engine.run([], of(slow_square)) == []
    assert [square for square, _ in found] == [0, 1, 4, 9, 16, 25]
    assert len({machine for _, machine in found}) == 2
    assert sorted(got) == [*range(6)]


def test_a_killed_worker_costs_a_retry_and_not_the_run(cluster: RayCluster, tmp_path: Path) -> None:
    with ray_engine(cluster.address) as engine:
        assert engine.run(range(5), of(dies_at_first, str(tmp_path))) == [0, 10, 20, 30, 40]
    tries = [file.name.partition("-")[0] for file in tmp_path.iterdir()]
    assert sorted(tries) == ["0", "1", "2", "3", "3", "4"]


def test_a_job_that_kills_every_worker_is_one_clear_error(
    cluster: RayCluster, tmp_path: Path
) -> None:
    with (
        ray_engine(cluster.address) as engine,
        pytest.raises(ClusterError, match=r"a job ended 4 times with its worker") as caught,
    ):
        engine.run([3], of(dies_at_first, str(tmp_path), 99))
    assert len(list(tmp_path.iterdir())) == RETRIES + 1
    assert "smaller --num-cpus" in caught.value.remedy


def test_an_error_of_ours_comes_from_a_worker_with_its_remedy(cluster: RayCluster) -> None:
    with (
        ray_engine(cluster.address) as engine,
        pytest.raises(CorpusError, match=r"on the machine 127\.0\.0\.1 of .*: these") as caught,
    ):
        engine.run([7], of(refuses))
    assert caught.value.remedy == "collect more"


def test_a_machine_with_another_version_is_refused_before_a_job_runs(
    cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(
        PROJECT / "ri_assets", other / "ri_assets", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (other / "ri_assets" / "errors.py").open("a") as file:
        file.write("# another version\n")
    monkeypatch.chdir(tmp_path)  # Ray lets workers find packages where the run was started
    added = cluster.add(str(other))
    try:
        with (
            pytest.raises(ClusterError, match="has other versions: code of ri_assets") as caught,
            ray_engine(cluster.address),
        ):
            pytest.fail("the engine must not be handed out")
    finally:
        kill(added)
    assert "as on the machine that started the run" in caught.value.expected
    assert "in the cache" in caught.value.remedy


def test_a_lost_machine_costs_retries_and_not_the_run(cluster: RayCluster, tmp_path: Path) -> None:
    machine = cluster.add()
    with ray_engine(cluster.address) as engine:

        def progress(done: int) -> None:
            if done == 3:
                kill(machine)

        assert engine.run(range(12), of(waits, str(tmp_path)), progress) == [*range(12)]


def test_a_machine_that_has_just_ended_stops_no_run(cluster: RayCluster) -> None:
    kill(cluster.add())  # Ray lists it as alive for some seconds
    with ray_engine(cluster.address) as engine:
        assert engine.run(range(2), of(slow_square))[1][0] == 1


def test_a_head_lost_right_after_the_first_look_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ray_engine_module, "_LOST_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as head:
        address = "{}:{}".format(*head.getsockname())

        def take_one_look() -> None:
            head.accept()[0].close()
            head.close()

        Thread(target=take_one_look).start()
        with (
            pytest.raises(AccessError, match=f"head of the Ray cluster at {address} no longer"),
            ray_engine(address),
        ):
            pytest.fail("the engine must not be handed out")


# A run that is embedding when it loses the head: the second chunk never ends.
_LOSES_ITS_HEAD = """
import os, sys
from ri_assets.config import load_profile
from ri_assets.errors import AccessError
from ri_assets.pipeline import embed
from ri_assets.pipeline import ray_engine as ray_engine_module
from ri_assets.pipeline.ray_engine import ray_engine
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets_tests.ray_cluster import kill

address, head, store = sys.argv[1], [int(pid) for pid in sys.argv[2].split(",")], sys.argv[3]
embed._CHUNK = 4
ray_engine_module._LOST_SECONDS = 3  # in place of ten, so that the test is shorter
# Long, so that Ray keeps the jobs in its store of objects: without its head, it ends at once the
# process that hands out the next one.
texts = [f"the parcel {n} is late " + "again " * 10_000 for n in range(40)]
cache = EmbeddingCache(Files(store))

def lose(text):
    print(text, flush=True)
    if text.startswith("embedded 8 of"):
        kill(head)

try:
    with ray_engine(address) as engine:
        embed.Encoder(load_profile("report").embed, cache, lose, engine).encode(texts)
except AccessError as error:
    print("refused:", error, flush=True)
again = embed.Encoder(load_profile("report").embed, EmbeddingCache(Files(store)), lambda _: None)
again.encode(texts)
print("kept", again.n_cached, "anew", again.n_embedded, flush=True)
"""


def test_a_lost_head_is_one_clear_error_and_what_was_embedded_is_kept(tmp_path: Path) -> None:
    with running_ray() as own:
        head = ",".join(map(str, own.head))
        done = subprocess.run(
            [sys.executable, "-c", _LOSES_ITS_HEAD, own.address, head, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            cwd=PROJECT,
            env={**os.environ, **LOOPBACK},
            timeout=120,
        )
        kill(own.worker)
    assert done.returncode == 0, done.stderr
    assert f"refused: the head of the Ray cluster at {own.address} no longer answers" in done.stdout
    assert "in the cache of the store and are not embedded again" in done.stdout
    kept, anew = done.stdout.split()[-3], done.stdout.split()[-1]
    assert int(kept) >= 8
    assert int(kept) + int(anew) == 40
