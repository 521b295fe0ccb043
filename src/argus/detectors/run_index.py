"""The order of a run: who wrote a field, who read it afterwards, what a node declares."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from argus.detectors.base import DetectorContext
from argus.model.graph import FieldRead, FieldSpec, GraphSpec, NodeSpec
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue

__all__ = ["Reader", "RunIndex"]

Scope = tuple[str | None, str]


@dataclass(frozen=True)
class Reader:
    """A step that reads a field.

    Attributes:
        step: The step.
        read: Where its source reads it, the most demanding place.
    """

    step: TraceStep
    read: FieldRead


@dataclass(frozen=True)
class _Timeline:
    """What happened to one field in one scope, in order."""

    write_moments: list[int]
    writers: list[TraceStep]
    read_moments: list[int]
    readers: list[Reader]


class RunIndex:
    """Looks into a finished run. Built in time linear in the run; immutable afterwards, so threads may share it.

    A *scope* is one execution of a graph or subgraph; a *moment* is a step's superstep, or its number where there are
    no supersteps. Steps of one moment run side by side and do not see each other's writes.

    Args:
        trace: The run.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._by_id = {step.id: step for step in trace.steps}
        self._graphs: dict[str | None, GraphSpec | None] = {None: trace.graph}
        self._nodes: dict[int, dict[str, NodeSpec]] = {}
        self._fields: dict[int, dict[str, FieldSpec]] = {}
        self.children: dict[str, list[TraceStep]] = {}
        self.scopes: dict[Scope, list[TraceStep]] = {}
        for step in trace.steps:
            self.scopes.setdefault(self.scope(step), []).append(step)
            if step.parent_id is not None:
                self.children.setdefault(step.parent_id, []).append(step)

    @classmethod
    def of(cls, trace: Trace, context: DetectorContext) -> RunIndex:
        """The index of a run, shared by all its detectors.

        Args:
            trace: The run.
            context: Its memo holds the index.
        """
        index = context.memo.get("run_index")
        if not isinstance(index, cls) or index.trace is not trace:
            index = context.memo["run_index"] = cls(trace)
        return index

    # what is declared

    def graph(self, step: TraceStep) -> GraphSpec | None:
        """The graph or subgraph that a step belongs to, or None when unknown."""
        parent_id = step.parent_id
        unknown: list[str] = []
        while parent_id not in self._graphs:
            if parent_id is None or parent_id not in self._by_id or parent_id in unknown:
                self._graphs[parent_id] = None
                break
            unknown.append(parent_id)
            parent_id = self._by_id[parent_id].parent_id
        for inner in reversed(unknown):
            outer = self._graphs[self._by_id[inner].parent_id]
            spec = self._node_of(outer, self._by_id[inner].node_name)
            self._graphs[inner] = spec.subgraph if spec else None
        return self._graphs[step.parent_id]

    def node(self, step: TraceStep) -> NodeSpec | None:
        """The declaration of the node that a step ran, or None when unknown."""
        return self._node_of(self.graph(step), step.node_name)

    def _node_of(self, graph: GraphSpec | None, name: str) -> NodeSpec | None:
        if graph is None:
            return None
        nodes = self._nodes.get(id(graph))
        if nodes is None:
            nodes = self._nodes[id(graph)] = {node.name: node for node in graph.nodes}
        return nodes.get(name)

    def fields(self, step: TraceStep) -> dict[str, FieldSpec]:
        """Every field declared around a step: its graph's state, input, output and its nodes' inputs."""
        graph = self.graph(step)
        if graph is None:
            return {}
        spec = self.node(step)
        if spec is not None and spec.output is not None:
            return {field.name: field for field in spec.output}
        fields = self._fields.get(id(graph))
        if fields is None:
            inputs = (field for node in graph.nodes for field in node.input or ())
            every = (*inputs, *(graph.output or ()), *(graph.input or ()), *graph.state)
            fields = self._fields[id(graph)] = {field.name: field for field in every}
        return fields

    # the order

    @staticmethod
    def scope(step: TraceStep) -> Scope:
        """Which execution of which graph a step belongs to."""
        namespace = step.metadata.get("namespace")
        return step.parent_id, namespace if isinstance(namespace, str) else ""

    @staticmethod
    def moment(step: TraceStep) -> int:
        """When a step ran, comparable within its scope."""
        superstep = step.metadata.get("superstep")
        return superstep if isinstance(superstep, int) else step.step_number

    def is_leaf(self, step: TraceStep) -> bool:
        """Whether a step did its work itself, not through steps of a subgraph."""
        spec = self.node(step)
        return step.id not in self.children and (spec is None or spec.kind != "subgraph")

    @cached_property
    def superseded(self) -> frozenset[str]:
        """The ids of attempts that another attempt of the same execution followed."""
        failed: dict[tuple[Scope, str, int], list[TraceStep]] = {}
        gone: set[str] = set()
        for step in self.trace.steps:
            where = (self.scope(step), step.node_name)
            if step.attempt > 1 and (before := failed.get((*where, step.attempt - 1))):
                gone.add(before.pop(0).id)
            if step.outcome == "error":
                failed.setdefault((*where, step.attempt), []).append(step)
        return frozenset(gone)

    def parent(self, step: TraceStep) -> TraceStep | None:
        """The step of the outer graph that a step ran inside."""
        return self._by_id.get(step.parent_id) if step.parent_id is not None else None

    # who wrote and read

    def writes(self, step: TraceStep) -> Iterable[str]:
        """The fields of a step's update that reached the state."""
        if step.outcome == "error":
            return ()
        known = step.metadata.get("writes")
        if isinstance(known, list):
            return [name for name in known if isinstance(name, str)]
        fields, graph = self.fields(step), self.graph(step)
        closed = graph is not None and graph.closed and bool(graph.state)
        return [name for name in step.output_state if not closed or name in fields]

    def reads(self, step: TraceStep) -> Iterable[FieldRead]:
        """What the source of a step's node reads, that of its branch included; of a subgraph, what its steps read."""
        spec = self.node(step)
        reads = list(spec.reads or ()) if spec else []
        for child in self.children.get(step.id, ()):
            reads += self.reads(child)
        return reads

    def branch_reads(self, step: TraceStep) -> list[FieldRead] | None:
        """What the branches behind a step read to decide; None when a branch cannot be looked into."""
        graph = self.graph(step)
        edges = [edge for edge in graph.edges if edge.source == step.node_name and edge.conditional] if graph else []
        if any(edge.reads is None for edge in edges):
            return None
        return [read for edge in edges for read in edge.reads or ()]

    def readers_after(self, step: TraceStep, field: str) -> Iterator[Reader]:
        """The steps that read what a step left in a field, in order, up to the step that overwrites it.

        Args:
            step: Any step, whether it wrote the field or left it as it was.
            field: A top-level field.
        """
        timeline = self._timelines.get((self.scope(step), field))
        moment, end = self.moment(step), None
        if timeline is not None:
            at = bisect_right(timeline.write_moments, moment)
            end = timeline.write_moments[at] if at < len(timeline.writers) and not self._adds_up(step, field) else None
            for reader_at in range(bisect_right(timeline.read_moments, moment), len(timeline.readers)):
                if end is not None and timeline.read_moments[reader_at] > end:
                    break
                yield timeline.readers[reader_at]
        outer = self.parent(step)
        if end is None and outer is not None and field in outer.output_state:
            yield from self.readers_after(outer, field)

    def last_write(self, step: TraceStep, field: str) -> TraceStep | None:
        """The last step of a step's scope that wrote a field."""
        timeline = self._timelines.get((self.scope(step), field))
        return timeline.writers[-1] if timeline and timeline.writers else None

    def wrote_before(self, step: TraceStep, field: str) -> TraceStep | None:
        """The last step that wrote a field before a step of the same scope began."""
        timeline = self._timelines.get((self.scope(step), field))
        if timeline is None:
            return None
        at = bisect_right(timeline.write_moments, self.moment(step) - 1)
        return timeline.writers[at - 1] if at else None

    def is_only_writer(self, step: TraceStep, field: str) -> bool:
        """Whether no other step of the same moment wrote a field."""
        timeline = self._timelines.get((self.scope(step), field))
        if timeline is None:
            return True
        moment = self.moment(step)
        return bisect_right(timeline.write_moments, moment) - bisect_left(timeline.write_moments, moment) <= 1

    def gets_back(self, field: str) -> bool:
        """Whether a field belongs to what the caller gets back."""
        graph = self.trace.graph
        if graph is None or graph.output is None:
            return isinstance(self.trace.output, dict) and field in self.trace.output
        return any(field == one.name for one in graph.output)

    def is_due(self, field: str) -> bool:
        """Whether the run ended well and the caller may expect a field, there or not."""
        trace, graph = self.trace, self.trace.graph
        if graph is None or trace.error is not None or not isinstance(trace.output, dict):
            return False
        declared = graph.state if graph.output is None else graph.output
        completed = trace.metadata.get("outcome", "completed") == "completed"
        return completed and any(field == one.name for one in declared)

    def is_task(self, step: TraceStep) -> bool:
        """Whether a step is a task of the functional API: what it returns goes straight to the code that called it."""
        graph = self.graph(step) if step.parent_id is not None else None
        return graph is not None and not graph.closed and not graph.edges and not graph.state

    def results(self, step: TraceStep) -> dict[str, JsonValue]:
        """What a step returned, by field; of a task that is to give one value also that value as a whole."""
        if ROOT_FIELD in step.output_state or not self.is_task(step):
            return step.output_state
        return {**step.output_state, ROOT_FIELD: dict(step.output_state) or None}

    def reaches_caller(self, step: TraceStep, field: str) -> bool:
        """Whether what a step wrote into a field is what the caller gets back; of a task, the code that called it."""
        if self.is_task(step):
            return True
        graph = self.trace.graph
        if graph is not None and graph.output is not None and all(field != one.name for one in graph.output):
            return False
        last = self.last_write(step, field)
        if last is None or self.moment(last) > self.moment(step):
            return False
        outer = self.parent(step)
        return outer is None or (field in outer.output_state and self.reaches_caller(outer, field))

    def _adds_up(self, step: TraceStep, field: str) -> bool:
        spec = self.fields(step).get(field)
        return spec is not None and spec.reducer is not None

    @cached_property
    def _timelines(self) -> dict[tuple[Scope, str], _Timeline]:
        timelines: dict[tuple[Scope, str], _Timeline] = {}
        demands: dict[int, dict[str, FieldRead]] = {}

        def line(scope: Scope, field: str) -> _Timeline:
            return timelines.setdefault((scope, field), _Timeline([], [], [], []))

        for scope, steps in self.scopes.items():
            for step in sorted(steps, key=lambda one: (self.moment(one), one.step_number)):
                moment = self.moment(step)
                for field in self.writes(step):
                    line(scope, field).write_moments.append(moment)
                    line(scope, field).writers.append(step)
                for field, read in self._demands(step, demands).items():
                    line(scope, field).read_moments.append(moment)
                    line(scope, field).readers.append(Reader(step, read))
        return timelines

    def _demands(self, step: TraceStep, known: dict[int, dict[str, FieldRead]]) -> dict[str, FieldRead]:
        """By top-level field, the most demanding place that reads it."""
        spec = self.node(step)
        if step.id in self.children:
            return _most_demanding(self.reads(step))
        if spec is None or not spec.reads:
            return {}
        if id(spec) not in known:
            known[id(spec)] = _most_demanding(spec.reads)
        return known[id(spec)]


def _most_demanding(reads: Iterable[FieldRead]) -> dict[str, FieldRead]:
    found: dict[str, FieldRead] = {}
    for read in reads:
        field = read.path.partition(".")[0]
        before = found.get(field)
        if before is None or (read.required, not read.conditional) > (before.required, not before.conditional):
            found[field] = read
    return found
