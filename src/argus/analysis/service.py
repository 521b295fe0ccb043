"""The sink of instrumentation for long-lived processes: every ended call is analysed in the background."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from argus._internal.guard import Guard
from argus.analysis.notice import notice
from argus.analysis.observer import Observer
from argus.analysis.worker import worker

if TYPE_CHECKING:
    from argus.model.graph import GraphSpec
    from argus.model.trace import Trace
    from argus.recording.journal import RunJournal
    from argus.recording.run import Run

__all__ = ["Service"]


class Service:
    """Records each top-level call and hands it to the background worker when it ends; thread-safe.

    At most ``watcher.max_backlog`` ended runs wait in memory. Beyond that a run is let go of: the journal has it, and
    it is analysed from there once the worker gets to it.

    Args:
        observer: Records and analyses.
        on_trace: Called on the worker's thread with each finished trace; the default tells of findings on stderr.
    """

    def __init__(self, observer: Observer, on_trace: Callable[[Trace], None] | None = None) -> None:
        self._observer = observer
        self._on_trace = on_trace or self._tell
        self._lock = threading.Lock()
        self._waiting = 0
        self._let_go: dict[Path, dict[str, RunJournal]] = {}
        self.stopped = False
        worker().submit(self._recover, lag_s=observer.settings.watcher.detect_lag)

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
        worker().call_opened()
        return run

    def run_closed(self, run: Run) -> None:
        """Queues an ended run for analysis, or leaves it to the journal when too many wait.

        Args:
            run: Closed.
        """
        worker().call_closed()
        settings = self._observer.settings.watcher
        place = run.journal
        with self._lock:
            if self._waiting < settings.max_backlog or place is None or place.lost:
                self._waiting += 1
                job = partial(self._analyse, run)
            elif place.path in self._let_go:
                self._let_go[place.path][run.id] = place
                return  # the job for this journal is queued already
            else:
                self._let_go[place.path] = {run.id: place}
                job = partial(self._analyse_journal, place.path)
        worker().submit(job, lag_s=settings.detect_lag)

    def _analyse(self, run: Run) -> None:
        try:
            trace = self._observer.finish(run)
        finally:
            with self._lock:
                self._waiting -= 1
        self._pass_on(trace)

    def _analyse_journal(self, path: Path) -> None:
        with self._lock:
            runs = self._let_go.pop(path)
        for trace in self._observer.finish_from_journal(path, runs):
            self._pass_on(trace)

    def _recover(self) -> None:
        for trace in self._observer.recover():
            self._pass_on(trace)

    def _pass_on(self, trace: Trace) -> None:
        with Guard("service.on_trace"):
            self._on_trace(trace)

    def _tell(self, trace: Trace) -> None:
        if not self._observer.settings.watcher.quiet:
            sys.stderr.write(notice(trace))
