"""The graph of a run in columns: what is declared, what ran, and where the failure went through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

from argus.model.graph import END, START, GraphSpec
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.views.timeline import Role, roles_of

__all__ = ["GraphEdge", "GraphNode", "GraphView", "ThreadHop", "graph_view"]


class GraphNode(Record, frozen=True, kw_only=True):
    """A node in its place.

    Attributes:
        name: The node; ``__start__`` and ``__end__`` are nodes too.
        column: From 0, left to right.
        row: From 0, top to bottom within the column.
        runs: How often it ran.
        duration_ms: Wall time of all its runs together.
        inside: Steps that ran inside it, for a subgraph.
        role: Its part in the blame: the gravest of its runs.
        error: The class of the last exception that left it, or None.
    """

    name: str
    column: int
    row: int
    runs: int = 0
    duration_ms: float = 0.0
    inside: int = 0
    role: Role | None = None
    error: str | None = None


class GraphEdge(Record, frozen=True, kw_only=True):
    """An edge.

    Attributes:
        source: A node's name.
        target: A node's name.
        kind: ``forward`` to a later column, ``back`` to the same or an earlier one.
        taken: Whether both its ends ran, so that it may have been taken.
    """

    source: str
    target: str
    kind: Literal["forward", "back"]
    taken: bool


class ThreadHop(Record, frozen=True, kw_only=True):
    """One hop of the failure, along the data rather than along an edge.

    Attributes:
        source: A node's name.
        target: A node's name.
        field: The field that carried it, or None.
    """

    source: str
    target: str
    field: str | None = None


class GraphView(Record, frozen=True, kw_only=True):
    """A graph ready to be drawn.

    Attributes:
        nodes: Start, nodes in order of definition, end.
        edges: Control edges.
        thread: Hops of the failure, from cause to symptom.
        columns: How many columns there are.
        rows: Nodes in the fullest column.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    thread: tuple[ThreadHop, ...]
    columns: int
    rows: int

    @property
    def ran(self) -> int:
        """Nodes that ran."""
        return sum(1 for node in self.nodes if node.runs)

    @property
    def declared(self) -> int:
        """Nodes, start and end not counted."""
        return sum(1 for node in self.nodes if node.name not in (START, END))


def graph_view(trace: Trace) -> GraphView | None:
    """The outer graph of a run, or None when it is not known.

    Args:
        trace: A finalized trace.
    """
    graph = trace.graph
    if graph is None or not graph.nodes:
        return None
    names = [START, *(node.name for node in graph.nodes), END]
    links = _links(graph, set(names))
    columns = _columns(names, links)
    ran = _runs(trace)
    roles = roles_of(trace)
    inside = Counter(step.parent_id for step in trace.steps if step.parent_id is not None)
    fullest: dict[int, int] = {}
    nodes: list[GraphNode] = []
    for name in names:
        column = columns[name]
        nodes.append(_node(name, column, fullest.get(column, 0), ran.get(name, ()), roles, inside))
        fullest[column] = fullest.get(column, 0) + 1
    there = {START, END, *ran}
    edges = tuple(
        GraphEdge(
            source=source,
            target=target,
            kind="forward" if columns[source] < columns[target] else "back",
            taken=source in there and target in there,
        )
        for source, target in links
    )
    return GraphView(
        nodes=tuple(nodes),
        edges=edges,
        thread=_thread(trace, set(names)),
        columns=max(columns.values()) + 1,
        rows=max(fullest.values()),
    )


def _links(graph: GraphSpec, names: set[str]) -> list[tuple[str, str]]:
    pairs = ((edge.source, edge.target) for edge in graph.edges)
    return list(dict.fromkeys(pair for pair in pairs if pair[0] in names and pair[1] in names))


def _columns(names: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way from the start to each node, edges that close a circle left out; the end stands last."""
    onward: dict[str, list[str]] = {name: [] for name in names}
    for source, target in links:
        onward[source].append(target)
    order = _finishing_order(names, onward)
    position = {name: index for index, name in enumerate(order)}
    columns = dict.fromkeys(names, 0)
    for name in reversed(order):
        for target in onward[name]:
            if position[target] < position[name]:
                columns[target] = max(columns[target], columns[name] + 1)
    for name in names:  # what no edge leads to stands beside the first nodes
        if name != START and columns[name] == 0:
            columns[name] = 1
    columns[END] = max(columns[END], max((columns[name] for name in names if name != END), default=0) + 1)
    return columns


def _finishing_order(names: Sequence[str], onward: Mapping[str, Sequence[str]]) -> list[str]:
    """Depth-first order of finishing: along every edge that closes no circle the target comes before the source."""
    done: list[str] = []
    seen: set[str] = set()
    for first in names:
        if first in seen:
            continue
        seen.add(first)
        stack = [(first, iter(onward[first]))]
        while stack:
            name, targets = stack[-1]
            fresh = next((target for target in targets if target not in seen), None)
            if fresh is None:
                done.append(name)
                stack.pop()
            else:
                seen.add(fresh)
                stack.append((fresh, iter(onward[fresh])))
    return done


def _runs(trace: Trace) -> dict[str, list[TraceStep]]:
    runs: dict[str, list[TraceStep]] = {}
    for step in trace.steps:
        if step.parent_id is None:
            runs.setdefault(step.node_name, []).append(step)
    return runs


def _node(
    name: str, column: int, row: int, runs: Sequence[TraceStep], roles: Mapping[str, Role], inside: Mapping[str, int]
) -> GraphNode:
    ids = {step.id for step in runs}
    played = {roles[one] for one in ids if one in roles}
    errors = [step.error.type for step in runs if step.error is not None]
    return GraphNode(
        name=name,
        column=column,
        row=row,
        runs=len(runs),
        duration_ms=sum(step.duration_ms for step in runs),
        inside=sum(inside.get(one, 0) for one in ids),
        role=next((role for role in ("cause", "symptom", "path") if role in played), None),
        error=errors[-1].rpartition(".")[2] if errors else None,
    )


def _thread(trace: Trace, names: set[str]) -> tuple[ThreadHop, ...]:
    links = trace.forensics.causal_chain if trace.forensics else ()
    shown = [link for link in links if link.node_name in names]
    hops = [
        ThreadHop(source=one.node_name, target=other.node_name, field=one.field)
        for one, other in pairwise(shown)
        if one.node_name != other.node_name
    ]
    return tuple(hops)
