"""The graph of a run with what ran in it, subgraphs included: nodes and edges with counts, roles and facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from argus.model.detection import SEVERITIES, Severity
from argus.model.graph import END, START, GraphSpec, NodeSpec
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.views.amounts import count, duration
from argus.views.graph import ThreadHop, graph_view
from argus.views.rounds import units_of
from argus.views.step_columns import short_class
from argus.views.timeline import Role, roles_of
from argus.views.usual import Usual

__all__ = ["RunEdge", "RunGraph", "RunNode", "run_graph"]

_DEEPEST = 20


class RunNode(Record, frozen=True, kw_only=True):
    """A node.

    Attributes:
        path: Its name behind those of the subgraphs it stands in, joined by ``/``; unique.
        name: Its name.
        parent: The path of the node whose subgraph it stands in, or None.
        kind: ``node``, ``subgraph``, ``tools``, ``error_handler``, ``start`` or ``end``.
        declared: Whether the graph declares it; a session's nodes are only seen.
        file: The source file of its function, if known.
        line: The 1-based line of its definition, if known.
        executions: How often it ran.
        steps: The numbers of the first 100 steps that ran it.
        duration_ms: Wall time of all its executions together.
        usual_ms: What one execution usually takes, or None.
        fact: One fact worth reading, such as ``×2 · 2.52 s`` or ``not taken``.
        role: Its part in the blame: the gravest of its executions, or None.
        findings: Findings that count at its steps.
        worst: The gravest severity among them, or None.
        error: The class of the last exception that left it, or None.
    """

    path: str
    name: str
    parent: str | None = None
    kind: str = "node"
    declared: bool = True
    file: str | None = None
    line: int | None = None
    executions: int = 0
    steps: tuple[int, ...] = ()
    duration_ms: float = 0.0
    usual_ms: float | None = None
    fact: str = ""
    role: Role | None = None
    findings: int = 0
    worst: Severity | None = None
    error: str | None = None


class RunEdge(Record, frozen=True, kw_only=True):
    """An edge between two nodes of one graph.

    Attributes:
        source: A node's path.
        target: A node's path.
        parent: The path of the node whose subgraph it belongs to, or None.
        conditional: Whether a branch decides at run time.
        label: The branch's label, or None.
        taken: Whether the run may have taken it.
        count: How often both ends ran one after the other.
    """

    source: str
    target: str
    parent: str | None = None
    conditional: bool = False
    label: str | None = None
    taken: bool = False
    count: int = 0


class RunGraph(Record, frozen=True, kw_only=True):
    """A graph and what ran in it.

    Attributes:
        name: The graph's name; empty when unknown.
        version: Its version, or None when unknown.
        nodes: Start, nodes in order of definition, end; then those of subgraphs.
        edges: All that are known.
        thread: Hops of the failure between nodes of the outer graph, from cause to symptom.
        declared: Nodes that are declared, start and end not counted, subgraphs left out.
        ran: How many of them ran.
    """

    name: str = ""
    version: str | None = None
    nodes: tuple[RunNode, ...] = ()
    edges: tuple[RunEdge, ...] = ()
    thread: tuple[ThreadHop, ...] = ()
    declared: int = 0
    ran: int = 0


def run_graph(trace: Trace, usual: Usual | None = None) -> RunGraph:
    """The graph of a run.

    Args:
        trace: The run; values are not looked at but for whether a step wrote anything.
        usual: What its steps usually take.
    """
    drawn = _Drawn(trace, usual)
    nodes = tuple(drawn.nodes())
    outer = [node for node in nodes if node.parent is None and node.kind not in ("start", "end")]
    view = graph_view(trace)
    return RunGraph(
        name=trace.graph.name if trace.graph else "",
        version=trace.graph.version if trace.graph else None,
        nodes=nodes,
        edges=tuple(drawn.edges()),
        thread=view.thread if view else (),
        declared=len(outer),
        ran=sum(1 for node in outer if node.executions),
    )


class _Level(NamedTuple):
    """One graph or subgraph, and where it stands."""

    graph: GraphSpec
    parent: str | None

    def path(self, name: str) -> str:
        return name if self.parent is None else f"{self.parent}/{name}"


class _Drawn:
    def __init__(self, trace: Trace, usual: Usual | None) -> None:
        self._trace = trace
        self._usual = usual.node_ms if usual else {}
        self._roles = roles_of(trace)
        self._levels = list(_levels(trace.graph, None, 0)) if trace.graph else []
        self._paths: dict[str, str] = {}
        self._by_path: dict[str, list[TraceStep]] = {}
        for step in trace.steps:
            outer = self._paths.get(step.parent_id or "")
            path = step.node_name if outer is None else f"{outer}/{step.node_name}"
            self._paths[step.id] = path
            self._by_path.setdefault(path, []).append(step)
        self._found: dict[str, list[Severity]] = {}
        for one in trace.detections:
            if one.suppressed is None and one.step_id in self._paths:
                self._found.setdefault(self._paths[one.step_id], []).append(one.severity)

    def nodes(self) -> Iterator[RunNode]:
        told: set[str] = set()
        for level in self._levels:
            for node in _in_order(level):
                told.add(node.path)
                yield self._with_run(node)
        for path, steps in self._by_path.items():
            if path not in told:
                parent = self._paths.get(steps[0].parent_id or "")
                yield self._with_run(RunNode(path=path, name=steps[0].node_name, parent=parent, declared=False))

    def _with_run(self, node: RunNode) -> RunNode:
        from msgspec.structs import replace

        steps = self._by_path.get(node.path, ())
        played = {self._roles[step.id] for step in steps if step.id in self._roles}
        severities = self._found.get(node.path, [])
        errors = [name for step in steps if (name := short_class(step)) is not None]
        return replace(
            node,
            executions=len(steps),
            steps=tuple(step.step_number for step in steps[:100]),
            duration_ms=round(sum(step.duration_ms for step in steps), 3),
            usual_ms=self._usual.get(node.name),
            fact=_fact(node, steps, errors),
            role=next((role for role in ("cause", "symptom", "path") if role in played), None),
            findings=len(severities),
            worst=max(severities, key=SEVERITIES.index, default=None),
            error=errors[-1] if errors else None,
        )

    def edges(self) -> Iterator[RunEdge]:
        taken = self._transitions()
        for level in self._levels:
            for edge in level.graph.edges:
                source, target = level.path(edge.source), level.path(edge.target)
                times = taken[source, target]
                yield RunEdge(
                    source=source,
                    target=target,
                    parent=level.parent,
                    conditional=edge.conditional,
                    label=edge.label,
                    taken=times > 0,
                    count=times,
                )

    def _transitions(self) -> Counter[tuple[str, str]]:
        """How often each pair of nodes ran one after the other, where the step's own branch does not say otherwise."""
        seen: Counter[tuple[str, str]] = Counter()
        inside: dict[str | None, list[TraceStep]] = {}
        for step in self._trace.steps:
            inside.setdefault(step.parent_id if step.parent_id in self._paths else None, []).append(step)
        for parent, steps in inside.items():
            lead = f"{self._paths[parent]}/" if parent is not None else ""
            units = units_of(steps)
            seen.update((f"{lead}{START}", f"{lead}{name}") for name in units[0].names)
            for unit, following in pairwise(units):
                for step in _last_of_each(unit.steps):
                    chosen = _chosen(step)
                    for name in following.names:
                        if chosen is None or name in chosen:
                            seen[f"{lead}{step.node_name}", f"{lead}{name}"] += 1
            seen.update((f"{lead}{name}", f"{lead}{END}") for name in units[-1].names)
        return seen


def _levels(graph: GraphSpec, parent: str | None, depth: int) -> Iterator[_Level]:
    level = _Level(graph, parent)
    yield level
    for node in graph.nodes:
        if node.subgraph is not None and depth < _DEEPEST:
            yield from _levels(node.subgraph, level.path(node.name), depth + 1)


def _in_order(level: _Level) -> Iterator[RunNode]:
    yield RunNode(path=level.path(START), name=START, parent=level.parent, kind="start")
    for node in level.graph.nodes:
        yield _declared(node, level)
    yield RunNode(path=level.path(END), name=END, parent=level.parent, kind="end")


def _declared(node: NodeSpec, level: _Level) -> RunNode:
    return RunNode(
        path=level.path(node.name),
        name=node.name,
        parent=level.parent,
        kind="subgraph" if node.subgraph is not None else node.kind,
        file=node.file,
        line=node.line,
    )


def _fact(node: RunNode, steps: Sequence[TraceStep], errors: Sequence[str]) -> str:
    if node.kind in ("start", "end"):
        return ""
    if not steps:
        return "not taken"
    if errors:
        return f"raised {errors[-1]}"[:60]
    took = duration(sum(step.duration_ms for step in steps))
    if len(steps) > 1:
        return f"×{len(steps):,} · {took}"
    if not steps[0].output_state and steps[0].outcome == "ok":
        return "wrote nothing"
    dropped = steps[0].metadata.get("dropped")
    if isinstance(dropped, list) and dropped:
        return f"{count(len(dropped), 'key')} dropped"
    return took


def _last_of_each(steps: Sequence[TraceStep]) -> list[TraceStep]:
    """One step for each node of a superstep: the last attempt."""
    return list({step.node_name: step for step in steps}.values())


def _chosen(step: TraceStep) -> set[str] | None:
    """Where the step's branch or command sent the run, or None when that is not recorded."""
    names = [*_texts(step.metadata.get("branch")), *_texts(step.metadata.get("goto"))]
    return set(names) if names else None


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []
