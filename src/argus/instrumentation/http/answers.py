"""What is given back from a recorded answer, common to all libraries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from argus.errors import TapeMiss
from argus.instrumentation.http.serving import Stopped
from argus.model.exchange import HttpAnswer
from argus.model.values import REDACTED
from argus.recording.tape.run_tape import Head

__all__ = ["head_to_serve", "pieces_of"]

_PACKING: Final = frozenset({"content-encoding"})


def head_to_serve(answer: HttpAnswer, *, packed: bool = True) -> Head:
    """The beginning of an answer as the library would have got it.

    Hidden headers are left out, the length is that of what will be given, and the body comes unpacked.

    Args:
        answer: As recorded.
        packed: Whether the library unpacks bodies by what the headers say.
    """
    body = answer.body
    length = len(body.data()) if body is not None and body.ended else None
    headers = []
    for name, value in answer.headers:
        low = name.lower()
        if value == REDACTED or (packed and body is not None and body.unpacked and low in _PACKING):
            continue
        if low == "content-length" and length:  # without a body it tells of one that was not asked for
            value = str(length)
        headers.append((name, value))
    return Head(answer.status or 0, answer.reason, answer.http_version, headers, packed=packed)


def pieces_of(answer: HttpAnswer) -> Iterator[bytes]:
    """The body in the pieces in which it came.

    Args:
        answer: As recorded.

    Raises:
        Stopped: The reader goes on where the recorded one stopped.
    """
    body = answer.body
    if body is None:
        return
    data = body.data()
    start = 0
    sizes = body.chunks if min(body.chunks, default=0) > 0 and sum(body.chunks) == len(data) else (len(data),)
    for size in sizes:
        if size:
            yield data[start : start + size]
        start += size
    if not body.ended and answer.failure is None:
        asked = "the rest of an answer"
        raise Stopped(TapeMiss(f"{asked} was not recorded: its reader stopped after {len(data):,} bytes", asked))
