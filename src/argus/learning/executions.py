"""The executions of a run, with what relations can be about: the values that they returned and were given."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from argus.learning.spreads import finite
from argus.learning.walking import KEYS, LONGEST_KEY, LONGEST_PATH, whole_items
from argus.model.profile import Origin
from argus.model.trace import Trace, TraceStep
from argus.model.values import MARK, JsonValue, State, cut_of, is_redacted

__all__ = ["Execution", "Value", "executions_of", "places_of"]

_PATHS: Final = 48
"""Paths of one state that relations are looked for between, at most."""

_DEEPEST: Final = 3
_COLUMN: Final = 200
_ITEMS: Final = 500
_BYTES: Final = 200_000
_EXECUTIONS: Final = 8
"""Executions of one node in one run that are compared, at most: the first."""

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True)
class Value:
    """A value that relations can be about.

    Attributes:
        key: Equal for equal values, 1 and 1.0 included, and for no others.
        number: The value, if it is a finite number.
        items: The keys of its items in order, if it is a list.
        numbers: Its items, if it is a list of finite numbers.
        is_telling: Whether it is worth starting a relation from: no flag, nothing empty, neither zero nor one, no list
            of a single item.
    """

    key: Hashable
    number: float | None = None
    items: tuple[Hashable, ...] | None = None
    numbers: tuple[float, ...] | None = None
    is_telling: bool = True


@dataclass(frozen=True)
class Execution:
    """One execution of a node that ended well.

    Attributes:
        step: The step.
        place: Its node's place, see :class:`argus.model.profile.NodeProfile`.
        update: What it returned, by path; only what is wholly known.
        given: What it was given.
        earlier: By place, the latest updates of the nodes that ran before it in the same graph.
    """

    step: TraceStep
    place: str
    update: Mapping[str, Value]
    given: Mapping[str, Value]
    earlier: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    def value(self, place: str, origin: Origin, path: str) -> Value | None:
        """The value that a term of a relation stands for in this execution; None when it is not there.

        Args:
            place: The term's node.
            origin: Its origin.
            path: Its path.
        """
        if place == self.place:
            return (self.update if origin == "update" else self.given).get(path)
        return self.earlier.get(place, {}).get(path) if origin == "update" else None


def places_of(trace: Trace) -> dict[str, str]:
    """The place of each step's node, by the step's id: its name, after those of the nodes it runs inside.

    Args:
        trace: A run.
    """
    places: dict[str, str] = {}
    for step in trace.steps:
        outer = places.get(step.parent_id) if step.parent_id is not None else None
        places[step.id] = step.node_name if outer is None else f"{outer}/{step.node_name}"
    return places


def executions_of(trace: Trace, most: int = _EXECUTIONS) -> Iterator[Execution]:
    """The executions of a run that ended well and returned something, the first of each node.

    Args:
        trace: A run.
        most: How many of each node.
    """
    places = places_of(trace)
    reader = _Reader()
    seen: dict[str, int] = {}
    graphs: dict[str | None, _Earlier] = {}
    for step in trace.steps:
        if step.outcome not in ("ok", "cached") or not step.output_state:
            continue
        place = places[step.id]
        seen[place] = seen.get(place, 0) + 1
        if seen[place] > most:
            continue
        update = reader.values(step.output_state)
        earlier = graphs.setdefault(step.parent_id, _Earlier()).before(step)
        yield Execution(step, place, update, reader.values(step.input_state), earlier)
        graphs[step.parent_id].add(place, update)


class _Earlier:
    """The latest update of each node of a graph, as of the superstep before; what runs side by side is not earlier."""

    def __init__(self) -> None:
        self._moment: int | None = None
        self._known: Mapping[str, Mapping[str, Value]] = {}
        self._now: dict[str, Mapping[str, Value]] = {}

    def before(self, step: TraceStep) -> Mapping[str, Mapping[str, Value]]:
        superstep = step.metadata.get("superstep")
        moment = superstep if isinstance(superstep, int) else step.step_number
        if moment != self._moment:
            if self._now:
                self._known = {**self._known, **self._now}
                self._now = {}
            self._moment = moment
        return self._known

    def add(self, place: str, update: Mapping[str, Value]) -> None:
        self._now[place] = update


class _Reader:
    """Values of states; a list that many states share is read once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[JsonValue, Value | None]] = {}
        self._columns: dict[int, tuple[JsonValue, dict[str, Value]]] = {}

    def values(self, state: State) -> dict[str, Value]:
        """By path; fields first, then what is inside them, a bounded number in all."""
        found: dict[str, Value] = {}
        level: list[tuple[str, JsonValue]] = [
            (name, state[name]) for name in sorted(filter(_is_name, state))[: 2 * _PATHS]
        ]
        for depth in range(_DEEPEST):
            deeper: list[tuple[str, JsonValue]] = []
            for path, value in level:
                if len(found) >= _PATHS:
                    return found
                known = self._value(value)
                if known is not None:
                    found[path] = known
                if isinstance(value, dict) and MARK not in value and len(value) <= KEYS and depth + 1 < _DEEPEST:
                    deeper += ((f"{path}.{key}", value[key]) for key in sorted(filter(_is_name, value)))
                elif isinstance(value, (list, tuple)) and known is not None and not depth:
                    found.update((path + name, column) for name, column in self._column_values(value).items())
            level = [(path, value) for path, value in deeper if len(path) <= LONGEST_PATH]
        return found

    def _value(self, value: JsonValue) -> Value | None:
        if not isinstance(value, (list, dict, tuple)):
            return _scalar(value)
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (value, _container(value))  # the value is kept, so its id stays its own
        return known[1]

    def _column_values(self, value: Sequence[JsonValue]) -> dict[str, Value]:
        known = self._columns.get(id(value))
        if known is None:
            known = self._columns[id(value)] = (value, dict(_columns(value)))
        return known[1]


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and len(name) <= LONGEST_KEY


def _scalar(value: JsonValue) -> Value | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return Value(("bool", value), is_telling=False)
    if isinstance(value, (int, float)):
        number = finite(value)
        return None if number is None else Value(number, number=number, is_telling=number not in (0.0, 1.0))
    if isinstance(value, str) and not is_redacted(value) and cut_of(value) is None:
        return Value(value, is_telling=bool(value.strip()))
    return None


def _container(value: JsonValue) -> Value | None:
    """A list or an object that is wholly known and not too large."""
    if isinstance(value, (list, tuple)) and (len(value) > _ITEMS or whole_items(value)[1] != len(value)):
        return None
    try:
        text = _encode(value)
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None
    if len(text) > _BYTES or b'"$argus":' in text or b"[REDACTED" in text or "⟦cut length=".encode() in text:
        return None
    if isinstance(value, dict):
        return Value(text, is_telling=bool(value))
    return _list(value)


def _list(value: Sequence[JsonValue]) -> Value:
    items = tuple(known.key if (known := _scalar(item)) else _encode(item) for item in value)
    numbers = [_scalar(item) for item in value]
    are_numbers = bool(value) and all(one is not None and one.number is not None for one in numbers)
    return Value(
        ("list", items),
        items=items,
        numbers=tuple(one.number for one in numbers if one and one.number is not None) if are_numbers else None,
        is_telling=len(value) > 1,
    )


def _columns(items: Sequence[JsonValue]) -> Iterator[tuple[str, Value]]:
    """What all items of a list have under a key, as lists."""
    if not 1 <= len(items) <= _COLUMN or not all(isinstance(item, dict) for item in items):
        return
    for key in sorted(filter(_is_name, items[0]))[:KEYS]:
        column = [item.get(key) for item in items]
        if all(_scalar(one) is not None for one in column):
            yield f"[].{key}", _list(column)
