"""Model and tool calls inside a step, heard through LangChain's callbacks."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from time import perf_counter_ns
from typing import Any, NamedTuple
from uuid import UUID

from langchain_core.callbacks.base import BaseCallbackHandler

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.answers import Answer
from argus.instrumentation.langgraph.running import TaskFrame
from argus.recording.run import UNSET, OpenStep

__all__ = ["StepListener", "ToolFailed"]

_guard = Guard("langgraph.events")
_making = threading.Lock()
_calling: ContextVar[UUID | None] = ContextVar("argus_calling", default=None)
"""The model call that the current code runs inside, if it has not ended."""


class ToolFailed(Exception):
    """A tool answered with an error instead of raising it."""


class _OpenCall(NamedTuple):
    steps: Sequence[OpenStep]
    began: int
    name: str | None
    given: list[Any]
    call_id: str | None


class _OpenCalls:
    """The calls that have begun and not ended, by LangChain's id."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.models: dict[UUID, _OpenCall] = {}
        self.tools: dict[UUID, _OpenCall] = {}
        self.inner: set[UUID] = set()


class StepListener(BaseCallbackHandler):
    """Records the model and tool calls of one step; thread-safe.

    Args:
        frame: The step.
    """

    run_inline = True  # in a thread of its own, events of one call could come out of order
    ignore_chain = True
    ignore_retriever = True
    ignore_retry = True
    ignore_custom_event = True

    def __init__(self, frame: TaskFrame) -> None:
        self._frame = frame

    def __getattr__(self, name: str) -> Any:
        if name != "_open":
            raise AttributeError(name)
        with _making:  # most steps call no model and no tool
            return self.__dict__.setdefault("_open", _OpenCalls())

    def __copy__(self) -> StepListener:
        return self

    def __deepcopy__(self, memo: Any) -> StepListener:
        return self

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A chat model is called."""
        with _guard:
            sent = messages[0] if isinstance(messages, list) and len(messages) == 1 else messages
            self._model_started(sent, run_id, parent_run_id, kwargs)

    def on_llm_start(
        self, serialized: Any, prompts: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A completion model is called."""
        with _guard:
            self._model_started(prompts, run_id, parent_run_id, kwargs)

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A model has answered."""
        with _guard:
            self._model_ended(run_id, response, None)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A model has failed."""
        with _guard:
            self._model_ended(run_id, kwargs.get("response"), error)

    def on_tool_start(
        self, serialized: Any, input_str: str, *, run_id: UUID, inputs: Any = None, **kwargs: Any
    ) -> None:
        """A tool is called."""
        with _guard:
            given = inputs if inputs is not None else input_str
            name = (serialized or {}).get("name") or kwargs.get("name") or "tool"
            steps = self._steps(kwargs)
            call = _OpenCall(steps, perf_counter_ns(), name, self._captured(given), kwargs.get("tool_call_id"))
            with self._open.lock:
                self._open.tools[run_id] = call

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool has answered."""
        with _guard:
            self._tool_ended(run_id, output, None)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool has failed."""
        with _guard:
            self._tool_ended(run_id, UNSET, error)

    def _steps(self, facts: Mapping[str, Any]) -> Sequence[OpenStep]:
        """The open step of each recording that a call belongs to."""
        return self._frame.steps

    def _captured(self, value: Any) -> list[Any]:
        return [recording.run.capture(value) for recording in self._frame.call.recordings]

    def _model_started(self, sent: Any, run_id: UUID, parent: UUID | None, facts: Mapping[str, Any]) -> None:
        around = _calling.get()
        alone = facts.get("batch_size", 1) == 1  # the calls of a batch begin one after the other, all in one context
        with self._open.lock:
            known = {**self._open.models, **dict.fromkeys(self._open.inner)}
            if parent in known or (alone and around in known):
                self._open.inner.add(run_id)  # a model that wraps another is one call
                return
        call = _OpenCall(self._steps(facts), perf_counter_ns(), _model_asked_for(facts), self._captured(sent), None)
        with self._open.lock:
            self._open.models[run_id] = call
        if alone:
            _calling.set(run_id)

    def _model_ended(self, run_id: UUID, response: Any, error: BaseException | None) -> None:
        with self._open.lock:
            self._open.inner.discard(run_id)
            call = self._open.models.pop(run_id, None)
        if call is None:
            return
        answer = Answer.of(response)
        took = perf_counter_ns() - call.began
        for recording, step, given in zip(self._frame.call.recordings, call.steps, call.given, strict=True):
            recording.run.record_llm(
                step,
                model=answer.model or call.name,
                messages=given,
                response=answer.said,
                usage=answer.usage,
                finish_reason=answer.finish_reason,
                error=error,
                wall_ns=took,
            )

    def _tool_ended(self, run_id: UUID, output: Any, error: BaseException | None) -> None:
        with self._open.lock:
            call = self._open.tools.pop(run_id, None)
        if call is None:
            return
        took = perf_counter_ns() - call.began
        call_id = call.call_id or getattr(output, "tool_call_id", None)
        if error is None and getattr(output, "status", None) == "error":
            error = ToolFailed(str(getattr(output, "content", "")))
        for recording, step, given in zip(self._frame.call.recordings, call.steps, call.given, strict=True):
            recording.run.record_tool(
                step,
                name=call.name or "tool",
                arguments=given,
                result=output,
                error=error,
                wall_ns=took,
                call_id=call_id,
            )


def _model_asked_for(facts: Mapping[str, Any]) -> str | None:
    asked = facts.get("invocation_params") or {}
    metadata = facts.get("metadata") or {}
    for name in (metadata.get("ls_model_name"), asked.get("model"), asked.get("model_name")):
        if isinstance(name, str) and name:
            return name
    return None
