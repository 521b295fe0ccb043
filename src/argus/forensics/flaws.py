"""Faults that a value can carry from step to step, each recognisable wherever it turns up."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from argus.dataflow.values import ABSENT, fingerprint, is_empty, same
from argus.forensics.wording import cut, looks, name, plain
from argus.model.values import JsonValue, is_mark

__all__ = [
    "Flaw",
    "HoldsNone",
    "HoldsNothing",
    "HoldsText",
    "LacksKey",
    "Leaf",
    "NotJson",
    "WrongShape",
    "column_of",
    "complains",
    "leaves",
]

_ITEMS: Final = 200
_DEPTH: Final = 5
_LONGEST: Final = 100_000


class Flaw(ABC):
    """A fault that a value can carry on from step to step.

    Attributes:
        inborn: Whether a step that brought it in cannot have been led to it by what it was given.
    """

    inborn: bool = True

    @abstractmethod
    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether a value carries the fault.

        Args:
            value: What a step read or wrote.
            like: The value in which the fault was seen first; only what resembles it can be its source.
        """

    @abstractmethod
    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did that brought the fault in, to stand behind its name.

        Args:
            path: Where it put the faulty value.
            value: The faulty value.
        """


def column_of(made: JsonValue, given: JsonValue) -> str | None:
    """The key whose values in a list of dicts, in order, are a list that a step made out of it.

    Args:
        made: A value that a step wrote, such as ``{"lines": [a, b]}``.
        given: A value that it read, such as ``[{"text": a}, {"text": b}]``.

    Returns:
        The key, such as ``text``; None when the list was not made in this way.
    """
    rows = given if isinstance(given, list) and all(isinstance(item, dict) for item in given) else []
    lists = [leaf.value for leaf in leaves(made) if isinstance(leaf.value, list) and len(leaf.value) == len(rows)]
    for values in lists if rows else ():
        for key in rows[0]:
            if all(key in row and same(row[key], value) for row, value in zip(rows, values, strict=True)):
                return str(key)
    return None


class Leaf(NamedTuple):
    """A scalar or empty value inside a value.

    Attributes:
        key: The last dict key on the way to it; empty for the value itself.
        value: It.
    """

    key: str
    value: Any


def leaves(value: JsonValue, key: str = "", depth: int = _DEPTH) -> Iterator[Leaf]:
    """The values inside a value, containers included, down to a bounded depth; of each container the first items.

    Args:
        value: A recorded value, or :data:`~argus.dataflow.values.ABSENT`.
        key: The key under which it stands.
        depth: How deep containers are opened.
    """
    if value is ABSENT:
        return
    yield Leaf(key, value)
    if depth and isinstance(value, dict) and not is_mark(value):
        for inner, held in list(value.items())[:_ITEMS]:
            yield from leaves(held, inner, depth - 1)
    elif depth and isinstance(value, list):
        for item in value[:_ITEMS]:
            yield from leaves(item, key, depth - 1)


@dataclass(frozen=True)
class LacksKey(Flaw):
    """A dict, or a dict in a list, without a key."""

    key: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether a dict lacks the key, and the dicts are of the same kind."""
        items = list(_dicts(value))
        if not items or all(self.key in item for item in items):
            return False
        wanted: set[str] = set().union(*(item.keys() for item in _dicts(like))) if like is not ABSENT else set()
        own: set[str] = set().union(*(item.keys() for item in items))
        return not wanted or len(own & wanted) * 2 >= min(len(own), len(wanted))

    def adds_to(self, made: JsonValue, given: list[JsonValue]) -> bool:
        """Whether the dicts that a step made have keys that those it was given lack.

        Args:
            made: What it wrote.
            given: What it was given.
        """
        had: set[str] = set().union(*(item.keys() for value in given for item in _dicts(value)))
        return bool(had) and any(not item.keys() <= had for item in _dicts(made))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"left {name(self.key)} out of {name(path)}"


@dataclass(frozen=True)
class HoldsNone(Flaw):
    """None under a key of a nested value, or as the value itself or an item of it."""

    key: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether None stands there."""
        if not self.key:
            return value is None or (isinstance(value, list) and any(item is None for item in value))
        return any(leaf.key == self.key and leaf.value is None for leaf in leaves(value))

    @staticmethod
    def odd_ones(value: JsonValue) -> Iterator[str]:
        """The keys under which None stands in one dict of a list and something else in another.

        Args:
            value: A recorded value.
        """
        items = list(_dicts(value)) if isinstance(value, list) else []
        for key in dict.fromkeys(key for item in items for key, held in item.items() if held is None):
            if any(item.get(key) is not None for item in items):
                yield key

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"set {name(f'{path}.{self.key}' if self.key else path)} to None"


@dataclass(frozen=True)
class HoldsText(Flaw):
    """One particular text."""

    text: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether the text is the value, or one of the texts in it."""
        return any(leaf.value == self.text for leaf in leaves(value) if isinstance(leaf.value, str))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"wrote {cut(plain(self.text), 30)!r} into {name(path)}"


@dataclass(frozen=True)
class HoldsNothing(Flaw):
    """Nothing where something was needed: absence, None, an empty text, list or dict; zero where it was divided by."""

    zero: bool = False
    inborn = False

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether there is nothing."""
        return value is ABSENT or is_empty(value) or (self.zero and value == 0 and not isinstance(value, bool))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"set {name(path)} to None" if value is None else f"wrote {looks(value)} into {name(path)}"


@dataclass(frozen=True)
class WrongShape(Flaw):
    """A value of a type that its reader could not work with."""

    key: str
    value: Any

    @property
    def is_raw(self) -> bool:
        """Whether it is a number that is still a text, as texts that were read from a file hold them."""
        if not isinstance(self.value, str):
            return False
        try:
            float(self.value.replace(",", ".").strip(" %$€£"))
        except ValueError:
            return False
        return True

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether this very value stands there; a common one only under the same key or as an item."""
        common = fingerprint(self.value) is None
        return any(
            same(leaf.value, self.value) and (not common or leaf.key in ("", self.key)) for leaf in leaves(value)
        )

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        where = path if not self.key or path.rpartition(".")[2] == self.key else f"{path}.{self.key}"
        shown = f" {cut(plain(self.value), 20)!r}" if isinstance(self.value, str) else ""
        return f"wrote {name(where)} as {looks(self.value)}{shown}"


@dataclass(frozen=True)
class NotJson(Flaw):
    """A text, or an item that holds one, that its reader could not read as JSON."""

    item: Any

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether this very text or item stands there; an id that was given to it later makes no difference."""
        items = value if isinstance(value, list) else [value]
        return any(same(_without_id(item), _without_id(self.item)) for item in items)

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"wrote into {name(path)} what is no JSON"


def complains(value: JsonValue, complaint: str) -> bool:
    """Whether reading a text, or one of the texts in an item, as JSON gives just this complaint.

    Args:
        value: A text, or a dict such as a message.
        complaint: The message of a ``JSONDecodeError``.
    """
    return any(_complains(leaf.value, complaint) for leaf in leaves(value) if isinstance(leaf.value, str))


def _complains(text: str, complaint: str) -> bool:
    if len(text) > _LONGEST:
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return str(error) == complaint
    except RecursionError:
        return False
    return False


def _without_id(item: JsonValue) -> JsonValue:
    return {key: value for key, value in item.items() if key != "id"} if isinstance(item, dict) else item


def _dicts(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """The dict that a value is, or those that it lists."""
    for item in value[:_ITEMS] if isinstance(value, list) else [value]:
        if isinstance(item, dict) and not is_mark(item):
            yield item
