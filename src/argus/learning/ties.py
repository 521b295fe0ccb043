"""How what a node returned depends on what it was given, counted over its steps, and two such accounts joined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from argus.learning.figures import figures_in, is_telling
from argus.learning.spreads import finite
from argus.learning.walking import KEYS, LONGEST_PATH, visits, whole_items
from argus.model.ties import FINENESS, Ratio, Tie
from argus.model.trace import TraceStep
from argus.model.values import MARK, JsonValue, State, cut_of, is_redacted

__all__ = ["Quantity", "joined_ties", "quantities_of", "ties_of"]

_QUANTITIES: Final = 16
"""Quantities of one state that are compared, at most: the least deep ones."""

_DEEPEST: Final = 4
_STEPS: Final = 20
_NUMBERS: Final = 200
_TIGHTEST: Final = 4
"""Ratios of one quantity that are kept once there are enough runs to tell, at most."""

_ENOUGH: Final = 5
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
    """The quantities of a state, by path; the items of a list count only where it has a single one.

    Args:
        state: A recorded state or update.
    """
    found: dict[str, Quantity] = {}
    level: list[tuple[str, JsonValue]] = [(name, state[name]) for name in sorted(state) if isinstance(name, str)]
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
            elif isinstance(value, (list, tuple)) and len(value) == 1:
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
    passed_on = {path for path, quantity in own.items() if given.get(path) == quantity}
    found: dict[str, Tie] = {}
    for path, quantity in own.items():
        if path not in passed_on:
            others = {other: known for other, known in own.items() if other != path and other not in passed_on}
            others.update({f"<{other}": known for other, known in given.items()})
            ratios = {name: _ratio(quantity, known) for name, known in others.items() if known.kind == quantity.kind}
            found[path] = Tie(ratios=ratios)
    numbers = [pair for pair in _telling_numbers(step.output_state) if pair[0] not in passed_on][:_NUMBERS]
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


def _ratio(one: Quantity, other: Quantity) -> Ratio:
    quotient = round(FINENESS * (math.log(abs(one.value)) - math.log(abs(other.value))))
    return Ratio(1, quotient, quotient * quotient, quotient, quotient, int(one.value * other.value < 0))


def _joined(one: Tie, other: Tie) -> Tie:
    ratios = dict(one.ratios)
    for name, ratio in other.ratios.items():
        known = ratios.get(name)
        ratios[name] = ratio if known is None else _both(known, ratio)
    if max((ratio.count for ratio in ratios.values()), default=0) >= _ENOUGH:
        ratios = _tightest(ratios)
    return Tie(
        numbers=one.numbers + other.numbers,
        stated=one.stated + other.stated,
        ratios={name: ratios[name] for name in sorted(ratios)},
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
    """The ratios that vary least, among those that were there as often as any."""
    often = max(ratio.count for ratio in ratios.values())
    steady = [
        (ratio.highest - ratio.lowest, name)
        for name, ratio in ratios.items()
        if ratio.highest - ratio.lowest <= _WIDEST and 2 * ratio.count >= often
    ]
    return {name: ratios[name] for _, name in sorted(steady)[:_TIGHTEST]}
