"""A sink for runs of real graphs, which shows every internal fault instead of guarding against it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import pytest

from argus._internal.guard import reraise_in_tests
from argus.config.settings import Settings
from argus.instrumentation.langgraph.attach import attach, detach
from argus.model.graph import GraphSpec
from argus.model.trace import Trace, TraceStep
from argus.recording.assemble import assemble
from argus.recording.recorder import Recorder
from argus.recording.run import Run

G = TypeVar("G")


class Recorded:
    """Records the runs of graphs in memory."""

    def __init__(self) -> None:
        self.recorder = Recorder(settings=Settings())
        self.runs: list[Run] = []
        self.traces: list[Trace] = []
        self.watched: list[Any] = []

    def open_run(self, *, graph: GraphSpec | None, value: object, metadata: Mapping[str, object]) -> Run | None:
        run = self.recorder.open_run(graph=graph, value=value, metadata=metadata)
        self.runs.append(run)
        return run

    def run_closed(self, run: Run) -> None:
        self.traces.append(assemble(run))

    def watch(self, graph: G) -> G:
        self.watched.append(graph)
        return attach(graph, self)

    def stop(self) -> None:
        for graph in self.watched:
            detach(graph, self)
        self.watched.clear()

    @property
    def trace(self) -> Trace:
        assert len(self.traces) == len(self.runs) == 1, "one call is one trace"
        return self.traces[0]

    @property
    def nodes(self) -> list[str]:
        return [step.node_name for step in self.trace.steps]

    def step(self, node: str) -> TraceStep:
        found = [step for step in self.trace.steps if step.node_name == node]
        assert len(found) == 1, f"{node} ran {len(found)} times"
        return found[0]

    def outcomes(self) -> list[str]:
        return [trace.metadata["outcome"] for trace in self.traces]


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Watches graphs and keeps their traces."""
    sink = Recorded()
    with reraise_in_tests():
        yield sink
    sink.stop()


@pytest.fixture
def another() -> Iterator[Recorded]:
    """A second watcher beside :func:`recorded`."""
    sink = Recorded()
    yield sink
    sink.stop()


@pytest.fixture
def alive() -> Callable[[type], int]:
    """Counts the living instances of a class."""

    def count(kind: type) -> int:
        gc.collect()
        return sum(1 for one in gc.get_objects() if type(one) is kind)

    return count
