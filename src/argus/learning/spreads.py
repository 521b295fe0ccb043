"""Spreads from numbers, and joined; in whichever order they are joined, the result is the same."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from argus.model.spread import BINS, BINS_PER_OCTAVE, POINTS, Bin, Point, Spread

__all__ = ["finite", "joined", "spread_of"]


class _Place(NamedTuple):
    """Where a number is counted once numbers are many."""

    sign: int
    place: int


def finite(number: float) -> float | None:
    """A number as a float: integers beyond the floats as the largest, None for NaN and infinity.

    Args:
        number: Any int or float.
    """
    try:
        known = float(number)
    except OverflowError:
        return sys.float_info.max if number > 0 else -sys.float_info.max
    return known if math.isfinite(known) else None


def spread_of(numbers: Iterable[float]) -> Spread:
    """The spread of some numbers.

    Args:
        numbers: Any; NaN and infinite ones are left out.
    """
    known = Counter(value for value in map(finite, numbers) if value is not None)
    if not known:
        return Spread()
    return _bounded(
        Spread(
            count=known.total(),
            minimum=min(known),
            maximum=max(known),
            integers=sum(times for value, times in known.items() if value.is_integer()),
            negatives=sum(times for value, times in known.items() if value < 0),
            zeros=known[0.0],
        ),
        known,
    )


def joined(one: Spread, other: Spread) -> Spread:
    """The spread of the numbers of two spreads.

    Args:
        one: A spread.
        other: Another one.
    """
    if not one.count or not other.count:
        return one if one.count else other
    both = Spread(
        count=one.count + other.count,
        minimum=min(one.minimum, other.minimum),
        maximum=max(one.maximum, other.maximum),
        integers=one.integers + other.integers,
        negatives=one.negatives + other.negatives,
        zeros=one.zeros + other.zeros,
    )
    if one.is_exact and other.is_exact:
        points: Counter[float] = Counter(dict(one.points))
        points.update(dict(other.points))
        return _bounded(both, points)
    level = max(one.level, other.level)
    bins = _bins(one, level)
    bins.update(_bins(other, level))
    return _binned(both, bins, level)


def _bounded(facts: Spread, points: Counter[float]) -> Spread:
    if len(points) > POINTS:
        return _binned(facts, _places(points), 0)
    return _with(facts, points=tuple(Point(value, points[value]) for value in sorted(points)))


def _binned(facts: Spread, bins: Counter[_Place], level: int) -> Spread:
    while len(bins) > BINS:
        bins, level = _coarser(bins), level + 1
    return _with(facts, bins=tuple(Bin(*place, bins[place]) for place in sorted(bins)), level=level)


def _with(facts: Spread, *, points: tuple[Point, ...] = (), bins: tuple[Bin, ...] = (), level: int = 0) -> Spread:
    return Spread(
        count=facts.count,
        minimum=facts.minimum,
        maximum=facts.maximum,
        integers=facts.integers,
        negatives=facts.negatives,
        zeros=facts.zeros,
        points=points,
        bins=bins,
        level=level,
    )


def _bins(spread: Spread, level: int) -> Counter[_Place]:
    if spread.is_exact:
        bins, known = _places(Counter(dict(spread.points))), 0
    else:
        bins, known = Counter({_Place(one.sign, one.place): one.times for one in spread.bins}), spread.level
    for _ in range(level - known):
        bins = _coarser(bins)
    return bins


def _places(points: Counter[float]) -> Counter[_Place]:
    bins: Counter[_Place] = Counter()
    for value, times in points.items():
        place = math.floor(math.log2(abs(value)) * BINS_PER_OCTAVE) if value else 0
        bins[_Place((value > 0) - (value < 0), place)] += times
    return bins


def _coarser(bins: Counter[_Place]) -> Counter[_Place]:
    """Half as many: joining from the finest bins on gives the same whether bins or their sums are joined."""
    fewer: Counter[_Place] = Counter()
    for (sign, place), times in bins.items():
        fewer[_Place(sign, place >> 1)] += times
    return fewer
