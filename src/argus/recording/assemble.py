"""From the frames of a run to its trace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from argus._internal.ids import step_id
from argus.model.exchange import HttpExchange
from argus.model.graph import GraphSpec
from argus.model.trace import LlmCall, Outcome, TokenUsage, ToolCall, Trace, TraceStep
from argus.model.values import JsonValue, State
from argus.recording.frames import (
    Answered,
    Asked,
    Close,
    FieldParts,
    Finish,
    Frame,
    Llm,
    Note,
    Open,
    Start,
    StateChange,
    Tool,
    decode_frame,
)  # fmt: skip
from argus.recording.frames import State as StateFrame
from argus.recording.handled import handled_steps
from argus.recording.values import Values

if TYPE_CHECKING:
    from argus.recording.run import Run

__all__ = ["Assembly", "assemble"]


def assemble(run: Run) -> Trace:
    """A run as a trace without detections.

    States are shared between steps: an unchanged state, field or item is the same object. Nothing in them may be
    changed.

    Args:
        run: A closed run; of one that is still open, what was recorded so far.
    """
    return Assembly(decode_frame(frame) for frame in list(run.frames)).trace(run.graph)


class _Step:
    """What the frames say of one step."""

    def __init__(self, start: Start, place: int) -> None:
        self.start = start
        self.started = place
        self.ended = place
        self.finish: Finish | None = None
        self.given: State | None = None
        self.output: State = {}
        self.llm_calls: list[LlmCall] = []
        self.tool_calls: list[ToolCall] = []
        self.exchanges: dict[int, HttpExchange] = {}


class Assembly:
    """Puts the frames of one run together, in the order in which they were written.

    Args:
        frames: All of the run; some may be missing.
    """

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._values = Values()
        self._open: Open | None = None
        self._close: Close | None = None
        self._input: JsonValue = None
        self._output: JsonValue = None
        self._metadata: dict[str, JsonValue] = {}
        self._steps: dict[int, _Step] = {}
        self._asked_in: dict[int, _Step] = {}
        self._versions: dict[str, dict[int, State]] = {}
        self._halves: dict[str, tuple[State, State]] = {}
        self._looks: dict[str, list[tuple[int, int | None, int, bool]]] = {}
        self._parts_of_states: dict[tuple[str, int, tuple[str, ...]], State] = {}
        for place, frame in enumerate(frames):
            self._take(frame, place)

    @property
    def begun(self) -> bool:
        """Whether the frame that opens the run was among them."""
        return self._open is not None

    def trace(self, graph: GraphSpec | None) -> Trace:
        """The run as a trace without detections; one that was never closed is ``incomplete``.

        Args:
            graph: The graph that ran.

        Raises:
            ValueError: The run was never opened.
        """
        opened, closed = self._open, self._close
        if opened is None:
            raise ValueError("the frame that opens the run is missing")
        created_at = datetime.fromisoformat(opened.created_at)
        lasted = closed.after if closed else max((_seconds(step) for step in self._steps.values()), default=0.0)
        metadata = {**self._metadata, "outcome": closed.outcome if closed else "incomplete"}
        if closed is None:
            running = [step.start.node for step in self._steps.values() if step.finish is None]
            metadata["running"] = list(dict.fromkeys(running))
        elif closed.losses:
            metadata["losses"] = dict(closed.losses)
        told = {number: (step.start, step.finish) for number, step in self._steps.items()}
        handled = handled_steps(told, closed.outcome if closed else None, graph)
        return Trace(
            id=opened.run,
            pipeline_name=opened.pipeline,
            created_at=created_at,
            status="ok" if closed else "incomplete",
            duration_ms=max(0.0, lasted) * 1000,
            steps=tuple(
                self._step(step, opened, created_at, lasted, handled=step.start.number in handled)
                for step in self._in_order()
            ),
            graph=graph,
            input=self._input,
            output=self._output,
            error=closed.error if closed else None,
            metadata=metadata,
        )

    def _in_order(self) -> list[_Step]:
        return [self._steps[number] for number in sorted(self._steps)]

    def _take(self, frame: Frame, place: int) -> None:
        records = getattr(frame, "records", None)
        if records:
            self._values.add(records)
        if isinstance(frame, Start):
            step = self._steps[frame.number] = _Step(frame, place)
            self._change_state(frame.scope, frame.state)
            if frame.looked and frame.version is not None:
                self._looks.setdefault(frame.scope, []).append((place, frame.superstep, frame.version, False))
            if frame.given is not None:
                step.given = self._values.fields(frame.given)
        elif isinstance(frame, Finish):
            self._finish(frame, place)
        elif isinstance(frame, Llm):
            self._llm_call(frame)
        elif isinstance(frame, Tool):
            self._tool_call(frame)
        elif isinstance(frame, Asked):
            self._asked(frame)
        elif isinstance(frame, Answered):
            self._answered(frame)
        elif isinstance(frame, StateFrame):
            self._change_state(frame.scope, frame.state)
            self._looks.setdefault(frame.scope, []).append((place, frame.superstep, frame.version, True))
        elif isinstance(frame, Note):
            self._metadata.update(msgspec.json.decode(frame.metadata))
        elif isinstance(frame, Open):
            self._open = frame
            self._metadata.update(msgspec.json.decode(frame.metadata))
            self._input = self._whole(frame.value)
        elif isinstance(frame, Close):
            self._close = frame
            self._output = self._whole(frame.output)

    def _whole(self, value: FieldParts | bytes | int | None) -> JsonValue:
        return self._values.fields(value) if isinstance(value, tuple) else self._values.of(value)

    def _change_state(self, scope: str, change: StateChange | None) -> None:
        if change is None:
            return
        versions = self._versions.setdefault(scope, {})
        json, parts = change.changed
        small, large = self._halves.get(scope, ({}, {}))
        if json:
            small = self._values.small_fields(json)
        if parts or change.gone:
            large = {name: value for name, value in large.items() if name not in change.gone}
            large.update(self._values.fields((b"", parts)))
        self._halves[scope] = (small, large)
        before = versions.get(change.version - 1, {})
        state = {**small, **large}
        versions[change.version] = {name: state[name] for name in dict.fromkeys((*before, *state)) if name in state}

    def _finish(self, frame: Finish, place: int) -> None:
        step = self._steps.get(frame.number)
        if step is None:
            return
        self._change_state(step.start.scope, frame.state)
        step.finish = frame
        step.ended = place
        step.output = self._values.fields(frame.update)

    def _llm_call(self, frame: Llm) -> None:
        step = self._steps.get(frame.step)
        if step is None:
            return
        usage = frame.usage
        step.llm_calls.append(
            LlmCall(
                model=frame.model,
                messages=self._values.of(frame.messages),
                response=self._values.of(frame.response),
                usage=TokenUsage(input_tokens=usage[0], output_tokens=usage[1], total_tokens=usage[2])
                if usage
                else None,
                finish_reason=frame.finish_reason,
                error=frame.error,
                duration_ms=_ms(frame.wall_ns),
            )
        )

    def _tool_call(self, frame: Tool) -> None:
        step = self._steps.get(frame.step)
        if step is None:
            return
        step.tool_calls.append(
            ToolCall(
                name=frame.name,
                arguments=self._values.of(frame.arguments),
                result=self._values.of(frame.result),
                error=frame.error,
                duration_ms=_ms(frame.wall_ns),
                call_id=frame.call_id,
            )
        )

    def _asked(self, frame: Asked) -> None:
        step = self._steps.get(frame.step)
        if step is not None:
            self._asked_in[frame.exchange.number] = step
            step.exchanges[frame.exchange.number] = frame.exchange

    def _answered(self, frame: Answered) -> None:
        step = self._asked_in.get(frame.number)
        if step is None:
            return
        exchange = step.exchanges[frame.number]
        request = exchange.request
        if frame.sent is not None:
            request = msgspec.structs.replace(request, body=frame.sent)
        step.exchanges[frame.number] = msgspec.structs.replace(exchange, request=request, answer=frame.answer)

    def _step(self, step: _Step, opened: Open, created_at: datetime, lasted: float, *, handled: bool) -> TraceStep:
        start, finish = step.start, step.finish
        error = finish.error if finish else None
        if handled and error is not None:
            error = msgspec.structs.replace(error, handled=True)
        duration = finish.wall_ns / 1e6 if finish else max(0.0, lasted - start.at) * 1000
        return TraceStep(
            id=step_id(opened.run, start.number),
            step_number=start.number,
            node_name=start.node,
            input_state=self._input_of(step),
            output_state=step.output,
            state_after=self._state_after(step),
            duration_ms=duration,
            cpu_ms=_ms(finish.cpu_ns) if finish else None,
            timestamp=created_at + timedelta(seconds=start.at),
            outcome=cast("Outcome", finish.outcome) if finish else "cancelled",
            error=error,
            attempt=start.attempt,
            tool_calls=tuple(step.tool_calls),
            llm_calls=tuple(step.llm_calls),
            http_exchanges=tuple(step.exchanges[number] for number in sorted(step.exchanges)),
            token_usage=_summed([call.usage for call in step.llm_calls]),
            parent_id=step_id(opened.run, start.parent) if start.parent is not None else None,
            metadata=_facts(start, finish),
        )

    def _input_of(self, step: _Step) -> State:
        start = step.start
        if step.given is not None:
            return step.given
        state = self._versions.get(start.scope, {}).get(start.version or 0, {})
        if start.fields is None:
            return state
        key = (start.scope, start.version or 0, tuple(start.fields))
        part = self._parts_of_states.get(key)
        if part is None:
            part = self._parts_of_states[key] = {name: state[name] for name in start.fields if name in state}
        return part

    def _state_after(self, step: _Step) -> State:
        """The state at the first look after the step's superstep; without supersteps, after the step's end."""
        scope, superstep = step.start.scope, step.start.superstep
        for place, looked_at, version, at_end in self._looks.get(scope, ()):
            if superstep is None:
                later = place > step.ended and step.finish is not None
            else:
                later = place > step.started and (at_end or looked_at != superstep)
            if later:
                return self._versions.get(scope, {}).get(version, {})
        return {}


def _seconds(step: _Step) -> float:
    return step.start.at + (step.finish.wall_ns / 1e9 if step.finish else 0.0)


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / 1e6


def _facts(start: Start, finish: Finish | None) -> dict[str, JsonValue]:
    known: dict[str, Any] = {"kind": start.kind}
    if start.superstep is not None:
        known["superstep"] = start.superstep
    if start.sent is not None:
        known["sent"] = start.sent
    known.update(
        (name, value)
        for name, value in (("namespace", start.scope), ("triggers", start.triggers), ("task_id", start.task_id))
        if value
    )
    if finish is None:
        return {**known, "unfinished": True}
    if finish.writes is not None:
        known["writes"] = finish.writes
    known.update(
        (name, value)
        for name, value in (
            ("dropped", finish.dropped),
            ("goto", finish.goto),
            ("branch", finish.branch),
            ("mutated", finish.mutated),
            ("mutated_together", finish.mutated_together),
            ("mutated_earlier", finish.mutated_earlier),
        )
        if value
    )
    return known


def _summed(usages: list[TokenUsage | None]) -> TokenUsage | None:
    told = [usage for usage in usages if usage is not None]
    if not told:
        return None

    def total(name: str) -> int | None:
        numbers = [number for usage in told if (number := getattr(usage, name)) is not None]
        return sum(numbers) if numbers else None

    return TokenUsage(
        input_tokens=total("input_tokens"), output_tokens=total("output_tokens"), total_tokens=total("total_tokens")
    )
