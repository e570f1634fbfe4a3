"""The file for nginx that the documentation gives, with a real nginx before a real server."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ri_assets.environment import PROJECT
from ri_assets.ri_index.http.app import build_app
from ri_assets.ri_index.http.limits import LIMITS
from ri_assets_tests.ri_index.http.conftest import TOKEN
from ri_assets_tests.ri_index.http.raw import connect, listening
from ri_assets_tests.ri_index.http.test_middleware import bearer

NAME = "personas.example.org"
START_SECONDS = 30
# What a test cannot use as it stands: the main file around it, with its folders.
AROUND = """{user}
daemon off;
pid {folder}/pid;
error_log {folder}/main.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/ri-index.conf;
}}
"""


@dataclass
class Proxy:
    """A started nginx."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def client(self) -> httpx.Client:
        """Ask it under its name, as if the name led to this machine."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", headers={"Host": NAME}, verify=trusted
        )

    def get(self, path: str, name: str = NAME, **headers: str) -> httpx.Response:
        """Ask on a connection of its own."""
        with self.client() as client:
            return client.get(path, headers=headers, extensions={"sni_hostname": name})

    def post(self, path: str, content: bytes) -> httpx.Response:
        """Send a body."""
        with self.client() as client:
            return client.post(path, content=content, extensions={"sni_hostname": NAME})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def proxy(synthetic_store: Path, nginx: str, tmp_path: Path) -> Iterator[Proxy]:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    with listening(build_app(str(synthetic_store), TOKEN), LIMITS) as behind:
        content = (PROJECT / "docs" / "nginx.conf").read_text(encoding="utf-8")
        for documented, here in (
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
            (f"/etc/ssl/{NAME}.pem", f"{tmp_path}/cert.pem"),
            (f"/etc/ssl/private/{NAME}.key", f"{tmp_path}/key.pem"),
            ("/var/log/nginx/", f"{tmp_path}/"),
        ):
            assert documented in content
            content = content.replace(documented, here)
        (tmp_path / "ri-index.conf").write_text(content)
        user = "user root;" if os.geteuid() == 0 else ""
        (tmp_path / "nginx.conf").write_text(AROUND.format(user=user, folder=tmp_path))
        process = subprocess.Popen(
            [nginx, "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "main.log")],
            stderr=subprocess.DEVNULL,
        )
        try:
            wait(process, port, tmp_path)
            yield Proxy(port, tmp_path, process)
        finally:
            process.terminate()
            process.wait()


def wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connect(port).close()
        except ConnectionError:
            log = folder / "main.log"
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def test_the_documented_proxy_answers_and_guards(proxy: Proxy) -> None:
    assert proxy.get("/health").json()["status"] == "ok"
    assert proxy.get("/list_personas").status_code == 401
    assert proxy.get("/list_personas", **bearer(TOKEN)).status_code == 200

    with pytest.raises(httpx.ConnectError, match=r"(?i)unrecognized.name"):
        proxy.get("/health", name="evil.example")
    with pytest.raises(httpx.RemoteProtocolError):  # closed without an answer
        proxy.get("/health", Host="evil.example")

    assert proxy.post("/search", b"x" * (LIMITS.body_bytes + 1)).status_code == 413
    assert proxy.get("/health", **{"X-Long": "x" * LIMITS.header_bytes}).status_code == 400
    ids = "&".join(f"tweet_ids={10**18 + n}" for n in range(500))
    found = proxy.get(f"/get_tweet_personas?{ids}", **bearer(TOKEN))
    assert found.json()["total"] == 500  # the longest address that the index takes


def test_silent_clients_of_the_proxy_keep_nobody_out(proxy: Proxy) -> None:
    with ExitStack() as crowd:
        for _ in range(200):
            crowd.enter_context(connect(proxy.port))
        assert proxy.get("/health").status_code == 200


def test_who_asks_too_often_is_told_and_no_question_is_logged(proxy: Proxy) -> None:
    secret = "whatissearched"  # noqa: S105 - a question
    with proxy.client() as client:
        codes = [
            client.get(f"/search?text={secret}", extensions={"sni_hostname": NAME}).status_code
            for _ in range(100)
        ]
    assert set(codes) == {401, 429}
    assert codes[:20] == [401] * 20
    written = [file.read_text() for file in proxy.folder.glob("*.log")]
    assert written
    assert not any(secret in text for text in written)
