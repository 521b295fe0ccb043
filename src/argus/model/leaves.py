"""The texts and numbers in a recorded value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from argus.model.values import JsonValue, is_mark

__all__ = ["leaves"]

_MOST_LEAVES: Final = 400
_LARGE_BITS: Final = 200


def leaves(value: JsonValue, depth: int = 8, most: int = _MOST_LEAVES) -> Iterator[str]:
    """The texts and numbers in a recorded value, numbers as text, in order.

    Args:
        value: A recorded value.
        depth: How deep containers are opened.
        most: Items of one container that are looked at.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, float):
            yield f"{value:g}" if value.is_integer() else repr(value)
        elif value.bit_length() <= _LARGE_BITS:  # Python refuses to write out very large ones
            yield repr(value)
    elif depth and isinstance(value, list | dict) and not is_mark(value):
        items = list(value.values()) if isinstance(value, dict) else value
        for item in items[:most]:
            yield from leaves(item, depth - 1, most)
