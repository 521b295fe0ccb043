"""Results that name another identifier than the one that was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.detectors.talk import role_of, text_of
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, is_redacted

__all__ = ["MixedUp", "mixed_up"]

_DIGIT: Final = re.compile(r"\d")
_NOISE: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 64
_SHORTEST: Final = 2
_MOST_JSON: Final = 20_000
_MESSAGES: Final = 20


@dataclass(frozen=True)
class MixedUp:
    """An identifier that went in and another one that came out under the same name.

    Attributes:
        field: The field of the step's update that holds the result.
        source: Who was asked: a tool's name, or None for the step itself.
        key: The identifier's name.
        asked: What went in.
        got: What came out.
    """

    field: str | None
    source: str | None
    key: str
    asked: str
    got: str


def mixed_up(step: TraceStep) -> Iterator[MixedUp]:
    """The results of a step, and of its tools, that are about something else than was asked for.

    Args:
        step: The step.
    """
    answers = dict(_answers(step))
    for call_id, (field, tool, result) in answers.items():
        for key, asked, got in _differing(_asked(step, call_id), result):
            yield MixedUp(field, tool, key, asked, got)
    if not answers:
        for call in step.tool_calls:
            for key, asked, got in _differing(call.arguments, _record(call.result)):
                yield MixedUp(None, call.name, key, asked, got)
    scalars = {name: value for name, value in step.input_state.items() if not isinstance(value, dict | list)}
    for field, value in step.output_state.items():
        if isinstance(value, dict) and field not in step.input_state and "content" not in value:
            for key, asked, got in _differing(scalars, value):
                yield MixedUp(field, None, key, asked, got)


def _answers(step: TraceStep) -> Iterator[tuple[str, tuple[str, str, JsonValue]]]:
    """By call id, what tools answered in the messages of a step's update."""
    for field, value in step.output_state.items():
        for message in value if isinstance(value, list) else [value]:
            if isinstance(message, dict) and role_of(message) == "tool":
                call_id = message.get("tool_call_id")
                if isinstance(call_id, str) and message.get("status") != "error":
                    yield call_id, (field, str(message.get("name") or "a tool"), _record(text_of(message)))


def _asked(step: TraceStep, call_id: str) -> JsonValue:
    """The arguments of a call, as the step or the messages before it have them."""
    for call in step.tool_calls:
        if call.call_id == call_id:
            return call.arguments
    for value in step.input_state.values():
        for message in reversed(value[-_MESSAGES:]) if isinstance(value, list) else ():
            calls = message.get("tool_calls") if isinstance(message, dict) else None
            for call in calls if isinstance(calls, list) else ():
                if isinstance(call, dict) and call.get("id") == call_id:
                    return call.get("args")
    return None


def _record(result: JsonValue) -> JsonValue:
    """A result as a record, out of its JSON text or the message around it."""
    if isinstance(result, dict) and role_of(result) == "tool":
        result = text_of(result)
    if isinstance(result, str) and result.lstrip()[:1] == "{" and len(result) <= _MOST_JSON:
        try:
            return json.loads(result)
        except (ValueError, RecursionError):
            return None
    return result


def _differing(asked: JsonValue, result: JsonValue) -> Iterator[tuple[str, str, str]]:
    if not isinstance(asked, dict) or not isinstance(result, dict):
        return
    for key, value in asked.items():
        one, other = _identifier(value), _identifier(result.get(key))
        if one and other and one not in other and other not in one:
            yield key, str(value), str(result[key])


def _identifier(value: JsonValue) -> str | None:
    """An identifier without its spelling; None for anything else, such as a quantity or a name."""
    if not isinstance(value, str) or not _SHORTEST < len(value) <= _LONGEST or is_redacted(value):
        return None
    if not _DIGIT.search(value) or not any(letter.isalpha() for letter in value) or " " in value.strip():
        return None
    bare = _NOISE.sub("", value.casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", bare) or None
