"""Recorded values: what stands at a path, and whether two are the same thing."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from argus.model.values import JsonValue, is_mark

__all__ = ["ABSENT", "at", "fingerprint", "is_empty", "same", "split"]


class _Absent:
    """The type of :data:`ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final[Any] = _Absent()
"""What :func:`at` answers where nothing is; unlike None it is no value."""

_SHORT: Final = 4
_sorted = msgspec.json.Encoder(order="sorted")


def split(path: str) -> tuple[str, ...]:
    """The parts of a dotted path, positions in brackets included as parts of their own."""
    return tuple(path.replace("[", ".").replace("]", "").split("."))


def at(state: JsonValue, path: str) -> JsonValue:
    """What stands at a dotted path, or :data:`ABSENT`.

    Args:
        state: A recorded state or value.
        path: A field, or a path of keys and list positions; the empty path is the value itself.
    """
    if not path:
        return state
    if isinstance(state, dict) and path in state:
        return state[path]
    value = state
    for part in split(path):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ABSENT
    return value


def same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two recorded values are equal; ``1`` and ``True`` are not."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    try:
        return bool(one == other)
    except RecursionError:
        return False


def is_empty(value: JsonValue) -> bool:
    """Whether a value holds nothing: None, a blank text, an empty list or dict. Zero and False hold something."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, (list, dict)) and not value and not is_mark(value)


def fingerprint(value: JsonValue) -> str | bytes | None:
    """A key under which equal values meet; None for values too common to recognise.

    Args:
        value: A recorded value.
    """
    if isinstance(value, str):
        return value if len(value) >= _SHORT else None
    if value is None or isinstance(value, bool) or value in (0, 1, "", [], {}):
        return None
    try:
        return _sorted.encode(value)
    except (UnicodeEncodeError, msgspec.EncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return None
