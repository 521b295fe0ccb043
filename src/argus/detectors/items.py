"""Which items of a list were handed out to branches, and whether anything explains that some were not."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from argus.detectors.blanks import is_blank
from argus.detectors.names import words_of
from argus.model.values import JsonValue

__all__ = ["Coverage", "coverage"]

_MOST: Final = 10_000
_ENOUGH: Final = 2
_PLACES: Final = frozenset({"id", "index", "number", "position", "page", "line", "no", "nr", "key", "order", "rank"})
"""Words in the names of numbers that grow along a list."""


@dataclass(frozen=True)
class Coverage:
    """The items that nobody got.

    Attributes:
        total: Items of the list.
        missing: Their positions.
        values: The items themselves.
    """

    total: int
    missing: tuple[int, ...]
    values: tuple[JsonValue, ...]


def coverage(items: Sequence[JsonValue], inputs: Sequence[Mapping[str, JsonValue]]) -> Coverage | None:
    """The items that have no branch although nothing explains it.

    Args:
        items: A list of the state.
        inputs: What each branch was given.

    Returns:
        None when the branches were not made from this list one by one, when all items have a branch, or when those
        without one differ from the others in a way that a condition may ask for.
    """
    if len(items) > _MOST or len(inputs) < _ENOUGH:
        return None
    keys = [_key(item) for item in items]
    places: dict[str, deque[int]] = {}
    for number, key in enumerate(keys):
        if key is None:
            return None  # an item that cannot be told apart
        places.setdefault(key, deque()).append(number)
    found = [place for given in inputs if (place := _place(given, places)) is not None]
    if len(found) != len(inputs):
        return None
    missing = sorted(set(range(len(items))) - set(found))
    tail = missing and missing == list(range(missing[0], len(items)))
    if not missing or (len(missing) > 1 and not tail):
        return None
    if not {keys[place] for place in missing}.isdisjoint(keys[place] for place in found):
        return None  # a double of what a branch got
    left_out, handed_out = [items[place] for place in missing], [items[place] for place in sorted(found)]
    if any(_tells(name, left_out, handed_out) for name in _names(items)):
        return None
    return Coverage(len(items), tuple(missing), tuple(left_out))


def _key(item: JsonValue) -> str | None:
    if is_blank(item):
        return None
    try:
        return msgspec.json.encode(item, order="sorted").decode()
    except (TypeError, ValueError, RecursionError, OverflowError):  # ValueError covers lone surrogates
        return None


def _place(given: Mapping[str, JsonValue], places: Mapping[str, deque[int]]) -> int | None:
    """The item that a branch was given, as one of its fields or as the whole of its input; each is given once."""
    for value in (*given.values(), dict(given)):
        key = _key(value)
        if key is not None and places.get(key):
            return places[key].popleft()
    return None


def _names(items: Sequence[JsonValue]) -> list[str | None]:
    """The attributes by which items may be told apart; None is the item itself."""
    keys = dict.fromkeys(key for item in items if isinstance(item, dict) for key in item)
    return [*keys] if keys else [None]


def _tells(name: str | None, left_out: Sequence[JsonValue], handed_out: Sequence[JsonValue]) -> bool:
    """Whether one attribute tells the items without a branch from those with one, as a condition would."""

    def values(items: Sequence[JsonValue]) -> Sequence[JsonValue]:
        return items if name is None else [item.get(name) if isinstance(item, dict) else None for item in items]

    mine, others = values(left_out), values(handed_out)
    flags, other_flags = {_flag(value) for value in mine}, {_flag(value) for value in others}
    if flags.isdisjoint(other_flags):
        return True
    if all(isinstance(value, str) for value in (*mine, *others)):
        kinds = set(others)
        return len(kinds) <= len(others) / 2 and kinds.isdisjoint(mine)
    if name is not None and _PLACES.isdisjoint(words_of(name)) and all(_is_number(value) for value in (*mine, *others)):
        return len(others) >= 3 and (max(mine) < min(others) or min(mine) > max(others))
    return False


def _flag(value: JsonValue) -> str:
    """What a plain truth test sees of a value."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if is_blank(value) or value == 0:
        return "blank"
    return type(value).__name__


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
