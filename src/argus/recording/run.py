"""One top-level call being recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from argus._internal.clock import Clock
from argus._internal.ids import step_id
from argus.model.graph import GraphSpec
from argus.model.trace import ErrorInfo, Outcome

__all__ = ["UNSET", "OpenStep", "Run"]


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()
"""Stands for a value that was not given, where None is a value."""


def _plain(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_shown))


def _shown(value: object) -> object:
    fields = getattr(value, "__dict__", None)
    return {**fields} if fields and hasattr(value, "content") else {"$argus": "object", "repr": repr(value)}


def _fault(error: BaseException | None) -> ErrorInfo | None:
    return ErrorInfo(type=type(error).__name__, message=str(error)) if error is not None else None


class OpenStep:
    """A step that has started; opaque but for these attributes.

    Attributes:
        number: 1-based, in order of start.
        node_name: The node.
        id: The step's id.
    """

    def __init__(self, number: int, node_name: str, id: str) -> None:
        self.number = number
        self.node_name = node_name
        self.id = id
        self.facts: dict[str, Any] = {}


class Run:
    """One top-level call being recorded; thread-safe, and no method raises for any value."""

    def __init__(
        self, *, run_id: str, pipeline_name: str, graph: GraphSpec | None, value: object,
        metadata: Mapping[str, object], clock: Clock,
    ) -> None:  # fmt: skip
        self.id = run_id
        self.pipeline_name = pipeline_name
        self.graph = graph
        self.closed = False
        self.clock = clock
        self.created_at: datetime = clock.now()
        self.started = clock.monotonic()
        self.duration_ms = 0.0
        self.metadata: dict[str, Any] = _plain(dict(metadata))
        self.input = None if value is UNSET else _plain(value)
        self.output: Any = None
        self.error: ErrorInfo | None = None
        self.steps: list[OpenStep] = []
        self.states: dict[tuple[str, int | None], dict[str, Any]] = {}
        self._lock = threading.RLock()
        self._open: dict[int, OpenStep] = {}

    @property
    def open_steps(self) -> list[OpenStep]:
        """The steps that have started and not finished."""
        with self._lock:
            return list(self._open.values())

    def start_step(
        self, node_name: str, *, scope: str = "", superstep: int | None = None,
        read_state: Callable[[], Mapping[str, object]] | None = None, given: object = UNSET,
        fields: Sequence[str] | None = None, task_id: str | None = None, kind: str = "pull", attempt: int = 1,
        parent: OpenStep | None = None, triggers: Sequence[str] = (),
    ) -> OpenStep:  # fmt: skip
        """A node begins."""
        with self._lock:
            number = len(self.steps) + 1
            step = OpenStep(number, node_name, step_id(self.id, number))
            if self.closed:
                return step
            key = (scope, superstep)
            if read_state is not None and (superstep is None or key not in self.states):
                self.states[key] = _plain(dict(read_state()))
            state = self.states.get(key, {})
            if given is not UNSET:
                shown = _plain(given)
                shown = shown if isinstance(shown, dict) else {"__root__": shown}
            else:
                shown = {k: v for k, v in state.items() if fields is None or k in fields}
            step.facts = dict(
                scope=scope, superstep=superstep, input=shown, kind=kind, attempt=attempt, task_id=task_id,
                parent=parent.id if parent else None, triggers=list(triggers), at=self.clock.now(), llm=[], tools=[],
            )  # fmt: skip
            self.steps.append(step)
            self._open[number] = step
            return step

    def finish_step(
        self, step: OpenStep, *, outcome: Outcome, returned: object = UNSET,
        update: Mapping[str, object] | None = None, writes: Sequence[str] | None = None, dropped: Sequence[str] = (),
        error: BaseException | None = None, wall_ns: int = 0, cpu_ns: int | None = None, goto: Sequence[str] = (),
        branch: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """A node ends."""
        with self._lock:
            if self._open.pop(step.number, None) is None:
                return
            if update is not None:
                output = _plain(dict(update))
            elif returned is UNSET or returned is None:
                output = {}
            else:
                output = {"__root__": _plain(returned)}
            step.facts.update(
                outcome=outcome, output=output, writes=writes, dropped=list(dropped), error=_fault(error),
                wall_ns=wall_ns, cpu_ns=cpu_ns, goto=list(goto), branch=list(branch),
            )  # fmt: skip

    def capture(self, value: object) -> object:
        """Records a value now, to be passed to :meth:`record_llm` or :meth:`record_tool` later."""
        return _plain(value)

    def record_llm(
        self, step: OpenStep | None, *, model: str | None = None, messages: object = UNSET, response: object = UNSET,
        usage: tuple[int | None, int | None, int | None] | None = None, finish_reason: str | None = None,
        error: BaseException | None = None, wall_ns: int | None = None,
    ) -> None:  # fmt: skip
        """A language-model call inside a step has ended."""
        if step is not None:
            step.facts["llm"].append(
                dict(model=model, messages=None if messages is UNSET else _plain(messages),
                     response=None if response is UNSET else _plain(response), usage=usage,
                     finish_reason=finish_reason, error=_fault(error), wall_ns=wall_ns)
            )  # fmt: skip

    def record_tool(
        self, step: OpenStep | None, *, name: str, arguments: object = UNSET, result: object = UNSET,
        error: BaseException | None = None, wall_ns: int | None = None, call_id: str | None = None,
    ) -> None:  # fmt: skip
        """A tool call inside a step has ended."""
        if step is not None:
            step.facts["tools"].append(
                dict(name=name, arguments=None if arguments is UNSET else _plain(arguments),
                     result=None if result is UNSET else _plain(result), error=_fault(error), wall_ns=wall_ns,
                     call_id=call_id)
            )  # fmt: skip

    def note_state(self, scope: str, superstep: int | None, values: Mapping[str, object]) -> None:
        """The state after the last superstep of a scope."""
        with self._lock:
            self.states[scope, (superstep or 0) + 1] = _plain(dict(values))

    def note(self, **metadata: object) -> None:
        """Adds to the trace's metadata."""
        self.metadata.update(_plain(metadata))

    def close(self, outcome: str, *, output: object = UNSET, error: BaseException | None = None) -> None:
        """The call ends."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            self.metadata["outcome"] = outcome
            self.duration_ms = (self.clock.monotonic() - self.started) * 1000
            self.output = None if output is UNSET else _plain(output)
            self.error = _fault(error)
