"""Traces made by hand, for tests of detectors, stores, views and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import msgspec

from argus._internal.ids import step_id
from argus.model.graph import END, START, EdgeSpec, FieldRead, FieldSpec, GraphSpec, NodeSpec, TypeSpec
from argus.model.trace import ErrorInfo, Trace, TraceStep

__all__ = ["CREATED_AT", "build_graph", "build_trace", "fields_of", "ran"]

CREATED_AT = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)

_KINDS: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "dict"}


def fields_of(**types: type) -> tuple[FieldSpec, ...]:
    """Declared fields from plain Python types.

    Args:
        **types: ``name=str`` and the like; ``object`` accepts everything.
    """
    return tuple(
        FieldSpec(name=name, type=TypeSpec(kind=_KINDS.get(kind, "any"), name=kind.__name__))  # type: ignore[arg-type]
        for name, kind in types.items()
    )


def build_graph(
    chain: Sequence[str],
    *,
    state: Mapping[str, type] | None = None,
    reads: Mapping[str, Sequence[str]] | None = None,
    writes: Mapping[str, Sequence[str]] | None = None,
    edges: Sequence[tuple[str, str]] = (),
    name: str = "pipeline",
) -> GraphSpec:
    """A graph whose nodes stand in a chain, plus conditional edges.

    Args:
        chain: Node names in order.
        state: Declared fields.
        reads: Per node, the fields its source subscripts.
        writes: Per node, the fields its source returns.
        edges: More edges, conditional ones.
        name: The graph's name.
    """
    stops = [START, *chain, END]
    return GraphSpec(
        name=name,
        version="v1",
        nodes=tuple(
            NodeSpec(
                name=node,
                reads=tuple(FieldRead(path=path, required=True) for path in reads[node])
                if reads and node in reads
                else None,
                writes=tuple(writes[node]) if writes and node in writes else None,
            )
            for node in chain
        ),
        edges=(
            *(EdgeSpec(source=a, target=b) for a, b in pairwise(stops)),
            *(EdgeSpec(source=a, target=b, conditional=True) for a, b in edges),
        ),
        state=fields_of(**(state or {})),
    )


def ran(node: str, update: Mapping[str, Any] | None = None, **changes: Any) -> TraceStep:
    """A step to hand to :func:`build_trace`, which numbers it and fills in the states.

    Args:
        node: The node's name.
        update: What the node returned.
        **changes: Any other attribute of the step; ``error=KeyError("x")`` is turned into an
            :class:`~argus.model.trace.ErrorInfo`.
    """
    error = changes.get("error")
    if isinstance(error, BaseException):
        changes["error"] = ErrorInfo(type=type(error).__name__, message=str(error))
        changes.setdefault("outcome", "error")
    changes.setdefault("duration_ms", 10.0)
    return TraceStep(id="", step_number=0, node_name=node, output_state=dict(update or {}), **changes)


def build_trace(
    *steps: TraceStep,
    input: Mapping[str, Any] | None = None,
    graph: GraphSpec | None = None,
    trace_id: str = "00000000000000a1",
    pipeline_name: str = "pipeline",
    **changes: Any,
) -> Trace:
    """A trace in which every step's update is merged into the state, the last write winning.

    States that a step already has are kept.

    Args:
        *steps: From :func:`ran`, in order.
        input: The state at the start.
        graph: The graph, if it matters.
        trace_id: The trace's id.
        pipeline_name: The pipeline's name.
        **changes: Any other attribute of the trace.
    """
    state: dict[str, Any] = dict(input or {})
    declared = {field.name for field in graph.state} if graph and graph.state else None
    whole: list[TraceStep] = []
    for number, step in enumerate(steps, start=1):
        before = state
        if step.outcome == "ok":
            kept = {k: v for k, v in step.output_state.items() if declared is None or k in declared}
            state = {**state, **kept}
        whole.append(
            msgspec.structs.replace(
                step,
                id=step_id(trace_id, number),
                step_number=number,
                input_state=step.input_state or before,
                state_after=step.state_after or state,
                timestamp=CREATED_AT + timedelta(milliseconds=10 * number),
            )
        )
    last = whole[-1].error if whole else None
    return Trace(
        **{
            "id": trace_id,
            "pipeline_name": pipeline_name,
            "created_at": CREATED_AT,
            "duration_ms": sum(step.duration_ms for step in whole),
            "steps": tuple(whole),
            "graph": graph,
            "input": dict(input or {}),
            "output": None if last else state,
            "error": last,
            **changes,
        }
    )
