"""Whether a number can be had from others by a little arithmetic."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from argus.detectors.semantic.claims.figures import figures_in
from argus.detectors.semantic.claims.heard import leaves_by_path
from argus.model.values import JsonValue

__all__ = ["MOST_OPERANDS", "Reckoning", "operands_of"]

MOST_OPERANDS: Final = 80
"""Numbers that are combined with each other, at most; of more nearly any other can be had, so nothing is told."""

_MOST_ROWS: Final = 5_000
_SLIPS: Final = (-1.0, 100.0, 1000.0, 10_000.0, 10.0, 0.01, 0.001, 0.1)
_TELLING: Final = 3
_LONGEST_TEXT: Final = 20_000


def operands_of(values: Iterable[JsonValue]) -> list[float]:
    """The numbers that code may reckon with: all numbers there are, sums, averages, extremes and counts of lists.

    Of a list of records each numeric column counts, as a whole and grouped by each column of texts, and the sum of the
    products of each pair of columns.

    Args:
        values: Recorded values.
    """
    found: dict[float, None] = {}
    for value in values:
        for _, one in leaves_by_path(value):
            if not isinstance(one, str):
                found[float(one)] = None
            elif len(one) <= _LONGEST_TEXT:
                found.update(dict.fromkeys(reading for figure in figures_in(one) for reading in figure.readings))
        for one in _containers(value):
            found.update(dict.fromkeys(_folded(one)))
    return [number for number in found if number == number and abs(number) < 1e15]


class Reckoning:
    """Numbers and what one or two operations make of them.

    Args:
        numbers: From :func:`operands_of`, and constants.
        sums: How many additions and subtractions there are.
        products: How many multiplications and divisions.
        subtracts: Whether any addition is a subtraction.
    """

    def __init__(self, numbers: Iterable[float], sums: int, products: int, *, subtracts: bool = True) -> None:
        self._numbers = list(dict.fromkeys(numbers))
        self._sums, self._products = sums > 0, products > 0
        self._subtracts = subtracts
        self._chained = sums + products > 1
        self._plain = sorted(self._numbers)

    def reaches(self, number: float, decimals: int) -> bool:
        """Whether a number can be had, as it would be rounded; always where there is too much to reckon with.

        Args:
            number: What is asked for.
            decimals: The digits after the point that it is written with.
        """
        within = 0.51 * 10**-decimals
        if _is_near(self._plain, number, within):
            return True
        if len(self._numbers) > MOST_OPERANDS:
            return True
        if _is_near(self._single, number, within):
            return True
        return self._chained and any(
            _is_near(self._single, *step) for one in self._numbers for step in self._undone(number, one, within)
        )

    def slip(self, number: float, decimals: int) -> float | None:
        """By what a number is off from one that was given or summed up, if that is a sign or a power of ten.

        Args:
            number: What is asked for; of numbers with less than three telling digits nothing is said.
            decimals: The digits after the point that it is written with.
        """
        telling = f"{abs(number):.6f}".replace(".", "").strip("0")
        if len(telling) < _TELLING:
            return None
        found = (
            factor for factor in _SLIPS if _is_near(self._plain, number / factor, 0.51 * 10**-decimals / abs(factor))
        )
        return next(found, None)

    @cached_property
    def _single(self) -> list[float]:
        """All that one operation gives, in order."""
        numbers = self._numbers
        found: dict[float, None] = {}
        for at, one in enumerate(numbers):
            for other in numbers[at:]:
                found.update(dict.fromkeys(self._results(one, other)))
        return sorted(found)

    def _results(self, one: float, other: float) -> Iterator[float]:
        if self._sums:
            yield one + other
        if self._sums and self._subtracts:
            yield from (one - other, other - one)
        if self._products:
            yield one * other
            if other:
                yield one / other
            if one:
                yield other / one

    def _undone(self, number: float, one: float, within: float) -> Iterator[tuple[float, float]]:
        """What another number must be, and how closely, so that an operation with the first leads to the given one."""
        if self._sums:
            yield number - one, within
        if self._sums and self._subtracts:
            yield from ((number + one, within), (one - number, within))
        if self._products and one:
            yield number / one, within / abs(one)
            yield number * one, within * abs(one)
            if number:
                yield one / number, within * abs(one) / (number * number)


def _is_near(ordered: Sequence[float], number: float, within: float) -> bool:
    at = bisect_left(ordered, number - within)
    return at < len(ordered) and ordered[at] <= number + within


def _containers(value: JsonValue) -> Iterator[JsonValue]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, dict)):
            yield one
            waiting += one.values() if isinstance(one, dict) else one


def _folded(container: JsonValue) -> Iterator[float]:
    yield float(len(container))
    items = list(container.values()) if isinstance(container, dict) else container
    numbers = [item for item in items if _is_number(item)]
    if len(numbers) > 1:
        yield from _aggregates(numbers)
    rows = [item for item in items[:_MOST_ROWS] if isinstance(item, dict)]
    if len(rows) > 1 or (rows and len(rows) == len(items)):
        yield from _columns(rows)


def _columns(rows: Sequence[dict[str, JsonValue]]) -> Iterator[float]:
    names = list(dict.fromkeys(name for row in rows for name in row))[:12]
    numeric = [name for name in names if all(_is_number(row.get(name, 0)) for row in rows)]
    for name in numeric:
        yield from _aggregates([row.get(name, 0) for row in rows])
        for by in names:
            groups: dict[str, list[float]] = {}
            for row in rows:
                if isinstance(row.get(by), (str, bool)):
                    groups.setdefault(str(row[by]), []).append(row.get(name, 0))
            if 1 < len(groups) <= 12:
                for group in groups.values():
                    yield from _aggregates(group)
    for at, name in enumerate(numeric[:6]):
        for other in numeric[at + 1 : 6]:
            yield sum(row.get(name, 0) * row.get(other, 0) for row in rows)


def _aggregates(numbers: Sequence[float]) -> Iterator[float]:
    total = float(sum(numbers))
    ordered = sorted(numbers)
    yield from (total, total / len(numbers), float(ordered[0]), float(ordered[-1]), float(ordered[len(ordered) // 2]))


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
