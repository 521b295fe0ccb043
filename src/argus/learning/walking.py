"""The paths of an update, walked within bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from argus.learning.fields import FieldTally
from argus.learning.spreads import finite
from argus.model.profile import FieldProfile
from argus.model.values import MARK, JsonValue, State, is_redacted

__all__ = ["KEYS", "LONGEST_KEY", "LONGEST_PATH", "FieldWalk", "Visit", "type_word", "visits", "whole_items"]

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


class Visit(NamedTuple):
    """A value within an update.

    Attributes:
        path: Its path as profiles have it, such as ``items[].id``.
        where: Its own path, such as ``items.3.id``.
        value: The value.
    """

    path: str
    where: str
    value: JsonValue


def visits(update: State, leave_out: Callable[[str], object] = lambda text: None) -> Iterator[Visit]:
    """The values of an update, wholes before their parts, 4,000 at most; of a long list 64 evenly spread items.

    Args:
        update: As recorded.
        leave_out: Called with the path of each value of which not everything is visited because it is too large, too
            deep or its keys are too long or data.
    """
    names = [name for name in update if isinstance(name, str) and len(name) <= LONGEST_KEY]
    if len(names) > _FIELDS:
        names = sorted(names)[:_FIELDS]
    if len(names) < len(update):
        leave_out("")
    waiting = [Visit(name, name, update[name]) for name in reversed(names)]
    seen = 0
    while waiting:
        visit = waiting.pop()
        if seen == _VISITS or len(visit.path) > LONGEST_PATH:
            leave_out(visit.path)
            continue
        seen += 1
        yield visit
        parts = _parts(visit)
        if parts and visit.where.count(".") + 1 >= _DEEPEST:
            leave_out(visit.path)
        else:
            if len(parts) < _length(visit.value):
                leave_out(visit.path)
            waiting.extend(reversed(parts))


class FieldWalk:
    """Counts what the updates of one node have at each path, in one run."""

    def __init__(self) -> None:
        self.tallies: dict[str, FieldTally] = {}
        self.is_cut = False
        """Whether something was left out because it was too deep, too long or too much."""

    def add(self, update: State) -> int:
        """Walks one update.

        Args:
            update: As recorded.

        Returns:
            How many values were visited.
        """
        visited = 0
        for visit in visits(update, self._leave_out):
            visited += 1
            self._count(visit.path, visit.value)
            if isinstance(visit.value, (list, tuple)) and len(visit.value) > 1:
                self._columns(visit.path + "[]", whole_items(visit.value)[0][:_COLUMN])
        return visited

    def fields(self) -> dict[str, FieldProfile]:
        """What was counted, by path."""
        return {path: tally.profile() for path, tally in self.tallies.items()}

    def _count(self, path: str, value: JsonValue) -> None:
        tally = self._tally(path)
        word = type_word(value)
        tally.types[word] += 1
        if word == "str":
            tally.text(value)
        elif word in ("int", "float"):
            number = finite(value)
            if number is not None:
                tally.number(number)
        elif word == "list":
            tally.size(whole_items(value)[1])
        elif word == "dict":
            tally.size(len(value))
            tally.keys |= len(value) > KEYS

    def _columns(self, path: str, items: Sequence[JsonValue]) -> None:
        """The items themselves, or what each of them has under a key."""
        first = items[0] if items else None
        if not isinstance(first, dict):
            self._tally(path).column(items)
        elif len(first) <= KEYS:
            for key in first:
                if isinstance(key, str) and len(key) <= LONGEST_KEY and len(f"{path}.{key}") <= LONGEST_PATH:
                    column = [item[key] for item in items if isinstance(item, dict) and key in item]
                    if len(column) == len(items):
                        self._tally(f"{path}.{key}").column(column)

    def _tally(self, path: str) -> FieldTally:
        known = self.tallies.get(path)
        if known is None:
            known = self.tallies[path] = FieldTally(path)
        return known

    def _leave_out(self, path: str) -> None:
        self.is_cut = True


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


def type_word(value: JsonValue) -> str:
    """The type of a recorded value, in the words of :class:`argus.model.profile.FieldProfile`.

    Args:
        value: As recorded.
    """
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


def _parts(visit: Visit) -> list[Visit]:
    path, where, value = visit
    if isinstance(value, dict):
        if MARK in value or len(value) > KEYS:
            return []
        return [
            Visit(f"{path}.{key}", f"{where}.{key}", item)
            for key, item in value.items()
            if isinstance(key, str) and len(key) <= LONGEST_KEY
        ]
    if isinstance(value, (list, tuple)):
        items, _ = whole_items(value)
        ranks = range(len(items)) if len(items) <= _ITEMS else [rank * len(items) // _ITEMS for rank in range(_ITEMS)]
        return [Visit(f"{path}[]", f"{where}.{rank}", items[rank]) for rank in ranks]
    return []


def _length(value: JsonValue) -> int:
    """How many parts a value has that could be visited."""
    if isinstance(value, dict):
        return 0 if MARK in value else len(value)
    return len(value) if isinstance(value, (list, tuple)) else 0
