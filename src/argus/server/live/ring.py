"""Events in order, kept for a while, so that whoever was away can go on where it stopped."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

__all__ = ["Numbered", "Ring"]

_KEPT: Final = 5000
_QUIET_S: Final = 15.0

T = TypeVar("T")


@dataclass(frozen=True)
class Numbered(Generic[T]):
    """An event and its place.

    Attributes:
        id: What a reader gives back to go on behind it.
        event: The event; None when there was nothing for a while.
        missed: Whether events before it are no longer known.
    """

    id: str
    event: T | None
    missed: bool = False


class Ring(Generic[T]):
    """The newest events; written from any thread, read from any event loop.

    Args:
        name: Sets the ids of this ring apart from those of an earlier start.
        kept: Events kept.
    """

    def __init__(self, name: str, kept: int = _KEPT) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._events: deque[T] = deque(maxlen=kept)
        self._count = 0
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._closed = False

    @property
    def readers(self) -> int:
        """How many are reading now."""
        with self._lock:
            return len(self._waiting)

    def add(self, *events: T) -> None:
        """Adds events.

        Args:
            *events: In order.
        """
        with self._lock:
            self._events.extend(events)
            self._count += len(events)
        if events:
            self._wake()

    def close(self) -> None:
        """Ends all readers once they have read what there is."""
        self._closed = True
        self._wake()

    async def read(
        self, after: str | None = None, *, from_start: bool = False, ready: Callable[[], None] | None = None
    ) -> AsyncIterator[Numbered[T]]:
        """Events as they come, until the ring is closed.

        Args:
            after: The id of the last event that the reader knows; None or one of another start: from now on.
            from_start: Begin with all that is kept rather than from now on.
            ready: Called once nothing that is added can be missed any more.
        """
        woken = asyncio.Event()
        with self._lock:
            self._waiting[woken] = asyncio.get_running_loop()
            place = 0 if from_start else self._count
            known = self._place_of(after) if after else None
        missed = after is not None and known is None
        if known is not None:
            place = known
        try:
            if ready is not None:
                ready()
            while True:
                woken.clear()
                with self._lock:
                    first = self._count - len(self._events)
                    missed = missed or place < first
                    place = max(place, first)
                    fresh = list(self._events)[place - first :]
                    closed = self._closed
                for event in fresh:
                    place += 1
                    yield Numbered(f"{self._name}-{place}", event, missed)
                    missed = False
                if missed:
                    yield Numbered(f"{self._name}-{place}", None, True)
                    missed = False
                if closed and not fresh:
                    return
                if not fresh:
                    try:
                        await asyncio.wait_for(woken.wait(), _QUIET_S)
                    except asyncio.TimeoutError:
                        yield Numbered(f"{self._name}-{place}", None)
        finally:
            with self._lock:
                del self._waiting[woken]

    def _place_of(self, event_id: str) -> int | None:
        name, _, number = event_id.rpartition("-")
        if name != self._name or not number.isdecimal() or len(number) > 15 or int(number) > self._count:
            return None
        return int(number)

    def _wake(self) -> None:
        with self._lock:
            waiting = list(self._waiting.items())
        for woken, loop in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)
