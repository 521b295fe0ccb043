"""urllib3, and with it requests and whatever else sends through it: one call of a connection pool is one exchange.

Retries that urllib3 makes by itself are part of the call; redirects that a pool manager or requests follows are calls
of their own.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from argus._internal.guard import Guard
from argus.instrumentation.http.answers import head_to_serve, pieces_of
from argus.instrumentation.http.calling import Call, begin_call
from argus.instrumentation.http.failures import found_class, made_without_init
from argus.instrumentation.http.patching import Patch
from argus.instrumentation.http.wire import response_from_wire
from argus.model.exchange import HttpAnswer, HttpFailure
from argus.recording.tape.run_tape import Head

__all__ = ["patches"]

_guard = Guard("http.urllib3")
_PORTS = {"http": 80, "https": 443}


class _Within(threading.local):
    """Whether this thread is inside a call already: a pool calls itself again for every retry."""

    call = False


_within = _Within()


def patches(module: ModuleType) -> list[Patch]:
    """What is to be replaced.

    Args:
        module: ``urllib3``.
    """
    return [Patch(module.HTTPConnectionPool, "urlopen", functools.partial(_around, module))]


def _around(module: ModuleType, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def urlopen(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        call = None if _within.call else _begun(self, method, url, headers)
        if call is None:
            return original(self, method, url, body, headers, *args, **kwargs)
        known = _known(body)
        if call.served:
            if known is None:
                body = known = _read_out(body)
            answer = call.answer(known)
            if answer is not None:
                call.ask(known)
                return _served(module, call, answer, self, method, url, kwargs)
        call.ask(known)
        sending = body if known is not None else _Upload(body, call)
        _within.call = True
        try:
            response = original(self, method, url, sending, headers, *args, **kwargs)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            _within.call = False
        _watch(response, call, method)
        return response

    return urlopen


def _begun(pool: Any, method: str, url: str, headers: Any) -> Call | None:
    with _guard:
        if headers is None:
            headers = pool.headers
        return begin_call("urllib3", method, _whole_url(pool, url), _texts(headers))
    return None


def _whole_url(pool: Any, url: str) -> str:
    if not url.startswith("/"):  # a proxy is given the whole address
        return url
    host = f"[{pool.host}]" if ":" in pool.host and not pool.host.startswith("[") else pool.host
    port = "" if pool.port in (None, _PORTS.get(pool.scheme)) else f":{pool.port}"
    return f"{pool.scheme}://{host}{port}{url}"


def _texts(headers: Any) -> list[tuple[str, str]]:
    pairs = headers.items() if isinstance(headers, Mapping) or hasattr(headers, "items") else headers or ()
    return [(_text(name), _text(value)) for name, value in pairs]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _known(body: Any) -> bytes | None:
    """The body, None when it can only be had by sending it."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogateescape")
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    return None


def _read_out(body: Any) -> bytes:
    if hasattr(body, "read"):
        read = body.read()
        return read.encode() if isinstance(read, str) else bytes(read)
    return b"".join(piece.encode() if isinstance(piece, str) else bytes(piece) for piece in body)


class _Upload:
    """Hands on a request's body that is a file or an iterable, and tells the call."""

    def __init__(self, inner: Any, call: Call) -> None:
        self._inner = inner
        self._call = call
        if hasattr(inner, "read"):
            self.read = self._read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __iter__(self) -> Iterator[Any]:
        for piece in self._inner:
            self._tell(piece)
            yield piece

    def _read(self, *args: Any) -> Any:
        piece = self._inner.read(*args)
        self._tell(piece)
        return piece

    def _tell(self, piece: Any) -> None:
        with _guard:
            self._call.sending(piece.encode() if isinstance(piece, str) else bytes(piece))


def _watch(response: Any, call: Call, method: str) -> None:
    with _guard:
        version = {9: "HTTP/0.9", 10: "HTTP/1.0", 20: "HTTP/2"}.get(response.version, "HTTP/1.1")
        body = response._body
        unread = body is None and not _is_over(response)
        head = Head(
            response.status, response.reason or "", version, _texts(response.headers), packed=unread or body is None
        )
        call.head(head)
        if unread:
            base: Any = type(response)
            response.argus_call = call
            response.__class__ = _watched(base)
            return
        if isinstance(body, bytes):
            call.piece(body)
        call.end()


def _is_over(response: Any) -> bool:
    original = response._original_response
    return original is not None and bool(original.isclosed())


@functools.cache
def _watched(base: Any) -> type:
    """A response that tells a call what is read from it, and hands it on at the same moment."""

    class Watched(base):  # type: ignore[misc]  # a direct subclass, or an instance could not change to it
        argus_call: Call
        argus_reading = False

        def _fp_read(self, *args: Any, **kwargs: Any) -> Any:
            data = super()._fp_read(*args, **kwargs)
            if data:
                self.argus_call.piece(data)
            return data

        def _handle_chunk(self, *args: Any, **kwargs: Any) -> Any:
            data = super()._handle_chunk(*args, **kwargs)
            if data:
                self.argus_call.piece(data)
            return data

        @contextmanager
        def _error_catcher(self) -> Iterator[None]:
            self.argus_reading = True  # the connection may be released before an exception is on its way
            try:
                with super()._error_catcher():
                    yield
            except Exception as error:
                self.argus_call.failed(error)
                raise
            except BaseException:  # the reader stops, and the connection is closed because of that
                self.argus_call.end(ended=False)
                raise
            finally:
                self.argus_reading = False
            if _is_over(self):
                self.argus_call.end()

        def release_conn(self) -> None:
            super().release_conn()
            if not self.argus_reading:
                self.argus_call.end(ended=_is_over(self))

        def close(self) -> None:
            over = _is_over(self)
            super().close()
            if not self.argus_reading:
                self.argus_call.end(ended=over)

    Watched.__name__, Watched.__qualname__, Watched.__module__ = base.__name__, base.__qualname__, base.__module__
    return Watched


def _served(
    module: ModuleType, call: Call, answer: HttpAnswer, pool: Any, method: str, url: str, asked: Mapping[str, Any]
) -> Any:
    failure = None if answer.failure is None else _failure(module, answer.failure, pool, url)
    if answer.status is None and failure is not None:
        call.failed(failure)
        raise failure
    head = head_to_serve(answer)
    original = response_from_wire(head, pieces_of(answer), failure, method)
    call.head(head)
    response = module.HTTPResponse(
        body=original,
        headers=module._collections.HTTPHeaderDict(head.headers),
        status=original.status,
        version=original.version,
        reason=original.reason,
        preload_content=asked.get("preload_content", True),
        decode_content=asked.get("decode_content", True),
        original_response=original,
        request_method=method,
        request_url=url,
        retries=asked.get("retries") if isinstance(asked.get("retries"), module.Retry) else None,
    )
    _watch(response, call, method)
    return response


def _failure(module: ModuleType, failure: HttpFailure, pool: Any, url: str) -> Exception:
    """The recorded exception again; without its constructor, which would put more into a message that is complete."""
    cause = None
    if failure.cause is not None and found_class(failure.cause, (module.exceptions,)) is not None:
        cause = made_without_init(failure.cause, failure.cause_message, (module.exceptions,), pool=pool, url=url)
    return made_without_init(failure.type, failure.message, (module.exceptions,), pool=pool, url=url, reason=cause)
