"""Model and tool calls inside a step, heard through LangChain's callbacks."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from time import perf_counter_ns
from typing import Any, NamedTuple
from uuid import UUID

from langchain_core.callbacks.base import BaseCallbackHandler

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.running import TaskFrame
from argus.recording.run import UNSET

__all__ = ["StepListener", "listen"]

_guard = Guard("langgraph.events")


def listen(frame: TaskFrame, config: Any) -> None:
    """Has the model and tool calls of a step recorded.

    The callback manager is the one that LangGraph made for this step alone. A listener inherited from an outer step
    gives way, so that a call is recorded once, with the innermost step.

    Args:
        frame: The step.
        config: The configuration that the node's own code gets.
    """
    manager = config.get("callbacks") if config else None
    if manager is None or not hasattr(manager, "inheritable_handlers"):
        return
    listener = StepListener(frame)
    manager.handlers = [*_others(manager.handlers, frame), listener]
    manager.inheritable_handlers = [*_others(manager.inheritable_handlers, frame), listener]


def _others(handlers: Sequence[Any], frame: TaskFrame) -> list[Any]:
    return [one for one in handlers if not isinstance(one, StepListener)]


class _OpenCall(NamedTuple):
    began: int
    name: str | None
    given: list[Any]
    call_id: str | None


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
        self._models: dict[UUID, _OpenCall] = {}
        self._tools: dict[UUID, _OpenCall] = {}
        self._inner: set[UUID] = set()
        self._lock = threading.Lock()

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
            self._model_started(serialized, sent, run_id, parent_run_id, kwargs)

    def on_llm_start(
        self, serialized: Any, prompts: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A completion model is called."""
        with _guard:
            self._model_started(serialized, prompts, run_id, parent_run_id, kwargs)

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
            call = _OpenCall(perf_counter_ns(), name, self._captured(given), kwargs.get("tool_call_id"))
            with self._lock:
                self._tools[run_id] = call

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool has answered."""
        with _guard:
            self._tool_ended(run_id, output, None)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool has failed."""
        with _guard:
            self._tool_ended(run_id, UNSET, error)

    def _captured(self, value: Any) -> list[Any]:
        return [recording.run.capture(value) for recording in self._frame.call.recordings]

    def _model_started(
        self, serialized: Any, sent: Any, run_id: UUID, parent: UUID | None, facts: Mapping[str, Any]
    ) -> None:
        with self._lock:
            if parent is not None and (parent in self._models or parent in self._inner):
                self._inner.add(run_id)  # a model that wraps another is one call
                return
        call = _OpenCall(perf_counter_ns(), _model_asked_for(serialized, facts), self._captured(sent), None)
        with self._lock:
            self._models[run_id] = call

    def _model_ended(self, run_id: UUID, response: Any, error: BaseException | None) -> None:
        with self._lock:
            self._inner.discard(run_id)
            call = self._models.pop(run_id, None)
        if call is None:
            return
        answer = _Answer.of(response)
        took = perf_counter_ns() - call.began
        for recording, step, given in zip(self._frame.call.recordings, self._frame.steps, call.given, strict=True):
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
        with self._lock:
            call = self._tools.pop(run_id, None)
        if call is None:
            return
        took = perf_counter_ns() - call.began
        call_id = call.call_id or getattr(output, "tool_call_id", None)
        for recording, step, given in zip(self._frame.call.recordings, self._frame.steps, call.given, strict=True):
            recording.run.record_tool(
                step,
                name=call.name or "tool",
                arguments=given,
                result=output,
                error=error,
                wall_ns=took,
                call_id=call_id,
            )


def _model_asked_for(serialized: Any, facts: Mapping[str, Any]) -> str | None:
    asked = facts.get("invocation_params") or {}
    metadata = facts.get("metadata") or {}
    for name in (metadata.get("ls_model_name"), asked.get("model"), asked.get("model_name")):
        if isinstance(name, str) and name:
            return name
    return None


class _Answer(NamedTuple):
    """What a model's result tells.

    Attributes:
        said: The messages or texts.
        model: The model that answered, if it says.
        usage: Input, output and total tokens, each None when not told; None when nothing is.
        finish_reason: Why it stopped, if it says.
    """

    said: Any = UNSET
    model: str | None = None
    usage: tuple[int | None, int | None, int | None] | None = None
    finish_reason: str | None = None

    @classmethod
    def of(cls, result: Any) -> _Answer:
        rows = getattr(result, "generations", None)
        if not rows:
            return cls()
        answers = [one for row in rows for one in row]
        messages = [getattr(one, "message", None) for one in answers]
        said = [
            text if message is None else message for message, text in zip(messages, map(_text, answers), strict=True)
        ]
        facts = _facts(answers, messages)
        told = getattr(result, "llm_output", None) or {}
        return cls(
            said=said[0] if len(said) == 1 else said,
            model=_first(facts, "model_name", "model", "model_id") or _first([told], "model_name", "model"),
            usage=_usage(messages, facts, told),
            finish_reason=_first(facts, "finish_reason", "stop_reason", "done_reason"),
        )


def _text(answer: Any) -> Any:
    return getattr(answer, "text", None)


def _facts(answers: Sequence[Any], messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    found = [getattr(message, "response_metadata", None) for message in messages]
    found += [getattr(answer, "generation_info", None) for answer in answers]
    return [one for one in found if isinstance(one, Mapping)]


def _first(facts: Sequence[Any], *keys: str) -> str | None:
    for key in keys:
        for one in facts:
            value = one.get(key)
            if isinstance(value, str) and value:
                return value
    return None


def _usage(
    messages: Sequence[Any], facts: Sequence[Any], told: Any
) -> tuple[int | None, int | None, int | None] | None:
    counts = [getattr(message, "usage_metadata", None) for message in messages]
    known = [_tokens(one, "input_tokens", "output_tokens") for one in counts if isinstance(one, Mapping)]
    if not known:
        for one in (told, *facts):
            usage = one.get("token_usage") or one.get("usage") if isinstance(one, Mapping) else None
            if isinstance(usage, Mapping):
                found = _tokens(usage, "prompt_tokens", "completion_tokens")
                known = [found if any(found) else _tokens(usage, "input_tokens", "output_tokens")]
                break
    if not known or all(value is None for one in known for value in one):
        return None
    return _sum([one[0] for one in known]), _sum([one[1] for one in known]), _sum([one[2] for one in known])


def _tokens(usage: Mapping[str, Any], given: str, made: str) -> tuple[int | None, int | None, int | None]:
    return _number(usage.get(given)), _number(usage.get(made)), _number(usage.get("total_tokens"))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
