"""The sink of instrumentation for long-lived processes: every ended call is analysed in the background."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from argus._internal.forks import renew_after_fork
from argus._internal.guard import Guard
from argus.analysis.backlog import Backlog
from argus.analysis.finalize import is_stored, may_be_stored_later
from argus.analysis.notice import notice, tell
from argus.analysis.observer import Observer
from argus.analysis.warming import while_warming
from argus.analysis.worker import AGAIN, worker
from argus.errors import StorageError

if TYPE_CHECKING:
    from argus.model.graph import GraphSpec
    from argus.model.trace import Trace
    from argus.recording.journal import RunJournal
    from argus.recording.run import Run

__all__ = ["Service", "services"]

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0

_services: weakref.WeakSet[Service] = weakref.WeakSet()


def services() -> list[Service]:
    """All services of this process that are in use."""
    return list(_services)


class Service:
    """Records each top-level call and hands it to the background worker when it ends; thread-safe.

    At most ``watcher.max_backlog`` ended runs wait in memory. Beyond that a run is let go of: the journal has it, and
    it is analysed from there once the worker gets to it. While the store is away runs are left to the journal too, and
    storing is tried again, less and less often, until it succeeds or the process ends.

    Args:
        observer: Records and analyses; closed by the service once it is stopped and all is done.
        on_trace: Called on the worker's thread with each finished trace; the default tells of findings on stderr.
        on_recovered: The same for runs of processes that died; None means ``on_trace``.

    Attributes:
        stopped: Whether new calls go unrecorded.
    """

    def __init__(
        self,
        observer: Observer,
        on_trace: Callable[[Trace], None] | None = None,
        on_recovered: Callable[[Trace], None] | None = None,
    ) -> None:
        self._observer = observer
        self._settings = observer.settings.watcher
        self._on_trace = on_trace or self._tell
        self._on_recovered = on_recovered or self._on_trace
        self._recovered = False
        self._failures = 0
        self.stopped = False
        self.after_fork()
        renew_after_fork(self)
        _services.add(self)

    def after_fork(self) -> None:
        """Calls that are open and runs that wait are the parent's."""
        self._lock = threading.RLock()
        self._open: dict[str, Run] = {}
        self._backlog = Backlog(self._settings.max_backlog)
        self._draining = False
        self._pause_s = 0.0
        self._reason = ""

    @property
    def pending(self) -> int:
        """Ended runs that are not analysed and stored yet."""
        return len(self._backlog)

    @property
    def lost(self) -> int:
        """Runs that could be kept nowhere: the store, the journal and the memory meant for them were full."""
        return self._backlog.lost

    @property
    def open_calls(self) -> int:
        """Calls that are being recorded."""
        return len(self._open)

    def open_run(self, *, graph: GraphSpec | None, value: object, metadata: Mapping[str, object]) -> Run | None:
        """A recording for a top-level call that begins; None once stopped.

        Args:
            graph: What is about to run.
            value: The caller's input.
            metadata: Facts about the call.
        """
        if self.stopped:
            return None
        run = self._observer.open_run(graph=graph, value=value, metadata=metadata)
        self._open[run.id] = run
        worker().call_opened()
        return run

    def run_closed(self, run: Run) -> None:
        """Queues an ended run for analysis, or leaves it to the journal when too many wait.

        Args:
            run: Closed.
        """
        if self._open.pop(run.id, None) is None:
            return  # begun before a fork: the parent ends it
        worker().call_closed()
        if self._backlog.admit(run):
            worker().submit(partial(self._analyse, run), lag_s=self._settings.detect_lag)
        else:
            self._backlog.leave(run)
        if not self._recovered or self._backlog.has_left_over:
            self._drain_later()

    def close_open_runs(self) -> None:
        """Ends the recording of calls that are still open, as abandoned."""
        for run in list(self._open.values()):
            run.close("abandoned")
            self.run_closed(run)

    def stop(self) -> None:
        """No further call is recorded; store and journal are closed once all that was recorded is done."""
        self.stopped = True
        worker().submit(self._close_if_done, lag_s=self._settings.detect_lag)

    def unstored(self) -> Iterator[Trace]:
        """Takes the runs that the store did not accept, analysed; the journal still has them for another process."""
        while (taken := self._backlog.take_journal()) is not None:
            path, runs = taken
            yield from self._observer.look_into_journal(path, runs, reason=self._reason)
            self._backlog.put_back(path, {})
        while (run := self._backlog.take_kept()) is not None:
            yield self._observer.look_at(run, reason=self._reason)

    def _analyse(self, run: Run) -> None:
        try:
            if self._pause_s:
                self._backlog.leave(run)
            else:
                self._settle(run)
        except Exception as error:
            if not self._failures:
                self._say(f"the analysis of run {run.id} failed ({type(error).__name__}); the journal keeps the run")
            self._failures += 1
            raise
        finally:
            self._backlog.release(run)
            self._drain_later()
            self._close_if_done()

    def _settle(self, run: Run) -> bool:
        """Analyses a run that is held in memory; False when the store is away, and the run left for later."""
        trace = while_warming(lambda: self._observer.finish(run))
        if may_be_stored_later(trace):
            self._backlog.leave(run)
            self._store_is_away(trace)
            return False
        self._pass_on(trace, self._on_trace)
        return True

    def _drain_later(self) -> None:
        """Has what was left to the journal analysed: now, or when it is time to try the store again."""
        with self._lock:
            if self._draining or (self._recovered and not self._backlog.has_left_over):
                return
            self._draining = True
        slices = self._drained()
        worker().submit(lambda: next(slices, None), lag_s=self._settings.detect_lag, delay_s=self._pause_s)

    def _drained(self) -> Iterator[object]:
        """Works run by run through what was left over; ends early when the store is away."""
        try:
            yield from self._drain()
        except Exception:
            self._pause_longer()
            raise
        finally:
            self._draining = False
        self._drain_later()
        self._close_if_done()

    def _drain(self) -> Iterator[object]:
        if not self._recovered:
            self._recovered = True
            for trace in self._observer.recovering():
                if may_be_stored_later(trace):
                    self._recovered = False
                    self._store_is_away(trace)
                    return
                self._pass_on(trace, self._on_recovered)
                yield AGAIN
        backlog = self._backlog  # a generator that is dropped in a forked child must not touch the child's
        while (taken := backlog.take_journal()) is not None:
            path, runs = taken
            try:
                yield from self._drain_journal(path, runs)
            finally:
                backlog.put_back(path, runs)
            if runs:
                return
        while (run := backlog.take_kept()) is not None:
            if not self._settle(run):
                return
            yield AGAIN
        self._pause_s = 0.0

    def _drain_journal(self, path: Path, runs: dict[str, RunJournal]) -> Iterator[object]:
        """Analyses runs that stand in a journal and takes them out of ``runs``; what is left is to be tried again."""
        try:
            for trace in self._observer.finish_from_journal(path, dict(runs)):
                if may_be_stored_later(trace):
                    runs[trace.id] = runs.pop(trace.id)  # the others first next time, should the trace be at fault
                    self._store_is_away(trace)
                    return
                del runs[trace.id]
                self._pass_on(trace, self._on_trace)
                yield AGAIN
        except StorageError as error:
            if path.exists():
                self._say_once(f"the journal {path} cannot be read: {error}")
                self._pause_longer()
                return
        if runs:
            self._backlog.lost += len(runs)
            self._say(f"{len(runs)} runs that waited in the journal {path} are lost: it was deleted or damaged")
            runs.clear()

    def _store_is_away(self, trace: Trace) -> None:
        self._reason = str(trace.metadata["store_error"])
        self._say_once(f"runs cannot be stored now: {self._reason}; they are kept, and storing is tried again")
        self._pause_longer()

    def _pause_longer(self) -> None:
        self._pause_s = min(max(2 * self._pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)

    def _pass_on(self, trace: Trace, listener: Callable[[Trace], None]) -> None:
        if not is_stored(trace):
            self._say(f"run {trace.id} cannot be stored: {trace.metadata['store_error']}")
        with Guard("service.on_trace"):
            listener(trace)

    def _close_if_done(self) -> None:
        if self.stopped and not self._open and not self._draining and not len(self._backlog):
            self._observer.close()

    def _tell(self, trace: Trace) -> None:
        if not self._settings.quiet:
            tell(notice(trace))

    def _say_once(self, sentence: str) -> None:
        if not self._pause_s:
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        if not self._settings.quiet:
            tell(f"argus: {sentence}\n")
