"""The exchanges of one run, written down as they happen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Final

from argus._internal.guard import Guard
from argus.model.exchange import HttpAnswer, HttpExchange, HttpFailure, HttpRequest
from argus.recording.frames import Answered, Asked
from argus.recording.tape.bodies import Collector, body_of
from argus.recording.tape.hiding import Hider

if TYPE_CHECKING:
    from argus.recording.open_steps import OpenStep
    from argus.recording.run import Run

__all__ = ["Head", "OpenExchange", "RunTape", "Wanted"]

_guard = Guard("run.tape")
_NO_FAILURE: Final[HttpFailure | None] = None


class Wanted:
    """A request as it is about to be sent.

    Args:
        library: Which library sends it.
        method: The method.
        url: The address.
        headers: Names and values.
    """

    def __init__(self, library: str, method: str, url: str, headers: Sequence[tuple[str, str]]) -> None:
        self.library = library
        self.method = method.upper()
        self.url = url
        self.headers = headers

    def request(self, hider: Hider, sent: Collector | None) -> HttpRequest:
        """What is kept of it.

        Args:
            hider: Hides its secrets.
            sent: Its body; None when that is not known yet.
        """
        body = body_of(sent, self.headers, hider, ended=True) if sent is not None and sent.length else None
        return HttpRequest(method=self.method, url=hider.url(self.url), headers=hider.headers(self.headers), body=body)


class Head:
    """The beginning of an answer.

    Args:
        status: The status code.
        reason: The reason phrase.
        http_version: Such as ``HTTP/1.1``.
        headers: Names and values.
        url: Where it came from, when redirects were followed; else None.
        packed: Whether the content encoding is still on when the body passes.
    """

    def __init__(
        self, status: int, reason: str, http_version: str, headers: Sequence[tuple[str, str]], *,
        url: str | None = None, packed: bool = True,
    ) -> None:  # fmt: skip
        self.status = status
        self.reason = reason
        self.http_version = http_version
        self.headers = headers
        self.url = url
        self.packed = packed


class RunTape:
    """Numbers and writes down the exchanges of one run; thread-safe.

    Args:
        hider: Hides secrets.
        limit: Bytes beyond which a body is not kept.

    Attributes:
        released: Called once when the run ends, if anybody set it.
    """

    def __init__(self, hider: Hider, limit: int) -> None:
        self.hider = hider
        self.limit = limit
        self.released: Callable[[], object] | None = None
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._open: dict[int, OpenExchange] = {}

    def ask(self, run: Run, step: OpenStep, wanted: Wanted, sent: Collector | None) -> OpenExchange:
        """A request is about to be sent.

        Args:
            run: Whose tape this is.
            step: The step that it is made in.
            wanted: The request.
            sent: Its body; None when that will only be known once it was sent.
        """
        with self._lock:
            number = next(self._numbers)
        exchange = OpenExchange(self, run, number, run.elapsed_ms(), wanted, told=sent is not None)
        with self._lock:
            self._open[number] = exchange
        request = wanted.request(self.hider, sent)
        asked = HttpExchange(number=number, library=wanted.library, request=request, started_ms=exchange.started_ms)
        run.write(Asked(run.id, step.number, asked))
        return exchange

    def end(self) -> None:
        """The run ends: what is still open has ended for it, whatever its reader does later."""
        with self._lock:
            left = list(self._open.values())
        for exchange in left:
            with _guard:
                exchange.end(ended=False)
        released, self.released = self.released, None
        if released is not None:
            with _guard:
                released()

    def closed(self, number: int) -> bool:
        """An exchange ends; says whether it was still open.

        Args:
            number: Its number.
        """
        with self._lock:
            return self._open.pop(number, None) is not None


class OpenExchange:
    """An exchange that has begun; made by :meth:`RunTape.ask`.

    Attributes:
        started_ms: Milliseconds since the run began.
        head: The beginning of the answer, once it is there.
        sent: The body of the request.
        received: The body of the answer.
        served: Whether the answer comes from a tape.
    """

    def __init__(self, tape: RunTape, run: Run, number: int, started_ms: float, wanted: Wanted, *, told: bool) -> None:
        self.started_ms = started_ms
        self._tape = tape
        self._run = run
        self._number = number
        self._wanted = wanted
        self._told = told
        self.head: Head | None = None
        self.sent: Collector | None = None
        self.received: Collector | None = None
        self.served = False

    def end(self, failure: HttpFailure | None = _NO_FAILURE, *, ended: bool = True) -> None:
        """The answer has passed, or failed; only the first call counts.

        Args:
            failure: What the library raised.
            ended: Whether the body was read to its end.
        """
        if not self._tape.closed(self._number):
            return
        head, hider = self.head, self._tape.hider
        sent = None
        if not self._told and self.sent is not None and self.sent.length:
            sent = body_of(self.sent, self._wanted.headers, hider, ended=ended or head is not None)
        if failure is not None:
            failure = HttpFailure(
                type=failure.type,
                message=hider.plain(failure.message),
                cause=failure.cause,
                cause_message=hider.plain(failure.cause_message),
                status=failure.status,
            )
        duration = self._run.elapsed_ms() - self.started_ms
        answer = HttpAnswer(failure=failure, duration_ms=duration, served=self.served)
        if head is not None:
            received = self.received or Collector(self._tape.limit)
            answer = HttpAnswer(
                status=head.status,
                reason=hider.plain(head.reason),
                http_version=head.http_version,
                headers=hider.headers(head.headers),
                body=body_of(received, head.headers, hider, ended=ended and failure is None, packed=head.packed),
                url=None if head.url is None else hider.url(head.url),
                failure=failure,
                duration_ms=duration,
                served=self.served,
            )
        self._run.write(Answered(self._run.id, self._number, answer, sent))
