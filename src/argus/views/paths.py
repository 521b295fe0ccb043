"""Dotted paths into recorded values: ``order.items[0].total`` or ``order.items.0.total``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from argus.model.values import JsonValue

__all__ = ["MISSING", "lookup", "top_level"]


class _Missing:
    """The type of :data:`MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final[Any] = _Missing()
"""What :func:`lookup` answers when there is nothing at a path; unlike None it is no value."""

_INDEX = re.compile(r"\[(\d{1,9})\]")


def lookup(value: JsonValue, path: str) -> JsonValue:
    """What stands at a path, or :data:`MISSING`.

    A key that itself holds dots or brackets is found too, if the whole path is that key.

    Args:
        value: A recorded value.
        path: Keys and list positions joined by dots; positions may stand in brackets.
    """
    if isinstance(value, Mapping) and path in value:
        return value[path]
    for part in _INDEX.sub(r".\1", path).split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, Sequence) and not isinstance(value, str) and part.isdecimal():
            if int(part) >= len(value):
                return MISSING
            value = value[int(part)]
        else:
            return MISSING
    return value


def top_level(path: str) -> str:
    """The state field that a path starts at.

    Args:
        path: A field or dotted path.
    """
    return re.split(r"[.\[]", path, maxsplit=1)[0] or path
