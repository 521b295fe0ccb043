"""Recorded values made short enough to be pasted, their shape kept and everything left out said."""

from __future__ import annotations

from typing import Any, Final

from argus.model.values import JsonValue, cut_of, is_mark, mark
from argus.reports.brief.scrubbing import Scrubber
from argus.views.neutral import shorten

__all__ = ["Shown", "hidden_in"]

_ITEMS, _KEYS, _DEPTH = 5, 30, 6
_TEXT: Final = 400
_SCRUBBED_TEXT: Final = 100_000
"""Characters of a text that are searched for secrets; far more than are shown, so that none is cut in half."""


class Shown:
    """Makes values fit to be shown: without secrets, and short.

    Args:
        scrubber: Takes secrets out.
    """

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber

    def value(self, value: JsonValue) -> JsonValue:
        """A value without secrets, shortened.

        Args:
            value: A recorded value; never changed.
        """
        return _with_short_texts(self._scrubber.value(_pruned(value, 0)))

    def fields(self, state: dict[str, Any]) -> dict[str, JsonValue]:
        """A state without secrets, its first fields.

        Args:
            state: A recorded state or update; never changed.
        """
        found = self.value(state)
        return found if isinstance(found, dict) else {}

    def text(self, text: str, limit: int = _TEXT) -> str:
        """A text without secrets, shortened.

        Args:
            text: Any string.
            limit: Characters kept.
        """
        return shorten(self._scrubber.text(text[:_SCRUBBED_TEXT]), limit)


def _pruned(value: JsonValue, depth: int) -> JsonValue:
    if isinstance(value, str):
        return value[:_SCRUBBED_TEXT] if cut_of(value) is None else value
    if not isinstance(value, (dict, list)) or is_mark(value):
        return value
    if depth >= _DEPTH:
        return mark("deep", type=type(value).__name__)
    if isinstance(value, list):
        kept = [_pruned(item, depth + 1) for item in value[:_ITEMS]]
        return kept if len(value) <= _ITEMS else [*kept, mark("more", count=len(value) - _ITEMS)]
    pairs = list(value.items())
    shown = {key: _pruned(item, depth + 1) for key, item in pairs[:_KEYS]}
    return shown if len(pairs) <= _KEYS else {**shown, "…": mark("more", count=len(pairs) - _KEYS)}


def _with_short_texts(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return shorten(value, _TEXT)
    if isinstance(value, list):
        return [_with_short_texts(item) for item in value]
    if isinstance(value, dict):
        return {shorten(key, _TEXT): _with_short_texts(item) for key, item in value.items()}
    return value


def hidden_in(value: JsonValue) -> bool:
    """Whether a value was redacted, cut or replaced somewhere, so that it is not what the pipeline had.

    Args:
        value: A value that has been shortened.
    """
    if isinstance(value, str):
        return "[REDACTED" in value or cut_of(value) is not None or value.endswith(" characters)")
    if isinstance(value, dict):
        return is_mark(value) or any(map(hidden_in, value.values()))
    return isinstance(value, list) and any(map(hidden_in, value))
