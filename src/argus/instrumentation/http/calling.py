"""One request on its way through a library: told to the tapes of the runs it belongs to, or answered by a tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from argus._internal.guard import Guard
from argus.instrumentation.current import current_steps
from argus.instrumentation.http.failures import failure_of
from argus.instrumentation.http.serving import Serving, active_serving
from argus.recording.tape.bodies import Collector
from argus.recording.tape.run_tape import Head, OpenExchange, Wanted
from argus.recording.tape.tape import Asker

if TYPE_CHECKING:
    from argus.model.exchange import HttpAnswer
    from argus.recording.run import OpenStep, Run
    from argus.recording.tape.run_tape import RunTape

__all__ = ["Call", "begin_call"]

_guard = Guard("http")


def begin_call(library: str, method: str, url: str, headers: Sequence[tuple[str, str]]) -> Call | None:
    """A library is about to send a request.

    Args:
        library: Its name.
        method: The method.
        url: The address.
        headers: Names and values.

    Returns:
        The call to tell of its progress, or None when nobody records it and nobody answers it.
    """
    with _guard:
        steps = current_steps()
        taped = [(run, step, run.tape) for run, step in steps if run.tape is not None and not run.closed]
        serving = active_serving()
        if taped or serving is not None:
            asker = Asker(steps[0][1].node_name, steps[0][1].sent) if steps else None
            return Call(Wanted(library, method, url, headers), taped, serving, asker)
    return None


class Call:
    """A request, from before it is sent to the end of its answer; but for :meth:`answer` no method raises.

    Args:
        wanted: The request.
        taped: The runs that record it, each with its step and tape.
        serving: Who answers it, or None.
        asker: Who asks, if a step does.

    Attributes:
        told: Whether the body of the request was known when it was asked.
    """

    def __init__(
        self,
        wanted: Wanted,
        taped: Sequence[tuple[Run, OpenStep, RunTape]],
        serving: Serving | None,
        asker: Asker | None,
    ) -> None:
        self._wanted = wanted
        self._taped = taped
        self._serving = serving
        self._asker = asker
        self._limit = max((tape.limit for _, _, tape in taped), default=0)
        self.told = False
        self._from_tape = False
        self._exchanges: list[OpenExchange] = []
        self._sent = Collector(self._limit)
        self._received = Collector(self._limit)

    @property
    def served(self) -> bool:
        """Whether a tape is to be asked before the network is."""
        return self._serving is not None

    def answer(self, body: bytes) -> HttpAnswer | None:
        """What the tape answers; None when the request may go to the network.

        Args:
            body: The whole body of the request.

        Raises:
            BaseException: The tape has no answer, and the network is closed.
        """
        if self._serving is None:
            return None
        answer = self._serving.answer(self._wanted, body, self._asker)
        self._from_tape = answer is not None
        return answer

    def ask(self, body: bytes | None) -> None:
        """The request is about to be sent.

        Args:
            body: Its whole body; None when :meth:`sending` will tell it piece by piece.
        """
        with _guard:
            self.told = body is not None
            if body is not None:
                self._sent.add(body)
            for run, step, tape in self._taped:
                exchange = tape.ask(run, step, self._wanted, None if body is None else self._sent)
                exchange.sent, exchange.received, exchange.served = self._sent, self._received, self._from_tape
                self._exchanges.append(exchange)

    def sending(self, piece: bytes) -> None:
        """A piece of the request's body is on its way.

        Args:
            piece: Its bytes.
        """
        with _guard:
            self._sent.add(piece)

    def head(self, head: Head) -> None:
        """The answer begins.

        Args:
            head: Its beginning.
        """
        for exchange in self._exchanges:
            exchange.head = head

    def piece(self, piece: bytes) -> None:
        """A piece of the answer has come.

        Args:
            piece: Its bytes.
        """
        with _guard:
            self._received.add(piece)

    def end(self, *, ended: bool = True) -> None:
        """The answer is over for its reader.

        Args:
            ended: Whether it was read to its end.
        """
        for exchange in self._exchanges:
            with _guard:
                exchange.end(ended=ended)

    def failed(self, error: BaseException) -> None:
        """The library raises in place of the answer, or in the middle of it.

        Args:
            error: What it raises; what is no ``Exception`` means that the caller gave up.
        """
        with _guard:
            failure = failure_of(error) if isinstance(error, Exception) else None
            for exchange in self._exchanges:
                exchange.end(failure, ended=False)
