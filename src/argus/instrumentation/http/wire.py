"""A recorded answer as the bytes that a server would have sent, for libraries that only take such."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

from argus.recording.tape.run_tape import Head

__all__ = ["LAST_CHUNK", "chunk_on_wire", "head_on_wire", "is_chunked", "response_from_wire"]

LAST_CHUNK: Final = b"0\r\n\r\n"


def head_on_wire(head: Head) -> bytes:
    """Status line and headers.

    Args:
        head: The beginning of an answer.
    """
    version = head.http_version if head.http_version in ("HTTP/1.0", "HTTP/1.1") else "HTTP/1.1"
    lines = [f"{version} {head.status} {head.reason}", *(f"{name}: {value}" for name, value in head.headers)]
    text = "\r\n".join(line.replace("\r", " ").replace("\n", " ") for line in lines)
    return text.encode("latin-1", "replace") + b"\r\n\r\n"


def is_chunked(head: Head) -> bool:
    """Whether the body comes in chunks that say how long they are.

    Args:
        head: The beginning of an answer.
    """
    return any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in head.headers)


def chunk_on_wire(piece: bytes) -> bytes:
    """A piece of a body with its length.

    Args:
        piece: Not empty.
    """
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def response_from_wire(
    head: Head, pieces: Iterable[bytes], failure: Exception | None, method: str
) -> http.client.HTTPResponse:
    """A response of the standard library.

    Args:
        head: Its beginning.
        pieces: Its body.
        failure: What is raised at the end of the body; None when it ends well.
        method: The method of the request.
    """
    response = http.client.HTTPResponse(_Socket(_stream(head, pieces, failure)), method=method)  # type: ignore[arg-type]  # it only makes a file of it
    response.begin()
    return response


def _stream(head: Head, pieces: Iterable[bytes], failure: Exception | None) -> Iterator[bytes]:
    yield head_on_wire(head)
    chunked = is_chunked(head)
    for piece in pieces:
        yield chunk_on_wire(piece) if chunked else piece
    if failure is not None:
        raise failure
    if chunked:
        yield LAST_CHUNK


class _Socket:
    """As much of a socket as is needed to read from."""

    def __init__(self, stream: Iterator[bytes]) -> None:
        self._stream = stream

    def makefile(self, *args: Any, **kwargs: Any) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self._stream))


class _Raw(io.RawIOBase):
    """Bytes from an iterator."""

    def __init__(self, stream: Iterator[bytes]) -> None:
        self._stream = stream
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._stream, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
