"""The fast way to JSON: most values are plain, and plain values are encoded in C.

A value is plain when the C encoder says of it exactly what the careful way would: dicts with string keys, lists,
tuples, scalars, finite numbers, and models and messages that the encoder asks us to open. The check looks at types
only, a whole container at a time, level by level, so that it is bounded by the limits whatever the value is.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from math import isfinite
from typing import Any
from uuid import UUID

import msgspec

from argus.capture.limits import Limits
from argus.capture.paths import PathRules
from argus.capture.shapes import shape_of

__all__ = ["encode_unchecked", "has_long_string", "is_plain", "plain_json"]

_SCALARS = frozenset({str, int, bool, type(None), datetime, date, Decimal, UUID})
_NUMBERS = frozenset({float, bool})
_FLAT = frozenset({str, bool, type(None)})
_INT64 = 1 << 63
_CONTAINERS = frozenset({dict, list, tuple})
_SEQUENCES = frozenset({list, tuple})
_PLAIN = _SCALARS | {float}


def _open(value: Any) -> Any:
    return shape_of(type(value)).show(value)


encode_unchecked = msgspec.json.Encoder(enc_hook=_open).encode
"""The JSON of a value known to be plain; raises when it no longer is."""


def plain_json(value: Any, limits: Limits, hidden: PathRules, depth: int = 0) -> bytes | None:
    """The JSON of a plain value within the limits without hidden keys; None when the careful way must be taken.

    Secrets inside its strings are still in it.

    Args:
        value: Any object; never changed, and no code of its class is run.
        limits: What is allowed.
        hidden: The keys whose values are hidden.
        depth: Containers around the value.
    """
    try:
        if type(value) in _SCALARS:
            if type(value) is int and not -_INT64 <= value < _INT64:
                return None
            if type(value) is str and len(value) > limits.max_string:
                return None
            data = encode_unchecked(value)
            return data if len(data) <= limits.max_string else None
        if not is_plain(value, limits, hidden, depth):
            return None
        data = encode_unchecked(value)
        if len(data) > limits.max_string and has_long_string(data, limits.max_string):
            return None
    except Exception:  # noqa: BLE001 - whatever the C encoder cannot say goes the careful way
        return None
    return data


def is_plain(value: Any, limits: Limits, hidden: PathRules, depth: int = 0) -> bool:
    """Whether the C encoder says of a container exactly what the careful way would, the length of strings aside.

    Args:
        value: A container.
        limits: What is allowed.
        hidden: The keys whose values are hidden.
        depth: Containers around it.
    """
    if type(value) is dict and _FLAT.issuperset(map(type, value.values())):
        return limits.max_depth > depth and len(value) <= limits.max_items and hidden.clears(value)
    left = limits.max_nodes
    level = [value]
    for _ in range(limits.max_depth - depth):
        dicts = [container for container in level if type(container) is dict]
        lists = [container for container in level if type(container) in _SEQUENCES]
        deeper = []
        if len(dicts) + len(lists) < len(level):
            for container in level:
                if type(container) not in _CONTAINERS:
                    shown = _opened(container)
                    if shown is None:
                        return False
                    deeper.append(shown)
        if dicts and not hidden.clears(dicts[0] if len(dicts) == 1 else set(chain.from_iterable(dicts))):
            return False
        for containers in (dicts, lists):
            if containers:
                sizes = list(map(len, containers))
                left -= sum(sizes)
                if left < 0 or max(sizes) > limits.max_items:
                    return False
        inside = [*chain.from_iterable(map(dict.values, dicts)), *chain.from_iterable(lists)]
        kinds = set(map(type, inside))
        if int in kinds:
            numbers = [item for item in inside if type(item) is int]
            if max(numbers) >= _INT64 or min(numbers) < -_INT64:
                return False
        if float in kinds:
            fractions = inside if kinds <= _NUMBERS else [item for item in inside if type(item) is float]
            if not isfinite(sum(fractions)):
                return False
            kinds.discard(float)
        if not kinds <= _SCALARS:
            deeper += inside if kinds <= _CONTAINERS else [item for item in inside if type(item) not in _PLAIN]
        if not deeper:
            return True
        level = deeper
    return False


def _opened(value: Any) -> Any:
    """One level of an object that the C encoder asks us to open, in a list when it is a scalar; None for others."""
    if type(value) is float:
        return [value]
    shape = shape_of(type(value))
    if not shape.plain_json:
        return None
    shown = shape.show(value)
    return shown if type(shown) in _CONTAINERS else [shown]


def has_long_string(data: bytes, limit: int) -> bool:
    """Whether JSON holds a string whose UTF-8 is longer than the limit: a long way between an odd and an even quote.

    Args:
        data: Valid JSON.
        limit: Bytes.
    """
    text = data.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    position = counted = quotes = 0
    while len(text) - position > limit:
        last = text.rfind(b'"', position, position + limit + 1)
        if last >= 0:
            position = last + 1
            continue
        quotes += text.count(b'"', counted, position)
        counted = position
        if quotes % 2:
            return True
        position = text.find(b'"', position) + 1
        if not position:
            return False
    return False
