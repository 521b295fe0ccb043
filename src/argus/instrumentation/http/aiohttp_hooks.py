"""aiohttp: a request is seen when it asks for a connection, its answer when the headers are there.

Redirects and the repeated attempts that aiohttp makes on a stale connection are exchanges of their own.
"""

from __future__ import annotations

import asyncio
import functools
import re
import socket
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from argus._internal.guard import Guard
from argus.instrumentation.http.aiohttp_reader import watched_reader
from argus.instrumentation.http.aiohttp_taped import taped_connection
from argus.instrumentation.http.calling import Call, begin_call
from argus.instrumentation.http.failures import class_of, found_class, made_without_init
from argus.instrumentation.http.patching import Patch
from argus.model.exchange import HttpFailure
from argus.recording.tape.run_tape import Head

__all__ = ["patches"]

_guard = Guard("http.aiohttp")
_CALL: Final = "argus_call"
_NUMBERED: Final = re.compile(r"\[Errno (-?\d+)\] (.*)", re.DOTALL)


def patches(module: ModuleType) -> list[Patch]:
    """What is to be replaced.

    Args:
        module: ``aiohttp``.
    """
    return [
        Patch(module.BaseConnector, "connect", functools.partial(_around_connect, module)),
        Patch(module.ClientRequest, "write_bytes", _around_write),
        Patch(module.ClientRequest, "send", _around_send),
        Patch(module.ClientResponse, "start", functools.partial(_around_start, module)),
    ]


def _around_connect(module: ModuleType, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def connect(self: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        call = _begun(req)
        if call is None:
            return await original(self, req, *args, **kwargs)
        known = _known(req)
        if call.served:
            if known is None:
                known = await _read_out(req)
            answer = call.answer(known)
            if answer is not None:
                call.ask(known)
                failure = None if answer.failure is None else _failure(module, answer.failure, req)
                if failure is not None and _is_of_connecting(module, failure):
                    call.failed(failure)
                    raise failure
                connection = taped_connection(module, self, answer, failure)
                setattr(connection, _CALL, call)
                return connection
        call.ask(known)
        try:
            connection = await original(self, req, *args, **kwargs)
        except BaseException as error:
            with _guard:
                call.failed(_as_the_caller_sees_it(module, req, error))
            raise
        with _guard:
            setattr(connection, _CALL, call)
        return connection

    return connect


def _around_write(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def write_bytes(self: Any, writer: Any, conn: Any, *args: Any, **kwargs: Any) -> Any:
        call = getattr(conn, _CALL, None)
        if call is not None and not call.told:
            writer = _Writer(writer, call)
        return await original(self, writer, conn, *args, **kwargs)

    return write_bytes


def _around_send(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def send(self: Any, conn: Any) -> Any:
        try:
            return await original(self, conn)
        except BaseException as error:
            call = getattr(conn, _CALL, None)
            if call is not None:
                call.failed(error)
            raise

    return send


def _around_start(module: ModuleType, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def start(self: Any, connection: Any) -> Any:
        call = getattr(connection, _CALL, None)
        if call is None:
            return await original(self, connection)
        try:
            response = await original(self, connection)
        except BaseException as error:
            call.failed(error)
            raise
        with _guard:
            _watch(module, self, connection, call)
        return response

    return start


def _begun(req: Any) -> Call | None:
    with _guard:
        return begin_call(
            "aiohttp", req.method, str(req.url), [(str(name), value) for name, value in req.headers.items()]
        )
    return None


def _known(req: Any) -> bytes | None:
    """The body, None when it can only be had by sending it."""
    body = req.body
    if not body and not hasattr(body, "write"):
        return b""
    value = body if isinstance(body, bytes) else getattr(body, "_value", None)
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


async def _read_out(req: Any) -> bytes:
    """Reads a body that is a stream; the request has it as bytes from now on."""
    pieces: list[bytes] = []
    await req.body.write(_Pieces(pieces))
    body = b"".join(pieces)
    headers = req.headers.copy()
    req.update_body_from_data(body)
    req.headers.clear()
    req.headers.extend(headers)
    return body


class _Pieces:
    """Takes in what a body writes."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def write(self, piece: Any, *args: Any, **kwargs: Any) -> None:
        self._pieces.append(bytes(piece))

    async def write_eof(self, piece: bytes = b"") -> None:
        self._pieces.append(bytes(piece))

    async def drain(self) -> None:
        """Nothing is on its way."""


class _Writer:
    """Hands on what a body writes, and tells the call."""

    def __init__(self, inner: Any, call: Call) -> None:
        self._inner = inner
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def write(self, piece: Any, *args: Any, **kwargs: Any) -> Any:
        with _guard:
            self._call.sending(bytes(piece))
        return await self._inner.write(piece, *args, **kwargs)

    async def write_eof(self, piece: bytes = b"") -> Any:
        if piece:
            with _guard:
                self._call.sending(bytes(piece))
        return await self._inner.write_eof(piece)


def _watch(module: ModuleType, response: Any, connection: Any, call: Call) -> None:
    version = response.version
    call.head(
        Head(
            response.status,
            response.reason or "",
            f"HTTP/{version.major}.{version.minor}" if version is not None else "HTTP/1.1",
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers],
            packed=False,
        )
    )
    content = response.content
    if content.at_eof():
        call.end()
        return
    response.content = watched_reader(module.StreamReader)(content, call)

    def over() -> None:
        if not content.is_eof() or content.at_eof():  # else the rest is here, and may still be read
            call.end(ended=content.at_eof())

    if response.connection is None:  # the whole answer has come, and the connection has other work
        return
    connection.add_callback(over)


def _failure(module: ModuleType, failure: HttpFailure, req: Any) -> Exception:
    kind: Any = class_of(failure.type, (module,))
    made: Exception
    if issubclass(kind, module.ClientConnectorError):
        made = kind(req.connection_key, _system_error(failure))
    elif issubclass(kind, module.ClientResponseError):
        made = kind(req.request_info, (), status=failure.status or 0, message=failure.message)
    else:
        made = made_without_init(failure.type, failure.message, (module,))
        if hasattr(kind, "message"):
            made.message = failure.message  # type: ignore[attr-defined]  # ServerDisconnectedError has one
    return made


def _system_error(failure: HttpFailure) -> OSError:
    kind: Any = found_class(failure.cause or "", (socket,))
    if kind is None or not issubclass(kind, OSError):
        kind = OSError
    numbered = _NUMBERED.fullmatch(failure.cause_message)
    made: OSError = kind(int(numbered[1]), numbered[2]) if numbered else kind(0, failure.cause_message)
    return made


def _as_the_caller_sees_it(module: ModuleType, req: Any, error: BaseException) -> BaseException:
    """Aiohttp makes an exception of its own of a timeout while it connects."""
    kind = getattr(module, "ConnectionTimeoutError", None)
    if kind is None or not isinstance(error, asyncio.TimeoutError) or isinstance(error, module.ClientError):
        return error
    made: BaseException = kind(f"Connection timeout to host {req.url}")
    return made


def _is_of_connecting(module: ModuleType, failure: Exception) -> bool:
    kinds = (module.ClientConnectorError, getattr(module, "ConnectionTimeoutError", module.ClientConnectorError))
    return isinstance(failure, kinds)
