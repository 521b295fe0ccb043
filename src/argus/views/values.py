"""Recorded values as text: in one line, or laid out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from argus.model.values import MARK, JsonValue, cut_of, is_mark
from argus.views.amounts import count
from argus.views.neutral import lines_of, neutral, shorten

__all__ = ["layout", "measure", "preview"]

_MAX_DEPTH = 12
_ITEM_CHARACTERS = 2000


def preview(value: JsonValue, limit: int = 80) -> str:
    """A recorded value in one harmless line; what is left out is said.

    The work is bounded by ``limit``, not by the size of the value.

    Args:
        value: A recorded value.
        limit: Characters shown at most, before the note on what is left out.
    """
    if isinstance(value, str):
        cut = cut_of(value)
        kept = value[: min(limit, cut.kept) if cut else limit]
        return neutral(f'"{kept}"') if kept == value else f'{neutral(chr(34) + kept)}…" ({measure(value)})'
    parts: list[str] = []
    length = 0
    for part in _tokens(value, limit, 0):
        parts.append(part)
        length += len(part)
        if length > limit:
            return f"{neutral(''.join(parts)[:limit])}… ({measure(value)})"
    return neutral("".join(parts))


def _tokens(value: JsonValue, limit: int, depth: int) -> Iterator[str]:
    if is_mark(value):
        yield _described(value)
    elif isinstance(value, str):
        yield json.dumps(shorten(value, limit), ensure_ascii=False)
    elif isinstance(value, Mapping):
        yield from _enclosed("{", "}", (_pair(key, item) for key, item in value.items()), limit, depth)
    elif isinstance(value, Sequence):
        yield from _enclosed("[", "]", (("", item) for item in value), limit, depth)
    else:
        yield _scalar(value)


def _pair(key: object, item: JsonValue) -> tuple[str, JsonValue]:
    return f"{shorten(str(key), 200)}: ", item


def _enclosed(
    opening: str, closing: str, items: Iterator[tuple[str, JsonValue]], limit: int, depth: int
) -> Iterator[str]:
    if depth >= _MAX_DEPTH:
        yield f"{opening}…{closing}"
        return
    yield opening
    separator = ""
    for label, item in items:
        yield separator + label
        yield from _tokens(item, limit, depth + 1)
        separator = ", "
    yield closing


def _scalar(value: JsonValue) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def measure(value: JsonValue) -> str:
    """How large a recorded value is: characters, items or fields.

    Args:
        value: A recorded value.
    """
    if isinstance(value, str):
        cut = cut_of(value)
        return count(cut.length if cut else len(value), "character")
    if isinstance(value, Mapping):
        return count(len(value), "field")
    if isinstance(value, Sequence):
        return count(len(value), "item")
    return count(len(str(value)), "character")


def _described(placeholder: Mapping[str, Any]) -> str:
    """What stands in for something that JSON cannot hold."""
    kind = placeholder[MARK]
    known = {key: shorten(str(item), 60) for key, item in placeholder.items() if key != MARK}
    if kind == "object":
        return f"<{known.get('type', 'object')}>"
    if kind == "float":
        return known.get("value", "NaN")
    if kind == "more":
        return f"… {known.get('count', '?')} more"
    if kind in ("bytes", "hashed"):
        unit = "bytes" if kind == "bytes" else "characters, hashed at capture"
        return f"<{known.get('length', '?')} {unit}>"
    if kind == "buffer":
        return f"<{known.get('type', 'buffer')} {known.get('dtype', '')} {known.get('shape', '')}>".replace("  ", " ")
    if kind == "error":
        return f"<could not be recorded: {known.get('type', 'error')}>"
    if kind == "skipped":
        return "<skipped at capture>"
    return f"<{shorten(str(kind), 60)}>"


def layout(value: JsonValue, limit: int = 20_000) -> tuple[list[str], int]:
    """A recorded value as harmless lines of indented JSON; a string as its own lines.

    Args:
        value: A recorded value.
        limit: Characters laid out at most.

    Returns:
        The lines, and how many characters of the whole were left out.
    """
    if isinstance(value, str):
        text = value
    else:
        try:
            text = json.dumps(value, ensure_ascii=False, indent=2)
        except (RecursionError, ValueError, TypeError):
            text = preview(value, limit)
    return lines_of(text[:limit]), max(0, len(text) - limit)
