"""A connection of aiohttp whose other end is a tape: the library parses the bytes that a server would have sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from argus.instrumentation.http.answers import head_to_serve, pieces_of
from argus.instrumentation.http.serving import Stopped
from argus.instrumentation.http.wire import LAST_CHUNK, chunk_on_wire, head_on_wire, is_chunked
from argus.model.exchange import HttpAnswer

__all__ = ["taped_connection"]


def taped_connection(module: ModuleType, connector: Any, answer: HttpAnswer, failure: Exception | None) -> Any:
    """A connection on which an answer comes.

    Args:
        module: ``aiohttp``.
        connector: Which one was asked for a connection.
        answer: What is to come.
        failure: What is raised at the end of the body; None when it ends well.
    """
    from aiohttp.client_proto import ResponseHandler  # there is aiohttp, or nobody would ask

    loop = asyncio.get_running_loop()
    protocol: Any = ResponseHandler(loop)
    protocol.connection_made(_Transport(protocol))
    return _Connection(connector, protocol, _Sender(loop, protocol, answer, failure))


class _Sender:
    """Sends the answer, one piece for each turn of the event loop, so that a reader who waits gets piece by piece."""

    def __init__(self, loop: Any, protocol: Any, answer: HttpAnswer, failure: Exception | None) -> None:
        self._loop = loop
        self._protocol = protocol
        self._begins = answer.status is not None
        head = head_to_serve(answer)
        self._chunked = is_chunked(head)
        self._head = head_on_wire(head)
        self._pieces: Iterator[bytes] = pieces_of(answer)
        self._failure = failure
        self._payload: Any = None

    def begin(self) -> None:
        if not self._begins:
            self._fail(self._failure or ConnectionError("no answer came"))
            return
        self._protocol.data_received(self._head)
        self._loop.call_soon(self._next)

    def _next(self) -> None:
        protocol = self._protocol
        if protocol.transport is None:  # the reader has left
            return
        if protocol.transport.paused:
            protocol.transport.wanted = self._next
            return
        self._payload = getattr(protocol, "_payload", None) or self._payload
        try:
            piece = next(self._pieces, None)
        except Stopped as stopped:
            self._fail(stopped)
            return
        if piece is not None:
            protocol.data_received(chunk_on_wire(piece) if self._chunked else piece)
            self._loop.call_soon(self._next)
        elif self._failure is not None:
            self._fail(self._failure)
        elif self._chunked:
            protocol.data_received(LAST_CHUNK)
        else:
            protocol.eof_received()
            protocol.connection_lost(None)

    def _fail(self, error: BaseException) -> None:
        if self._payload is not None:
            self._payload.set_exception(error)
        else:
            self._protocol.set_exception(error)


class _Transport(asyncio.Transport):
    """Takes whatever is sent, and gives nothing."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self._protocol = protocol
        self._closing = False
        self.paused = False
        self.wanted: Callable[[], None] | None = None

    def write(self, data: Any) -> None:
        """Takes the request, which is known already."""

    def writelines(self, list_of_data: Any) -> None:
        """Takes the request, which is known already."""

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True

    def abort(self) -> None:
        self._closing = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False
        wanted, self.wanted = self.wanted, None
        if wanted is not None:
            asyncio.get_running_loop().call_soon(wanted)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


class _Connection:
    """As much of aiohttp's ``Connection`` as its client uses."""

    def __init__(self, connector: Any, protocol: Any, sender: _Sender) -> None:
        self._connector = connector
        self._sender = sender
        self._callbacks: list[Callable[[], None]] = []
        self.protocol = _begun_by_parameters(protocol, sender)
        self.transport = protocol.transport

    @property
    def closed(self) -> bool:
        return self.protocol is None

    def add_callback(self, callback: Callable[[], None] | None) -> None:
        if callback is not None:
            self._callbacks.append(callback)

    def close(self) -> None:
        self._end()

    def release(self) -> None:
        self._end()

    def _end(self) -> None:
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()
        protocol, self.protocol = self.protocol, None
        if protocol is not None:
            protocol.close()


def _begun_by_parameters(protocol: Any, sender: _Sender) -> Any:
    """The protocol, which begins to get the answer as soon as it has been told how to parse it."""
    original = protocol.set_response_params

    def set_response_params(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        asyncio.get_running_loop().call_soon(sender.begin)

    protocol.set_response_params = set_response_params
    return protocol
