"""The paths of an update, walked within bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from argus.learning.fields import FieldTally
from argus.learning.spreads import finite
from argus.model.values import MARK, JsonValue, State, is_redacted

__all__ = ["KEYS", "LONGEST_KEY", "LONGEST_PATH", "FieldWalk", "whole_items"]

KEYS: Final = 32
"""An object with more keys, in one run or over all of them, is a mapping: its keys are data, not names."""

LONGEST_KEY: Final = 80
LONGEST_PATH: Final = 240

_DEEPEST: Final = 6
_FIELDS: Final = 200
_ITEMS: Final = 64
_COLUMN: Final = 200
_VISITS: Final = 4_000
"""Values that are looked at in one step, at most."""


class FieldWalk:
    """Counts what the updates of one node have at each path, in one run."""

    def __init__(self) -> None:
        self.tallies: dict[str, FieldTally] = {}
        self.is_cut = False
        """Whether something was left out because it was too deep, too long or too much."""
        self._visits = 0

    def add(self, update: State) -> None:
        """Walks one update.

        Args:
            update: As recorded.
        """
        self._visits = 0
        names = [name for name in update if isinstance(name, str) and len(name) <= LONGEST_KEY]
        if len(names) > _FIELDS:
            names = sorted(names)[:_FIELDS]
        self.is_cut |= len(names) < len(update)
        for name in names:
            self._value(name, update[name], 1)

    def _value(self, path: str, value: JsonValue, depth: int) -> None:
        self._visits += 1
        if depth > _DEEPEST or self._visits > _VISITS or len(path) > LONGEST_PATH:
            self.is_cut = True
            return
        tally = self.tallies.get(path)
        if tally is None:
            tally = self.tallies[path] = FieldTally(path)
        word = _type_word(value)
        tally.types[word] += 1
        if word == "str":
            tally.text(value)
        elif word in ("int", "float"):
            number = finite(value)
            if number is not None:
                tally.number(number)
        elif word == "list":
            self._list(tally, value, depth)
        elif word == "dict":
            self._object(tally, value, depth)

    def _object(self, tally: FieldTally, value: Mapping[Any, JsonValue], depth: int) -> None:
        tally.size(len(value))
        if tally.keys or len(value) > KEYS:
            tally.keys = True
            return
        for key, item in value.items():
            if isinstance(key, str) and len(key) <= LONGEST_KEY:
                self._value(f"{tally.path}.{key}", item, depth + 1)
            else:
                self.is_cut = True

    def _list(self, tally: FieldTally, value: Sequence[JsonValue], depth: int) -> None:
        items, count = whole_items(value)
        tally.size(count)
        path = tally.path + "[]"
        # evenly spread, so that the end of a long list is looked at as well
        shown = items if len(items) <= _ITEMS else [items[rank * len(items) // _ITEMS] for rank in range(_ITEMS)]
        for item in shown:
            self._value(path, item, depth + 1)
        if len(items) > 1:
            for name, column in _columns(items[:_COLUMN]):
                known = self.tallies.get(path + name)
                if known is not None:
                    known.column(column)


def whole_items(value: Sequence[JsonValue]) -> tuple[Sequence[JsonValue], int]:
    """The items of a recorded list, without the mark for those that were left out, and how many it had.

    Args:
        value: As recorded.
    """
    last = value[-1] if value else None
    if isinstance(last, dict) and last.get(MARK) == "more":
        left_out = last.get("count")
        return value[:-1], len(value) - 1 + (left_out if isinstance(left_out, int) and left_out > 0 else 1)
    return value, len(value)


def _columns(items: Sequence[JsonValue]) -> Iterator[tuple[str, list[JsonValue]]]:
    """The items themselves, or what each of them has under a key."""
    first = items[0]
    if not isinstance(first, dict):
        yield "", list(items)
    elif len(first) <= KEYS:
        for key in first:
            if isinstance(key, str) and all(isinstance(item, dict) and key in item for item in items):
                yield f".{key}", [item[key] for item in items]


def _type_word(value: JsonValue) -> str:
    if isinstance(value, str):
        return "redacted" if is_redacted(value) else "str"
    if isinstance(value, bool):
        return "bool"
    if value is None:
        return "null"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float" if math.isfinite(value) else "nan"
    if isinstance(value, (list, tuple)):
        return "list"
    if isinstance(value, dict):
        return ("nan" if value[MARK] == "float" else "opaque") if MARK in value else "dict"
    return "opaque"
