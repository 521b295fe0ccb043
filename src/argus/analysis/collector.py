"""Collects the runs of whatever is instrumented until it is told to finish."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from argus._internal.forks import renew_after_fork
from argus.analysis.observer import Observer

if TYPE_CHECKING:
    from argus.model.graph import GraphSpec
    from argus.model.trace import Trace
    from argus.recording.run import Run

__all__ = ["Collector"]


class Collector:
    """The sink of instrumentation for watchers that analyse at the end; thread-safe.

    Args:
        observer: Records and analyses.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._finished = False
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """What was recorded before the fork is the parent's to finish."""
        self._lock = threading.Lock()
        self._runs: list[Run] = []

    @property
    def recorded(self) -> int:
        """How many runs were begun."""
        return len(self._runs)

    def open_run(self, *, graph: GraphSpec | None, value: object, metadata: Mapping[str, object]) -> Run | None:
        """A recording for a top-level call that begins; None once finished.

        Args:
            graph: What is about to run.
            value: The caller's input.
            metadata: Facts about the call.
        """
        with self._lock:
            if self._finished:
                return None
            run = self._observer.open_run(graph=graph, value=value, metadata=metadata)
            self._runs.append(run)
            return run

    def run_closed(self, run: Run) -> None:
        """Nothing to do when a call ends: the analysis waits for :meth:`finish`.

        Args:
            run: Closed.
        """

    def finish(self) -> list[Trace]:
        """Closes what is still open and analyses every run, and takes in what dead processes left behind.

        Afterwards no run is recorded.

        Returns:
            The traces in order of start.
        """
        with self._lock:
            self._finished = True
            runs = self._runs
        for run in runs:
            if not run.closed:
                run.close("abandoned")
        traces = [self._observer.finish(run) for run in runs]
        self._observer.recover()
        return traces
