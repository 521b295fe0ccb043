"""A trace without what makes it large."""

from __future__ import annotations

from msgspec.structs import replace

from argus.model.trace import Trace

__all__ = ["outline_of"]


def outline_of(trace: Trace) -> Trace:
    """A trace without states, calls, input, output and graph; steps, findings and forensics stay.

    Args:
        trace: The trace; it is not changed.
    """
    steps = tuple(
        replace(step, input_state={}, output_state={}, state_after={}, tool_calls=(), llm_calls=(), http_exchanges=())
        for step in trace.steps
    )
    return replace(trace, steps=steps, graph=None, input=None, output=None)
