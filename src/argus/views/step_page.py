"""All that is shown of one step: what it changed, what it was given and gave, calls, error and findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from argus.model.record import Record
from argus.model.trace import ErrorInfo, Outcome, TokenUsage, Trace, TraceStep
from argus.model.values import JsonValue, State
from argus.views.rounds import units_of
from argus.views.run_page import Command, Finding, finding_views
from argus.views.shown import Shown, shown
from argus.views.state_diff import ChangeMark, changes
from argus.views.timeline import Role, offset_ms, roles_of
from argus.views.usual import Usual

__all__ = [
    "Change", "LlmView", "MessagesPlace", "SourceLine", "StateField", "StepPage", "ToolView", "step_page",
]  # fmt: skip

Side = Literal["input", "output", "state"]


class Change(Record, frozen=True, kw_only=True):
    """A field that a step changed, or should have.

    Attributes:
        path: The field.
        mark: ``+`` new, ``~`` changed, ``-`` gone, ``!`` returned but dropped, ``∅`` expected but not written.
        before: Its value before the step, or None when it had none.
        after: Its value after the step, or what was returned but dropped; None when it has none.
        note: What to know about it, in a few words; empty when the values say it all.
        type: What kind of value it is now, or was.
    """

    path: str
    mark: ChangeMark
    before: Shown | None = None
    after: Shown | None = None
    note: str = ""
    type: str = ""


class StateField(Record, frozen=True, kw_only=True):
    """A field of a state.

    Attributes:
        name: Its name.
        value: Its value at first sight.
    """

    name: str
    value: Shown


class ToolView(Record, frozen=True, kw_only=True):
    """A tool that ran inside the step; its values are read with ``side=tools`` and ``path=0.arguments``.

    Attributes:
        name: The tool.
        arguments: As passed.
        result: As returned.
        error: The exception, or None.
        duration_ms: Wall time, or None.
        call_id: The model's id for the call, or None.
    """

    name: str
    arguments: Shown
    result: Shown
    error: ErrorInfo | None = None
    duration_ms: float | None = None
    call_id: str | None = None


class LlmView(Record, frozen=True, kw_only=True):
    """A model call inside the step; its values are read with ``side=llm`` and ``path=0.messages``.

    Attributes:
        model: The model's name, or None.
        messages: What was sent.
        response: What came back.
        usage: Tokens, or None.
        finish_reason: Such as ``stop``, or None.
        error: The exception, or None.
        duration_ms: Wall time, or None.
    """

    model: str | None
    messages: Shown
    response: Shown
    usage: TokenUsage | None = None
    finish_reason: str | None = None
    error: ErrorInfo | None = None
    duration_ms: float | None = None


class MessagesPlace(Record, frozen=True, kw_only=True):
    """Where the step has a conversation.

    Attributes:
        side: Where to read it.
        path: The field, or for model calls the path.
        count: Messages in it.
    """

    side: Literal["input", "output", "state", "llm"]
    path: str
    count: int


class SourceLine(Record, frozen=True, kw_only=True):
    """A place in the pipeline's source.

    Attributes:
        file: The file.
        line: The 1-based line, or None.
    """

    file: str
    line: int | None = None


class StepPage(Record, frozen=True, kw_only=True):
    """One step.

    Attributes:
        trace_id: The run.
        step_number: Its number, from 1.
        node: Its node.
        role: Its part in the blame, or None.
        outcome: How it ended.
        running: Whether it goes on.
        attempt: 1 for the first, counted up by retries.
        start_ms: Milliseconds from the start of the run.
        duration_ms: Wall time; None while it goes on.
        usual_ms: What a step of this node usually takes, or None.
        cpu_ms: CPU time of its own code, or None.
        parent: The number of the step that it runs inside, or None.
        before: Nodes that ran in the superstep before.
        after: Nodes that ran in the superstep after.
        beside: Other steps that ran in the same superstep.
        source: Where its node is defined, or None.
        changes: What it changed, faults first.
        unchanged: How many fields stayed as they were.
        input: The fields that it was given.
        output: The fields of its own update.
        state: The fields of the state afterwards; empty when unknown.
        tool_calls: Tools that ran inside.
        llm_calls: Model calls inside.
        tokens: Tokens of its model calls, or None.
        error: The exception that left it, or None.
        findings: Findings at this step.
        messages: Where it has conversations.
        metadata: Supersteps, triggers and the like.
        commands: Command lines that show the same.
    """

    trace_id: str
    step_number: int
    node: str
    role: Role | None
    outcome: Outcome
    running: bool
    attempt: int
    start_ms: float
    duration_ms: float | None
    usual_ms: float | None
    cpu_ms: float | None
    parent: int | None
    before: tuple[str, ...]
    after: tuple[str, ...]
    beside: int
    source: SourceLine | None
    changes: tuple[Change, ...]
    unchanged: int
    input: tuple[StateField, ...]
    output: tuple[StateField, ...]
    state: tuple[StateField, ...]
    tool_calls: tuple[ToolView, ...]
    llm_calls: tuple[LlmView, ...]
    tokens: TokenUsage | None
    error: ErrorInfo | None
    findings: tuple[Finding, ...]
    messages: tuple[MessagesPlace, ...]
    metadata: dict[str, JsonValue]
    commands: tuple[Command, ...] = ()


def step_page(
    trace: Trace,
    step: TraceStep,
    usual: Usual,
    *,
    rule_names: dict[str, str],
    commands: tuple[Command, ...] = (),
    running: bool = False,
) -> StepPage:
    """One step of a run.

    Args:
        trace: The run.
        step: One of its steps.
        usual: What its steps usually take.
        rule_names: The names of rules by code.
        commands: Command lines that show the same.
        running: Whether the run is still being recorded.
    """
    seen = changes(trace, step)
    goes_on = running and bool(step.metadata.get("unfinished"))
    spec = trace.node_spec(step)
    parent = trace.step(step.parent_id) if step.parent_id else None
    before, beside, after = _neighbours(trace, step)
    return StepPage(
        trace_id=trace.id,
        step_number=step.step_number,
        node=step.node_name,
        role=roles_of(trace).get(step.id),
        outcome=step.outcome,
        running=goes_on,
        attempt=step.attempt,
        start_ms=round(offset_ms(trace, step), 3),
        duration_ms=None if goes_on else round(step.duration_ms, 3),
        usual_ms=usual.node_ms.get(step.node_name),
        cpu_ms=step.cpu_ms,
        parent=parent.step_number if parent else None,
        before=before,
        after=after,
        beside=beside,
        source=SourceLine(file=spec.file, line=spec.line) if spec and spec.file else None,
        changes=tuple(_change(trace, step, one.field, one.mark, one.note) for one in seen.changed),
        unchanged=seen.unchanged,
        input=_fields(step.input_state),
        output=_fields(step.output_state),
        state=_fields(step.state_after),
        tool_calls=tuple(
            ToolView(
                name=call.name,
                arguments=shown(call.arguments),
                result=shown(call.result),
                error=call.error,
                duration_ms=call.duration_ms,
                call_id=call.call_id,
            )
            for call in step.tool_calls
        ),
        llm_calls=tuple(
            LlmView(
                model=call.model,
                messages=shown(call.messages),
                response=shown(call.response),
                usage=call.usage,
                finish_reason=call.finish_reason,
                error=call.error,
                duration_ms=call.duration_ms,
            )
            for call in step.llm_calls
        ),
        tokens=step.token_usage,
        error=step.error,
        findings=finding_views(trace, [one for one in trace.detections if one.step_id == step.id], rule_names),
        messages=_messages(step),
        metadata=step.metadata,
        commands=commands,
    )


def _change(trace: Trace, step: TraceStep, field: str, mark: ChangeMark, note: str) -> Change:
    after_state: Mapping[str, JsonValue] = step.state_after or {**step.input_state, **step.output_state}
    before = shown(step.input_state[field]) if field in step.input_state and mark != "!" else None
    after = None
    if mark == "!":
        after = shown(step.output_state[field]) if field in step.output_state else None
    elif field in after_state and mark != "-":
        after = shown(after_state[field])
    now = after or before
    return Change(path=field, mark=mark, before=before, after=after, note=note, type=now.type if now else "")


def _fields(state: State) -> tuple[StateField, ...]:
    return tuple(StateField(name=name, value=shown(value)) for name, value in state.items())


def _neighbours(trace: Trace, step: TraceStep) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """The nodes of the superstep before, how many steps ran beside, and the nodes of the superstep after."""
    units = units_of([one for one in trace.steps if one.parent_id == step.parent_id])
    place = next((index for index, unit in enumerate(units) if any(one is step for one in unit.steps)), None)
    if place is None:
        return (), 0, ()
    before = units[place - 1].names if place else ()
    after = units[place + 1].names if place + 1 < len(units) else ()
    return before, len(units[place].steps) - 1, after


def _messages(step: TraceStep) -> tuple[MessagesPlace, ...]:
    sides: tuple[tuple[Side, State], ...] = (
        ("output", step.output_state),
        ("state", step.state_after),
        ("input", step.input_state),
    )
    found: dict[str, MessagesPlace] = {}
    for side, state in sides:
        for name, value in state.items():
            if name not in found and is_conversation(value):
                found[name] = MessagesPlace(side=side, path=name, count=len(value))
    calls = [
        MessagesPlace(side="llm", path=f"{index}.messages", count=len(call.messages))
        for index, call in enumerate(step.llm_calls)
        if is_conversation(call.messages)
    ]
    return (*found.values(), *calls)


def is_conversation(value: JsonValue) -> bool:
    """Whether a value is a list of messages: dicts that have contents and say who speaks.

    Args:
        value: A recorded value.
    """
    if not isinstance(value, list) or not value:
        return False
    return all(
        isinstance(one, dict) and "content" in one and ("type" in one or "role" in one) for one in (value[0], value[-1])
    )
