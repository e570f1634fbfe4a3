"""What `deploy/` holds for production: systemd's units and the image.

`test_databases` tests the files for Dagster's records.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from importlib.metadata import requires
from io import BytesIO
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dockerfile_parse import DockerfileParser
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy import lock
from ri_assets.environment import PROJECT
from ri_assets_tests.command_line import environment
from ri_assets_tests.postgres import DATABASE, HOST, USER
from ri_assets_tests.published import Published
from ri_assets_tests.test_databases import DEPLOY, PASSWORD, server
from ri_assets_tests.unpacked import places_of

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMMON = DEPLOY / "systemd" / "ri-persona-.service.d" / "common.conf"
ROOT = "/opt/ri-persona"
PROGRAMS = Path(sys.executable).parent
START_SECONDS = 120
# systemd's own measure from 0 (locked in) to 10, times 10; an unprotected service has 96.
MOST_EXPOSED = 20
DAEMONS = {"SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR", "MONITORING"}


def settings(path: Path) -> list[tuple[str, str]]:
    """Give a unit's settings in their order; one key may come several times."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(k, v) for k, _, v in (line.partition("=") for line in lines if line[:1].isalpha())]


def command_of(unit: Path) -> list[str]:
    """Give the command that a unit starts."""
    [line] = [value for key, value in settings(unit) if key == "ExecStart"]
    return shlex.split(line)


def on_this_machine(text: str) -> str:
    """Put this environment and checkout where production has its own."""
    return text.replace(f"{ROOT}/.venv/bin", str(PROGRAMS)).replace(ROOT, str(PROJECT))


def test_there_is_a_unit_for_each_part() -> None:
    assert [Path(command_of(unit)[0]).name for unit in UNITS] == [
        "dagster-daemon", "ri-index", "dagster-webserver",
    ]  # fmt: skip
    assert all(unit.name.startswith(COMMON.parent.name.split(".")[0]) for unit in UNITS)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_programs_and_files_that_exist(unit: Path) -> None:
    for word in command_of(unit):
        if word.startswith(ROOT):
            assert Path(on_this_machine(word)).exists(), word


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_no_unit_listens_on_a_network_or_holds_a_secret(unit: Path) -> None:
    command = command_of(unit)
    hosts = [command[n + 1] for n, word in enumerate(command) if word in {"-h", "--host"}]
    assert hosts == ([] if "daemon" in unit.stem else [HOST])
    named = [value for key, value in settings(unit) if key in {"EnvironmentFile", "LoadCredential"}]
    assert named
    assert all("/etc/ri-persona/" in value for value in named)
    said = [value for key, value in settings(unit) + settings(COMMON) if key == "Environment"]
    assert not any(re.search("PASSWORD|TOKEN|KEY", value) for value in said)


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip(  # not failed: there is none outside Linux; `make system` installs it for CI
            "no systemd-analyze: machines without systemd have no use for the units"
        )
    folder = tmp_path / "systemd"
    shutil.copytree(DEPLOY / "systemd", folder)
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_text(on_this_machine(path.read_text()))
    units = [str(path) for path in sorted(folder.glob("*.service"))]
    assert len(units) == len(UNITS)
    verified = subprocess.run(
        [program, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    for unit in units:
        judged = subprocess.run(
            [program, "security", "--no-pager", "--offline=yes",
             f"--threshold={MOST_EXPOSED}", unit],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert judged.returncode == 0, judged.stdout + judged.stderr


def test_who_must_see_other_processes_may() -> None:
    """A hidden process of another user's run would look dead, and the run would be closed."""
    assert not {"ProtectProc", "ProcSubset", "PrivatePIDs"} & {key for key, _ in settings(COMMON)}


@pytest.mark.slow
def test_the_commands_of_the_units_work_together(
    tmp_path: Path, synthetic: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UI, daemon and index, as the units start them, with records in a real PostgreSQL."""
    home, token = tmp_path / "home", tmp_path / "http-token"
    home.mkdir()
    token.write_text("tok4Canary5RbN")
    shutil.copy(DEPLOY / "postgres" / "dagster.yaml", home)
    ports = {"3000": str(free_port()), "8000": str(free_port())}
    with server("postgres") as (port, _, _):
        values = {"HOST": HOST, "PORT": port, "DB": DATABASE, "USERNAME": USER}
        for name, value in {**values, "PASSWORD": PASSWORD}.items():
            monkeypatch.setenv(f"DAGSTER_PG_{name}", str(value))
        with dg.DagsterInstance.from_config(str(home)):
            pass  # makes the tables, which the UI and the daemon would otherwise do both at once
        began: list[subprocess.Popen[bytes]] = []
        log = home / "services.log"
        try:
            with log.open("wb") as output:
                for unit in UNITS:
                    words = [ports.get(w, on_this_machine(w)) for w in command_of(unit)]
                    words = [w.replace("${CREDENTIALS_DIRECTORY}", str(tmp_path)) for w in words]
                    began.append(
                        subprocess.Popen(
                            words,
                            stdout=output,
                            stderr=output,
                            cwd=PROJECT,
                            env={**environment(home), "RI_STORE": str(synthetic.store)},
                            start_new_session=True,
                        )
                    )
            with dg.DagsterInstance.from_config(str(home)) as instance:
                deadline = time.monotonic() + START_SECONDS
                while not (
                    answers(f"http://{HOST}:{ports['3000']}/server_info")
                    and answers(f"http://{HOST}:{ports['8000']}/health")
                    and set(instance.get_daemon_heartbeats()) >= DAEMONS
                ):
                    assert all(one.poll() is None for one in began), log.read_text()
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(1)
        finally:
            for one in began:
                os.killpg(one.pid, signal.SIGKILL)  # its helpers are in the group that it leads
                one.wait()
    secrets = {"password": PASSWORD, "token": token.read_text()}
    assert places_of(secrets, home, synthetic.store) == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - on this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False  # not yet


@pytest.fixture(scope="module")
def image() -> list[dict[str, Any]]:
    """The instructions of the image's file, variables as they stand there."""
    content = BytesIO((DEPLOY / "Containerfile").read_bytes())
    return list(DockerfileParser(fileobj=content, env_replace=False).structure)


def of(image: list[dict[str, Any]], *kinds: str) -> list[str]:
    found = (one for one in image if one["instruction"] in kinds)
    return [" ".join(one["value"].split()) for one in found]


def sources(image: list[dict[str, Any]]) -> Iterator[str]:
    """Give what the image takes from the project."""
    for value in of(image, "COPY"):
        words = value.split()
        if not words[0].startswith("--from"):
            yield from (word for word in words[:-1] if not word.startswith("--"))


def test_the_image_takes_what_the_project_tracks(image: list[dict[str, Any]]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    ignore = (PROJECT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    found = list(sources(image))
    for source in found:
        for kind in ("postgres", "mysql"):
            path = source.replace("${RECORDS}", kind)
            assert any(one == path or one.startswith(f"{path}/") for one in tracked), path
    assert {"deploy" if one.startswith("deploy/") else one for one in found} == allowed


def test_the_image_is_built_in_two_stages_and_runs_as_an_ordinary_user(
    image: list[dict[str, Any]],
) -> None:
    assert [value.split()[1:] for value in of(image, "FROM")] == [["AS", "build"], []]
    last = max(n for n, one in enumerate(image) if one["instruction"] == "FROM")
    [user] = of(image[last:], "USER")
    assert user == "10001"
    assert f"--uid {user}" in of(image[last:], "RUN")[0]
    assert not any("pip" in value for value in of(image[last:], "RUN"))


def test_the_image_pins_what_it_installs_and_pytorch_comes_first(
    image: list[dict[str, Any]],
) -> None:
    first, others, project = (value for value in of(image, "RUN") if "pip install" in value)
    assert "-c constraints.txt" in first
    assert first.endswith("torch")
    assert others.endswith("--require-hashes --no-deps -r hashes.txt")
    assert project.endswith("--no-deps -e .")


def test_hashes_cover_what_production_installs_at_the_pinned_versions() -> None:
    """`make lock` writes them; here they are held against what is declared and installed."""
    blocks = re.findall(
        r"^([a-z0-9.-]+)(?:\[.*?\])?==(\S+)(?: ; (.*))? \\"
        r"((?:\n    --hash=sha256:[0-9a-f]{64}.*)+)$",
        lock.LOCK.read_text(encoding="utf-8"), re.MULTILINE,
    )  # fmt: skip
    locked = {
        canonicalize_name(name): version
        for name, version, marker, _ in blocks
        if not marker or Marker(marker).evaluate()
    }
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = dict(line.split("==") for line in lines if "==" in line)
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    of_python = {"setuptools"}  # comes with the environment, so pip does not list it
    assert {n: v for n, v in locked.items() if pinned.get(n) != v}.keys() <= of_python
    assert needed("ri-persona-system", lock.EXTRAS) - {"ri-persona-system"} <= locked.keys()
    assert "torch" not in locked


def needed(name: str, extras: Iterable[str] = ()) -> set[str]:
    """Names of all packages that one needs here, itself included, without those of PyTorch."""
    found, waiting = set[tuple[str, str]](), [(name, extra) for extra in ("", *extras)]
    while waiting:
        one, extra = waiting.pop()
        if (one, extra) in found or one == "torch":
            continue
        found.add((one, extra))
        for text in requires(one) or []:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(wanted.name), e) for e in ("", *wanted.extras)]
    return {one for one, _ in found}


def test_what_only_pytorch_needs_is_left_out_of_the_hashes() -> None:
    resolved = "".join(
        f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n"
        for name in ("attrs", "cuda-toolkit", "nvidia-nccl-cu13", "torch", "torchlike", "triton")
    )
    assert [part.partition("==")[0] for part in lock.kept(resolved)] == ["attrs", "torchlike"]


def test_no_secret_is_baked_into_the_image(image: list[dict[str, Any]]) -> None:
    for value in of(image, "ENV", "ARG"):
        assert not re.search("PASSWORD|TOKEN|KEY|SECRET", value, re.IGNORECASE), value


def test_what_the_image_starts_exists(image: list[dict[str, Any]]) -> None:
    [command] = of(image, "CMD")
    assert (PROGRAMS / command.split('"')[1]).is_file()


@pytest.mark.slow
def test_what_the_image_copies_is_enough(image: list[dict[str, Any]], tmp_path: Path) -> None:
    """The sample is read and the code location loads with these files alone."""
    for source in sources(image):
        if (PROJECT / source).is_dir():
            shutil.copytree(PROJECT / source, tmp_path / source)
        elif (PROJECT / source).is_file():
            shutil.copy(PROJECT / source, tmp_path)
    script = "import ri_assets.definitions, sys; from ri_assets.cli.app import main; main()"
    others = os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "sample"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**environment(tmp_path), "PYTHONPATH": f"{tmp_path}:{others}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1,618" in done.stdout


def section(title: str) -> str:
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    return re.split(r"^##+ ", page.split(f"### {title}\n")[1], flags=re.MULTILINE)[0]


def test_the_documented_installation_works(tmp_path: Path) -> None:
    """Every line runs in a copy of the folders; what changes the system only says so."""
    blocks = re.findall(r"```bash\n(.*?)```", section("With systemd"), re.DOTALL)
    assert len(blocks) == 2
    root = tmp_path / "root"
    for folder in ("opt", "etc/systemd/system", "var/lib", "bin"):
        (root / folder).mkdir(parents=True)
    (root / "opt" / "ri-persona").symlink_to(PROJECT)
    for name in ("useradd", "systemctl", "make", "pip", "systemd-analyze"):
        stand_in = root / "bin" / name
        stand_in.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        stand_in.chmod(0o755)
    script = "set -euo pipefail\n" + "\n".join(blocks)
    # No such user here, and the shared environment is not to be changed.
    script = re.sub(r"-o ri-persona -g ri-persona ", "", script).replace(".venv/bin/pip", "pip")
    script = re.sub(r" (/(?:etc|opt|var/lib)/)", rf" {root}\1", script)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{root / 'bin'}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[1:3] == ["make .venv/ready", "pip install -c constraints.txt -e .[postgres]"]
    installed = {path.name for path in (root / "etc" / "systemd" / "system").iterdir()}
    assert installed == {COMMON.parent.name, *(unit.name for unit in UNITS)}
    for line in said[-2:]:
        assert {f"{name}.service" for name in line.split() if name.startswith("ri-persona-")} == {
            unit.name for unit in UNITS
        }
    secrets = root / "etc" / "ri-persona"
    named = {value.rpartition("/")[2] for unit in UNITS for key, value in settings(unit)
             if key in {"EnvironmentFile", "LoadCredential"}}  # fmt: skip
    assert {path.name for path in secrets.iterdir()} == named
    assert {path.stat().st_mode & 0o077 for path in [secrets, *secrets.iterdir()]} == {0}
    assert len((secrets / "http-token").read_text().strip()) == 64
    home = dict(value.split("=") for key, value in settings(COMMON) if key == "Environment")
    assert (root / home["DAGSTER_HOME"][1:] / "dagster.yaml").is_file()


def test_the_documented_containers_start_what_the_units_start(
    image: list[dict[str, Any]],
) -> None:
    [block] = re.findall(r"```text\n(.*?)```", section("In a container"), re.DOTALL)
    build, *runs = map(shlex.split, block.splitlines())
    assert build[2:4] == ["-f", "deploy/Containerfile"]
    [argument] = [build[n + 1] for n, word in enumerate(build) if word == "--build-arg"]
    assert argument.split("=")[0] in {value.split("=")[0] for value in of(image, "ARG")}
    started = [words[words.index("ri-persona") + 1 :] for words in runs]
    assert {words[0] for words in started} == {Path(command_of(unit)[0]).name for unit in UNITS}
    volume = of(image, "VOLUME")[0]
    for words in runs:
        [mounted] = [words[n + 1] for n, word in enumerate(words) if word == "-v"]
        assert mounted.split(":")[1] == volume
    for words in started:
        own = next(command_of(unit) for unit in UNITS if command_of(unit)[0].endswith(words[0]))
        options = {word for word in words if word.startswith("-")}
        assert options <= {word for word in own if word.startswith("-")}
