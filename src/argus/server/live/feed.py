"""Follows running pipelines and the store, and tells what happens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Final

from argus.errors import ArgusError
from argus.recording.living import LiveEvent as Told
from argus.recording.living import LiveRuns, RunEnded, RunStarted, StepEnded, StepStarted
from argus.server.live.ring import Ring
from argus.server.resources.replays import LiveEvent
from argus.server.sources import Sources
from argus.storage.base import TraceRow

__all__ = ["Feed"]

_BUSY_S: Final = 0.25
_IDLE_S: Final = 2.0
_COUNT_EVERY_S: Final = 5.0
_RECOVER_EVERY_S: Final = 2.0
_NEWEST: Final = 200

_log = logging.getLogger("argus.server")


class Feed:
    """A thread that looks at journals and store, from the first reader on.

    Args:
        sources: What the server answers from.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._noticed = threading.Event()
        self._thread: threading.Thread | None = None
        self._looks = _Looks(sources)
        self.ring: Ring[LiveEvent] = Ring(f"{sources.clock.now():%Y%m%d%H%M%S%f}")

    def start(self) -> None:
        """Begins to look, unless it does already; called for every reader."""
        with self._lock:
            self._noticed.set()
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._follow, name="argus-feed", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Ends the thread and all readers; may be called twice, from a signal handler too."""
        self._ended.set()
        self._noticed.set()
        self.ring.close()

    def _follow(self) -> None:
        live = LiveRuns(self._sources.journal_folder, starts=True)
        try:
            while not self._ended.is_set():
                try:
                    self.ring.add(*map(_event_of, live.poll()), *self._looks.arrivals())
                except ArgusError as error:  # the store may come back
                    _log.warning("%s", error)
                self._noticed.clear()
                self._noticed.wait(_BUSY_S if self.ring.readers else _IDLE_S)
        finally:
            live.close()


class _Looks:
    """What changes in the store between two looks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._seen: dict[str, TraceRow] | None = None
        self._counted: dict[str, int] | None = None
        self._counted_at = self._recovered_at = float("-inf")

    def arrivals(self) -> Iterator[LiveEvent]:
        """Runs that arrived or changed, and a word when others came or went."""
        now = self._sources.clock.monotonic()
        if now - self._recovered_at >= _RECOVER_EVERY_S:
            self._recovered_at = now
            self._sources.recover()
        store = self._sources.store.get()
        newest = {row.id: row for row in store.list(limit=_NEWEST).rows}
        told = 0
        if self._seen is not None:
            for row in reversed(newest.values()):
                if self._seen.get(row.id) != row and not self._is_old(row):
                    told += 1
                    yield self._stored(row)
        self._seen = newest
        if now - self._counted_at >= _COUNT_EVERY_S or told:
            self._counted_at = now
            counted = store.tally()
            expected = None if self._counted is None else sum(self._counted.values()) + told
            if expected is not None and sum(counted.values()) != expected:
                yield LiveEvent(kind="store_changed", trace_id=None, pipeline=None, at=self._sources.clock.now())
            self._counted = counted

    def _is_old(self, row: TraceRow) -> bool:
        """Whether a row only moved up because newer ones were deleted."""
        seen = self._seen or {}
        if len(seen) < _NEWEST or row.id in seen:
            return False
        return row.created_at < min(one.created_at for one in seen.values())

    def _stored(self, row: TraceRow) -> LiveEvent:
        return LiveEvent(
            kind="store_changed",
            trace_id=row.id,
            pipeline=row.pipeline_name,
            at=self._sources.clock.now(),
            duration_ms=row.duration_ms,
            status=row.status,
        )


def _event_of(told: Told | StepStarted) -> LiveEvent:
    if isinstance(told, RunStarted):
        return LiveEvent(kind="run_started", trace_id=told.run_id, pipeline=told.pipeline_name, at=told.at)
    if isinstance(told, RunEnded):
        return LiveEvent(
            kind="run_finished",
            trace_id=told.run_id,
            pipeline=told.pipeline_name,
            at=told.at,
            outcome=told.outcome,
            duration_ms=told.duration_ms,
        )
    ended = told if isinstance(told, StepEnded) else None
    return LiveEvent(
        kind="step_finished" if ended else "step_started",
        trace_id=told.run_id,
        pipeline=told.pipeline_name,
        at=told.at,
        step_number=told.step_number,
        node=told.node_name,
        outcome=ended.outcome if ended else None,
        error=ended.error if ended else None,
        duration_ms=ended.duration_ms if ended else None,
        attempt=told.attempt,
        depth=told.depth,
    )
