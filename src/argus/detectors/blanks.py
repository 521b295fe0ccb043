"""Whether a recorded value says anything at all."""

from __future__ import annotations

from typing import Final

from argus.model.values import JsonValue, is_mark

__all__ = ["blank_word", "is_blank"]

_DEPTH: Final = 3
_ITEMS: Final = 50
_UNSEEN: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
"""Characters without any width, which count for nothing."""


def is_blank(value: JsonValue, _depth: int = _DEPTH) -> bool:
    """Whether a value is None, an empty text or container, or a container of nothing else.

    Numbers and booleans are never blank, and neither is a placeholder for something that could not be recorded.

    Args:
        value: A recorded value.
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value or not value.translate(_UNSEEN).strip()
    if isinstance(value, dict | list):
        if is_mark(value) or len(value) > _ITEMS or (value and not _depth):
            return False
        items = value.values() if isinstance(value, dict) else value
        return all(is_blank(item, _depth - 1) for item in items)
    return False


def blank_word(value: JsonValue) -> str:
    """How to call a blank value in a sentence."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return "an empty text" if not value else "a text of blanks"
    kind = "dict" if isinstance(value, dict) else "list"
    return f"an empty {kind}" if not value else f"a {kind} without content"
