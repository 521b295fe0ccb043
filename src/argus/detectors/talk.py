"""Messages and tool calls in recorded values, whatever library made them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Call", "calls_of", "is_answer", "messages_in", "role_of", "text_of"]


_FLAGS = ("ok", "success", "succeeded")
_LONGEST = 20_000


@dataclass(frozen=True)
class Call:
    """One call of a tool.

    Attributes:
        step: Where it ran.
        tool: Its name.
        arguments: Its arguments in one canonical text; None when they are unknown.
        result: Its result in one canonical text; None when it is unknown.
        failed: Whether it ended with an exception or an error status.
        said: What it failed with, or what came back, as far as it is text.
    """

    step: TraceStep
    tool: str
    arguments: str | None
    result: str | None
    failed: bool
    said: str


def messages_in(step: TraceStep) -> Iterator[dict[str, JsonValue]]:
    """The chat messages of a step's update, in order."""
    for value in step.output_state.values():
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, dict) and "content" in one and isinstance(one.get("type", one.get("role")), str):
                yield one


def role_of(message: dict[str, JsonValue]) -> str:
    """Who speaks: ``ai``, ``tool``, ``human`` or another word."""
    role = message.get("type") or message.get("role")
    return {"assistant": "ai", "user": "human"}.get(role, role) if isinstance(role, str) else ""


def text_of(message: dict[str, JsonValue]) -> str:
    """The words of a message, content blocks joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    texts = [one if isinstance(one, str) else one.get("text") if isinstance(one, dict) else None for one in blocks]
    return " ".join(text for text in texts if isinstance(text, str))


def is_answer(message: dict[str, JsonValue]) -> bool:
    """Whether an assistant's message says something and calls no tool."""
    return role_of(message) == "ai" and not message.get("tool_calls") and bool(text_of(message).strip())


def calls_of(step: TraceStep) -> list[Call]:
    """The tools that a step called, in order: those that were recorded, else those whose answers are in its update."""
    if step.tool_calls:
        failed_ids = {
            one.get("tool_call_id")
            for one in messages_in(step)
            if role_of(one) == "tool" and one.get("status") == "error"
        }
        return [
            Call(
                step,
                call.name,
                _canonical(call.arguments),
                None if call.result is None else _canonical(_content(call.result)),
                call.error is not None or (call.call_id is not None and call.call_id in failed_ids),
                call.error.message if call.error else _words(_content(call.result)),
            )
            for call in step.tool_calls
        ]
    return [
        Call(
            step,
            str(one.get("name") or ""),
            None,
            _canonical(one.get("content")),
            one.get("status") == "error" or _says_no(text_of(one)),
            text_of(one),
        )
        for one in messages_in(step)
        if role_of(one) == "tool"
    ]


def _says_no(text: str) -> bool:
    """Whether a tool's answer is a JSON object that says by a flag of its own that the call did not succeed."""
    if not text.startswith("{") or len(text) > _LONGEST:
        return False
    try:
        answer = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(answer, dict) and any(answer.get(flag) is False for flag in _FLAGS)


def _content(result: JsonValue) -> JsonValue:
    """What a tool answered, without the message around it and its id."""
    return result.get("content") if isinstance(result, dict) and role_of(result) == "tool" else result


def _words(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _canonical(value: JsonValue) -> str | None:
    try:
        return msgspec.json.encode(value, order="sorted").decode()
    except (TypeError, ValueError, RecursionError, OverflowError):  # ValueError covers lone surrogates
        return None
