"""What is asked of one graph: who records it, and what is known of it."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import Any, Final

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.spec import graph_spec
from argus.model.graph import GraphSpec
from argus.recording.recorder import RunSink

__all__ = ["LastRuns", "Watch", "everywhere", "giving_way", "watch_of"]

_MAX_THREADS: Final = 4096

_guard = Guard("langgraph.watch")


class LastRuns:
    """Which run came last on each conversation thread, so that a resumed one can name it; bounded, thread-safe."""

    def __init__(self) -> None:
        self._runs: OrderedDict[tuple[int, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sink: RunSink, thread_id: str) -> str | None:
        """The latest run of a thread.

        Args:
            sink: Who recorded it.
            thread_id: LangGraph's thread.
        """
        with self._lock:
            return self._runs.get((id(sink), thread_id))

    def put(self, sink: RunSink, thread_id: str, run_id: str) -> None:
        """Notes the latest run of a thread.

        Args:
            sink: Who recorded it.
            thread_id: LangGraph's thread.
            run_id: The run.
        """
        with self._lock:
            self._runs[id(sink), thread_id] = run_id
            self._runs.move_to_end((id(sink), thread_id))
            while len(self._runs) > _MAX_THREADS:
                self._runs.popitem(last=False)


everywhere: list[RunSink] = []
"""Who records the top-level calls of every graph in the process; changed under the lookout's lock."""

giving_way: set[int] = set()
"""The ids of those of :data:`everywhere` that leave out graphs which somebody else records already."""


class Watch:
    """What is asked of one graph; shared by the copies that ``with_config`` makes of it.

    Args:
        graph: The compiled graph.
        last_runs: Shared by all graphs compiled from one builder.

    Attributes:
        sinks: Who records its top-level calls; none when only its calls inside other graphs are recorded.
        last_runs: The latest run of each thread.
        outer: The ids of the watches on graphs that hold it inside.
        base: The graph's own class.
    """

    def __init__(self, graph: Any, last_runs: LastRuns | None = None) -> None:
        self.sinks: tuple[RunSink, ...] = ()
        self.last_runs = last_runs or LastRuns()
        self.outer: set[int] = set()
        self.base: type = type(graph)
        self._graph = weakref.ref(graph)
        self._spec: GraphSpec | None = None
        self._lock = threading.Lock()

    def owns(self, graph: Any) -> bool:
        """Whether this is the graph that was watched, not a copy of it.

        Args:
            graph: A compiled graph.
        """
        return self._graph() is graph

    def add(self, sink: RunSink) -> None:
        """Adds someone who records; the same one counts once.

        Args:
            sink: Who records.
        """
        with self._lock:
            if not any(one is sink for one in self.sinks):
                self.sinks = (*self.sinks, sink)

    def remove(self, sink: RunSink) -> None:
        """Removes someone who records.

        Args:
            sink: Who recorded.
        """
        with self._lock:
            self.sinks = tuple(one for one in self.sinks if one is not sink)

    def wanted_by(self) -> list[RunSink]:
        """Who records top-level calls of the graph, each once."""
        own = self.sinks
        return [
            *own,
            *(sink for sink in everywhere if not ((own and id(sink) in giving_way) or any(one is sink for one in own))),
        ]

    def spec(self, graph: Any) -> GraphSpec | None:
        """The graph's shape, looked at once.

        Args:
            graph: The compiled graph.
        """
        with self._lock:
            if self._spec is None:
                with _guard:
                    self._spec = graph_spec(graph)
            return self._spec


def watch_of(graph: Any) -> Watch | None:
    """The watch on a graph, or None.

    Args:
        graph: Any object.
    """
    found = getattr(type(graph), "argus_watch", None)
    return found if isinstance(found, Watch) else None
