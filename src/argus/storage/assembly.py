"""Rows of an SQL store back into a trace; :mod:`argus.storage.rows` made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from argus.model.detection import Detection, Evidence
from argus.model.exchange import HttpExchange, with_contents
from argus.model.forensics import CausalLink, Forensics, Suggestion, Suspect
from argus.model.graph import GraphSpec
from argus.model.trace import ErrorInfo, LlmCall, TokenUsage, ToolCall, Trace, TraceStep
from argus.model.values import JsonValue
from argus.storage.exact_json import from_json, from_optional_text, record_from_json, unescape
from argus.storage.moments import from_microseconds
from argus.storage.value_table import ValueReader

__all__ = [
    "CALLS",
    "DETECTIONS",
    "FORENSICS",
    "HEAD",
    "STEPS",
    "STEPS_WITHOUT_VALUES",
    "VALUES",
    "StoredTrace",
    "assemble",
]

HEAD = "t.pipeline_name, t.status, t.duration_ms, t.summary, t.metadata, t.error, t.input_refs, t.output_refs, g.spec"
"""Columns of ``traces AS t`` and ``graphs AS g`` that :attr:`StoredTrace.head` holds."""

STEPS = (
    "id, step_number, node_name, started_us, duration_ms, cpu_ms, outcome, attempt, parent_id, input_refs,"
    " output_refs, after_refs, metadata, error, token_usage"
)
"""Columns of ``steps`` that follow the rank."""

STEPS_WITHOUT_VALUES = (
    "id, step_number, node_name, started_us, duration_ms, cpu_ms, outcome, attempt, parent_id, '{}', '{}', '{}',"
    " metadata, error, token_usage"
)
"""The same columns with states that are empty."""

VALUES = "kind, body"
"""Columns of ``trace_values``."""

CALLS = "step, kind, given, gave, facts"
"""Columns of ``calls``."""

DETECTIONS = "id, step_id, layer, severity, message, details, code, field, confidence, suppressed, evidence"
"""Columns of ``detections``."""

FORENSICS = "id, root_cause_step, detection_ids, explanation, causal_chain, confidence, proof, suspects, suggestions"
"""Columns of ``forensics``."""

_GIVEN = 10
"""Where ``input_refs`` stands in a row of steps."""


class StoredTrace(NamedTuple):
    """What a database holds of one trace; rows in order of rank.

    Attributes:
        trace_id: Its id, not escaped.
        created_at: When the run started, aware.
        head: The columns HEAD.
        steps: The rank and the columns STEPS.
        values: The columns VALUES.
        calls: The columns CALLS.
        detections: The columns DETECTIONS.
        forensics: The columns FORENSICS, or None.
    """

    trace_id: str
    created_at: datetime
    head: Sequence[Any]
    steps: Sequence[tuple[Any, ...]]
    values: Iterable[tuple[int, str]]
    calls: Iterable[tuple[Any, ...]]
    detections: Iterable[tuple[Any, ...]]
    forensics: tuple[Any, ...] | None


def assemble(stored: StoredTrace) -> Trace:
    """The whole trace; values that steps share are shared again.

    Args:
        stored: Its rows.
    """
    pipeline, status, duration_ms, summary, metadata, error, given, gave, spec = stored.head
    values = ValueReader(stored.values)
    return Trace(
        id=stored.trace_id,
        pipeline_name=unescape(pipeline),
        created_at=stored.created_at,
        status=status,
        duration_ms=duration_ms,
        steps=_steps(stored, values),
        detections=tuple(map(_detection, stored.detections)),
        forensics=_forensics(stored.forensics),
        graph=record_from_json(spec, GraphSpec) if spec else None,
        input=_resolved(values, given),
        output=_resolved(values, gave),
        error=record_from_json(error, ErrorInfo) if error else None,
        summary=unescape(summary),
        metadata=from_json(metadata),
    )


def _resolved(values: ValueReader, references: str | None) -> JsonValue:
    if references is None:
        return None
    return values.state(references) if references.startswith("{") else values.value(int(references))


def _steps(stored: StoredTrace, values: ValueReader) -> tuple[TraceStep, ...]:
    tools: defaultdict[int, list[ToolCall]] = defaultdict(list)
    models: defaultdict[int, list[LlmCall]] = defaultdict(list)
    exchanges: defaultdict[int, list[HttpExchange]] = defaultdict(list)
    for rank, kind, given, gave, facts in stored.calls:
        taken = None if given is None else values.value(given)
        result = None if gave is None else values.value(gave)
        if kind == "tool":
            tool = record_from_json(facts, ToolCall)
            tools[rank].append(replace(tool, arguments=taken, result=result))
        elif kind == "http":
            exchanges[rank].append(with_contents(record_from_json(facts, HttpExchange), taken, result))
        else:
            model = record_from_json(facts, LlmCall)
            models[rank].append(replace(model, messages=taken, response=result))
    found = stored.steps
    given_next = [row[_GIVEN] for row in found[1:]] + ["{}"]
    return tuple(
        _step(
            row,
            stored.trace_id,
            values,
            following,
            (tuple(tools.get(row[0], ())), tuple(models.get(row[0], ())), tuple(exchanges.get(row[0], ()))),
        )
        for row, following in zip(found, given_next, strict=False)  # without steps there is one too many
    )


def _step(
    row: tuple[Any, ...],
    trace_id: str,
    values: ValueReader,
    following: str,
    calls: tuple[tuple[ToolCall, ...], tuple[LlmCall, ...], tuple[HttpExchange, ...]],
) -> TraceStep:
    (
        _, own_id, step_number, node_name, started_us, duration_ms, cpu_ms, outcome, attempt, parent_id,
        given, gave, after, metadata, error, usage,
    ) = row  # fmt: skip
    return TraceStep(
        id=(from_optional_text(own_id) or "") if own_id else f"{trace_id}-s{step_number}",
        step_number=step_number,
        node_name=unescape(node_name),
        input_state=values.state(given),
        output_state=values.state(gave),
        state_after=values.state(after or following),
        duration_ms=duration_ms,
        cpu_ms=cpu_ms,
        timestamp=from_microseconds(started_us),
        outcome=outcome,
        error=record_from_json(error, ErrorInfo) if error else None,
        attempt=attempt,
        tool_calls=calls[0],
        llm_calls=calls[1],
        http_exchanges=calls[2],
        token_usage=record_from_json(usage, TokenUsage) if usage else None,
        parent_id=from_optional_text(parent_id),
        metadata=from_json(metadata),
    )


def _detection(row: tuple[Any, ...]) -> Detection:
    found_id, step_id, layer, severity, message, details, code, field, confidence, suppressed, evidence = row
    return Detection(
        layer=unescape(layer),
        severity=severity,
        message=unescape(message),
        step_id=unescape(step_id),
        id=unescape(found_id),
        details=from_json(details),
        code=unescape(code),
        field=None if field is None else unescape(field),
        confidence=confidence,
        evidence=record_from_json(evidence, tuple[Evidence, ...]),
        suppressed=None if suppressed is None else unescape(suppressed),
    )


def _forensics(row: tuple[Any, ...] | None) -> Forensics | None:
    if row is None:
        return None
    own_id, root_cause_step, detection_ids, explanation, chain, confidence, proof, suspects, suggestions = row
    return Forensics(
        root_cause_step=None if root_cause_step is None else unescape(root_cause_step),
        explanation=unescape(explanation),
        causal_chain=record_from_json(chain, tuple[CausalLink, ...]),
        detection_ids=record_from_json(detection_ids, tuple[str, ...]),
        id=unescape(own_id),
        confidence=confidence,
        proof=proof,
        suspects=record_from_json(suspects, tuple[Suspect, ...]),
        suggestions=record_from_json(suggestions, tuple[Suggestion, ...]),
    )
