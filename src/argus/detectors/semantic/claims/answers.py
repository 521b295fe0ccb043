"""Answers that rest on what tools brought: where they stand, what the tools said, what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.detectors.semantic.claims.heard import leaves_by_path
from argus.detectors.semantic.claims.requests import requests_in
from argus.detectors.wording import holds_content
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["Answer", "answers"]

_ASKING: Final = ("human", "user")
_ANSWERING: Final = ("ai", "assistant")
_SHORTEST: Final = 20


@dataclass(frozen=True)
class Answer:
    """A text that a step gave after tools had answered.

    Attributes:
        step: The step.
        path: Where the text stands in its output.
        text: The text.
        results: What the tools answered since the question, failures left out.
        failed: Whether any tool failed since the question.
        question: What was asked last.
    """

    step: TraceStep
    path: str
    text: str
    results: tuple[str, ...]
    failed: bool
    question: str


def answers(trace: Trace) -> Iterator[Answer]:
    """The answers of a run that come after tool results, in order; each step's first one.

    Args:
        trace: The run.
    """
    for step in trace.steps:
        if step.outcome not in ("ok", "cached"):
            continue
        told = _said(step)
        if told is None or next(requests_in(step.output_state), None) is not None:
            continue
        results, failed, question = _heard_from_tools(step)
        if results or failed:
            yield Answer(step, *told, results=results, failed=failed, question=question)


def _said(step: TraceStep) -> tuple[str, str] | None:
    """Where and what a step answered: the last message of an assistant, or a text in a field that promises one."""
    for field, value in step.output_state.items():
        messages = value if isinstance(value, list) else [value]
        if messages and isinstance(messages[-1], dict) and _role(messages[-1]) in _ANSWERING:
            content = messages[-1].get("content")
            if isinstance(content, str) and len(content) >= _SHORTEST:
                at = f"{field}.{len(messages) - 1}" if isinstance(value, list) else field
                return f"{at}.content", content
        if isinstance(value, str) and len(value) >= _SHORTEST and holds_content(field) and step.tool_calls:
            return field, value
    return None


def _heard_from_tools(step: TraceStep) -> tuple[tuple[str, ...], bool, str]:
    results: list[str] = []
    failed = False
    question = ""
    for value in step.input_state.values():
        if not isinstance(value, list):
            continue
        for message in reversed(value):
            if not isinstance(message, dict):
                break
            role, content = _role(message), message.get("content")
            if role in _ASKING:
                question = content if isinstance(content, str) else ""
                break
            if role == "tool" or role == "function":
                if message.get("status") == "error":
                    failed = True
                elif isinstance(content, str):
                    results.append(content)
    for call in step.tool_calls:
        if call.error is not None:
            failed = True
        else:
            results += (str(leaf) for _, leaf in leaves_by_path(call.result))
    return tuple(results), failed, question


def _role(message: dict[str, JsonValue]) -> JsonValue:
    return message.get("role") or message.get("type")
