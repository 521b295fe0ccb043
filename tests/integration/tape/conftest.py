"""A server on loopback that misbehaves on request, and clients of every library that is recorded."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from argus import ArgusSession, ArgusWatcher
from argus._internal.guard import reraise_in_tests
from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.instrumentation.http import Serving, hooks, serve
from argus.model.exchange import HttpExchange
from argus.model.trace import Trace
from argus.recording.tape import Hider, Tape

LONGEST_WAIT_S = 30.0
EVENTS = 4


def library(name: str) -> Any:
    """An optional library; required where everything is installed."""
    if find_spec(name) is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed")
    return import_module(name)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        body = self._body()
        with self.server.lock:
            self.server.hits.append((self.command, self.path, body))
            number = len(self.server.hits)
        path = self.path.partition("?")[0].strip("/").split("/")
        getattr(self, f"_{path[0].replace('.', '_')}")(body, number, *path[1:])

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", ""):
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        body = b"" if status == 204 else body
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin_chunks(self, content_type: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def events(self, events: list[bytes]) -> None:
        """Sends each event only after the client has acknowledged the one before."""
        self.begin_chunks()
        for event in events:
            self.chunk(event)
            if not self.server.acknowledged.acquire(timeout=LONGEST_WAIT_S):
                self.server.late.append(event)
        self.chunk(b"")

    def _echo(self, body: bytes, number: int) -> None:
        told = {"number": number, "method": self.command, "path": self.path, "body": body.decode("latin-1")}
        self.answer(json.dumps(told).encode(), set_cookie="sid=the-cookie-secret", x_request_id=f"req-{number}")

    def _status(self, body: bytes, number: int, status: str) -> None:
        self.answer(json.dumps({"number": number}).encode(), int(status), set_cookie="sid=the-cookie-secret")

    def _redirect(self, body: bytes, number: int) -> None:
        self.answer(b"", 302, location="/echo?redirected=1")

    def _gzip(self, body: bytes, number: int) -> None:
        self.answer(gzip.compress(self.server.text), content_encoding="gzip")

    def _packed(self, body: bytes, number: int, encoding: str) -> None:
        self.answer(self.server.text, content_encoding=encoding)

    def _text(self, body: bytes, number: int) -> None:
        self.answer(self.server.text, content_type=self.server.media_type)

    def _events(self, body: bytes, number: int) -> None:
        self.events([b"data: event %d\n\n" % one for one in range(EVENTS)])

    def _half(self, body: bytes, number: int) -> None:
        self.send_response(200)
        self.send_header("content-length", "100")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def _drop(self, body: bytes, number: int) -> None:
        self.close_connection = True

    def _never(self, body: bytes, number: int) -> None:
        self.server.over.wait(LONGEST_WAIT_S)
        self.close_connection = True

    def _v1(self, body: bytes, number: int, *rest: str) -> None:
        self.server.speak(self, json.loads(body), number, rest)


class Server(ThreadingHTTPServer):
    """Answers on loopback and remembers what it was asked.

    Attributes:
        hits: Method, path and body of each request.
        acknowledged: Released by the client for every event that it has got.
        late: Events after which nothing was acknowledged.
        over: Set when the test ends.
        text: What `/text` and `/gzip` answer.
        speak: Answers everything under `/v1`.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.hits: list[tuple[str, str, bytes]] = []
        self.acknowledged = threading.Semaphore(0)
        self.late: list[bytes] = []
        self.over = threading.Event()
        self.text = b'{"plain": "text"}'
        self.media_type = "application/json"
        self.speak: Callable[..., None] = lambda *_: None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.close()
    thread.join()


@pytest.fixture(autouse=True)
def _watched_over(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Internal faults are shown, files go to a folder of the test, and no hook is left behind."""
    monkeypatch.chdir(tmp_path)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with reraise_in_tests():
        yield
    assert not hooks.hooked(), "hooks were left behind"


def _recorded(work: Callable[[], Any], **options: Any) -> tuple[Any, Trace]:
    """What some work returns as a step of a recorded run, and the run's trace as it is read back from the store."""
    session = ArgusSession(**{"record_http": True, "pipeline_name": "taped", **options})
    with session:
        result = session.wrap("work", work)()
    return result, ArgusWatcher().get_trace()


def _exchanges(trace: Trace) -> list[HttpExchange]:
    return [exchange for step in trace.steps for exchange in step.http_exchanges]


def _tape_of(trace: Trace, **options: Any) -> Tape:
    return Tape.of(trace, Hider(Redactor(SecuritySettings())), **options)


@contextmanager
def _served(trace: Trace, **options: Any) -> Iterator[Serving]:
    with serve(_tape_of(trace), **options) as serving:
        yield serving


@pytest.fixture
def taped() -> Callable[..., tuple[Any, Trace]]:
    """Runs some work as a recorded step: what it returns, and the trace as it is read back from the store."""
    return _recorded


@pytest.fixture
def served() -> Callable[..., Any]:
    """A context in which the exchanges of a trace are given out."""
    return _served


@pytest.fixture
def exchanges() -> Callable[[Trace], list[HttpExchange]]:
    """All exchanges of a trace."""
    return _exchanges


@pytest.fixture
def optional() -> Callable[[str], Any]:
    """Imports a library, or skips where it may be missing."""
    return library


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Client:
    """One library, used in the same few ways as the others.

    Args:
        name: Its name.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def ask(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        """Status and body; ``json``, ``data`` (bytes), ``headers`` and ``timeout`` may be sent."""
        raise NotImplementedError

    def pieces(self, url: str, on_piece: Callable[[bytes], None]) -> None:
        """Reads an answer piece by piece."""
        raise NotImplementedError


class _Httpx(Client):
    def ask(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        sent["content"] = sent.pop("data", None)
        with library(self.name).Client(verify=False, follow_redirects=True) as client:
            response = client.request(method, url, **sent)
            return response.status_code, response.content

    def pieces(self, url: str, on_piece: Callable[[bytes], None]) -> None:
        with library(self.name).Client(verify=False) as client, client.stream("GET", url) as response:
            for piece in response.iter_raw():
                on_piece(piece)


class _AsyncHttpx(Client):
    def ask(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        async def ask() -> tuple[int, bytes]:
            sent["content"] = sent.pop("data", None)
            async with library(self.name).AsyncClient(verify=False, follow_redirects=True) as client:
                response = await client.request(method, url, **sent)
                return response.status_code, response.content

        return asyncio.run(ask())

    def pieces(self, url: str, on_piece: Callable[[bytes], None]) -> None:
        async def read() -> None:
            async with library(self.name).AsyncClient(verify=False) as client, client.stream("GET", url) as response:
                async for piece in response.aiter_raw():
                    on_piece(piece)

        asyncio.run(read())


class _Requests(Client):
    def ask(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        response = library("requests").request(method, url, **sent)
        return response.status_code, response.content

    def pieces(self, url: str, on_piece: Callable[[bytes], None]) -> None:
        with library("requests").get(url, stream=True) as response:
            for piece in response.iter_content(None):
                on_piece(piece)


class _Urllib3(Client):
    def ask(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        sent["body"] = sent.pop("data", None)
        if sent["body"] is None:
            del sent["body"]
        with library("urllib3").PoolManager(
            retries=library("urllib3").Retry(None, connect=0, read=0, redirect=3)
        ) as pool:
            response = pool.request(method, url, **sent)
            return response.status, response.data

    def pieces(self, url: str, on_piece: Callable[[bytes], None]) -> None:
        with library("urllib3").PoolManager() as pool:
            response = pool.request("GET", url, preload_content=False)
            for piece in response.stream():
                on_piece(piece)
            response.release_conn()


class _Aiohttp(Client):
    def ask(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        aiohttp = library("aiohttp")
        if "timeout" in sent:
            sent["timeout"] = aiohttp.ClientTimeout(total=sent["timeout"])

        async def ask() -> tuple[int, bytes]:
            async with aiohttp.ClientSession() as session, session.request(method, url, **sent) as response:
                return response.status, await response.read()

        return asyncio.run(ask())

    def pieces(self, url: str, on_piece: Callable[[bytes], None]) -> None:
        async def read() -> None:
            async with library("aiohttp").ClientSession() as session, session.get(url) as response:
                async for piece in response.content.iter_any():
                    on_piece(piece)

        asyncio.run(read())


CLIENTS = {
    "httpx": _Httpx("httpx"),
    "httpx2": _Httpx("httpx2"),
    "httpx-async": _AsyncHttpx("httpx"),
    "httpx2-async": _AsyncHttpx("httpx2"),
    "requests": _Requests("urllib3"),
    "urllib3": _Urllib3("urllib3"),
    "aiohttp": _Aiohttp("aiohttp"),
}


@pytest.fixture(params=list(CLIENTS))
def client(request: pytest.FixtureRequest) -> Client:
    found = CLIENTS[request.param]
    library(found.name)
    return found
