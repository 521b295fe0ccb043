"""What the code that is going to run may read of the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from argus.model.graph import FieldRead, GraphSpec, NodeSpec
from argus.model.trace import TraceStep

__all__ = ["reads_from"]


def reads_from(graph: GraphSpec, chain: Sequence[TraceStep], *, tip_runs: bool = True) -> Callable[[str], bool]:
    """A test whether a path of the state may be read from a step on.

    Args:
        graph: The graph as it is loaded.
        chain: The steps that the chosen step lies inside, the outermost first, and itself.
        tip_runs: Whether the chosen step itself runs.
    """
    paths: set[str] = set()
    for reads in _all_reads(graph, chain, tip_runs=tip_runs):
        if reads is None:
            return lambda path: True
        paths.update(read.path for read in reads)
    return lambda path: any(_meet(path, read) for read in paths)


def _meet(a: str, b: str) -> bool:
    return a == b or a.startswith(f"{b}.") or b.startswith(f"{a}.")


def _all_reads(
    graph: GraphSpec | None, chain: Sequence[TraceStep], *, tip_runs: bool
) -> Iterator[Sequence[FieldRead] | None]:
    """What each piece of code reads; None for one of which that is not known."""
    for depth, step in enumerate(chain):
        if graph is None or graph.node(step.node_name) is None:
            yield None
            return
        is_tip = depth + 1 == len(chain)
        names = _reachable(graph, step.node_name)
        if is_tip and tip_runs:
            names.add(step.node_name)
        for node in graph.nodes:
            if node.name in names:
                yield from _of_node(node)
        for edge in graph.edges:
            if edge.conditional and (edge.source in names or edge.source == step.node_name):
                yield edge.reads
        inner = graph.node(step.node_name)
        graph = inner.subgraph if inner is not None else None


def _of_node(node: NodeSpec) -> Iterator[Sequence[FieldRead] | None]:
    if node.subgraph is not None:
        for inner in node.subgraph.nodes:
            yield from _of_node(inner)
        for edge in node.subgraph.edges:
            if edge.conditional:
                yield edge.reads
        return
    yield node.reads if node.reads is not None and node.reads_complete else None


def _reachable(graph: GraphSpec, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for target in graph.successors(waiting.pop()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found
