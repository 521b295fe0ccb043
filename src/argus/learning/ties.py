"""How what a node returned depends on what it was given, counted over its steps, and two such accounts joined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from argus.learning.figures import figures_in, is_telling
from argus.learning.spreads import finite
from argus.learning.walking import KEYS, LONGEST_PATH, visits, whole_items
from argus.model.ties import FINENESS, Ratio, Tie
from argus.model.trace import TraceStep
from argus.model.values import MARK, JsonValue, State, cut_of, is_redacted

__all__ = ["Quantity", "joined_ties", "quantities_of", "ties_of"]

_QUANTITIES: Final = 24
"""Quantities of one state that are compared, at most: the least deep ones."""

_DEEPEST: Final = 4
_ITEMS: Final = 200
_COLUMNS: Final = 8
_STEPS: Final = 20
_NUMBERS: Final = 200
_TIGHTEST: Final = 6
"""Ratios of one quantity that are kept once there are enough runs to tell, at most; before, twice as many."""

_ENOUGH: Final = 8
_WIDEST: Final = round(FINENESS * math.log(30))


class Quantity(NamedTuple):
    """Something that can be compared with something else by its ratio.

    Attributes:
        kind: ``number``, ``size`` of a list or ``length`` of a text; only like is compared with like.
        value: Not zero.
    """

    kind: str
    value: float


def quantities_of(state: State) -> dict[str, Quantity]:
    """The quantities of a state, by name.

    A number, a list and a text have their path for a name; there are also ``sum(path)`` and ``mean(path)`` of the
    numbers in a list, and ``length(path)`` of all texts in one. The items of a list have paths of their own only where
    it has a single one.

    Args:
        state: A recorded state or update.
    """
    found: dict[str, Quantity] = {}
    names = sorted(name for name in state if isinstance(name, str))
    level: list[tuple[str, JsonValue]] = [(name, state[name]) for name in names]
    for _ in range(_DEEPEST):
        deeper: list[tuple[str, JsonValue]] = []
        for path, value in level:
            if len(found) >= _QUANTITIES or len(path) > LONGEST_PATH:
                break
            quantity = _quantity(value)
            if quantity is not None:
                found[path] = quantity
            if isinstance(value, dict) and MARK not in value and len(value) <= KEYS:
                deeper += [(f"{path}.{key}", value[key]) for key in sorted(k for k in value if isinstance(k, str))]
            elif isinstance(value, (list, tuple)):
                found.update(_of_items(path, value))
                if len(value) == 1:
                    deeper.append((f"{path}[]", value[0]))
        level = deeper
    return found


def _quantity(value: JsonValue) -> Quantity | None:
    if isinstance(value, (bool, type(None))):
        return None
    if isinstance(value, (int, float)):
        number = finite(value)
        return Quantity("number", number) if number else None
    if isinstance(value, str):
        length = cut_of(value)
        return None if is_redacted(value) or not value else Quantity("length", length.length if length else len(value))
    if isinstance(value, (list, tuple)):
        size = whole_items(value)[1]
        return Quantity("size", size) if size else None
    return None


def _of_items(path: str, items: Sequence[JsonValue]) -> Iterator[tuple[str, Quantity]]:
    """What the items of a list that is not too long are together."""
    if not 0 < len(items) <= _ITEMS or whole_items(items)[1] != len(items):
        return
    columns: dict[str, list[JsonValue]] = {f"{path}[]": list(items)}
    if all(isinstance(item, dict) for item in items):
        names = sorted(key for key in items[0] if isinstance(key, str))[:_COLUMNS]
        columns = {f"{path}[].{name}": [item.get(name) for item in items] for name in names}
    length = 0
    for name, column in columns.items():
        quantities = [_quantity(value) for value in column]
        numbers = [known.value for known in quantities if known is not None and known.kind == "number"]
        length += round(sum(known.value for known in quantities if known is not None and known.kind == "length"))
        if numbers and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in column):
            total = finite(sum(numbers))
            if total:
                yield f"sum({name})", Quantity("number", total)
                yield f"mean({name})", Quantity("number", total / len(column))
    if length:
        yield f"length({path})", Quantity("length", length)


def ties_of(steps: Iterable[TraceStep]) -> dict[str, Tie]:
    """What the steps of one node in one run say, by path; the first 20 of them are looked at.

    Args:
        steps: That ended well.
    """
    found: dict[str, Tie] = {}
    for step, _ in zip(steps, range(_STEPS), strict=False):
        found = joined_ties(found, _of_step(step))
    return found


def joined_ties(one: Mapping[str, Tie], other: Mapping[str, Tie]) -> dict[str, Tie]:
    """What two accounts of the same node say together.

    The order makes no difference to what is counted. Of many ratios those that vary least are kept, as far as the runs
    so far tell, so that joining in other groups may keep another one that varies as little.

    Args:
        one: An account.
        other: Of other steps or runs.
    """
    joined = dict(one)
    for path, tie in other.items():
        known = joined.get(path)
        joined[path] = tie if known is None else _joined(known, tie)
    return {path: joined[path] for path in sorted(joined)}


def _of_step(step: TraceStep) -> dict[str, Tie]:
    own, given = quantities_of(step.output_state), quantities_of(step.input_state)
    handed_on = {
        name
        for name, value in step.output_state.items()
        if name in step.input_state and _is_same(value, step.input_state[name])
    }
    passed_on = {path for path in own if _field_of(path) in handed_on}
    found: dict[str, Tie] = {}
    for path, quantity in own.items():
        if path.endswith(")"):
            continue
        others = {f"<{name}": known for name, known in given.items()}
        if path in passed_on:  # it stands in the same place, and that is all there is to say
            others = {f"<{path}": quantity} if quantity.kind == "size" else {}
        else:
            others.update((name, one) for name, one in own.items() if name not in passed_on and not _is_of(name, path))
        ratios = {name: _ratio(quantity, known) for name, known in others.items() if known.kind == quantity.kind}
        if ratios:
            found[path] = Tie(ratios=ratios)
    numbers = [pair for pair in _telling_numbers(step.output_state) if _field_of(pair[0]) not in handed_on][:_NUMBERS]
    figures = figures_in(step.input_state) if numbers else frozenset()
    for path, number in numbers:
        known_tie = found.get(path, Tie())
        found[path] = Tie(
            numbers=known_tie.numbers + 1, stated=known_tie.stated + (number in figures), ratios=known_tie.ratios
        )
    return found


def _telling_numbers(state: State) -> Iterator[tuple[str, float]]:
    for visit in visits(state):
        if isinstance(visit.value, (int, float)) and not isinstance(visit.value, bool):
            number = finite(visit.value)
            if number is not None and is_telling(number):
                yield visit.path, number


def _is_of(name: str, path: str) -> bool:
    """Whether a quantity is the one at a path, or is made of what stands there."""
    return name == path or name.endswith((f"({path})", f"({path}[])")) or f"({path}[]." in name


def _field_of(name: str) -> str:
    """The top-level field that a quantity belongs to."""
    inner = name.partition("(")[2] if name.endswith(")") else name
    return inner.partition(".")[0].partition("[")[0].removesuffix(")")


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    try:
        return bool(one is other or (type(one) is type(other) and one == other))
    except RecursionError:
        return False


def _ratio(one: Quantity, other: Quantity) -> Ratio:
    quotient = round(FINENESS * (math.log(abs(one.value)) - math.log(abs(other.value))))
    return Ratio(1, quotient, quotient * quotient, quotient, quotient, int(one.value * other.value < 0))


def _joined(one: Tie, other: Tie) -> Tie:
    ratios = dict(one.ratios)
    for name, ratio in other.ratios.items():
        known = ratios.get(name)
        ratios[name] = ratio if known is None else _both(known, ratio)
    return Tie(
        numbers=one.numbers + other.numbers,
        stated=one.stated + other.stated,
        ratios=_tightest(ratios),
    )


def _both(one: Ratio, other: Ratio) -> Ratio:
    return Ratio(
        one.count + other.count,
        one.total + other.total,
        one.squares + other.squares,
        min(one.lowest, other.lowest),
        max(one.highest, other.highest),
        one.negatives + other.negatives,
    )


def _tightest(ratios: Mapping[str, Ratio]) -> dict[str, Ratio]:
    """The ratios that vary least, among those that were there as often as any, in order of name."""
    often = max((ratio.count for ratio in ratios.values()), default=0)
    most = _TIGHTEST if often >= _ENOUGH else 2 * _TIGHTEST
    steady = sorted(
        (ratio.highest - ratio.lowest, name)
        for name, ratio in ratios.items()
        if ratio.highest - ratio.lowest <= _WIDEST and 2 * ratio.count >= often
    )
    return {name: ratios[name] for name in sorted(name for _, name in steady[:most])}
