"""The host's clients behave as if nobody watched: every way to read, every way to stop, nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import textwrap
import threading
import weakref

import pytest

from argus._internal import guard
from argus.errors import TapeMiss
from argus.instrumentation.http import hooks
from argus.recording.tape.run_tape import RunTape

TEXT = b"first line\nsecond line\nthe third line is longer than the others\n" * 3


def requests_way(read):
    def work(url, optional):
        with optional("requests").get(url, stream=True) as response:
            return read(response)

    return work


def urllib3_way(read, **options):
    def work(url, optional):
        with optional("urllib3").PoolManager() as pool:
            response = pool.request("GET", url, **{"preload_content": False, **options})
            try:
                return read(response)
            finally:
                response.release_conn()

    return work


def httpx_way(read):
    def work(url, optional):
        httpx = optional("httpx")
        with httpx.Client(verify=False) as client, client.stream("GET", url) as response:
            return read(response)

    return work


def aiohttp_way(read):
    def work(url, optional):
        async def ask():
            async with optional("aiohttp").ClientSession() as session, session.get(url) as response:
                return await read(response)

        return asyncio.run(ask())

    return work


def into(response):
    room = bytearray(10)
    return response.readinto(room), bytes(room), response.read()


async def collected(pieces):
    return [piece async for piece in pieces]


async def bit_by_bit(response):
    content = response.content
    return [
        await content.readline(),
        await content.readuntil(b"d"),
        await content.readexactly(7),
        await content.read(5),
        (await content.readchunk())[0],
        await content.read(),
        content.at_eof(),
        content.total_bytes,
        content.exception(),
    ]


async def too_much(response):
    try:
        await response.content.readexactly(len(TEXT) + 1)
    except asyncio.IncompleteReadError as error:
        return error.partial, error.expected
    raise AssertionError("there is not so much")


WAYS = {
    "requests text": requests_way(lambda response: response.text),
    "requests lines": requests_way(lambda response: list(response.iter_lines())),
    "requests small pieces": requests_way(lambda response: list(response.iter_content(7))),
    "requests raw": requests_way(lambda response: (response.raw.read(9), response.raw.read())),
    "requests nothing": requests_way(lambda response: response.status_code),
    "urllib3 whole": urllib3_way(lambda response: response.data, preload_content=True),
    "urllib3 parts": urllib3_way(lambda response: [response.read(6), response.read(6), response.read()]),
    "urllib3 as a file": urllib3_way(into),
    "urllib3 lines": urllib3_way(list),
    "urllib3 one at a time": urllib3_way(lambda response: [response.read1(8), response.read1(8)]),
    "httpx lines": httpx_way(lambda response: list(response.iter_lines())),
    "httpx small pieces": httpx_way(lambda response: list(response.iter_bytes(7))),
    "httpx read": httpx_way(lambda response: (response.read(), response.http_version, response.reason_phrase)),
    "httpx nothing": httpx_way(lambda response: response.status_code),
    "aiohttp text": aiohttp_way(lambda response: response.text()),
    "aiohttp lines": aiohttp_way(lambda response: collected(response.content)),
    "aiohttp small pieces": aiohttp_way(lambda response: collected(response.content.iter_chunked(7))),
    "aiohttp bit by bit": aiohttp_way(bit_by_bit),
    "aiohttp too much": aiohttp_way(too_much),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_reading_gives_the_same(way, server, taped, served, optional):
    server.text, server.media_type = TEXT, "text/plain; charset=utf-8"
    work = WAYS[way]
    alone = work(f"{server.url}/text", optional)
    recorded, trace = taped(lambda: work(f"{server.url}/text", optional))
    assert recorded == alone
    server.close()
    with served(trace):
        assert work(f"{server.url}/text", optional) == alone


def test_a_reader_may_stop_early_and_the_tape_ends_where_it_stopped(server, client, taped, served, exchanges):
    class Enough(Exception):
        pass

    def read(most):
        pieces = []

        def on_piece(piece):
            pieces.append(bytes(piece))
            server.acknowledged.release()
            if len(pieces) == most:
                raise Enough

        try:
            client.pieces(f"{server.url}/events", on_piece)
        except Enough:
            return pieces
        raise AssertionError("the reader never had enough")

    live, trace = taped(lambda: read(2))
    (exchange,) = exchanges(trace)
    assert not exchange.answer.body.ended
    assert exchange.answer.body.data() == b"".join(live)
    with served(trace):
        assert read(2) == live
    with pytest.raises(TapeMiss, match="its reader stopped after"), served(trace):
        read(3)


def test_hooks_are_there_only_while_something_is_recorded(server, client, taped):
    seen = []

    def work():
        seen.append(hooks.hooked())
        return client.ask("GET", f"{server.url}/echo")[0]

    work()
    assert taped(work, record_http=False)[0] == 200
    assert taped(work)[0] == 200
    before, off, on = seen
    assert (before, off) == ([], [])
    assert client.name in on


def test_an_instrumentation_that_comes_later_stays_and_nothing_is_counted_twice(server, taped, exchanges, optional):
    httpx = optional("httpx")
    original = httpx.HTTPTransport.handle_request
    calls = []

    def work():
        ours = httpx.HTTPTransport.handle_request

        def theirs(self, request):
            calls.append(request.url.path)
            return ours(self, request)

        httpx.HTTPTransport.handle_request = theirs
        return httpx.get(f"{server.url}/echo", verify=False).status_code

    try:
        _, trace = taped(work)
        assert hooks.hooked() == ["httpx"], "ours stays below theirs"
        assert httpx.get(f"{server.url}/echo", verify=False).status_code == 200
        _, second = taped(lambda: httpx.get(f"{server.url}/echo", verify=False).status_code)
        assert len(calls) == 3
        assert [len(exchanges(one)) for one in (trace, second)] == [1, 1]
    finally:
        httpx.HTTPTransport.handle_request = original


def test_a_fault_of_ours_never_reaches_the_client(server, client, taped, exchanges, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(RunTape, "ask", broken)
    monkeypatch.setattr(guard._ledger, "reraise", False)
    result, trace = taped(lambda: client.ask("GET", f"{server.url}/gzip"))
    assert result == (200, server.text)
    assert exchanges(trace) == []


def test_responses_are_not_held(server, taped, optional):
    urllib3, httpx = optional("urllib3"), optional("httpx")

    def work():
        held = []
        with urllib3.PoolManager() as pool:
            response = pool.request("GET", f"{server.url}/echo", preload_content=False)
            response.read()
            held.append(weakref.ref(response))
            del response
        with httpx.Client(verify=False) as client:
            response = client.get(f"{server.url}/echo")
            held.append(weakref.ref(response.stream))
            del response
        gc.collect()
        return [one() for one in held]

    assert taped(work)[0] == [None, None]


def test_threads_that_do_not_belong_to_the_replay_get_an_error_and_do_not_end_it(server, client, taped, served):
    _, trace = taped(lambda: client.ask("GET", f"{server.url}/echo"))
    errors = []

    def stranger():
        try:
            client.ask("GET", f"{server.url}/status/200")
        except Exception as error:
            errors.append(error)

    with served(trace) as serving:
        thread = threading.Thread(target=stranger)
        thread.start()
        thread.join(30)
        assert client.ask("GET", f"{server.url}/echo")[0] == 200
    assert len(errors) == len(serving.strangers) == 1
    assert serving.misses == []


def test_what_goes_around_the_recorded_libraries_is_refused(server, taped, served):
    from urllib.request import ProxyHandler, build_opener

    _, trace = taped(lambda: None)
    past = f"a connection to 127.0.0.1:{server.server_port} was asked for past the tape"
    with pytest.raises(TapeMiss, match=past), served(trace):
        build_opener(ProxyHandler({})).open(f"{server.url}/echo", timeout=30)
    with served(trace, live=True), build_opener(ProxyHandler({})).open(f"{server.url}/echo", timeout=30) as response:
        assert response.status == 200
    assert "connect" not in vars(socket.socket)


def run(script, *arguments, folder):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        cwd=folder, text=True, capture_output=True, check=True, timeout=60,
    ).stdout  # fmt: skip


def test_a_library_that_a_node_imports_is_recorded_and_no_other_is_imported(server, tmp_path, exchanges, optional):
    from argus import ArgusWatcher

    optional("httpx")
    script = """
        import sys
        from argus import ArgusSession

        libraries = {"httpx", "httpx2", "requests", "urllib3", "aiohttp"}
        session = ArgusSession(record_http=True)

        @session.node("ask")
        def ask():
            before = libraries & sys.modules.keys()
            import httpx
            assert httpx.__spec__.loader is httpx.__loader__ and "argus" not in type(httpx.__loader__).__module__
            httpx.get(sys.argv[1], verify=False)
            return sorted(before), sorted(libraries & sys.modules.keys())

        with session:
            print(ask())
        assert not any("argus" in type(finder).__module__ for finder in sys.meta_path)
    """
    assert run(script, f"{server.url}/echo", folder=tmp_path) == "([], ['httpx'])\n"
    assert [one.library for one in exchanges(ArgusWatcher().get_trace())] == ["httpx"]
