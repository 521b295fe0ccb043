"""What is written down of a run, event by event: the frames that memory and journal share.

A frame is a msgpack list that begins with its kind. A finished run is read from the same frames whether they come from
memory or from the journal of a process that died. The records of new values travel in the frame that first uses them,
so that a frame is whole or not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from argus.model.exchange import HttpAnswer, HttpBody, HttpExchange, emptied_answer
from argus.model.trace import ErrorInfo

__all__ = [
    "Answered",
    "Asked",
    "Close",
    "FieldParts",
    "Finish",
    "Folded",
    "Frame",
    "Graph",
    "Llm",
    "Note",
    "Open",
    "Parts",
    "Start",
    "State",
    "StateChange",
    "Tool",
    "decode_frame",
    "encode_frame",
    "without_values",
]

Parts: TypeAlias = dict[str, bytes | int]
"""A part for each field; see :mod:`argus.capture.delta`."""

Records: TypeAlias = list[list[Any]]

FieldParts: TypeAlias = tuple[bytes, Parts]
"""Small fields as a JSON object (empty when there are none), and a part for each of the others."""


class _Frame(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The base of every frame."""


class StateChange(_Frame, frozen=True):
    """A new version of a scope's state.

    Attributes:
        version: Counts from 1 within the scope.
        changed: All small fields if one of them changed, and the others that are new or changed.
        gone: Names of others that are no longer there.
    """

    version: int
    changed: FieldParts
    gone: list[str]


class Graph(_Frame, tag="g", frozen=True):
    """A graph, written once for each journal file.

    Attributes:
        key: Its number within the file.
        spec: It as JSON.
    """

    key: int
    spec: bytes


class Open(_Frame, tag="r", frozen=True):
    """A run begins.

    Attributes:
        run: The run's id.
        pipeline: Its pipeline.
        created_at: When, ISO 8601.
        graph: The number of its graph, or None.
        metadata: A JSON object.
        value: The caller's input: by field if it is a mapping, else a part, or None without one.
        records: New values.
    """

    run: str
    pipeline: str
    created_at: str
    graph: int | None
    metadata: bytes
    value: FieldParts | bytes | int | None
    records: Records


class Start(_Frame, tag="s", frozen=True):
    """A step begins.

    Attributes:
        run: The run's id.
        number: The step's number.
        node: The node.
        at: Seconds since the run began.
        scope: The graph it runs in.
        superstep: The superstep, or None.
        version: The version of the scope's state that it starts from, or None when unknown.
        looked: Whether the state was read for this step; it is then the state after earlier supersteps.
        state: The new version, if the state changed.
        parent: The number of the outer step.
        attempt: Counts from 1.
        kind: ``pull`` or ``push``.
        task_id: The framework's id of the task.
        triggers: What started it.
        given: An explicit input by field.
        fields: The part of the state that the node is given; None means all.
        records: New values.
        sent: Its place among the ``Send`` of its superstep, from 0; None for other steps and in older journals.
    """

    run: str
    number: int
    node: str
    at: float
    scope: str
    superstep: int | None
    version: int | None
    looked: bool
    state: StateChange | None
    parent: int | None
    attempt: int
    kind: str
    task_id: str | None
    triggers: Sequence[str]
    given: FieldParts | None
    fields: Sequence[str] | None
    records: Records
    sent: int | None = None


class Finish(_Frame, tag="f", frozen=True):
    """A step ends.

    Attributes:
        run: The run's id.
        number: The step's number.
        outcome: How.
        wall_ns: Wall time.
        cpu_ns: CPU time, or None when unknown.
        update: What the node returned, by field.
        writes: Fields that reached the state, or None when unknown.
        dropped: Keys returned but not declared.
        error: The exception.
        goto: Where a ``Command`` sent the run.
        branch: What the step's branch chose.
        mutated: Fields of its input that this step changed in place.
        mutated_together: Fields changed in place while this step and others ran.
        mutated_earlier: Fields found changed in place that may have been changed by an earlier step.
        state: The new version of the state, if it changed in place.
        records: New values.
    """

    run: str
    number: int
    outcome: str
    wall_ns: int
    cpu_ns: int | None
    update: FieldParts
    writes: Sequence[str] | None
    dropped: Sequence[str]
    error: ErrorInfo | None
    goto: Sequence[str]
    branch: Sequence[str]
    mutated: Sequence[str]
    mutated_together: Sequence[str]
    mutated_earlier: Sequence[str]
    state: StateChange | None
    records: Records


class Llm(_Frame, tag="l", frozen=True):
    """A language-model call has ended; the attributes are those of :class:`argus.model.trace.LlmCall`."""

    run: str
    step: int
    model: str | None
    messages: bytes | int | None
    response: bytes | int | None
    usage: tuple[int | None, int | None, int | None] | None
    finish_reason: str | None
    error: ErrorInfo | None
    wall_ns: int | None
    records: Records


class Tool(_Frame, tag="t", frozen=True):
    """A tool call has ended; the attributes are those of :class:`argus.model.trace.ToolCall`."""

    run: str
    step: int
    name: str
    arguments: bytes | int | None
    result: bytes | int | None
    error: ErrorInfo | None
    wall_ns: int | None
    call_id: str | None
    records: Records


class Asked(_Frame, tag="q", frozen=True):
    """An HTTP request is about to be sent.

    Attributes:
        run: The run's id.
        step: The number of the step that it is made in.
        exchange: The request, without an answer.
    """

    run: str
    step: int
    exchange: HttpExchange


class Answered(_Frame, tag="w", frozen=True):
    """An HTTP answer has passed or failed.

    Attributes:
        run: The run's id.
        number: The exchange's number.
        answer: What came back.
        sent: The body of the request, when it was not known before it was sent.
    """

    run: str
    number: int
    answer: HttpAnswer
    sent: HttpBody | None


class State(_Frame, tag="a", frozen=True):
    """The state after a superstep.

    Attributes:
        run: The run's id.
        scope: Which graph's state.
        superstep: The last superstep that ran, or None.
        version: The version of the state.
        state: The new version, if the state changed.
        records: New values.
    """

    run: str
    scope: str
    superstep: int | None
    version: int
    state: StateChange | None
    records: Records


class Note(_Frame, tag="n", frozen=True):
    """More metadata.

    Attributes:
        run: The run's id.
        metadata: A JSON object.
    """

    run: str
    metadata: bytes


class Close(_Frame, tag="c", frozen=True):
    """A run ends.

    Attributes:
        run: The run's id.
        outcome: ``completed``, ``error``, ``interrupted``, ``cancelled`` or ``abandoned``.
        after: Seconds since the run began.
        output: What the caller gets, as in :class:`Open`.
        error: The exception that left the graph.
        graph: The number of its graph, which may have become known meanwhile, or None.
        losses: What could not be recorded, counted by kind.
        records: New values.
    """

    run: str
    outcome: str
    after: float
    output: FieldParts | bytes | int | None
    error: ErrorInfo | None
    graph: int | None
    losses: dict[str, int]
    records: Records


class Folded(_Frame, tag="x", frozen=True):
    """A run's trace is stored elsewhere.

    Attributes:
        run: The run's id.
    """

    run: str


Frame = Graph | Open | Start | Finish | Llm | Tool | Asked | Answered | State | Note | Close | Folded

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Frame)


def encode_frame(frame: Frame) -> bytes:
    """A frame as bytes; text that UTF-8 cannot say is escaped, sequences of any kind are lists.

    Args:
        frame: The frame.
    """
    try:
        return _encode(frame)
    except (UnicodeEncodeError, TypeError):
        return _encode(_speakable(frame))


def decode_frame(data: bytes) -> Frame:
    """A frame from its bytes.

    Args:
        data: As made by :func:`encode_frame`.

    Raises:
        msgspec.DecodeError: It is no frame.
    """
    frame: Frame = _decoder.decode(data)
    return frame


def without_values(frame: Frame) -> Frame:
    """The frame without what nodes, tools and models were given and gave back.

    Args:
        frame: Any frame.
    """
    if isinstance(frame, Asked):
        return Asked(frame.run, frame.step, frame.exchange.without_content())
    if isinstance(frame, Answered):
        return Answered(frame.run, frame.number, emptied_answer(frame.answer), None)
    emptied: dict[str, Any] = {
        "value": None, "state": None, "given": None, "update": (b"", {}), "messages": None, "response": None,
        "arguments": None, "result": None, "output": None, "records": [],
    }  # fmt: skip
    return msgspec.structs.replace(
        frame, **{name: empty for name, empty in emptied.items() if name in frame.__struct_fields__}
    )


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_speakable(item) for item in value]
    if isinstance(value, dict):
        return {_speakable(key): _speakable(item) for key, item in value.items()}
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(
            value, **{name: _speakable(getattr(value, name)) for name in value.__struct_fields__}
        )
    return value
