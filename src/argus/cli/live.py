"""What ``argus trace --live`` follows: the journals of running processes, and the store where their traces arrive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from argus._internal.clock import Clock
from argus.cli.project import Project
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.recording.living import LiveEvent, LiveRuns, RunEnded, RunStarted, StepEnded

if TYPE_CHECKING:
    from argus.storage.base import BaseStore

__all__ = ["Followed", "TraceStored", "document", "follow"]

_PAUSE_S: Final = 0.2
_RECOVERY_S: Final = 2.0
_LOOKED_BACK: Final = timedelta(minutes=10)
_MOST_AWAITED: Final = 1000


class TraceStored(Record, frozen=True, kw_only=True):
    """A run's trace has arrived in the store, with its findings.

    Attributes:
        run_id: The run.
        pipeline_name: Its pipeline.
        trace: The trace.
    """

    run_id: str
    pipeline_name: str
    trace: Trace


Followed = LiveEvent | TraceStored

_NAMES: Final[dict[type, str]] = {
    RunStarted: "run_started",
    StepEnded: "step_ended",
    RunEnded: "run_ended",
    TraceStored: "stored",
}


def follow(
    project: Project, clock: Clock, *, pipeline: str | None = None, until_idle_s: float | None = None
) -> Iterator[Followed | None]:
    """What happens from now on, and None whenever there is nothing more to tell at the moment.

    Runs that are going on, or wait to be stored, are told from their beginning.

    Args:
        project: The call at hand.
        clock: Tells which runs are new, and when nothing has happened for long enough.
        pipeline: Only runs of this pipeline.
        until_idle_s: Ends when nothing has happened for so many seconds; None goes on for ever.

    Raises:
        StorageError: Store or journals cannot be read.
    """
    live = LiveRuns(project.configuration.journal_folder)
    arrivals = _Arrivals(project, clock.now(), pipeline)
    last = looked_for_dead = clock.monotonic()
    try:
        while True:
            for event in live.poll():
                if pipeline is None or event.pipeline_name == pipeline:
                    last = clock.monotonic()
                    arrivals.awaited(event)
                    yield event
            for told in arrivals.poll(clock.now()):
                last = clock.monotonic()
                yield told
            yield None
            now = clock.monotonic()
            if until_idle_s is not None and now - last >= until_idle_s:
                return
            if now - looked_for_dead >= _RECOVERY_S:
                looked_for_dead = now
                project.recover()
            time.sleep(_PAUSE_S)
    finally:
        live.close()


def document(event: Followed) -> dict[str, object]:
    """An event as a JSON document.

    Args:
        event: What happened.
    """
    from argus.model.codec import to_builtins

    if not isinstance(event, TraceStored):
        return {"event": _NAMES[type(event)], **to_builtins(event)}
    trace = event.trace
    return {
        "event": _NAMES[TraceStored],
        "run_id": trace.id,
        "pipeline_name": trace.pipeline_name,
        "status": trace.status,
        "summary": trace.summary,
        "duration_ms": trace.duration_ms,
        "step_count": len(trace.steps),
        "detections": to_builtins([found for found in trace.detections if found.suppressed is None]),
    }


class _Arrivals:
    """Traces that appear in the store.

    Args:
        project: The call at hand.
        began: Runs that started before are told only when their journal told of them.
        pipeline: Only runs of this pipeline.
    """

    def __init__(self, project: Project, began: datetime, pipeline: str | None) -> None:
        self._project = project
        self._began = began
        self._pipeline = pipeline
        self._told: dict[str, set[int]] = {}  # by run that has not arrived: the steps told
        self._arrived: dict[str, datetime] = {}

    def awaited(self, event: LiveEvent) -> None:
        """Takes note of what was told of a run before it is stored."""
        steps = self._told.setdefault(event.run_id, set())
        if isinstance(event, StepEnded):
            steps.add(event.step_number)
        if len(self._told) > _MOST_AWAITED:  # runs that were never stored
            del self._told[next(iter(self._told))]

    def poll(self, now: datetime) -> Iterator[Followed]:
        """Those that arrived since the last look, each with what the journal had not told of it."""
        if not self._project.has_store():
            return
        store = self._project.store()
        for run_id in list(self._told):
            if store.find_prefix(run_id, limit=1) == (run_id,):
                yield from self._arrival(store.get(run_id))
        since = max(self._began, now - _LOOKED_BACK)
        self._arrived = {run_id: at for run_id, at in self._arrived.items() if at >= since}
        for run_id in self._unseen(store, since):
            yield from self._arrival(store.get(run_id))

    def _unseen(self, store: BaseStore, since: datetime) -> list[str]:
        from argus.storage.base import TraceQuery

        query, cursor, found = TraceQuery(pipeline=self._pipeline, since=since), None, list[str]()
        while True:
            page = store.list(query, limit=200, cursor=cursor)
            found += [row.id for row in page.rows if row.id not in self._arrived]
            cursor = page.next_cursor
            if cursor is None or all(row.id in self._arrived for row in page.rows):
                return found[::-1]

    def _arrival(self, trace: Trace) -> Iterator[Followed]:
        told = self._told.pop(trace.id, None)
        self._arrived[trace.id] = trace.created_at
        if told is None:
            yield RunStarted(run_id=trace.id, pipeline_name=trace.pipeline_name, at=trace.created_at)
        depths: dict[str, int] = {}
        for step in trace.steps:
            depths[step.id] = depths.get(step.parent_id, -1) + 1 if step.parent_id else 0
            if step.step_number not in (told or ()):
                yield _step_of(trace, step, depths[step.id])
        yield TraceStored(run_id=trace.id, pipeline_name=trace.pipeline_name, trace=trace)


def _step_of(trace: Trace, step: TraceStep, depth: int) -> StepEnded:
    return StepEnded(
        run_id=trace.id,
        pipeline_name=trace.pipeline_name,
        at=step.timestamp + timedelta(milliseconds=step.duration_ms),
        step_number=step.step_number,
        node_name=step.node_name,
        outcome=step.outcome,
        error=f"{step.error.type}: {step.error.message}" if step.error else None,
        duration_ms=step.duration_ms,
        attempt=step.attempt,
        depth=min(depth, 8),
    )
