"""Runs whose whole state is one dict, opened: its keys as fields, and as a step's update what the step changed."""

from __future__ import annotations

import msgspec

from argus.dataflow.rooted import unrooted
from argus.model.graph import GraphSpec, NodeSpec
from argus.model.trace import Trace, TraceStep

__all__ = ["opened"]


def opened(trace: Trace) -> Trace:
    """A run as detectors look at it: of a state that is a single dict, its keys are the fields.

    Such a node returns the whole state, changed or not; what it wrote is what differs from what it was given.

    Args:
        trace: The run; never changed.

    Returns:
        The run itself when its state has fields of its own.
    """
    flat = unrooted(trace)
    if flat is trace:
        return trace
    steps = tuple(_changes(step) for step in flat.steps)
    graph = flat.graph
    if graph is not None:
        graph = _with_writes(graph)
    return msgspec.structs.replace(flat, steps=steps, graph=graph, output=trace.output)


def _changes(step: TraceStep) -> TraceStep:
    before = step.input_state
    changed = {
        key: value for key, value in step.output_state.items() if key not in before or not _same(before[key], value)
    }
    return msgspec.structs.replace(step, output_state=changed)


def _same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def _with_writes(graph: GraphSpec) -> GraphSpec:
    nodes = tuple(_node(node) for node in graph.nodes)
    return msgspec.structs.replace(graph, nodes=nodes)


def _node(node: NodeSpec) -> NodeSpec:
    return node if node.adds is None else msgspec.structs.replace(node, writes=node.adds)
