"""A log of messages between agents as a trace: one step for each message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from argus._internal.ids import detection_id, step_id
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["Message", "conversation_trace"]

_UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Message:
    """One message of a log.

    Attributes:
        agent: Who said it.
        content: What was said.
        role: The role it was sent under, as recorded.
        to: Whom it was said to, if the log tells.
    """

    agent: str
    content: str
    role: str = ""
    to: str | None = None


def conversation_trace(
    messages: Sequence[Message],
    *,
    trace_id: str,
    pipeline_name: str,
    question: str,
    wrong_answer: bool,
    metadata: Mapping[str, JsonValue] | None = None,
) -> Trace:
    """The trace of a log. It has no graph, no source and no times: nothing that the log does not tell is made up.

    Args:
        messages: In the order of the log.
        trace_id: The trace's id.
        pipeline_name: Groups logs of the same system.
        question: What the agents were asked.
        wrong_answer: Whether it is known from outside that the outcome is wrong; then a finding at the last step says
            so.
        metadata: More about the log.

    Returns:
        One step for each message, in order; a step's update is its message.
    """
    steps = tuple(_step(trace_id, number, message) for number, message in enumerate(messages, start=1))
    known_wrong = wrong_answer and bool(steps)
    return Trace(
        id=trace_id,
        pipeline_name=pipeline_name,
        created_at=_UNKNOWN_TIME,
        status="failed" if known_wrong else "ok",
        steps=steps,
        detections=(_wrong(trace_id, steps[-1]),) if known_wrong else (),
        input={"question": question},
        output=messages[-1].content if messages else None,
        summary="The record says that the outcome is wrong." if known_wrong else "",
        metadata={**(metadata or {}), "form": "conversation"},
    )


def _step(trace_id: str, number: int, message: Message) -> TraceStep:
    said: dict[str, Any] = {"type": message.role or "message", "name": message.agent, "content": message.content}
    if message.to is not None:
        said["to"] = message.to
    return TraceStep(
        id=step_id(trace_id, number),
        step_number=number,
        node_name=message.agent,
        output_state={"messages": [said]},
        timestamp=_UNKNOWN_TIME + timedelta(seconds=number),
    )


def _wrong(trace_id: str, last: TraceStep) -> Detection:
    return Detection(
        id=detection_id(trace_id, 1),
        layer="imported",
        severity="critical",
        message="The record says that the outcome of this run is wrong",
        step_id=last.id,
        evidence=(Evidence(step_id=last.id, field="messages", note="the last message of the run"),),
    )
