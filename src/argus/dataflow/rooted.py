"""Graphs whose whole state is one value, such as ``StateGraph(dict)``: the keys of that value are their fields."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue, State

__all__ = ["REPLACES", "is_rooted", "unrooted"]

REPLACES: Final = "replaces"
"""In a step's metadata: its update takes the place of the whole state."""


def is_rooted(trace: Trace) -> bool:
    """Whether the steps of a run hand on one dict as their whole state.

    Args:
        trace: The run.
    """
    states = [state for step in trace.steps for state in (step.input_state, step.output_state) if state]
    return (
        bool(states)
        and all(state.keys() == {ROOT_FIELD} for state in states)
        and any(isinstance(state[ROOT_FIELD], dict) for state in states)
    )


def unrooted(trace: Trace) -> Trace:
    """The same run with the keys of its one value as fields; any other run as it is.

    Args:
        trace: The run; never changed.
    """
    if not is_rooted(trace):
        return trace
    graph = trace.graph
    if graph is not None:
        graph = msgspec.structs.replace(graph, state=(), input=None, output=None, closed=False)
    return msgspec.structs.replace(
        trace, steps=tuple(_step(step) for step in trace.steps), graph=graph, input=_opened(trace.input)
    )


def _step(step: TraceStep) -> TraceStep:
    returned = step.output_state.get(ROOT_FIELD)
    kept = {key: value for key, value in step.metadata.items() if key not in ("writes", "dropped")}
    changes: dict[str, Any] = {
        "input_state": _fields(step.input_state),
        "output_state": _fields(step.output_state),
        "state_after": _fields(step.state_after),
        "metadata": {**kept, REPLACES: True} if isinstance(returned, dict) else kept,
    }
    return msgspec.structs.replace(step, **changes)


def _fields(state: State) -> State:
    inner = state.get(ROOT_FIELD)
    return inner if isinstance(inner, dict) else state


def _opened(value: JsonValue) -> JsonValue:
    return _fields(value) if isinstance(value, dict) and value.keys() == {ROOT_FIELD} else value
