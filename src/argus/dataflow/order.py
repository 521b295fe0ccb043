"""What came before what in a run, and which declaration belongs to which step."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from argus.model.graph import FieldSpec, GraphSpec, NodeSpec
from argus.model.trace import Trace, TraceStep

__all__ = ["Order", "Scope"]

Scope: TypeAlias = "tuple[str | None, str]"
"""One execution of a graph or subgraph: the step it runs inside and its namespace."""

_NO_FIELDS: Mapping[str, FieldSpec] = MappingProxyType({})


class Order:
    """The order of a run's steps. Built in time linear in the trace; never changed afterwards.

    A *moment* is a step's superstep, or its number where a scope does not know supersteps. Steps of one moment run side
    by side: none of them sees what another one writes.

    Args:
        trace: The run.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._by_id: dict[str, TraceStep] = {}
        self._scope_of: dict[str, Scope] = {}
        for step in trace.steps:
            # Only an earlier step can contain this one: whatever a foreign trace claims, nesting has no circles.
            namespace = step.metadata.get("namespace")
            parent_id = step.parent_id if step.parent_id in self._by_id else None
            self._scope_of.setdefault(step.id, (parent_id, namespace if isinstance(namespace, str) else ""))
            self._by_id.setdefault(step.id, step)
        self._graphs: dict[str | None, GraphSpec | None] = {None: trace.graph}
        self._nodes: dict[int, dict[str, NodeSpec]] = {}
        self._fields: dict[int, dict[str, FieldSpec]] = {}
        grouped: dict[Scope, list[TraceStep]] = defaultdict(list)
        inner: dict[str, list[TraceStep]] = defaultdict(list)
        for step in trace.steps:
            grouped[self.scope(step)].append(step)
            parent_id = self.scope(step)[0]
            if parent_id is not None:
                inner[parent_id].append(step)
        self._children = dict(inner)
        self._inner_scopes: dict[str, list[Scope]] = {
            step_id: list(dict.fromkeys(self.scope(child) for child in children)) for step_id, children in inner.items()
        }
        self._counts_supersteps = {
            scope: all(isinstance(step.metadata.get("superstep"), int) for step in steps)
            for scope, steps in grouped.items()
        }
        self.scopes: dict[Scope, list[TraceStep]] = {
            scope: sorted(steps, key=lambda step: (self.moment(step), _sent(step), step.step_number))
            for scope, steps in grouped.items()
        }

    # steps

    def step(self, step_id: str) -> TraceStep | None:
        """The step with this id, or None."""
        return self._by_id.get(step_id)

    def scope(self, step: TraceStep) -> Scope:
        """The execution of a graph that a step belongs to."""
        return self._scope_of[step.id]

    def moment(self, step: TraceStep) -> int:
        """When a step ran; comparable within its scope."""
        return step.metadata["superstep"] if self._counts_supersteps[self.scope(step)] else step.step_number

    def start(self, scope: Scope) -> int:
        """A moment before all steps of a scope."""
        return self.moment(self.scopes[scope][0]) - 1

    def parent(self, step: TraceStep) -> TraceStep | None:
        """The step that a step ran inside, or None."""
        parent_id = self.scope(step)[0]
        return self._by_id[parent_id] if parent_id is not None else None

    def children(self, step: TraceStep) -> list[TraceStep]:
        """The steps that ran directly inside a step, in order of start."""
        return self._children.get(step.id, [])

    def inner_scopes(self, step: TraceStep) -> list[Scope]:
        """The executions of graphs that ran inside a step, the first one first."""
        return self._inner_scopes.get(step.id, [])

    def beside_before(self, step: TraceStep) -> list[TraceStep]:
        """The steps of the moment just before a step's own; empty for the first."""
        scope = self.scope(step)
        moments = self._moments[scope]
        place = bisect_left(moments, self.moment(step))
        return self.by_moment[scope, moments[place - 1]] if place else []

    @cached_property
    def _moments(self) -> dict[Scope, list[int]]:
        return {scope: sorted({self.moment(step) for step in steps}) for scope, steps in self.scopes.items()}

    @cached_property
    def by_moment(self) -> dict[tuple[Scope, int], list[TraceStep]]:
        """The steps that ran side by side, by scope and moment."""
        found: dict[tuple[Scope, int], list[TraceStep]] = defaultdict(list)
        for scope, steps in self.scopes.items():
            for step in steps:
                found[scope, self.moment(step)].append(step)
        return dict(found)

    @cached_property
    def by_node(self) -> dict[tuple[Scope, str], list[TraceStep]]:
        """The steps of each node, in order, by scope and name."""
        found: dict[tuple[Scope, str], list[TraceStep]] = defaultdict(list)
        for scope, steps in self.scopes.items():
            for step in steps:
                found[scope, step.node_name].append(step)
        return dict(found)

    # declarations

    def graph(self, step: TraceStep) -> GraphSpec | None:
        """The graph or subgraph that a step belongs to; None when unknown."""
        parent_id = self._scope_of[step.id][0]
        if parent_id not in self._graphs:
            way: list[TraceStep] = []
            parent = self.parent(step)
            while parent is not None and parent.id not in self._graphs:
                way.append(parent)
                parent = self.parent(parent)
            for outer in reversed(way):
                spec = self._declared(self._graphs[self.scope(outer)[0]], outer.node_name)
                self._graphs[outer.id] = spec.subgraph if spec is not None else None
        return self._graphs[parent_id]

    def node(self, step: TraceStep) -> NodeSpec | None:
        """The declaration of a step's node; None when unknown."""
        return self._declared(self.graph(step), step.node_name)

    def fields(self, step: TraceStep) -> Mapping[str, FieldSpec]:
        """The declared state fields around a step, by name; empty when unknown."""
        graph = self.graph(step)
        if graph is None:
            return _NO_FIELDS
        known = self._fields.get(id(graph))
        if known is None:
            every = (*(graph.output or ()), *(graph.input or ()), *graph.state)
            known = self._fields[id(graph)] = {field.name: field for field in every}
        return known

    def adds_up(self, step: TraceStep, field: str) -> bool:
        """Whether a field has a reducer, so that earlier writes live on in later values."""
        spec = self.fields(step).get(field)
        return spec is not None and spec.reducer is not None

    def _declared(self, graph: GraphSpec | None, name: str) -> NodeSpec | None:
        if graph is None:
            return None
        nodes = self._nodes.get(id(graph))
        if nodes is None:
            nodes = self._nodes[id(graph)] = {node.name: node for node in graph.nodes}
        return nodes.get(name)


def _sent(step: TraceStep) -> int:
    """A step's place among the ``Send`` of its moment: reducers go by it, whichever thread began first."""
    place = step.metadata.get("sent")
    return place if isinstance(place, int) else -1
