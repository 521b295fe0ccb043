"""The beginning of a value, to be shown as evidence."""

from __future__ import annotations

from typing import Final

from argus.model.values import JsonValue, is_mark

__all__ = ["excerpt"]

_TEXT: Final = 200
_ITEMS: Final = 5
_DEPTH: Final = 3


def excerpt(value: JsonValue, depth: int = _DEPTH) -> JsonValue:
    """A value cut short: of texts the first 200 characters, of containers the first 5 items, three levels deep.

    Args:
        value: A recorded value.
        depth: Levels of containers that are opened.
    """
    if isinstance(value, str):
        return value if len(value) <= _TEXT else f"{value[: _TEXT - 1]}…"
    if isinstance(value, list):
        if not depth:
            return f"{len(value)} items"
        kept = [excerpt(item, depth - 1) for item in value[:_ITEMS]]
        return kept if len(value) <= _ITEMS else [*kept, f"… {len(value) - _ITEMS} more"]
    if isinstance(value, dict) and not is_mark(value):
        if not depth:
            return f"{len(value)} entries"
        names = list(value)[:_ITEMS]
        kept_entries = {name: excerpt(value[name], depth - 1) for name in names}
        more = len(value) - len(names)
        return kept_entries if not more else {**kept_entries, "…": f"{more} more"}
    return value
