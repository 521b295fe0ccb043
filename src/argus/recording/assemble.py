"""A finished run as a trace."""

from __future__ import annotations

from typing import Any

from argus.model.trace import LlmCall, TokenUsage, ToolCall, Trace, TraceStep
from argus.recording.run import OpenStep, Run

__all__ = ["assemble"]


def assemble(run: Run) -> Trace:
    """The run as a trace without detections.

    Args:
        run: A closed run.
    """
    return Trace(
        id=run.id, pipeline_name=run.pipeline_name, created_at=run.created_at, duration_ms=run.duration_ms,
        steps=tuple(_step(run, step) for step in run.steps), graph=run.graph, input=run.input, output=run.output,
        error=run.error, metadata=run.metadata,
    )  # fmt: skip


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / 1e6


def _after(run: Run, facts: dict[str, Any]) -> dict[str, Any]:
    later = [
        (number or 0, state)
        for (scope, number), state in run.states.items()
        if scope == facts["scope"] and (number or 0) > (facts["superstep"] or 0)
    ]
    return min(later, key=lambda pair: pair[0])[1] if later else {}


def _step(run: Run, step: OpenStep) -> TraceStep:
    f = step.facts
    known = {
        "superstep": f["superstep"], "triggers": f["triggers"], "namespace": f["scope"], "kind": f["kind"],
        "branch": f.get("branch"), "goto": f.get("goto"), "writes": f.get("writes"), "dropped": f.get("dropped"),
    }  # fmt: skip
    calls = tuple(
        LlmCall(
            **{k: c[k] for k in ("model", "messages", "response", "finish_reason", "error")},
            usage=TokenUsage(
                input_tokens=c["usage"][0], output_tokens=c["usage"][1], total_tokens=c["usage"][2]
            ) if c["usage"] else None,
            duration_ms=_ms(c["wall_ns"]),
        )
        for c in f["llm"]
    )  # fmt: skip
    return TraceStep(
        id=step.id, step_number=step.number, node_name=step.node_name, input_state=f["input"],
        output_state=f.get("output", {}), state_after=_after(run, f), duration_ms=(f.get("wall_ns") or 0) / 1e6,
        cpu_ms=_ms(f.get("cpu_ns")), timestamp=f["at"], outcome=f.get("outcome", "cancelled"), error=f.get("error"),
        attempt=f["attempt"], parent_id=f["parent"], llm_calls=calls,
        tool_calls=tuple(
            ToolCall(**{k: c[k] for k in ("name", "arguments", "result", "error", "call_id")},
                     duration_ms=_ms(c["wall_ns"]))
            for c in f["tools"]
        ),
        metadata={k: v for k, v in known.items() if v},
    )  # fmt: skip
