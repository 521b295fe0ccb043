"""Watches the graphs that one test runs, and says whether what was found fails it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from argus.analysis.observer import Observer
from argus.config.settings import IgnoreRule
from argus.detectors.findings import marked
from argus.errors import WatcherStateError
from argus.instrumentation.langgraph.attach import attach, attach_all, detach
from argus.model.gate import Gate, gate_of, judge_run
from argus.model.status import FailOn, is_incomplete, status_of
from argus.model.trace import Trace

if TYPE_CHECKING:
    from argus.model.graph import GraphSpec
    from argus.recording.run import Run

__all__ = ["GraphWatch", "observer_for_tests"]

G = TypeVar("G")


def observer_for_tests(folder: Path, store: Path | None = None) -> Observer:
    """What records and analyses the runs of tests.

    Args:
        folder: Where ``argus.yaml`` is, if there is one.
        store: A SQLite file to keep the runs in; None keeps them in memory, for as long as their test goes on.

    Raises:
        ConfigError: An option is wrong.
    """
    file = folder / "argus.yaml"
    return Observer(config=file if file.is_file() else None, storage=False if store is None else store)


class GraphWatch:
    """The runs of one test; the sink of instrumentation, thread-safe.

    Args:
        observer: Records and analyses.
        ignore: Findings that do not count.
        fail_on: The mildest severity that fails.
    """

    def __init__(self, observer: Observer, ignore: Sequence[IgnoreRule] = (), fail_on: FailOn = "warning") -> None:
        self._observer = observer
        self._ignore = tuple(ignore)
        self._fail_on = fail_on
        self._lock = threading.RLock()
        self._runs: list[Run] = []
        self._done: dict[str, Trace] = {}
        self._undo: list[Callable[[], None]] = []
        self._everything = self._ended = False

    def open_run(self, *, graph: GraphSpec | None, value: object, metadata: Mapping[str, object]) -> Run | None:
        """A recording for a top-level call that begins; None when the watch has ended.

        Args:
            graph: What is about to run.
            value: The caller's input.
            metadata: Facts about the call.
        """
        with self._lock:
            if self._ended:
                return None
            run = self._observer.open_run(graph=graph, value=value, metadata=metadata)
            self._runs.append(run)
            return run

    def run_closed(self, run: Run) -> None:
        """Nothing to do when a call ends: it is analysed when somebody asks.

        Args:
            run: Closed.
        """

    def watch(self, graph: G) -> G:
        """Watches a graph.

        Args:
            graph: A ``StateGraph`` or a compiled graph.

        Returns:
            The same object.

        Raises:
            InstrumentationError: The object is no graph that can be watched.
            NotAvailable: LangGraph is not installed.
        """
        if not self._everything:
            attach(graph, self)
            self._undo.append(lambda: detach(graph, self))
        return graph

    def watch_everything(self) -> None:
        """Watches every graph that runs from now on, in any module.

        Raises:
            NotAvailable: LangGraph is not installed.
        """
        if not self._everything:
            self._undo.append(attach_all(self))
            self._everything = True

    def trace(self) -> Trace:
        """The last run that has ended.

        Raises:
            WatcherStateError: None has.
        """
        traces = self.traces()
        if not traces:
            raise WatcherStateError("no watched graph has run in this test yet: run one before asking for its trace")
        return traces[-1]

    def traces(self) -> tuple[Trace, ...]:
        """All runs that have ended, explained, in order of start."""
        with self._lock:
            ended = [run for run in self._runs if run.closed]
            for run in ended:
                if run.id not in self._done:
                    self._done[run.id] = self._silenced(self._observer.finish(run))
            return tuple(self._done[run.id] for run in ended)

    @property
    def not_stored(self) -> str | None:
        """Why a run could not be stored; None when all are, or are not meant to be."""
        errors = (trace.metadata.get("store_error") for trace in self._done.values())
        return next((str(error) for error in errors if error is not None), None)

    def gate(self) -> Gate:
        """What the gate says of all runs; those still open are closed."""
        with self._lock:
            for run in self._runs:
                if not run.closed:
                    run.close("abandoned")
        return gate_of([judge_run(trace, self._fail_on) for trace in self.traces()], self._fail_on)

    def end(self) -> None:
        """Ends the watching; what graphs do afterwards is not recorded."""
        with self._lock:
            self._ended = True
        while self._undo:
            self._undo.pop()()

    def _silenced(self, trace: Trace) -> Trace:
        if not self._ignore:
            return trace
        nodes = {step.id: step.node_name for step in trace.steps}
        detections = tuple(
            marked(one, nodes.get(one.step_id, ""), self._ignore) if one.suppressed is None else one
            for one in trace.detections
        )
        status = status_of(detections, incomplete=is_incomplete(trace))
        return msgspec.structs.replace(trace, detections=detections, status=status)
