"""The recorded answers of a run, given out to the requests that ask for them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.errors import TapeMiss
from argus.model.exchange import HttpExchange, HttpRequest
from argus.model.trace import Trace
from argus.recording.tape.canonical import Asking, asking_of
from argus.recording.tape.difference import first_difference, nearest
from argus.recording.tape.hiding import Hider, Unsearchable

__all__ = ["Asker", "Tape"]

_MOST_COMPARED: Final = 500


class Asker(NamedTuple):
    """Who makes a request.

    Attributes:
        node: The node.
        sent: Its place among the ``Send`` of its superstep, or None.
    """

    node: str
    sent: int | None = None


class _Entry(NamedTuple):
    asker: Asker
    exchange: HttpExchange

    def suits(self, asker: Asker | None) -> int:
        """How well the answer suits somebody who asks the same."""
        if asker is None or asker.node != self.asker.node:
            return 0
        return 2 if asker.sent == self.asker.sent else 1


class Tape:
    """Recorded exchanges; each answers one request, the same requests in the order in which they were recorded.

    Thread-safe.

    Args:
        entries: Who asked, the number of the step it was in, and the exchange; any order.
        hider: Hides secrets as it is done for the requests that will be compared with these.

    Attributes:
        hider: The same.
    """

    def __init__(self, entries: Iterable[tuple[Asker, int, HttpExchange]], hider: Hider) -> None:
        self.hider = hider
        self._lock = threading.Lock()
        self._left: defaultdict[Asking, list[_Entry]] = defaultdict(list)
        self._recorded: dict[Asking, int] = {}
        # By step first: in the trace of a replay, what was served and what ran again were numbered apart.
        for asker, _, exchange in sorted(entries, key=lambda one: (one[1], one[2].number)):
            asking = asking_of(self._hidden(exchange.request))
            self._left[asking].append(_Entry(asker, exchange))
            self._recorded[asking] = self._recorded.get(asking, 0) + 1

    @classmethod
    def of(cls, trace: Trace, hider: Hider | None = None, *, steps: Collection[str] | None = None) -> Tape:
        """The tape of a recorded run.

        Args:
            trace: The run, recorded with ``record_http``.
            hider: Hides secrets as it is done for the requests that will be compared; None hides the default ones.
            steps: Ids of the steps whose exchanges may be given out; None means all.
        """
        if hider is None:
            hider = Hider(Redactor(SecuritySettings()))
        return cls(
            (
                (Asker(step.node_name, step.metadata.get("sent")), step.step_number, exchange)
                for step in trace.steps
                if steps is None or step.id in steps
                for exchange in step.http_exchanges
            ),
            hider,
        )

    def __len__(self) -> int:
        """How many exchanges were recorded."""
        return sum(self._recorded.values())

    def left(self) -> list[HttpExchange]:
        """The exchanges that nobody has asked for yet, in order of recording."""
        with self._lock:
            entries = [entry for queue in self._left.values() for entry in queue]
        return sorted((entry.exchange for entry in entries), key=lambda exchange: exchange.number)

    def take(self, request: HttpRequest, asker: Asker | None = None) -> HttpExchange:
        """The next recorded exchange for a request; it is given out once.

        Args:
            request: Secrets hidden.
            asker: Who asks; where several answers fit, those that it got go first.

        Raises:
            TapeMiss: There is none, or its answer was not kept.
        """
        asking = asking_of(request)
        with self._lock:
            queue = self._left.get(asking)
            if queue:
                place = max(range(len(queue)), key=lambda number: queue[number].suits(asker))  # the first of equals
                return _whole(queue.pop(place).exchange)
        raise self._miss(asking)

    def _hidden(self, request: HttpRequest) -> HttpRequest:
        """The request with today's idea of what is secret, which may be wider than that of the recording."""
        from argus.recording.tape.bodies import media_type_of

        body = request.body
        if body is not None and body.content is not None and body.form == "text":
            kind = media_type_of(request.headers)
            try:
                body = replace(body, content=self.hider.body(body.content, kind.name, kind.boundary))
            except Unsearchable:
                body = request.body
        return replace(request, url=self.hider.url(request.url), body=body)

    def _miss(self, asking: Asking) -> TapeMiss:
        asked = f"{asking.method} {asking.url}"
        times = self._recorded.get(asking)
        if times is not None:
            told = f"it was recorded {_times(times)}, and is asked once more"
            return TapeMiss(f"no recorded answer is left for {asked}: {told}", asked, asked, told)
        with self._lock:
            candidates = sorted(self._recorded, key=lambda one: not self._left.get(one))[:_MOST_COMPARED]
        like = nearest(asking, candidates)
        if like is None:
            return TapeMiss(f"no answer is recorded for {asked}: the tape is empty", asked)
        difference = first_difference(asking, like)
        found = f"{like.method} {like.url}"
        message = f"no answer is recorded for {asked}; the nearest recorded request is {found}; {difference}"
        return TapeMiss(message, asked, found, difference)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _whole(exchange: HttpExchange) -> HttpExchange:
    """The exchange, if its answer can be given again."""
    answer = exchange.answer
    asked = f"{exchange.request.method} {exchange.request.url}"
    why = None
    if answer is None:
        why = "the process ended before the answer came"
    elif answer.status is None and answer.failure is None:
        why = "the caller gave up before the answer came"
    elif answer.status is not None and not 100 <= answer.status <= 599:
        why = f"its status is damaged: {answer.status}"
    elif answer.body is not None and answer.body.missing is not None:
        why = f"its body was not kept: {answer.body.missing}"
    elif answer.body is not None:
        try:
            answer.body.data()
        except ValueError as error:
            why = f"its body is damaged: {error}"
    if why is not None:
        raise TapeMiss(f"the recorded answer to {asked} cannot be given: {why}", asked, asked, why)
    return exchange
