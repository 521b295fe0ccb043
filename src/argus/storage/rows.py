"""A trace as rows for SQL stores; everything that can be done before the database is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from msgspec.structs import asdict

from argus.errors import StorageError
from argus.model.exchange import with_contents
from argus.model.graph import GraphSpec
from argus.model.metrics import step_metrics
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue
from argus.storage.exact_json import escape, optional_text, to_json
from argus.storage.listing import search_text
from argus.storage.moments import to_microseconds, to_text
from argus.storage.value_table import ROWS_PER_TRACE, ValueTable

__all__ = ["GraphRow", "Row", "SeriesKey", "TraceRows", "graph_row", "rows_of"]

Row: TypeAlias = tuple[object, ...]
"""The columns of a table in order, without the number of the trace."""

SeriesKey: TypeAlias = "tuple[str, str | None, str]"
"""Pipeline, version of the graph and node whose history a measurement belongs to; text escaped."""

Measurement: TypeAlias = tuple[SeriesKey, int, int, int, Row]
"""Series, whether the run is healthy (0 or 1), its start in microseconds, the step's rank, its numbers."""


class GraphRow(NamedTuple):
    """A graph as it is stored."""

    number: int
    name: str
    version: str
    spec: str


class TraceRows(NamedTuple):
    """All rows of one trace; ranks within the trace stand where numbers will.

    Attributes:
        trace_id: Escaped.
        trace: Columns of ``traces`` but for the number.
        graph: The graph that ran.
        steps: Columns of ``steps``, the rank first.
        values: Columns of ``trace_values``, the rank first.
        calls: Columns of ``calls``, the rank first.
        detections: Columns of ``detections`` but for the number.
        forensics: Columns of ``forensics`` but for the number.
        measurements: One per step.
    """

    trace_id: str
    trace: Row
    graph: GraphRow | None
    steps: list[Row]
    values: Sequence[Row]
    calls: list[Row]
    detections: list[Row]
    forensics: Row | None
    measurements: list[Measurement]


def rows_of(trace: Trace, graph: GraphRow | None) -> TraceRows:
    """The rows of a trace.

    Args:
        trace: A finalized trace.
        graph: What :func:`graph_row` made of its graph.

    Raises:
        StorageError: It has more steps, calls or values than a store takes.
    """
    table = ValueTable()
    created_at = to_text(trace.created_at)
    inputs = _references(table, trace.input, "input")
    given = [table.references(step.input_state) for step in trace.steps]
    steps: list[Row] = []
    calls: list[Row] = []
    for rank, step in enumerate(trace.steps):
        following = given[rank + 1] if rank + 1 < len(given) else ""
        steps.append(_step_row(trace, step, rank, table, given[rank], following))
        if step.tool_calls or step.llm_calls or step.http_exchanges:
            calls += _call_rows(step, rank, len(calls), table)
    outputs = _references(table, trace.output, "output")
    if max(len(steps), len(calls)) > ROWS_PER_TRACE:
        raise StorageError(f"trace {trace.id} has more than {ROWS_PER_TRACE} steps or calls")
    return TraceRows(
        trace_id=escape(trace.id),
        trace=(
            escape(trace.id),
            created_at,
            escape(trace.pipeline_name),
            trace.status,
            trace.duration_ms,
            trace.node_count,
            trace.detection_count,
            len(trace.steps),
            escape(trace.summary),
            graph.version if graph else None,
            graph.number if graph else None,
            to_json(trace.metadata) if trace.metadata else "{}",
            to_json(trace.error) if trace.error else None,
            inputs,
            outputs,
            search_text(trace),
        ),
        graph=graph,
        steps=steps,
        values=table.rows(),
        calls=calls,
        detections=_detection_rows(trace, created_at),
        forensics=_forensics_row(trace, created_at),
        measurements=_measurements(trace, graph),
    )


def graph_row(graph: GraphSpec) -> GraphRow:
    """A graph as it is stored, numbered by a hash of its contents.

    Args:
        graph: The graph.
    """
    from hashlib import blake2b  # loads OpenSSL, which reading does without

    spec = to_json(graph)
    digest = blake2b(spec.encode(), digest_size=8).digest()
    return GraphRow(int.from_bytes(digest, "big") >> 1, escape(graph.name), escape(graph.version), spec)


def _references(table: ValueTable, value: JsonValue, name: str) -> str | None:
    if value is None:
        return None
    return table.references(value) if type(value) is dict else str(table.number(value, name))


def _step_row(trace: Trace, step: TraceStep, rank: int, table: ValueTable, given: str, following: str) -> Row:
    after = table.references(step.state_after)
    return (
        rank,
        "" if step.id == f"{trace.id}-s{step.step_number}" else optional_text(step.id),
        step.step_number,
        escape(step.node_name),
        to_microseconds(step.timestamp),
        step.duration_ms,
        step.cpu_ms,
        step.outcome,
        step.attempt,
        optional_text(step.parent_id),
        given,
        table.references(step.output_state),
        "" if after == following else after,
        to_json(step.metadata) if step.metadata else "{}",
        "" if step.error is None else to_json(step.error),
        "" if step.token_usage is None else to_json(step.token_usage),
    )


def _call_rows(step: TraceStep, rank: int, first: int, table: ValueTable) -> list[Row]:
    def number(value: JsonValue, name: str) -> int | None:
        return None if value is None else table.number(value, name)

    rows: list[Row] = []
    for tool in step.tool_calls:
        facts = asdict(tool)
        del facts["arguments"], facts["result"]
        given, gave = number(tool.arguments, "tool arguments"), number(tool.result, "tool result")
        rows.append((first + len(rows), rank, "tool", escape(tool.name), given, gave, to_json(facts)))
    for llm in step.llm_calls:
        facts = asdict(llm)
        del facts["messages"], facts["response"]
        name = None if llm.model is None else escape(llm.model)
        given, gave = number(llm.messages, "llm messages"), number(llm.response, "llm response")
        rows.append((first + len(rows), rank, "llm", name, given, gave, to_json(facts)))
    for exchange in step.http_exchanges:
        sent, answer = exchange.request.body, exchange.answer
        received = answer.body if answer is not None else None
        given, gave = number(sent and sent.content, "http sent"), number(received and received.content, "http received")
        name = escape(f"{exchange.request.method} {exchange.request.url.partition('?')[0]}")
        rows.append((first + len(rows), rank, "http", name, given, gave, to_json(with_contents(exchange, None, None))))
    return rows


def _detection_rows(trace: Trace, created_at: str) -> list[Row]:
    return [
        (
            escape(found.id),
            escape(trace.id),
            escape(found.step_id),
            escape(found.layer),
            found.severity,
            escape(found.message),
            to_json(found.details),
            created_at,
            escape(found.code),
            None if found.field is None else escape(found.field),
            found.confidence,
            None if found.suppressed is None else escape(found.suppressed),
            to_json(found.evidence),
        )
        for found in trace.detections
    ]


def _forensics_row(trace: Trace, created_at: str) -> Row | None:
    story = trace.forensics
    if story is None:
        return None
    return (
        escape(story.id),
        escape(trace.id),
        None if story.root_cause_step is None else escape(story.root_cause_step),
        to_json(story.detection_ids),
        escape(story.explanation),
        to_json(story.causal_chain),
        created_at,
        story.confidence,
        story.proof,
        to_json(story.suspects),
        to_json(story.suggestions),
    )


def _measurements(trace: Trace, graph: GraphRow | None) -> list[Measurement]:
    pipeline, version = escape(trace.pipeline_name), graph.version if graph else None
    healthy, created_us = int(trace.status == "ok"), to_microseconds(trace.created_at)
    return [
        (
            (pipeline, version, escape(metrics.node_name)),
            healthy,
            created_us,
            rank,
            tuple([-1 if number is None else number for number in metrics[1:]]),
        )
        for rank, metrics in enumerate(step_metrics(trace))
    ]
