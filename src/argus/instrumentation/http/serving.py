"""Answers from a tape in place of the network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from argus._internal.guard import Guard
from argus.errors import TapeMiss
from argus.instrumentation.current import current_steps
from argus.instrumentation.http.hooks import hold_hooks
from argus.instrumentation.http.sockets import refuse_connections
from argus.model.exchange import HttpAnswer, HttpExchange
from argus.recording.tape.bodies import Collector
from argus.recording.tape.run_tape import Wanted
from argus.recording.tape.tape import Asker, Tape

__all__ = ["Serving", "Stopped", "active_serving", "serve"]

_guard = Guard("http.serving")
_WHOLE = 1 << 62


class Stopped(BaseException):
    """Carries a :class:`argus.errors.TapeMiss` out of the code that asked.

    It is no ``Exception``: client libraries answer those by trying again and again, and hide them in errors of their
    own; nodes answer them by going another way than the recorded one.

    Attributes:
        miss: What is missing.
    """

    def __init__(self, miss: TapeMiss) -> None:
        super().__init__(str(miss))
        self.miss = miss


class Serving:
    """One time of answering from a tape; thread-safe.

    Args:
        tape: The recorded answers.
        live: Whether a request without a recorded answer goes to the network.

    Attributes:
        answered: The exchanges that were given out, in order.
        misses: The requests that had no answer.
        passed: Method and address of those that went to the network.
        strangers: Requests without an answer from threads that do not belong to the code that is served.
    """

    def __init__(self, tape: Tape, *, live: bool) -> None:
        self.live = live
        self.answered: list[HttpExchange] = []
        self.misses: list[TapeMiss] = []
        self.passed: list[str] = []
        self.strangers: list[TapeMiss] = []
        self._tape = tape
        self._lock = threading.Lock()

    def answer(self, wanted: Wanted, body: bytes, asker: Asker | None) -> HttpAnswer | None:
        """The recorded answer to a request; None when it is to go to the network.

        Args:
            wanted: The request.
            body: Its whole body.
            asker: Who asks, or None when no step does.

        Raises:
            Stopped: There is none.
            TapeMiss: There is none for a thread that does not belong to the code that is served.
        """
        collected = Collector(_WHOLE)
        collected.add(body)
        request = wanted.request(self._tape.hider, collected)
        try:
            exchange = self._tape.take(request, asker)
        except TapeMiss as miss:
            if self.live:
                with self._lock:
                    self.passed.append(miss.asked)
                return None
            self.refuse(miss, belongs=asker is not None)
        with self._lock:
            self.answered.append(exchange)
        return exchange.answer

    def refuse(self, miss: TapeMiss, *, belongs: bool = False) -> None:
        """Stops a request.

        Args:
            miss: Why.
            belongs: Whether it is known to be made by the code that is served.

        Raises:
            Stopped: Always, for the code that is served.
            TapeMiss: Always, for others.
        """
        if belongs or _inside.get() is self:
            with self._lock:
                self.misses.append(miss)
            raise Stopped(miss)
        with self._lock:
            self.strangers.append(miss)
        raise miss

    def refuse_connection(self, address: str) -> None:
        """Stops a connection that goes around the HTTP libraries.

        Args:
            address: Host and port.

        Raises:
            Stopped: Always, for the code that is served.
            TapeMiss: Always, for others.
        """
        asked = f"a connection to {address}"
        message = f"{asked} was asked for past the tape, by a library that is not recorded; `live` lets it through"
        self.refuse(TapeMiss(message, asked), belongs=bool(current_steps()))


_servings: list[Serving] = []
_inside: ContextVar[Serving | None] = ContextVar("argus_serving", default=None)
"""Who serves the code of this context, and the threads and tasks that it starts with a copy of it."""


def active_serving() -> Serving | None:
    """Who answers requests in this process now; the last who began."""
    return _servings[-1] if _servings else None


@contextmanager
def serve(tape: Tape, *, live: bool = False) -> Iterator[Serving]:
    """Answers the HTTP requests of this process from a tape while the block runs.

    A request without a recorded answer stops the code that made it: a :class:`Stopped` runs through it, past every
    ``except Exception`` on its way, and leaves the block as a ``TapeMiss``. So does a connection that Python code opens
    without one of the recorded libraries.

    Args:
        tape: The recorded answers.
        live: Whether requests without a recorded answer go to the network instead.

    Raises:
        TapeMiss: At the end of the block, when a request had no answer, even if the code inside went on without it.
    """
    serving = Serving(tape, live=live)
    release = hold_hooks()
    allow = refuse_connections(serving.refuse_connection) if not live else None
    _servings.append(serving)
    token = _inside.set(serving)
    try:
        yield serving
    except Stopped as stopped:
        raise stopped.miss from None
    except Exception as error:
        if serving.misses:
            raise serving.misses[0] from error
        raise
    finally:
        _servings.remove(serving)
        if allow is not None:
            allow()
        release()
        with _guard:
            _inside.reset(token)
    if serving.misses:
        raise serving.misses[0]
