"""What must be said of two runs before they are compared: which is which, and what cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from argus.model.record import Record
from argus.model.trace import Status, Trace
from argus.model.values import JsonValue, cut_of, is_mark, is_redacted
from argus.views.amounts import count, duration
from argus.views.trace_list import short_ids

__all__ = ["RunLabel", "labels_of", "notes_on"]

_LOOKED_AT: Final = 20_000
"""Values of each run that are looked through for what was hidden."""


class RunLabel(Record, frozen=True, kw_only=True):
    """One of two runs, as far as the run itself tells.

    Attributes:
        id: Its id.
        short_id: The beginning of it that tells the two apart.
        pipeline_name: Its pipeline.
        created_at: When it started, aware UTC.
        status: Its status.
        outcome: How the call ended, such as ``completed`` or ``interrupted``; None when not recorded.
        graph_version: The version of the graph that ran, or None when unknown.
        duration_ms: Wall time.
        steps: Steps recorded.
        tokens: Tokens used, or None when no step told.
        findings: Findings that count.
    """

    id: str
    short_id: str
    pipeline_name: str
    created_at: datetime
    status: Status
    outcome: str | None = None
    graph_version: str | None = None
    duration_ms: float = 0.0
    steps: int = 0
    tokens: int | None = None
    findings: int = 0


def labels_of(a: Trace, b: Trace) -> tuple[RunLabel, RunLabel]:
    """The labels of two runs.

    Args:
        a: The first run.
        b: The second run.
    """
    short = short_ids([a.id, b.id])
    return _label(a, short[a.id]), _label(b, short[b.id])


def _label(trace: Trace, short: str) -> RunLabel:
    told = [step.token_usage.total_tokens for step in trace.steps if step.token_usage is not None]
    known = [tokens for tokens in told if tokens is not None]
    outcome = trace.metadata.get("outcome")
    return RunLabel(
        id=trace.id,
        short_id=short,
        pipeline_name=trace.pipeline_name,
        created_at=trace.created_at,
        status=trace.status,
        outcome=outcome if isinstance(outcome, str) else None,
        graph_version=trace.graph.version if trace.graph is not None else None,
        duration_ms=trace.duration_ms,
        steps=len(trace.steps),
        tokens=sum(known) if known else None,
        findings=trace.detection_count,
    )


def notes_on(a: Trace, b: Trace) -> tuple[str, ...]:
    """What to know before believing a comparison, one sentence each.

    Args:
        a: The first run.
        b: The second run.
    """
    return tuple(_notes(a, b))


def _notes(a: Trace, b: Trace) -> Iterator[str]:
    if a.id == b.id:
        yield "A and B are the same run."
        return
    yield _apart(a, b)
    for one, other, name, other_name in ((a, b, "A", "B"), (b, a, "B", "A")):
        if one.metadata.get("resumes") == other.id:
            yield f"{name} resumes {other_name}: it begins where that one stopped."
        if one.metadata.get("replay_of") == other.id:
            yield f"{name} is a replay of {other_name}."
    if a.pipeline_name != b.pipeline_name:
        yield "They are runs of different pipelines."
    elif a.graph is not None and b.graph is not None and a.graph.version != b.graph.version:
        yield "The graph was changed between them: other nodes, edges or schemas."
    for one, name in ((a, "A"), (b, "B")):
        yield from _gaps(one, name)


def _apart(a: Trace, b: Trace) -> str:
    apart_ms = (b.created_at - a.created_at).total_seconds() * 1000
    if apart_ms == 0:
        return "They began at the same time."
    return f"B began {duration(abs(apart_ms))} {'after' if apart_ms > 0 else 'before'} A."


def _gaps(trace: Trace, name: str) -> Iterator[str]:
    if trace.status == "incomplete":
        yield f"{name} is incomplete: what it would have done after its last step is not known."
    elif trace.metadata.get("outcome") in ("interrupted", "cancelled", "abandoned"):
        yield f"{name} was {trace.metadata['outcome']}: it did not get to its end."
    if trace.steps and not any(step.input_state or step.output_state for step in trace.steps):
        yield f"{name} holds no states: only the way it went is compared."
        return
    hidden, whole = _hidden(trace)
    more = "" if whole else " or more"
    if hidden:
        yield f"{name} holds {count(hidden, 'value')}{more} redacted or left out: whether those differ is not known."


def _hidden(trace: Trace) -> tuple[int, bool]:
    """How many recorded values do not say what they were, and whether all were looked at."""
    hidden, left = 0, _LOOKED_AT
    pending: list[JsonValue] = [trace.input, trace.output]
    for step in trace.steps:
        pending.append(step.output_state)
        while pending and left > 0:
            value = pending.pop()
            left -= 1
            if isinstance(value, str):
                hidden += cut_of(value) is None and is_redacted(value)
            elif is_mark(value):
                hidden += value["$argus"] in ("skipped", "object", "error", "deep", "more")
            elif isinstance(value, dict):
                pending.extend(value.values())
            elif isinstance(value, list):
                pending.extend(value)
    return hidden, not pending
