"""The edges of a graph: as declared on a builder, or as wired between raw nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from argus._internal.guard import Guard
from argus.dataflow.decisions import decides_by_command, decision_rule
from argus.dataflow.reads import read_source
from argus.model.graph import END, START, DecisionSpec, EdgeSpec, FieldRead

__all__ = ["declared_decisions", "declared_edges", "wired_edges"]

_guard = Guard("instrumentation.edges")


def declared_edges(builder: Any) -> Iterator[EdgeSpec]:
    """The edges of a ``StateGraph``, each once: plain, waiting, branching, of commands and to error handlers.

    Args:
        builder: The ``StateGraph``.
    """
    seen: set[tuple[str, str]] = set()
    for edge in _all(builder):
        if (edge.source, edge.target) not in seen:
            seen.add((edge.source, edge.target))
            yield edge


def _all(builder: Any) -> Iterator[EdgeSpec]:
    order = {name: rank for rank, name in enumerate((START, *builder.nodes, END))}
    plain = set(builder.edges)
    plain.update((start, end) for starts, end in builder.waiting_edges for start in starts)
    for source, target in sorted(plain, key=lambda edge: (order.get(edge[0], -1), order.get(edge[1], -1))):
        yield EdgeSpec(source=source, target=target)
    for source, branches in builder.branches.items():
        for branch in branches.values():
            yield from _of_branch(source, branch, builder)
    for source, node in builder.nodes.items():
        yield from _of_command(source, node)
        handler = getattr(node, "error_handler_node", None)
        if handler is not None:
            yield EdgeSpec(source=source, target=handler, conditional=True, label="error")


def _of_branch(source: str, branch: Any, builder: Any) -> Iterator[EdgeSpec]:
    reads = _branch_reads(branch)
    ends = branch.ends if branch.ends is not None else {target: target for target in (*builder.nodes, END)}
    for answer, target in ends.items():
        label = None if answer == target else str(answer)
        yield EdgeSpec(source=source, target=target, conditional=True, label=label, reads=reads)


def _branch_reads(branch: Any) -> tuple[FieldRead, ...] | None:
    with _guard:
        path = branch.path
        return read_source(getattr(path, "func", None) or getattr(path, "afunc", None) or path).reads
    return None


def declared_decisions(builder: Any) -> Iterator[DecisionSpec]:
    """How the nodes of a ``StateGraph`` decide where to go on, of those whose source says it plainly.

    Args:
        builder: The ``StateGraph``.
    """
    for source, branches in builder.branches.items():
        if source in builder.nodes:
            for branch in branches.values():
                rule = decision_rule(_function_of(branch.path))
                ends = tuple((str(answer), target) for answer, target in (branch.ends or {}).items())
                yield DecisionSpec(source=source, rule=rule, ends=ends)
    for source, node in builder.nodes.items():
        if source not in builder.branches:
            rule = decides_by_command(_function_of(node.runnable))
            if rule is not None:
                yield DecisionSpec(source=source, rule=rule, command=True)


def _function_of(runnable: Any) -> Any:
    return getattr(runnable, "func", None) or getattr(runnable, "afunc", None) or runnable


def _of_command(source: str, node: Any) -> Iterator[EdgeSpec]:
    ends = node.ends or ()
    labels = ends if isinstance(ends, dict) else dict.fromkeys(ends)
    for target, label in labels.items():
        yield EdgeSpec(source=source, target=target, conditional=True, label=label if label != target else None)


def wired_edges(graph: Any) -> Iterator[EdgeSpec]:
    """The edges that follow from which node writes the channels that start another.

    Args:
        graph: A compiled graph without a builder.
    """
    readers: dict[str, list[str]] = defaultdict(list)
    for name, node in graph.nodes.items():
        for channel in node.triggers:
            readers[channel].append(name)
    inputs = graph.input_channels
    for channel in [inputs] if isinstance(inputs, str) else inputs:
        for target in readers.get(channel, ()):
            yield EdgeSpec(source=START, target=target)
    for source, node in graph.nodes.items():
        targets = {target for channel in _written(node) for target in readers.get(channel, ())}
        for target in sorted(targets) or [END]:
            yield EdgeSpec(source=source, target=target)


def _written(node: Any) -> Iterator[str]:
    for writer in node.writers:
        for entry in getattr(writer, "writes", ()):
            channel = getattr(entry, "channel", None)
            if isinstance(channel, str):
                yield channel
