"""Runs that were looked at lately, so that a page that asks five times reads them once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from msgspec.structs import replace

from argus.errors import StorageError, TraceNotFound
from argus.model.trace import Trace
from argus.recording.journal import SUFFIX
from argus.recording.recovery import read_journal
from argus.server.sources import Sources
from argus.storage.base import TraceQuery, TraceRow
from argus.storage.locate import resolve
from argus.views.run_row import RunRow, run_row
from argus.views.trace_list import short_ids
from argus.views.usual import RunName, Usual, usual_of

__all__ = ["KnownRun", "KnownRuns"]

T = TypeVar("T")

_TRACES: Final = 8
_ROWS: Final = 20_000
_OUTLINED_STEPS: Final = 100_000
_STALE_AFTER_S: Final = 1.0
_TRUSTED_S: Final = 60.0
_SAMPLED_NODES: Final = 200
_LAST_GOOD: Final = 50
_SHORT_ID: Final = 8


class KnownRun(NamedTuple):
    """A run at hand.

    Attributes:
        trace: The whole run.
        running: Whether it is still being recorded; such a run has no findings yet.
        usual: What is usual for its pipeline.
        made: What was made of it already, by name.
    """

    trace: Trace
    running: bool
    usual: Usual
    made: dict[str, Any]

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Something that is made of the run, made at the first time only.

        Args:
            name: What it is called.
            make: Makes it.
        """
        found: T | None = self.made.get(name)
        if found is None:
            found = self.made[name] = make()
        return found


class _Kept(NamedTuple):
    run: KnownRun
    stamp: TraceRow | None
    read_at: float
    checked_at: float


class KnownRuns:
    """Reads runs through bounded caches; thread-safe.

    A run counts as the same as long as its row in the store does not change, and for a minute at most: a proof that is
    added to its forensics leaves the row as it is.

    Args:
        sources: What the server answers from.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._reading: dict[str, threading.Lock] = {}
        self._traces: OrderedDict[str, _Kept] = OrderedDict()
        self._rows: OrderedDict[str, tuple[TraceRow, RunRow]] = OrderedDict()
        self._outlines: OrderedDict[str, tuple[TraceRow, Trace]] = OrderedDict()
        self._outlined = 0
        self._begun_at = sources.clock.monotonic()

    def forget(self) -> None:
        """Reads everything anew from now on."""
        with self._lock:
            self._traces.clear()
            self._forget_rows()

    def _forget_rows(self) -> None:
        self._rows.clear()
        self._outlines.clear()
        self._outlined = 0
        self._begun_at = self._sources.clock.monotonic()

    # one run

    def get(self, reference: str) -> KnownRun:
        """A run.

        Args:
            reference: A full id, a unique beginning of one, ``last`` or ``last~2``; of running ones the full id.

        Raises:
            TraceNotFound: There is none.
            AmbiguousTraceId: Several ids begin so.
            StorageError: The store cannot be read.
        """
        with self._lock:
            whole = reference in self._traces
        try:
            trace_id = reference if whole else resolve(self._sources.store.get(), reference)
        except TraceNotFound:
            running = self._running(reference)
            if running is None:
                raise
            return running
        with self._lock:
            reading = self._reading.setdefault(trace_id, threading.Lock())
        try:
            with reading:  # what several requests of one page ask for is read once
                return self._stored(trace_id)
        finally:
            with self._lock:
                self._reading.pop(trace_id, None)

    def _stored(self, trace_id: str) -> KnownRun:
        now = self._sources.clock.monotonic()
        with self._lock:
            kept = self._traces.get(trace_id)
            if kept is not None:
                self._traces.move_to_end(trace_id)
        if kept is not None and now - kept.checked_at < _STALE_AFTER_S:
            return kept.run
        trusted = kept is not None and kept.stamp is not None and now - kept.read_at < _TRUSTED_S
        if kept is not None and trusted and self._stamp(kept.run.trace) == kept.stamp:
            self._keep(trace_id, kept._replace(checked_at=now))
            return kept.run
        try:
            trace = self._sources.store.get().get(trace_id)
        except TraceNotFound:
            with self._lock:
                self._traces.pop(trace_id, None)
            raise
        run = KnownRun(trace, False, self._usual(trace), {})
        self._keep(trace_id, _Kept(run, self._stamp(trace), now, now))
        return run

    def _keep(self, trace_id: str, kept: _Kept) -> None:
        with self._lock:
            self._traces[trace_id] = kept
            self._traces.move_to_end(trace_id)
            while len(self._traces) > _TRACES:
                self._traces.popitem(last=False)

    def _stamp(self, trace: Trace) -> TraceRow | None:
        """The run's row in the store: it changes when the run is stored again."""
        moment = TraceQuery(since=trace.created_at, until=trace.created_at + timedelta(microseconds=1))
        page = self._sources.store.get().list(moment, limit=200)
        return next((row for row in page.rows if row.id == trace.id), None)

    def _running(self, trace_id: str) -> KnownRun | None:
        for path in self._journals():
            try:
                found = read_journal(path, runs={trace_id})
            except StorageError:  # emptied meanwhile, or of another version
                continue
            for trace in found:
                return KnownRun(self._until_now(trace), True, self._usual(trace), {})
        return None

    def running_rows(self) -> tuple[RunRow, ...]:
        """Runs that are being recorded, newest first."""
        found: list[Trace] = []
        for path in self._journals():
            try:
                found += read_journal(path)
            except StorageError:
                continue
        found.sort(key=lambda trace: trace.created_at, reverse=True)
        short = short_ids([trace.id for trace in found])
        return tuple(run_row(self._until_now(trace), short_id=short[trace.id], running=True) for trace in found)

    def _until_now(self, trace: Trace) -> Trace:
        lasted = (self._sources.clock.now() - trace.created_at).total_seconds() * 1000
        return replace(trace, duration_ms=max(0.0, lasted)) if trace.status == "incomplete" else trace

    def _journals(self) -> list[Path]:
        try:
            return sorted(path for path in self._sources.journal_folder.iterdir() if path.suffix == SUFFIX)
        except OSError:
            return []

    def _usual(self, trace: Trace) -> Usual:
        store = self._sources.store.get()
        version = trace.graph.version if trace.graph else None
        history = store.history(trace.pipeline_name, version, before=trace.created_at)
        query = TraceQuery(pipeline=trace.pipeline_name, statuses=("ok",), until=trace.created_at)
        healthy = [row for row in store.list(query, limit=_LAST_GOOD).rows if row.id != trace.id]
        nodes = list(dict.fromkeys(step.node_name for step in trace.steps))[:_SAMPLED_NODES]
        usual = {node: usual_of(history.samples("execution_time", node)) for node in nodes}
        same = [row.duration_ms for row in healthy if row.graph_version == version]
        return Usual(
            healthy_runs=history.runs(),
            run_ms=usual_of(same),
            node_ms={node: middle for node, middle in usual.items() if middle is not None},
            last_good=_name(healthy[0]) if healthy else None,
        )

    # many runs

    def rows(self, listed: Sequence[TraceRow]) -> tuple[RunRow, ...]:
        """Rows to show, in the order given; runs that are gone meanwhile are left out.

        Args:
            listed: Rows of the store.
        """
        with self._lock:
            if self._sources.clock.monotonic() - self._begun_at > _TRUSTED_S:
                self._forget_rows()
            known = {row.id: self._rows[row.id][1] for row in listed if self._rows.get(row.id, (None,))[0] == row}
        missing = [row for row in listed if row.id not in known]
        outlines = self.outlines(missing) if missing else {}
        for row in missing:
            if row.id in outlines:
                known[row.id] = run_row(outlines[row.id], short_id="", graph_version=row.graph_version)
        with self._lock:
            for row in missing:
                if row.id in known:
                    self._rows[row.id] = (row, known[row.id])
            while len(self._rows) > _ROWS:
                self._rows.popitem(last=False)
        short = short_ids([row.id for row in listed])
        return tuple(replace(known[row.id], short_id=short[row.id]) for row in listed if row.id in known)

    def outlines(self, listed: Sequence[TraceRow]) -> dict[str, Trace]:
        """Runs without values, by id.

        Args:
            listed: Rows of the store.
        """
        with self._lock:
            found = {
                row.id: self._outlines[row.id][1] for row in listed if self._outlines.get(row.id, (None,))[0] == row
            }
        missing = [row for row in listed if row.id not in found]
        if missing:
            stamps = {row.id: row for row in missing}
            read = self._sources.store.get().outlines([row.id for row in missing])
            with self._lock:
                for trace in read:
                    found[trace.id] = trace
                    old = self._outlines.pop(trace.id, None)
                    self._outlined += len(trace.steps) - (len(old[1].steps) if old else 0)
                    self._outlines[trace.id] = (stamps[trace.id], trace)
                while self._outlined > _OUTLINED_STEPS and len(self._outlines) > 1:
                    _, (_, oldest) = self._outlines.popitem(last=False)
                    self._outlined -= len(oldest.steps)
        return found


def _name(row: TraceRow) -> RunName:
    return RunName(id=row.id, short_id=row.id[:_SHORT_ID], created_at=row.created_at)
