"""A recorded value as an answer: found by path, cut to a preview when it is large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from argus.model.codec import to_builtins
from argus.model.trace import Trace, TraceStep
from argus.model.values import MARK, JsonValue, is_mark
from argus.server.json_answer import json_bytes
from argus.server.problem_answers import Refused
from argus.server.resources.values import Partial, RecordedValue
from argus.views.paths import MISSING, lookup
from argus.views.shown import cut_short, kind_of, redacted_in
from argus.views.values import measure

__all__ = ["PREVIEW_CHARACTERS", "beginning", "recorded_value"]

PREVIEW_CHARACTERS: Final = 50_000
_SHORTEST_TEXT: Final = 200
_DEEPEST: Final = 40


def recorded_value(trace: Trace, step: TraceStep, side: str, path: str, *, full: bool) -> RecordedValue:
    """A value of a step.

    Args:
        trace: The run.
        step: One of its steps.
        side: ``input`` or ``before``, ``output``, ``state``, ``tools`` or ``llm``.
        path: Where it stands there; empty means all.
        full: Whether all of a large value is wanted.

    Raises:
        Refused: There is nothing.
    """
    whole = _side(step, side)
    value = lookup(whole, path) if path else whole
    if value is MISSING:
        known = ", ".join(list(whole)[:20]) if isinstance(whole, Mapping) else f"{len(whole)} entries"
        raise Refused(404, f"There is no {path[:200]!r} in {side} of step {step.step_number}.", f"There is {known}.")
    characters = len(json_bytes(value))
    given, partial = value, None
    if characters > PREVIEW_CHARACTERS and not full:
        given = beginning(value, PREVIEW_CHARACTERS)
        partial = Partial(kept=len(json_bytes(given)), total=characters)
    return RecordedValue(
        trace_id=trace.id,
        step_number=step.step_number,
        side=side,
        path=path,
        value=given,
        type=kind_of(value),
        size=measure(value),
        characters=characters,
        cut=cut_short(value),
        redacted=redacted_in(value),
        partial=partial,
    )


def beginning(value: JsonValue, characters: int) -> JsonValue:
    """A value's beginning: long texts cut, lists and dicts ended early, each saying what is left out.

    Args:
        value: A recorded value.
        characters: About how many characters of JSON to keep.
    """
    return _Beginning(characters).of(value, 0)


class _Beginning:
    """Spends a budget of characters in the order of reading."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def of(self, value: JsonValue, depth: int) -> JsonValue:
        if isinstance(value, str):
            return self._text(value)
        if is_mark(value) or not isinstance(value, Mapping | Sequence):
            self._left -= len(str(value))
            return value
        if depth >= _DEEPEST and value:
            return {MARK: "more", "count": len(value)}
        if isinstance(value, Mapping):
            return self._dict(value, depth)
        return self._list(value, depth)

    def _text(self, text: str) -> JsonValue:
        room = max(self._left, _SHORTEST_TEXT)
        self._left -= min(len(text), room) + 2
        return text if len(text) <= room else {MARK: "text", "length": len(text), "text": text[:room]}

    def _dict(self, value: Mapping[str, Any], depth: int) -> JsonValue:
        kept: dict[str, JsonValue] = {}
        for key, item in value.items():
            if self._left <= 0:
                kept["…"] = {MARK: "more", "count": len(value) - len(kept)}
                break
            self._left -= len(key) + 4
            kept[key] = self.of(item, depth + 1)
        return kept

    def _list(self, value: Sequence[Any], depth: int) -> JsonValue:
        kept: list[JsonValue] = []
        for item in value:
            if self._left <= 0:
                kept.append({MARK: "more", "count": len(value) - len(kept)})
                break
            self._left -= 1
            kept.append(self.of(item, depth + 1))
        return kept


def _side(step: TraceStep, side: str) -> Any:
    if side in ("input", "before"):
        return step.input_state
    if side == "output":
        return step.output_state
    if side == "tools":
        return to_builtins(step.tool_calls)
    if side == "llm":
        return to_builtins(step.llm_calls)
    return step.state_after
