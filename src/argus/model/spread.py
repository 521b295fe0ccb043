"""How numbers are spread: counted exactly while they are few, in logarithmic bins when they are many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from argus.model.record import Record

__all__ = ["BINS", "BINS_PER_OCTAVE", "POINTS", "Bin", "Point", "Spread"]

POINTS = 48
"""Different numbers that are counted one by one, at most; with more of them all go into bins."""

BINS = 96
"""Bins at most; with more of them neighbours are joined, two by two, until they fit."""

BINS_PER_OCTAVE = 64
"""Bins between a number and its double, before any are joined: each is 1.1 % wide."""


class Point(NamedTuple):
    """A number and how often it was seen."""

    value: float
    times: int


class Bin(NamedTuple):
    """Numbers of one sign and about one size.

    Attributes:
        sign: -1, 0 or 1.
        place: ``floor(log2(|x|) * BINS_PER_OCTAVE / 2**level)`` of the numbers in it; 0 for zero.
        times: How many.
    """

    sign: int
    place: int
    times: int


class Spread(Record, frozen=True, kw_only=True):
    """A number of numbers, small enough to keep; two of them are joined by :func:`argus.learning.spreads.joined`.

    What is told of quantiles is exact while ``points`` are kept, and within half a bin after that. Infinite numbers and
    NaN are never in it; integers beyond the floats count as the largest float.

    Attributes:
        count: How many.
        minimum: The smallest, exactly.
        maximum: The largest, exactly.
        integers: How many were integers, 3.0 included.
        negatives: How many were below zero.
        zeros: How many were zero.
        points: The numbers one by one, ascending; empty as soon as there are bins.
        bins: In order of sign and place; empty as long as there are points.
        level: How often neighbouring bins were joined.
    """

    count: int = 0
    minimum: float = 0.0
    maximum: float = 0.0
    integers: int = 0
    negatives: int = 0
    zeros: int = 0
    points: tuple[Point, ...] = ()
    bins: tuple[Bin, ...] = ()
    level: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether every number is still known."""
        return not self.bins

    @property
    def only_integers(self) -> bool:
        """Whether all were integers, and there were any."""
        return 0 < self.count == self.integers

    @property
    def distinct(self) -> int:
        """How many different numbers there were; once in bins, how many bins, which is no more than that."""
        return len(self.points) or len(self.bins)

    @property
    def median(self) -> float:
        """The middle one; 0.0 without any."""
        return self.quantile(0.5)

    @property
    def mad(self) -> float:
        """The median distance from the median, unscaled (times 1.4826 estimates a standard deviation)."""
        return _deviation(self.weighted())

    @property
    def log_median(self) -> float | None:
        """The median of log10(abs(x)) over the numbers other than zero; None without any."""
        logs = self._logs()
        return _quantile(logs, 0.5) if logs else None

    @property
    def log_mad(self) -> float | None:
        """The median distance of log10(abs(x)) from its median, unscaled; None without numbers other than zero."""
        logs = self._logs()
        return _deviation(logs) if logs else None

    @property
    def log_range(self) -> tuple[float, float] | None:
        """The smallest and the largest log10(abs(x)) of the numbers other than zero; None without any."""
        logs = self._logs()
        return (logs[0].value, logs[-1].value) if logs else None

    def quantile(self, share: float) -> float:
        """The number below which a share of them lies; 0.0 without any.

        Args:
            share: From 0 to 1.
        """
        if share <= 0.0 or not self.count:
            return self.minimum
        return self.maximum if share >= 1.0 else _quantile(self.weighted(), share)

    def weighted(self) -> list[Point]:
        """The numbers and how often each was seen, ascending; once in bins, the middle of each bin."""
        if self.points:
            return list(self.points)
        return sorted(Point(self._middle(one), one.times) for one in self.bins)

    def _logs(self) -> list[Point]:
        return sorted(Point(math.log10(abs(one.value)), one.times) for one in self.weighted() if one.value)

    def _middle(self, one: Bin) -> float:
        if not one.sign:
            return 0.0
        exponent = (one.place + 0.5) * 2**self.level / BINS_PER_OCTAVE
        size = 2.0**exponent if exponent < 1024 else math.inf
        return min(max(one.sign * size, self.minimum), self.maximum)


def _quantile(points: Iterable[Point], share: float) -> float:
    """The middle of two where the share falls exactly between them."""
    known = list(points)
    wanted, passed = share * sum(one.times for one in known), 0.0
    for rank, one in enumerate(known):
        passed += one.times
        if passed > wanted:
            return one.value
        if passed == wanted and rank + 1 < len(known):
            following = known[rank + 1].value
            return one.value / 2 + following / 2
    return known[-1].value if known else 0.0


def _deviation(points: Iterable[Point]) -> float:
    known = list(points)
    middle = _quantile(known, 0.5)
    return _quantile(sorted(_distances(known, middle)), 0.5)


def _distances(points: Iterable[Point], middle: float) -> Iterator[Point]:
    for one in points:
        distance = abs(one.value - middle)
        yield Point(distance if math.isfinite(distance) else abs(one.value), one.times)
