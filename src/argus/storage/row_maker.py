"""Traces of all kinds into rows; the graphs that many runs share are turned into rows once."""

from __future__ import annotations

from collections.abc import Iterable

from argus.errors import StorageError
from argus.model.graph import GraphSpec
from argus.model.trace import Trace
from argus.storage.rows import GraphRow, TraceRows, graph_row, rows_of

__all__ = ["RowMaker", "by_id"]

_GRAPHS_KEPT = 32


def by_id(traces: Iterable[Trace]) -> dict[str, Trace]:
    """Traces by id; of two with the same id the later one stays.

    Args:
        traces: Finalized traces.

    Raises:
        StorageError: Something else is among them.
    """
    different = {}
    for trace in traces:
        if not isinstance(trace, Trace):
            raise StorageError(f"only traces can be stored, not {type(trace).__name__}")
        different[trace.id] = trace
    return different


class RowMaker:
    """Makes rows for one store. Thread-safe: what is remembered of a graph may be made twice, and is the same."""

    def __init__(self) -> None:
        self._graphs: dict[int, tuple[GraphSpec, GraphRow]] = {}

    def rows(self, trace: Trace) -> TraceRows:
        """The rows of a trace.

        Args:
            trace: A finalized trace.

        Raises:
            StorageError: A part of it is of a wrong type, or it is too large for a store.
        """
        try:
            return rows_of(trace, self._graph(trace.graph) if trace.graph else None)
        except (AttributeError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise StorageError(f"trace {trace.id!r} is not whole and cannot be stored: {error}") from error

    def _graph(self, graph: GraphSpec) -> GraphRow:
        known = self._graphs.get(id(graph))
        if known is None or known[0] is not graph:
            if len(self._graphs) >= _GRAPHS_KEPT:
                self._graphs.clear()
            known = self._graphs[id(graph)] = (graph, graph_row(graph))
        return known[1]
