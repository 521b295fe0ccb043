"""A real server of this test run's own that speaks S3, and a proxy before it that fails as networks do."""

from __future__ import annotations

import http.client
import itertools
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from argus.storage.object_store import ObjectStore

SERVE = """
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


class Server:
    """Moto, which keeps buckets in memory and honours conditional writes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._buckets = itertools.count()

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        address = f"http://127.0.0.1:{self.port}{path}"
        asked = urllib.request.Request(address, body, {"Content-Type": "text/plain"}, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.read()

    def bucket(self) -> str:
        name = f"bucket-{next(self._buckets)}"
        self.request("PUT", f"/{name}")
        return name

    def checks_keys(self, yes: bool) -> None:
        """Whether requests are refused whose key nobody knows."""
        self.request("POST", "/moto-api/reset-auth", b"0" if yes else b"1000000000")

    def url(self, bucket: str, prefix: str = "runs", *, port: int | None = None, **options: str) -> str:
        given = {"endpoint": f"http://127.0.0.1:{port or self.port}", "region": "us-east-1", "allow_http": "true"}
        return f"s3://{bucket}/{prefix}?" + "&".join(f"{name}={text}" for name, text in {**given, **options}.items())


@pytest.fixture(scope="session")
def s3() -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        port = process.stdout.readline().strip()
        if not port:
            missing = "moto cannot serve (pip install 'moto[server]')"
            if os.environ.get("CI") == "true":
                pytest.fail(missing)
            pytest.skip(missing)
        yield Server(int(port))
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-of-tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-tests")


class Proxy(ThreadingHTTPServer):
    """Passes requests on, unless it is told to fail.

    Attributes:
        fault: ``""``, ``unavailable`` (503), ``cut`` (the answer ends in its middle), ``lost`` (the request is done and
            the answer never comes), ``hang`` (no answer until it is told to pass again).
        times: How many requests fail; None means all.
        only: Methods that fail.
    """

    daemon_threads = True

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = behind
        self.fault = ""
        self.times: int | None = None
        self.only: tuple[str, ...] = ("GET", "PUT", "DELETE", "POST", "HEAD")
        self.failed = 0
        self.hanging = threading.Event()

    def fail(self, fault: str, *, times: int | None = None, only: tuple[str, ...] | None = None) -> None:
        self.times, self.fault = times, fault
        self.only = only or ("GET", "PUT", "DELETE", "POST", "HEAD")

    def fault_of(self, method: str) -> str:
        if not self.fault or method not in self.only or self.times == 0:
            return ""
        if self.times is not None:
            self.times -= 1
        self.failed += 1
        return self.fault

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what is tested."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.fault_of(self.command)
        if fault == "unavailable":
            self._answer(503, [], b"<Error><Code>SlowDown</Code></Error>")
            return
        if fault == "hang":
            self.server.hanging.wait(60)
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        try:
            behind.request(self.command, self.path, body, dict(self.headers))
            answer = behind.getresponse()
            content = answer.read()
        finally:
            behind.close()
        if fault == "lost":
            self.close_connection = True
            return
        headers = [(name, text) for name, text in answer.getheaders() if name.lower() not in _OWN]
        self._answer(answer.status, headers, content, cut=fault == "cut")

    do_GET = do_PUT = do_DELETE = do_POST = do_HEAD = _pass

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content) + (1000 if cut else 0)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


_OWN = ("content-length", "connection", "date", "server", "transfer-encoding")


@pytest.fixture
def proxy(s3: Server) -> Iterator[Proxy]:
    one = Proxy(s3.port)
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.hanging.set()
    one.shutdown()
    thread.join()
    one.server_close()


@pytest.fixture
def url(s3: Server) -> str:
    return s3.url(s3.bucket())


@pytest.fixture
def store(url: str) -> Iterator[ObjectStore]:
    store = ObjectStore.open(url)
    yield store
    store.close()
