"""A recorded run and its steps."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Literal

from argus.model.detection import Detection
from argus.model.exchange import HttpExchange
from argus.model.forensics import Forensics
from argus.model.graph import GraphSpec, NodeSpec
from argus.model.record import Record
from argus.model.status import passes, shortfall
from argus.model.values import JsonValue, State

__all__ = [
    "ErrorInfo",
    "LlmCall",
    "Outcome",
    "Status",
    "TokenUsage",
    "ToolCall",
    "Trace",
    "TraceStep",
]

Status = Literal["ok", "warning", "failed", "incomplete"]
Outcome = Literal["ok", "error", "interrupted", "cancelled", "cached", "parent_command"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ErrorInfo(Record, frozen=True, kw_only=True):
    """An exception, as recorded.

    Attributes:
        type: Its qualified class name, such as ``KeyError`` or ``httpx.ReadTimeout``.
        message: ``str(error)``, redacted and cut.
        traceback: The formatted traceback, redacted and cut.
        file: The source file of the innermost frame outside installed packages, if any.
        line: That frame's line.
        handled: Whether the graph went on (retry, error handler).
    """

    type: str
    message: str
    traceback: str = ""
    file: str | None = None
    line: int | None = None
    handled: bool = False


class TokenUsage(Record, frozen=True, kw_only=True):
    """Tokens of language-model calls; None where the provider did not say, never a made-up zero."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


class ToolCall(Record, frozen=True, kw_only=True):
    """A tool that ran inside a step.

    Attributes:
        name: The tool.
        arguments: As passed, redacted.
        result: As returned, redacted; None while unknown.
        error: The exception or the error status it answered with, or None.
        duration_ms: Wall time, or None while unknown.
        call_id: The model's id for the call, if any.
    """

    name: str
    arguments: JsonValue = None
    result: JsonValue = None
    error: ErrorInfo | None = None
    duration_ms: float | None = None
    call_id: str | None = None


class LlmCall(Record, frozen=True, kw_only=True):
    """A language-model call inside a step.

    Attributes:
        model: The model's name, if the provider tells.
        messages: What was sent.
        response: What came back.
        usage: Tokens, or None.
        finish_reason: Such as ``stop`` or ``length``, if the provider tells.
        error: The exception, or None.
        duration_ms: Wall time, or None while unknown.
    """

    model: str | None = None
    messages: JsonValue = None
    response: JsonValue = None
    usage: TokenUsage | None = None
    finish_reason: str | None = None
    error: ErrorInfo | None = None
    duration_ms: float | None = None


class TraceStep(Record, frozen=True, kw_only=True):
    """One execution of one node.

    Attributes:
        id: Unique.
        step_number: 1-based, in order of start.
        node_name: The node.
        input_state: What the node was given, by field.
        output_state: The node's own update, as returned; empty when it returned nothing.
        state_after: The merged state after the reducers of this superstep; empty when unknown.
        duration_ms: Wall time of this attempt.
        cpu_ms: CPU time of the node's own code, or None when unknown.
        timestamp: When it started, aware UTC.
        outcome: How it ended.
        error: The exception that left the node, or None.
        attempt: 1 for the first, counted up by retries.
        tool_calls: Tools that ran inside.
        llm_calls: Language-model calls inside.
        http_exchanges: HTTP requests made inside, with their answers, when they were recorded.
        token_usage: The sum over ``llm_calls``, or None when no call told its usage.
        parent_id: The step of the outer graph that this one runs inside, or None.
        metadata: ``superstep`` (int), ``triggers`` (list), ``namespace`` (str), ``branch`` (list of nodes that this
            step's branch chose), ``goto`` (from a ``Command``), ``writes`` (list of fields that reached the state),
            ``dropped`` (keys returned but not declared), ``mutated`` (fields changed in place) and
            ``kind`` (``pull`` | ``push``: started by an edge or by a ``Send``) and ``sent`` (int, its place among the
            ``Send`` of its superstep, from 0), each only when known.
    """

    id: str
    step_number: int
    node_name: str
    input_state: State = {}
    output_state: State = {}
    state_after: State = {}
    duration_ms: float = 0.0
    cpu_ms: float | None = None
    timestamp: datetime = _EPOCH
    outcome: Outcome = "ok"
    error: ErrorInfo | None = None
    attempt: int = 1
    tool_calls: tuple[ToolCall, ...] = ()
    llm_calls: tuple[LlmCall, ...] = ()
    http_exchanges: tuple[HttpExchange, ...] = ()
    token_usage: TokenUsage | None = None
    parent_id: str | None = None
    metadata: dict[str, JsonValue] = {}


class Trace(Record, frozen=True, kw_only=True):
    """One top-level call of a pipeline.

    Attributes:
        id: Unique within a store.
        pipeline_name: Groups the runs of one pipeline.
        created_at: When the run started, aware UTC.
        status: ``incomplete`` the process died; ``failed`` a critical finding; ``warning``; ``ok``.
        duration_ms: Wall time of the run.
        steps: In order of start.
        detections: Gravest first, then by step.
        forensics: Present when there is something to explain.
        graph: The graph that ran, or None when unknown.
        input: What the caller passed in.
        output: What the caller got back; None when the run did not return.
        error: The exception that left the graph, or None.
        summary: One sentence.
        metadata: Free, from the user (``tags`` and the like), plus ``outcome`` (``completed``, ``error``,
            ``interrupted``, ``cancelled``, ``abandoned``, ``incomplete``), ``resumes`` (trace id), ``thread_id``,
            ``running`` (nodes that were running when the process died), ``losses`` (what capture had to drop),
            ``detector_failures``.
    """

    id: str
    pipeline_name: str
    created_at: datetime
    status: Status = "ok"
    duration_ms: float = 0.0
    steps: tuple[TraceStep, ...] = ()
    detections: tuple[Detection, ...] = ()
    forensics: Forensics | None = None
    graph: GraphSpec | None = None
    input: JsonValue = None
    output: JsonValue = None
    error: ErrorInfo | None = None
    summary: str = ""
    metadata: dict[str, JsonValue] = {}

    @property
    def detection_count(self) -> int:
        """Findings that count: those not suppressed."""
        return sum(1 for detection in self.detections if detection.suppressed is None)

    @property
    def node_count(self) -> int:
        """Different nodes that ran."""
        return len({step.node_name for step in self.steps})

    @property
    def is_clean(self) -> bool:
        """Whether nothing of severity warning or worse was found, and the run is whole and was analysed."""
        return passes(self.status) and shortfall(self) is None

    def step(self, step_id: str) -> TraceStep | None:
        """The step with this id, or None."""
        _, _, number = step_id.rpartition("-s")
        if number.isdecimal() and 0 < int(number) <= len(self.steps):
            guess = self.steps[int(number) - 1]  # our own ids end in the step's number
            if guess.id == step_id:
                return guess
        return next((step for step in self.steps if step.id == step_id), None)

    def node_spec(self, step: TraceStep) -> NodeSpec | None:
        """The declaration of the node that a step ran, looked up through its nesting; None when unknown.

        Args:
            step: A step of this trace.
        """
        if self.graph is None:
            return None
        graph: GraphSpec | None = self.graph_of(step)
        return graph.node(step.node_name) if graph else None

    def graph_of(self, step: TraceStep) -> GraphSpec | None:
        """The graph or subgraph that a step belongs to; None when unknown.

        Args:
            step: A step of this trace.
        """
        if step.parent_id is None:
            return self.graph
        parent = self.step(step.parent_id)
        if parent is None:
            return None
        outer = self.graph_of(parent)
        node = outer.node(parent.node_name) if outer else None
        return node.subgraph if node else None

    def to_json(self) -> str:
        """The whole trace as JSON text, with ``detection_count`` and ``node_count`` added."""
        from argus.model.codec import encode_trace

        return encode_trace(self).decode()
