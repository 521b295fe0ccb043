"""httpx and httpx2: the two methods through which every request reaches the network."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

from argus._internal.guard import Guard
from argus.instrumentation.http.answers import head_to_serve, pieces_of
from argus.instrumentation.http.calling import Call, begin_call
from argus.instrumentation.http.failures import class_of, made_without_init
from argus.instrumentation.http.patching import Patch
from argus.model.exchange import HttpAnswer
from argus.recording.tape.run_tape import Head

__all__ = ["patches"]

_guard = Guard("http.httpx")


def patches(module: ModuleType) -> list[Patch]:
    """What is to be replaced.

    Args:
        module: ``httpx`` or ``httpx2``.
    """
    return [
        Patch(module.HTTPTransport, "handle_request", functools.partial(_around, module, _classes(module))),
        Patch(
            module.AsyncHTTPTransport,
            "handle_async_request",
            functools.partial(_around_async, module, _classes(module)),
        ),
    ]


def _around(module: ModuleType, kinds: _Kinds, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def handle_request(self: Any, request: Any) -> Any:
        call = _begun(module, request)
        if call is None:
            return original(self, request)
        body, upload = _content(request), request.stream
        if call.served:
            if body is None:
                body = b"".join(request.stream)
                upload = request.stream = module.ByteStream(body)
            answer = call.answer(body)
            if answer is not None:
                return _served(module, kinds, call, answer, request, body)
        call.ask(body)
        if body is None:
            request.stream = kinds.upload(upload, call)
        try:
            response = original(self, request)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            request.stream = upload
        _watch(response, kinds.stream, call)
        return response

    return handle_request


def _around_async(module: ModuleType, kinds: _Kinds, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def handle_async_request(self: Any, request: Any) -> Any:
        call = _begun(module, request)
        if call is None:
            return await original(self, request)
        body, upload = _content(request), request.stream
        if call.served:
            if body is None:
                body = b"".join([piece async for piece in request.stream])
                upload = request.stream = module.ByteStream(body)
            answer = call.answer(body)
            if answer is not None:
                return _served(module, kinds, call, answer, request, body)
        call.ask(body)
        if body is None:
            request.stream = kinds.upload(upload, call)
        try:
            response = await original(self, request)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            request.stream = upload
        _watch(response, kinds.stream, call)
        return response

    return handle_async_request


def _begun(module: ModuleType, request: Any) -> Call | None:
    with _guard:
        return begin_call(module.__name__, request.method, str(request.url), _texts(request.headers.raw))
    return None


def _content(request: Any) -> bytes | None:
    """The body, None when it can only be had by sending it."""
    content = getattr(request, "_content", None)
    return content if isinstance(content, bytes) else None


def _watch(response: Any, stream: Callable[[Any, Call], Any], call: Call) -> None:
    with _guard:
        extensions = response.extensions
        call.head(
            Head(
                response.status_code,
                extensions.get("reason_phrase", b"").decode("latin-1"),
                extensions.get("http_version", b"HTTP/1.1").decode("latin-1"),
                _texts(response.headers.raw),
            )
        )
        response.stream = stream(response.stream, call)


def _served(module: ModuleType, kinds: _Kinds, call: Call, answer: HttpAnswer, request: Any, body: bytes) -> Any:
    call.ask(body)
    failure = _failure(module, answer, request)
    if answer.status is None and failure is not None:
        call.failed(failure)
        raise failure
    head = head_to_serve(answer)
    call.head(head)
    return module.Response(
        head.status,
        headers=[(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in head.headers],
        stream=kinds.stream(kinds.taped(answer, failure), call),
        extensions={
            "http_version": head.http_version.encode("latin-1"),
            "reason_phrase": head.reason.encode("latin-1", "replace"),
        },
    )


def _failure(module: ModuleType, answer: HttpAnswer, request: Any) -> Exception | None:
    if answer.failure is None:
        return None
    kind: Any = class_of(answer.failure.type, (module,))
    made: Exception
    if issubclass(kind, module.RequestError):
        made = kind(answer.failure.message, request=request)
    else:
        made = made_without_init(answer.failure.type, answer.failure.message, (module,))
    return made


def _texts(raw: Any) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]


class _Kinds:
    """The streams that stand in for the library's; they are subclasses of its own, for it looks.

    Attributes:
        stream: An answer that is being read.
        upload: A request's body that is being sent.
        taped: An answer from the tape.
    """

    def __init__(self, module: ModuleType) -> None:
        both: Any = type("_Both", (module.SyncByteStream, module.AsyncByteStream), {})

        class Watched(both):  # type: ignore[misc]  # the library is known at run time only
            """Hands on what the inner stream gives, at the same moment, and tells the call."""

            def __init__(self, inner: Any, call: Call) -> None:
                self._inner = inner
                self._call = call

            def __getattr__(self, name: str) -> Any:
                return getattr(self._inner, name)

            def __iter__(self) -> Iterator[bytes]:
                call = self._call
                try:
                    for piece in self._inner:
                        call.piece(piece)
                        yield piece
                except Exception as error:
                    call.failed(error)
                    raise
                call.end()

            async def __aiter__(self) -> AsyncIterator[bytes]:
                call = self._call
                try:
                    async for piece in self._inner:
                        call.piece(piece)
                        yield piece
                except Exception as error:
                    call.failed(error)
                    raise
                call.end()

            def close(self) -> None:
                try:
                    self._inner.close()
                finally:
                    self._call.end(ended=False)

            async def aclose(self) -> None:
                try:
                    await self._inner.aclose()
                finally:
                    self._call.end(ended=False)

        class Upload(both):  # type: ignore[misc]  # the same
            """Hands on the pieces of a request's body and tells the call."""

            def __init__(self, inner: Any, call: Call) -> None:
                self._inner = inner
                self._call = call

            def __iter__(self) -> Iterator[bytes]:
                for piece in self._inner:
                    self._call.sending(piece)
                    yield piece

            async def __aiter__(self) -> AsyncIterator[bytes]:
                async for piece in self._inner:
                    self._call.sending(piece)
                    yield piece

        class Taped(both):  # type: ignore[misc]  # the same
            """Gives the pieces of a recorded answer, and at their end the recorded exception."""

            def __init__(self, answer: HttpAnswer, failure: Exception | None) -> None:
                self._answer = answer
                self._failure = failure

            def __iter__(self) -> Iterator[bytes]:
                yield from pieces_of(self._answer)
                if self._failure is not None:
                    raise self._failure

            async def __aiter__(self) -> AsyncIterator[bytes]:
                for piece in self:
                    yield piece

            def close(self) -> None:
                """Nothing is held."""

            async def aclose(self) -> None:
                """Nothing is held."""

        self.stream: Callable[[Any, Call], Any] = Watched
        self.upload: Callable[[Any, Call], Any] = Upload
        self.taped: Callable[[HttpAnswer, Exception | None], Any] = Taped


@functools.cache
def _classes(module: ModuleType) -> _Kinds:
    return _Kinds(module)
